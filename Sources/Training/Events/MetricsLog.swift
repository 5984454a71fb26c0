import Diagnostics
import Foundation
import StrictYAML
import Synchronization

/// A sink that appends every event to a descriptor as one JSON line, at once.
///
/// It serves `metrics.jsonl` in the seed's folder and the pipe to the process that shows progress.
public final class MetricsLog: EventSink {
  private let descriptor: Int32
  private let ownsDescriptor: Bool
  private let path: String
  private let start: ContinuousClock.Instant
  /// The seconds of the processes before this one, up to the mark that the log goes on from.
  public let secondsBefore: Double
  /// The mark that is waited for: the events before it are in the file already.
  private let awaited: Mutex<Int?>

  /// Appends to a file, which is made where it is missing.
  ///
  /// - Throws: where the file cannot be opened.
  public init(appendingTo url: URL, start: ContinuousClock.Instant = .now) throws(UserError) {
    descriptor = try Self.open(url)
    path = url.path
    ownsDescriptor = true
    self.start = start
    secondsBefore = 0
    awaited = Mutex(nil)
  }

  /// Takes up a file at a mark: what stands behind it is cut off, and events are dropped until ``resume(at:)`` is told
  /// the same mark, for they are the ones that led up to it. The seconds go on from those at the mark.
  ///
  /// - Parameter mark: 0 begins the log anew.
  /// - Throws: where the file cannot be written or ends before the mark.
  public init(resuming url: URL, at mark: Int, start: ContinuousClock.Instant = .now) throws(UserError) {
    descriptor = try Self.open(url)
    path = url.path
    ownsDescriptor = true
    self.start = start
    let before = mark > 0 ? (try? Data(contentsOf: url)) ?? Data() : Data()
    let line = before.prefix(mark).split(separator: UInt8(ascii: "\n")).last.map { String(decoding: $0, as: UTF8.self) }
    secondsBefore = line.flatMap { TrainingEvent.read($0)?.seconds } ?? 0
    awaited = Mutex(mark > 0 ? mark : nil)
    guard before.count >= mark else {
      throw UserError(
        .data, "is shorter than when the checkpoint was written", at: url.path,
        mend: "put it back, or start another run with --fresh")
    }
    if ftruncate(descriptor, off_t(mark)) != 0 { throw failure(errno) }
  }

  /// Writes to a descriptor that stays open.
  public init(descriptor: Int32, name: String, start: ContinuousClock.Instant = .now) {
    self.descriptor = descriptor
    path = name
    ownsDescriptor = false
    self.start = start
    secondsBefore = 0
    awaited = Mutex(nil)
  }

  deinit { if ownsDescriptor { close(descriptor) } }

  private static func open(_ url: URL) throws(UserError) -> Int32 {
    let descriptor = Foundation.open(url.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw UserError(
        .inputOutput, "cannot be written: \(String(cString: strerror(errno)))", at: url.path,
        mend: "see the folder's permissions and free space")
    }
    return descriptor
  }

  /// Appends the event in one write.
  ///
  /// - Throws: where the file cannot be written, for instance on a full disk.
  public func receive(_ event: TrainingEvent) throws(UserError) {
    let elapsed = start.duration(to: .now)
    let line = event.json(seconds: secondsBefore + elapsed / .seconds(1)).json + "\n"
    let code = awaited.withLock { awaited in awaited == nil ? Self.write(Array(line.utf8), to: descriptor) : 0 }
    if code != 0 { throw failure(code) }
  }

  /// Makes the file durable and gives its length; `nil` for a descriptor of another's.
  public func mark() throws(UserError) -> Int? {
    guard ownsDescriptor else { return nil }
    var status = stat()
    guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else { throw failure(errno) }
    return Int(status.st_size)
  }

  /// Keeps events again from here on, where the mark is the one that is waited for.
  public func resume(at mark: Int) {
    awaited.withLock { if $0 == mark { $0 = nil } }
  }

  private func failure(_ code: Int32) -> UserError {
    let mend: String? =
      switch code {
      case ENOSPC, EDQUOT: "make room on the disk"
      case EFBIG: "raise the limit on the size of files, see `ulimit -f`"
      default: nil
      }
    return UserError(
      .inputOutput, "cannot be written: \(String(cString: strerror(code)))", at: path, mend: mend)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      offset += count
    }
    return 0
  }

  /// Reads the events of a log; a last line that was cut off is left out.
  public static func events(in url: URL) throws(UserError) -> [TrainingEvent] {
    try timedEvents(in: url).map(\.event)
  }

  /// Reads the events of a log with the seconds since the start of the run; a last line that was cut off is left out.
  public static func timedEvents(in url: URL) throws(UserError) -> [(event: TrainingEvent, seconds: Double)] {
    let bytes = try RegularFile.contents(of: url)
    var events: [(event: TrainingEvent, seconds: Double)] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // What follows the last line break is nothing, or a line that was cut off.
    let texts = lines.dropLast().map { String(validating: $0, as: UTF8.self) }
    let order = texts.lazy.compactMap { $0.flatMap { TrainingEvent.termOrder(in: $0) } }.first ?? []
    for (index, text) in texts.enumerated() {
      guard let text, let event = TrainingEvent.read(text, termOrder: order) else {
        throw UserError(
          .data, "is not an event of Concord", at: "\(url.path):\(index + 1)", mend: "remove the line or run again")
      }
      events.append(event)
    }
    return events
  }
}
