import Diagnostics
import Foundation

/// Damages files many times over and has each read.
///
/// `CONCORD_FUZZ_COUNT` is the number of files where it is set, `CONCORD_FUZZ_SEED` the first seed, so that one seed can
/// be repeated. While a file is read, its suite, seed and damage stand in a journal, `concord-fuzz-<name>-<pid>.journal`
/// in the folder of temporary files: it is what is left after a crash.
public struct FuzzRun {
  /// What came of the files.
  public struct Outcome {
    /// How many files were read.
    public var count = 0
    /// How many of them were accepted.
    public var accepted = 0
    /// What must not be, each with its seed; at most twenty.
    public var failures: [String] = []
  }

  /// A reader that did what it must not do.
  public struct Violation: Error {
    let what: String

    /// Says what it did.
    public init(_ what: String) { self.what = what }
  }

  private let name: String
  private let damage: (UInt64) throws -> Mutator.Mutation
  private let seeds: Range<UInt64>
  private let journal: URL

  /// The longest time of the processor, in seconds, that one small file may take.
  private static let longestTime = 10.0

  /// Plans the reading of `count` files out of a corpus, damaged as ``Mutator`` does it.
  public init(_ name: String, corpus: [[UInt8]], vocabulary: [String] = [], count: Int) {
    self.init(name, count: count) { seed in
      var mutator = Mutator(seed: seed, corpus: corpus, vocabulary: vocabulary)
      return mutator.mutation()
    }
  }

  /// Plans the reading of `count` damaged files.
  ///
  /// - Parameters:
  ///   - name: the name of the format.
  ///   - count: how many files are read where the environment does not say.
  ///   - damage: gives the damaged file of a seed.
  public init(_ name: String, count: Int, damage: @escaping (UInt64) throws -> Mutator.Mutation) {
    self.name = name
    self.damage = damage
    let environment = ProcessInfo.processInfo.environment
    let first = environment["CONCORD_FUZZ_SEED"].flatMap { UInt64($0) } ?? 0
    let count = environment["CONCORD_FUZZ_COUNT"].flatMap { UInt64($0) } ?? UInt64(count)
    seeds = first..<first + count
    journal = FileManager.default.temporaryDirectory.appendingPathComponent(
      "concord-fuzz-\(name.replacing(" ", with: "-").replacing("/", with: "-"))-\(getpid()).journal")
  }

  /// Has each file read.
  ///
  /// A reader gives back normally where the file is right by its format; else it throws one `UserError` of kind `data`
  /// that names the file.
  ///
  /// - Parameters:
  ///   - place: what the error's place begins with.
  ///   - kinds: the kinds of error that may come of it.
  ///   - seesTruncation: whether a file without its end is never right.
  ///   - read: reads a file and checks what it got; throws a `Violation` where that cannot be.
  public func callAsFunction(
    place: String, kinds: Set<UserError.Kind> = [.data], seesTruncation: Bool = true, read: ([UInt8]) throws -> Void
  ) throws -> Outcome {
    var outcome = Outcome()
    try Data().write(to: journal)
    let log = try FileHandle(forWritingTo: journal)
    for seed in seeds {
      let mutation = try damage(seed)
      let title = "\(name), seed \(seed) (\(mutation.steps.joined(separator: "; "))): "
      try log.truncate(atOffset: 0)
      try log.write(contentsOf: Data((title + "\n").utf8))
      let start = Self.processorSeconds()
      var failure: String?
      do {
        try read(mutation.bytes)
        outcome.accepted += 1
        if mutation.isTruncation, seesTruncation { failure = "a file that is cut short is accepted" }
      } catch let error as UserError {
        failure = Self.fault(of: error, place: place, kinds: kinds)
      } catch let violation as Violation {
        failure = violation.what
      } catch {
        failure = "an error of another kind: \(error)"
      }
      let seconds = Self.processorSeconds() - start
      if seconds > Self.longestTime { failure = "it took \(seconds) s" }
      outcome.count += 1
      if let failure, outcome.failures.count < 20 { outcome.failures.append(title + failure) }
    }
    try log.close()
    try FileManager.default.removeItem(at: journal)
    if ProcessInfo.processInfo.environment["CONCORD_FUZZ_COUNT"] != nil {
      print("fuzz: \(name): \(outcome.count) files, \(outcome.accepted) right by their format, the others refused")
    }
    return outcome
  }

  /// What is wrong with an error; `nil` where nothing is.
  private static func fault(of error: UserError, place: String, kinds: Set<UserError.Kind>) -> String? {
    let line = error.description
    if !kinds.contains(error.kind) { return "an error of kind \(error.kind): \(line)" }
    guard let given = error.place, given.hasPrefix(place) else {
      return "an error that does not name the file: \(line)"
    }
    if line.utf8.count > 8_000 { return "an error of \(line.utf8.count) bytes" }
    let isPlain = line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
    return isPlain ? nil : "an error with control characters: \(line.debugDescription)"
  }

  /// The time that the processor has spent on this thread.
  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
