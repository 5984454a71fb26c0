import CMessagePassing
import Diagnostics
import Foundation
import Kernels
import Synchronization

/// The processes that train one model together, ranks 0, 1, …, each of which has the whole model; rank 0 alone writes files
/// and tells events.
///
/// They are joined by Open MPI, which is opened when the process was started by `mpirun` and not needed otherwise. All ranks
/// must call the same functions in the same order, from the main thread. Sums are taken in an order of our own: that of
/// MPI's sums depends on lengths, hosts and versions.
public final class Team: Sendable {
  /// A process by itself.
  public static let alone = Team(rank: 0, size: 1)

  /// The number of this process, from 0.
  public let rank: Int
  /// How many processes there are.
  public let size: Int
  private let hasLeft = Atomic(false)

  private init(rank: Int, size: Int) { (self.rank, self.size) = (rank, size) }

  /// Whether this is the process that writes and tells.
  public var isFirst: Bool { rank == 0 }

  /// Whether no other process is at work on the same.
  public var isAlone: Bool { size == 1 }

  /// Whether `mpirun`, or Slurm in its place, has started this process.
  public static var isStarted: Bool { getenv("OMPI_COMM_WORLD_SIZE") != nil || getenv("PMIX_RANK") != nil }

  /// Whether it has started this process as rank 0.
  public static var isStartedAsFirst: Bool {
    let environment = ProcessInfo.processInfo.environment
    return ["OMPI_COMM_WORLD_RANK", "PMIX_RANK"].contains { environment[$0] == "0" }
  }

  /// Opens Open MPI's library.
  ///
  /// - Throws: where it is not there, or lacks what is called.
  public static func openLibrary() throws(UserError) {
    if let reason = cmp_open() {
      throw UserError(
        .inputOutput, "Open MPI cannot be opened: \(String(cString: reason))",
        mend: "install the package openmpi-bin on every host, in the same version")
    }
  }

  /// Joins the other processes that were started with this one.
  ///
  /// - Throws: where Open MPI's library cannot be opened.
  public static func join() throws(UserError) -> Team {
    try openLibrary()
    var (rank, size): (Int32, Int32) = (0, 1)
    cmp_join(&rank, &size)
    return Team(rank: Int(rank), size: Int(size))
  }

  /// The name of this machine.
  public static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "?" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Leaves the team, when all others do; a process goes on alone, or ends. A second call does nothing.
  public func leave() {
    guard self !== Team.alone, !hasLeft.exchange(true, ordering: .relaxed) else { return }
    cmp_leave()
  }

  /// Whether the team is no more.
  public var isLeft: Bool { hasLeft.load(ordering: .relaxed) }

  /// Ends all processes with an exit code, this one among them.
  public func abort(_ code: Int32) -> Never {
    if self !== Team.alone, !isLeft { cmp_abort(code) }
    exit(code)
  }

  /// Whether it is so for any rank.
  public func any(_ isSo: Bool) -> Bool { self.any([isSo])[0] }

  /// For each place whether it is so for any rank.
  public func any(_ areSo: [Bool]) -> [Bool] {
    guard !isAlone else { return areSo }
    var bytes = areSo.map { $0 ? 1 : 0 as UInt8 }
    cmp_greatest(&bytes, Int32(bytes.count))
    return bytes.map { $0 > 0 }
  }

  /// The numbers of all ranks, in the order of ranks; each has as many.
  public func gathered(_ own: [Float]) -> [Float] {
    guard !isAlone, !own.isEmpty else { return own }
    precondition(own.count * size <= Int(Int32.max), "Team.gathered: \(own.count) numbers of \(size) ranks")
    return [Float](unsafeUninitializedCapacity: own.count * size) { buffer, count in
      if let start = buffer.baseAddress { cmp_gather(own, Int32(own.count), start) }
      count = own.count * size
    }
  }

  /// The texts of all ranks, in the order of ranks.
  public func gathered(_ own: String) -> [String] {
    guard !isAlone else { return [own] }
    let text = Array(own.utf8)
    // A length is a float without error up to 2²⁴, and such texts are lines.
    precondition(text.count < 1 << 24, "Team.gathered: a text of \(text.count) bytes")
    let counts = gathered([Float(text.count)]).map { Int32($0) }
    let places = counts.indices.map { counts[..<$0].reduce(0, +) }
    var all = [UInt8](repeating: 0, count: Int(counts.reduce(0, +)))
    cmp_gather_bytes(text, Int32(text.count), &all, counts, places)
    return counts.indices.map { String(decoding: all[Int(places[$0])..<Int(places[$0] + counts[$0])], as: UTF8.self) }
  }

  /// The first rank whose text is not that of rank 0, with its host and text; nil where all have the same.
  public func unlike(_ own: String) -> (rank: Int, host: String, text: String)? {
    let texts = gathered(own)
    let hosts = gathered(Self.host)
    return texts.indices.first { texts[$0] != texts[0] }.map { ($0, hosts[$0], texts[$0]) }
  }

  /// Refuses to go on where a rank has something else than rank 0; every rank throws the same.
  public func agree(on what: String, _ own: String, mend: String) throws(UserError) {
    guard let other = unlike(own) else { return }
    let first = gathered(own)[0]
    throw UserError(
      .data, "\(what): \(other.text) for rank \(other.rank), \(first) for rank 0", at: other.host, mend: mend,
      isOfAllRanks: true)
  }

  /// Gives every rank the bytes that rank 0 has.
  public func broadcast(_ data: Data) -> Data {
    guard !isAlone else { return data }
    var count = UInt64(data.count)
    withUnsafeMutableBytes(of: &count) { cmp_broadcast($0.baseAddress, Int32($0.count)) }
    var bytes = isFirst ? data : Data(count: Int(count))
    bytes.withUnsafeMutableBytes { broadcast($0) }
    return bytes
  }

  /// Gives every rank the numbers that rank 0 has, in place.
  public func broadcast(_ numbers: UnsafeMutablePointer<Float>, count: Int) {
    guard !isAlone else { return }
    broadcast(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: numbers, count: count)))
  }

  private func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {
    let most = 1 << 30
    for start in stride(from: 0, to: bytes.count, by: most) {
      cmp_broadcast(bytes.baseAddress?.advanced(by: start), Int32(min(most, bytes.count - start)))
    }
  }

  /// Waits for all others without work for the processor.
  public func rest() {
    guard !isAlone else { return }
    var request = cmp_say_there()
    while !cmp_are_all_there(&request) { usleep(5_000) }
  }

  /// Lets rank 0 alone do some work while the others rest.
  ///
  /// - Throws: on rank 0 what the work throws, and ``Dismissal`` on the others then.
  public func leading(_ work: () throws -> Void) throws {
    var failure: (any Error)?
    if isFirst {
      do { try work() } catch { failure = error }
    }
    rest()
    let isOver = self.any(failure != nil)
    if let failure { throw failure }
    if isOver { throw Dismissal() }
  }
}

/// Thrown on ranks other than 0 when they have no more to do.
public struct Dismissal: Error, Equatable, Sendable {
  /// Creates it.
  public init() {}
}
