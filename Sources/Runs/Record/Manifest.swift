import Diagnostics
import Foundation
import Kernels
import Recipes

/// What a run was and how it ended, `manifest.json`.
public struct Manifest: Codable, Equatable, Sendable {
  /// How a run ended.
  public enum Ending: String, Codable, Sendable {
    /// It has not: the process is at work, or was killed.
    case running
    /// All seeds are done.
    case finished
    /// A seed failed.
    case failed
    /// The user stopped it.
    case interrupted
  }

  /// The state of the sources the program was built from.
  public struct Commit: Codable, Equatable, Sendable {
    /// The commit.
    public var hash: String
    /// Whether nothing was changed since.
    public var isClean: Bool

    /// Names a commit.
    public init(hash: String, isClean: Bool) {
      self.hash = hash
      self.isClean = isClean
    }
  }

  /// A process that went on with the run after it was stopped or killed.
  public struct Resumption: Codable, Equatable, Sendable {
    /// When the process began, in UTC.
    public var start: Date
    /// What was not as at the beginning, such as `processor`: from there on the run is not bit for bit the same.
    public var changes: [String]

    /// Describes a process.
    public init(start: Date, changes: [String]) {
      self.start = start
      self.changes = changes
    }
  }

  /// A seed that an earlier run had computed.
  public struct TakenOver: Codable, Equatable, Sendable {
    /// The seed.
    public var seed: Int
    /// The folder of the run, inside that of its recipe.
    public var run: String
    /// The commit of the run's program.
    public var commit: Commit?
    /// What it was computed with; `nil` where that is what the run that took it over has, and in files of earlier versions.
    public var computation: Computation?

    /// Names a seed and where it is from.
    public init(seed: Int, run: String, commit: Commit?, computation: Computation? = nil) {
      (self.seed, self.run, self.commit, self.computation) = (seed, run, commit, computation)
    }
  }

  /// The name of the recipe.
  public var recipe: String
  /// The hash of the resolved recipe.
  public var recipeHash: String
  /// The profile that was applied.
  public var profile: String?
  /// The overrides as they were typed.
  public var overrides: [String]
  /// Whether the result may be held against published values.
  public var isComparable: Bool
  /// The seeds.
  public var seeds: [Int]
  /// The number of seeds at a time.
  public var jobs: Int
  /// The number of threads of each seed.
  public var threads: Int
  /// The processes that trained a seed together, of those that were the last to go on with it; `nil` for one.
  public var ranks: Int?
  /// Their hosts, as the user named them; `nil` where none were named.
  public var hosts: String?
  /// The folder of downloaded data that the user named.
  public var dataRoot: String?
  /// The commit the program was built from, where it stands in a checkout.
  public var commit: Commit?
  /// The versions of compiler and libraries, and the BLAS core in use.
  public var versions: [String: String]
  /// The name of the processor.
  public var processor: String
  /// The memory in bytes.
  public var memory: UInt64
  /// The checksum of each dataset.
  public var datasetChecksums: [String: String]
  /// When the run began, in UTC.
  public var start: Date
  /// When the run ended, in UTC.
  public var end: Date?
  /// How the run ended.
  public var ending: Ending
  /// Why the run failed.
  public var message: String?
  /// The processes after the first, in their order; `nil` where there was none.
  public var resumptions: [Resumption]?
  /// What it was computed with, and the fingerprint of what the program computed; `nil` in files of earlier versions.
  public var computation: Computation?
  /// Seeds that were taken over from earlier runs; `nil` where there are none.
  public var takenOver: [TakenOver]?

  /// Describes a run that begins.
  public init(
    recipe: Recipe, jobs: Int, threads: Int, dataRoot: String?, machine: Machine, versions: [String: String],
    start: Date
  ) {
    self.recipe = recipe.name
    recipeHash = recipe.hash
    profile = recipe.profile
    overrides = recipe.overrides
    isComparable = recipe.isComparable
    seeds = recipe.seeds
    self.jobs = jobs
    self.threads = threads
    self.dataRoot = dataRoot
    commit = machine.commit
    self.versions = versions
    processor = machine.processor
    memory = machine.memory
    datasetChecksums = [:]
    self.start = start
    ending = .running
  }

  /// Where a seed was computed: in this run, or in the one that it was taken over from.
  package func origin(ofSeed seed: Int, in folder: RunFolder) -> TakenOver {
    takenOver?.first { $0.seed == seed }
      ?? TakenOver(seed: seed, run: folder.url.lastPathComponent, commit: commit, computation: computation)
  }

  /// This manifest with what computed a seed that it has.
  func asOf(_ origin: TakenOver) -> Manifest {
    var manifest = self
    // What went on otherwise did not touch a seed that was done.
    if takenOver?.contains(where: { $0.seed == origin.seed }) == true { manifest.resumptions = nil }
    manifest.commit = origin.commit
    manifest.computation = origin.computation ?? computation
    manifest.takenOver = nil
    return manifest
  }

  /// Says that a process goes on with the run.
  ///
  /// - Returns: what is not as it was at the beginning: `commit`, `processor`, or the name of a version.
  mutating func resume(machine: Machine, versions: [String: String], start: Date) -> [String] {
    var changes: [String] = []
    if commit?.hash != machine.commit?.hash { changes.append("commit") }
    if processor != machine.processor { changes.append("processor") }
    changes += Set(self.versions.keys).union(versions.keys).filter { self.versions[$0] != versions[$0] }.sorted()
    resumptions = (resumptions ?? []) + [Resumption(start: start, changes: changes)]
    ending = .running
    end = nil
    message = nil
    return changes
  }

  /// The command that makes the run again.
  public var command: String {
    var words = ["concord", "run", recipe] + overrides.filter { !$0.hasPrefix("threads=") }
    if !overrides.contains(where: { $0.hasPrefix("seeds=") }) {
      words.append("seeds=[\(seeds.map(String.init).joined(separator: ","))]")
    }
    words.append("threads=\(threads)")
    if let profile { words += ["--profile", profile] }
    if let dataRoot { words += ["--data-root", dataRoot] }
    return words.map(Self.shellWord).joined(separator: " ")
  }

  private static func shellWord(_ word: String) -> String {
    let safe = word.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic && $0.isASCII || ("0"..."9").contains($0) || "-_./=,:+@%".unicodeScalars.contains($0)
    }
    return safe && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

/// What a manifest says of the machine and the program.
public struct Machine: Sendable {
  /// The commit the program was built from.
  public let commit: Manifest.Commit?
  /// The name of the processor.
  public let processor: String
  /// The memory in bytes.
  public let memory: UInt64
  /// What decides the bits of results about the processor; nil takes its name.
  public let kind: String?
  /// The mark of the program's build; nil where it has none.
  public let program: String?

  /// Describes a machine.
  public init(
    commit: Manifest.Commit?, processor: String, memory: UInt64, kind: String? = nil, program: String? = nil
  ) {
    self.commit = commit
    self.processor = processor
    self.memory = memory
    self.kind = kind
    self.program = program
  }

  /// Describes this machine; the commit is that of the checkout the executable stands in.
  public static func current(executable: URL) -> Machine {
    let folder = executable.resolvingSymlinksInPath().deletingLastPathComponent()
    var commit: Manifest.Commit?
    if let hash = git(["rev-parse", "HEAD"], in: folder) {
      commit = Manifest.Commit(hash: hash, isClean: git(["status", "--porcelain"], in: folder) == "")
    }
    return Machine(
      commit: commit, processor: CPU.name, memory: ProcessInfo.processInfo.physicalMemory, kind: CPU.kind,
      program: ProgramMark.text(of: executable))
  }

  private static func git(_ arguments: [String], in folder: URL) -> String? {
    ProcessOutput.data(URL(fileURLWithPath: "/usr/bin/env"), ["git", "-C", folder.path] + arguments).map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }
}
