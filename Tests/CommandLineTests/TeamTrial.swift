import Foundation
import SampleFolders

/// Several processes on this machine, by Open MPI's `mpirun`.
enum OpenMPI {
  /// Why tests that need it are left out.
  static let absence: String = "mpirun of Open MPI is not installed: apt-get install openmpi-bin"

  /// Whether it is there.
  static let isThere: Bool = {
    let outcome = try? Program.run(program: URL(fileURLWithPath: "/usr/bin/env"), ["mpirun", "--version"])
    return outcome.map { $0.exitCode == 0 && $0.output.contains("Open MPI") } ?? false
  }()

  /// More ranks than cores, also as root.
  static let environment = [
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMP_NUM_THREADS": "1",
  ]

  /// The name of this machine, as errors have it.
  static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Runs a command of the program by so many ranks, or several commands by a rank each.
  static func run(
    ranks: Int = 1, _ commands: [[String]], programs: [URL?] = [], folders: [URL?] = [],
    environment: [String: String] = [:]
  ) throws -> Program.Outcome {
    let parts = commands.enumerated().map { number, command -> [String] in
      let folder = number < folders.count ? folders[number].map { ["-wdir", $0.path] } ?? [] : []
      let program = (number < programs.count ? programs[number] : nil) ?? Program.url
      return (number == 0 ? [] : [":"]) + ["-n", "\(ranks)"] + folder + [program.path] + command
    }
    return try Program.run(
      program: URL(fileURLWithPath: "/usr/bin/env"), ["mpirun", "--quiet", "--bind-to", "none"] + parts.flatMap { $0 },
      environment: Self.environment.merging(environment) { $1 })
  }
}

/// Recipes of the comparison on a folder of a few pictures with captions.
struct TeamTrial {
  let folder: TemporaryFolder

  /// Small networks.
  static let small = [
    "seeds=[0]", "threads=1", "data.modalities=null", "training.epochs=3", "training.batchSize=16",
    "training.chunks=4", "training.warmupSteps=0", "model.imageDimensions=8", "model.imageLayers=1",
    "model.imageHeads=2", "model.patchSize=4", "model.textDimensions=8", "model.textLayers=1", "model.textHeads=2",
    "model.dimensions=6", "evaluation.accuracy.epochs=1", "evaluation.accuracy.hidden=[8]",
    "evaluation.shownObservations=10", "evaluation.labellings=null", "evaluation.evaluators=[retrieval]",
    "method.fdt.codes=16", "method.moco.queueSize=48", "method.mct.queueSize=48", "method.moco.headDimensions=8",
    "method.mct.headDimensions=8", "method.simclr.headDimensions=8", "method.gmc.headDimensions=[8]",
    "method.fusion.hidden=[8]", "method.fusion.superEpoch=1", "data.set=folder",
  ]
  /// A residual network whose batch norm has parts.
  static let groups = ["model.imageEncoder=resnet", "model.normalisationGroups=8", "model.imageWidths=[8, 16]"]
  /// Dropout enough to be seen.
  static let dropout = ["model.imageDropout=0.2", "model.textDropout=0.2"]

  init() throws {
    folder = try TemporaryFolder()
    try SampleFolder.writeShapes(to: folder.url.appending(path: "own"), count: 80)
    // Without a gnuplot in its path the program draws nothing, which saves most of the time.
    let programs = folder.url.appending(path: "bin")
    try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
    for name in ["mpirun", "orted", "ssh", "rsh", "env", "sh", "ip", "unshare", "hostname"] {
      let found = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"].map { "\($0)/\(name)" }.first {
        FileManager.default.isExecutableFile(atPath: $0)
      }
      if let found {
        try FileManager.default.createSymbolicLink(
          at: programs.appending(path: name), withDestinationURL: URL(fileURLWithPath: found))
      }
    }
  }

  /// The environment of runs.
  var environment: [String: String] {
    OpenMPI.environment.merging(
      ["CONCORD_CACHE": folder.url.path, "PATH": folder.url.appending(path: "bin").path]) { $1 }
  }

  /// A recipe and what is changed in it.
  func recipe(_ name: String, _ overrides: [String] = []) -> [String] {
    ["compare/\(name)"] + Self.small + ["data.folder.path=\"\(folder.url.path)/own\""] + overrides
  }

  /// The folder of runs of a name.
  func runs(_ name: String) -> URL { folder.url.appending(path: "runs-\(name)", directoryHint: .isDirectory) }

  /// The files of the only run in it.
  func files(_ name: String) -> FaultTrial.RunFiles { FaultTrial.RunFiles(runs: runs(name)) }

  /// Runs a recipe by so many ranks.
  func run(
    _ name: String, recipe: [String], ranks: Int, _ arguments: [String] = [], environment: [String: String] = [:],
    whileRunning: (Process) -> Void = { _ in }
  ) throws -> Program.Outcome {
    try Program.run(
      ["run"] + recipe + ["--runs", runs(name).path, "--ranks", "\(ranks)"] + arguments,
      environment: self.environment.merging(environment) { $1 }, whileRunning: whileRunning)
  }

  /// What of two runs differs, but for times.
  func faults(of name: String, beside reference: String) -> [String] {
    guard let reference = files(reference).all.first else { return ["there is no reference"] }
    return RunComparison(reference: reference, files: files(name), seeds: 0...0).faults
  }
}

/// The processes that one has started, they and theirs.
enum ProcessTree {
  /// The numbers of all below a process.
  static func descendants(of process: Int32) -> [Int32] {
    var parents: [Int32: Int32] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let number = Int32(name), let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")"), let parent = text[end...].split(separator: " ").dropFirst(2).first
      else { continue }
      parents[number] = Int32(parent)
    }
    var (found, next) = ([Int32](), [process])
    while let parent = next.popLast() {
      let children = parents.filter { $0.value == parent }.map(\.key).sorted()
      found += children
      next += children
    }
    return found
  }

  /// The command of a process, its words joined; empty where it is no more, or has ended and waits for its parent.
  static func command(of process: Int32) -> String {
    let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
    return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
  }

  /// Those of some processes that are at work with their own commands.
  static func remaining(of processes: [Int32: String]) -> [Int32: String] {
    processes.filter { !$0.value.isEmpty && command(of: $0.key) == $0.value }
  }

  /// What Open MPI leaves in folders that all programs share.
  static var leftovers: Set<String> {
    var found: Set<String> = []
    for folder in ["/dev/shm", "/tmp", FileManager.default.temporaryDirectory.path] {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      where ["ompi.", "vader_segment", "concord-team", "pmix", "openmpi-sessions"].contains(where: name.hasPrefix) {
        found.insert("\(folder)/\(name)")
      }
    }
    return found
  }
}
