import Foundation

/// A recipe that is run while its processes are ended at random moments, until it is whole.
struct FaultTrial {
  /// What a moment falls into, by what the run's folder shows after it.
  enum Phase: String, CaseIterable {
    case starting, loading, training, checkpointing, evaluating, summing = "summing up", reporting
  }

  /// Who is ended, and how.
  enum Blow: String, CaseIterable {
    case killRun = "SIGKILL to the run"
    case killSeed = "SIGKILL to a seed"
    case killBoth = "SIGKILL to both"
    case interrupt = "SIGINT"
    case terminate = "SIGTERM"

    static func random(using generator: inout SeededGenerator) -> Blow {
      [killRun, killRun, killRun, killRun, killBoth, killBoth, killSeed, interrupt, interrupt, terminate].randomElement(
        using: &generator) ?? killRun
    }
  }

  /// When the blow falls.
  private enum Moment {
    /// So many seconds after the start.
    case time(Double)
    /// When something is seen in the runs' folder, and so many microseconds later.
    case sight((RunFiles) -> Bool, UInt32)
  }

  /// What was observed.
  struct Record {
    var phases: [Phase: Int] = [:]
    var blows: [Blow: Int] = [:]
    var runs = 0
    var faults: [String] = []
    /// What happened to the run at hand.
    var history: [String] = []
    var kills: Int { phases.values.reduce(0, +) }
  }

  let recipe: String
  let arguments: [String]
  let folder: URL
  let environment: [String: String]
  /// The seconds that an undisturbed run takes.
  var duration = 1.0
  /// The steps of one seed.
  let steps: Int

  /// The files of the only run in a folder of runs.
  struct RunFiles {
    let runs: URL

    static func names(in folder: URL) -> [String] {
      (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    }

    private var family: URL? {
      Self.names(in: runs).first { !$0.hasPrefix(".") }.map { runs.appendingPathComponent($0) }
    }
    var hasDraft: Bool { family.map { Self.names(in: $0).contains { $0.hasPrefix(".new") } } ?? false }
    var all: [URL] {
      family.map { family in
        Self.names(in: family).filter { !$0.hasPrefix(".") }.map { family.appendingPathComponent($0) }
      } ?? []
    }
    func has(_ name: String) -> Bool {
      all.first.map { FileManager.default.fileExists(atPath: $0.appendingPathComponent(name).path) } ?? false
    }
    func text(_ name: String) -> String {
      all.first.flatMap { try? String(contentsOf: $0.appendingPathComponent(name), encoding: .utf8) } ?? ""
    }
    func lines(ofSeed seed: Int) -> Int { text("seed-\(seed)/metrics.jsonl").count { $0 == "\n" } }
    func hasPart(in name: String) -> Bool {
      all.first.map { Self.names(in: $0.appendingPathComponent(name)).contains { $0.hasSuffix(".concord-part") } }
        ?? false
    }
  }

  /// Ends runs until there were so many blows; every run is then let finish, and compared with an undisturbed one.
  func strike(_ wanted: Int, reference: URL, using generator: inout SeededGenerator) throws -> Record {
    var record = Record()
    while record.kills < wanted, record.faults.count < 3 {
      let runs = folder.appendingPathComponent("runs-\(record.runs)")
      record.runs += 1
      record.history = []
      // Drawing takes longer than all else, so few runs have a gnuplot to find.
      var environment = environment
      if record.runs % 6 != 0 { environment["PATH"] = folder.appendingPathComponent("no-programs").path }
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let isOver = try strikeOnce(runs, environment: environment, into: &record, using: &generator)
        if isOver { break }
      }
      let last = try start(runs, environment: environment, using: &generator)
      last.process.waitUntilExit()
      if last.process.terminationStatus != 0 {
        record.faults.append(
          "the last run, process \(last.process.processIdentifier), ended with \(last.process.terminationStatus): "
            + "\(text(of: last.said)); before: \(record.history.joined(separator: ", "))")
      }
      record.faults += RunComparison(reference: reference, files: RunFiles(runs: runs)).faults
      if record.faults.isEmpty { try FileManager.default.removeItem(at: runs) }
    }
    return record
  }

  /// Starts a run and ends it at a random moment; true where it had ended before.
  private func strikeOnce(
    _ runs: URL, environment: [String: String], into record: inout Record, using generator: inout SeededGenerator
  ) throws -> Bool {
    let files = RunFiles(runs: runs)
    let moment = moment(using: &generator)
    let (process, output) = try start(runs, environment: environment, using: &generator)
    let began = ContinuousClock.now
    func isReached() -> Bool {
      let elapsed = (ContinuousClock.now - began) / .seconds(1)
      return switch moment {
      case .time(let seconds): elapsed >= seconds
      case .sight(let isSeen, _): isSeen(files) || elapsed > 60
      }
    }
    while process.isRunning, !isReached() { usleep(300) }
    if case .sight(_, let microseconds) = moment { usleep(microseconds) }
    let blow = Blow.random(using: &generator)
    let seeds = Self.children(of: process.processIdentifier)
    guard process.isRunning, blow != .killSeed || !seeds.isEmpty else {
      process.waitUntilExit()
      return true
    }
    switch blow {
    case .killRun: kill(process.processIdentifier, SIGKILL)
    case .killBoth: for id in [process.processIdentifier] + seeds { kill(id, SIGKILL) }
    case .killSeed: for id in seeds { kill(id, SIGKILL) }
    case .interrupt: kill(process.processIdentifier, SIGINT)
    case .terminate: kill(process.processIdentifier, SIGTERM)
    }
    process.waitUntilExit()
    let phase = phase(of: files)
    record.blows[blow, default: 0] += 1
    record.phases[phase, default: 0] += 1
    record.history.append("\(blow.rawValue) to \([process.processIdentifier] + seeds) in \(phase.rawValue)")
    let code = process.terminationStatus
    let allowed: [Int32] =
      process.terminationReason == .uncaughtSignal
      ? [SIGKILL, SIGINT, SIGTERM] : blow == .killSeed ? [0, 70] : [0, 130]
    if !allowed.contains(code) {
      record.faults.append("\(blow.rawValue) in \(phase.rawValue) gave \(code): \(text(of: output))")
    }
    record.faults += RunComparison.halfFiles(files)
    return false
  }

  private func moment(using generator: inout SeededGenerator) -> Moment {
    if Bool.random(using: &generator) { return .time(Double.random(in: 0...duration * 1.1, using: &generator)) }
    let seed = Int.random(in: 0...1, using: &generator)
    let lines = Int.random(in: 1...steps + 6, using: &generator)
    // A part of a file is there for milliseconds only.
    let parts = ["seed-\(seed)", "seed-\(seed)", "seed-\(seed)", "", "figures"]
    if Int.random(in: 0..<3, using: &generator) == 0, let part = parts.randomElement(using: &generator) {
      return .sight({ $0.hasPart(in: part) }, 0)
    }
    let sights: [(RunFiles) -> Bool] = [
      { $0.hasDraft }, { !$0.all.isEmpty }, { $0.lines(ofSeed: seed) >= lines }, { $0.lines(ofSeed: seed) >= lines },
      { $0.has("seed-\(seed)/training-state.safetensors") }, { $0.has("seed-\(seed)/checkpoint.safetensors") },
      { $0.has("seed-\(seed)/embeddings.npz") }, { $0.has("seed-\(seed)/scores.json") }, { $0.has("results.json") },
      { $0.has("figures") },
    ]
    let delay = Bool.random(using: &generator) ? 0 : UInt32.random(in: 0...20_000, using: &generator)
    return .sight(sights.randomElement(using: &generator) ?? { !$0.all.isEmpty }, delay)
  }

  private func start(
    _ runs: URL, environment: [String: String], using generator: inout SeededGenerator
  ) throws -> (process: Process, said: URL) {
    let process = Process()
    process.executableURL = Program.url
    // How often it saves must make no difference.
    let interval = ["0", "0", "0.02", "60"].randomElement(using: &generator) ?? "0"
    process.arguments = ["run", recipe, "--runs", runs.path, "--checkpoint-seconds", interval] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = folder.appendingPathComponent("said.txt")
    try Data().write(to: output)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: output)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return (process, output)
  }

  private func text(of url: URL) -> String {
    let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    return String(text.split(separator: "\n").last ?? "")
  }

  /// The processes that a process has started.
  static func children(of process: Int32) -> [Int32] {
    let list = try? String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
    return (list ?? "").split(separator: " ").compactMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  private func phase(of files: RunFiles) -> Phase {
    if files.all.isEmpty { return .starting }
    if files.has("results.json") { return .reporting }
    guard let seed = [0, 1].first(where: { !files.has("seed-\($0)/scores.json") }) else { return .summing }
    let text = files.text("seed-\(seed)/metrics.jsonl")
    let done = text.split(separator: "\n").count { $0.hasPrefix("{\"event\":\"step\"") && $0.hasSuffix("}") }
    if text.isEmpty { return .loading }
    if files.hasPart(in: "seed-\(seed)"), !files.has("seed-\(seed)/checkpoint.safetensors") { return .checkpointing }
    return done >= steps ? .evaluating : .training
  }
}

/// Random numbers that a seed decides (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
