import Foundation
import Testing

/// Two processes that share a comparison, of which one is ended at random moments; `make scale-test` does so many times.
///
/// `CONCORD_FAULT_SEED` decides when.
@Suite(.serialized) struct ScaleComparisonTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let kills = ScaleTrial.isLarge ? 60 : 3
  private static let seed =
    ProcessInfo.processInfo.environment["CONCORD_FAULT_SEED"].flatMap { UInt64($0) } ?? 1

  /// A process that works on the comparison.
  private final class Worker {
    let process = Process()
    private let said: URL

    init(_ arguments: [String], environment: [String: String], said: URL) throws {
      self.said = said
      process.executableURL = Program.url
      process.arguments = arguments
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      try Data().write(to: said)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = try FileHandle(forWritingTo: said)
      process.standardInput = FileHandle.nullDevice
      try process.run()
    }

    var errors: String { (try? String(contentsOf: said, encoding: .utf8)) ?? "" }
  }

  /// Steps and other events that all cells of a folder of runs have told of.
  private static func lines(in runs: URL) -> Int {
    let files = FileManager.default.enumerator(atPath: runs.path)?.compactMap { $0 as? String } ?? []
    return files.filter { $0.hasSuffix("/metrics.jsonl") }.reduce(0) { sum, name in
      sum + ((try? Data(contentsOf: runs.appendingPathComponent(name)))?.count { $0 == UInt8(ascii: "\n") } ?? 0)
    }
  }

  /// What a comparison found, without what a machine's load, its folder and the moment of its start decide.
  private static func essence(of file: URL) throws -> Data {
    func bare(_ value: Any) -> Any {
      if let list = value as? [Any] {
        return list.filter { (($0 as? [String: Any])?["column"] as? [String: Any])?["group"] as? String != "Cost" }
          .map(bare)
      }
      guard let members = value as? [String: Any] else { return value }
      let decided = ["seconds", "peakMemory", "waiting", "timings", "folder", "start"]
      return members.filter { !decided.contains($0.key) }.mapValues(bare)
    }
    let value = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    return try JSONSerialization.data(withJSONObject: bare(value), options: [.sortedKeys, .prettyPrinted])
  }

  /// The numbers of the only comparison in a folder of runs.
  private static func result(in runs: URL) throws -> URL {
    let names = try FileManager.default.contentsOfDirectory(atPath: runs.path).filter { $0.hasPrefix("compare-") }
    try #require(names.count == 1, "\(names)")
    return runs.appendingPathComponent(names[0]).appendingPathComponent("comparison.json")
  }

  @Test func aComparisonOfKilledWorkersIsTheSerialOne() throws {
    let path = try SmallSuite.write(to: folder, searches: true)
    // Without a gnuplot in its path the program draws nothing.
    let environment = ["CONCORD_CACHE": folder.url.path, "PATH": "/nowhere", "NO_COLOR": "1"]
    func arguments(_ runs: URL) -> [String] { ["compare", path, "--threads", "1", "--runs", runs.path] }
    let serial = folder.url.appendingPathComponent("serial")
    let began = ContinuousClock.now
    let whole = try Program.run(arguments(serial), environment: environment)
    let duration = (ContinuousClock.now - began) / .seconds(1)
    try #require(whole.exitCode == 0, "\(whole.errors)")
    let (reference, steps) = (try Self.essence(of: Self.result(in: serial)), Self.lines(in: serial))
    #expect(String(decoding: reference, as: UTF8.self).contains("\"values\"") && steps > 8)

    var generator = SeededGenerator(state: Self.seed)
    var (kills, rounds) = (0, 0)
    while kills < Self.kills, rounds < 2 * Self.kills {
      let runs = folder.url.appendingPathComponent("runs-\(rounds)")
      rounds += 1
      func start(_ number: Int) throws -> Worker {
        // How often a training saves must make no difference.
        let interval = ["0", "0.02", "60"].randomElement(using: &generator) ?? "0"
        return try Worker(
          arguments(runs) + ["--join", "--checkpoint-seconds", interval], environment: environment,
          said: folder.url.appendingPathComponent("said-\(number).txt"))
      }
      var workers = [try start(0), try start(1)]
      for _ in 0..<Int.random(in: 1...6, using: &generator) where kills < Self.kills {
        let number = Int.random(in: 0...1, using: &generator)
        let lines = Bool.random(using: &generator) ? Int.random(in: 1...steps, using: &generator) : nil
        let moment = Double.random(in: 0...duration, using: &generator)
        let isBoth = Bool.random(using: &generator)
        let victim = workers[number].process
        let since = ContinuousClock.now
        func isReached() -> Bool {
          let elapsed = (ContinuousClock.now - since) / .seconds(1)
          guard let lines else { return elapsed >= moment }
          return Self.lines(in: runs) >= lines || elapsed > 60
        }
        while victim.isRunning, !isReached() { usleep(500) }
        guard victim.isRunning else { break }
        // What trains for a worker ends with it, be it ended beside it or not.
        for id in [victim.processIdentifier] + (isBoth ? FaultTrial.children(of: victim.processIdentifier) : []) {
          kill(id, SIGKILL)
        }
        victim.waitUntilExit()
        kills += 1
        workers[number] = try start(number)
      }
      for (number, worker) in workers.enumerated() {
        worker.process.waitUntilExit()
        #expect(worker.process.terminationStatus == 0, "worker \(number) of round \(rounds): \(worker.errors)")
      }
      let report = try Program.run(arguments(runs), environment: environment)
      #expect(report.exitCode == 0 && report.errors.contains(" done before\n"), "round \(rounds): \(report.errors)")
      #expect(try Self.essence(of: Self.result(in: runs)) == reference, "round \(rounds)")
      let left = FileManager.default.enumerator(atPath: runs.path)?.compactMap { $0 as? String } ?? []
      let parts = left.filter { $0.hasSuffix(".concord-part") || $0.hasSuffix("-state.safetensors") }
      #expect(parts.isEmpty, "round \(rounds): \(parts)")
      try FileManager.default.removeItem(at: runs)
    }
    #expect(kills == Self.kills)
    print("scale test: a worker of a shared comparison killed \(kills) times in \(rounds) comparisons")
  }
}
