import Diagnostics
import Foundation
import Synchronization

/// A sink that appends every event to a descriptor as one JSON line, at once.
///
/// It serves `metrics.jsonl` in the seed's folder and the pipe to the process that shows progress.
public final class MetricsLog: EventSink {
  private let descriptor: Int32
  private let ownsDescriptor: Bool
  private let path: String
  private let start: ContinuousClock.Instant
  private let lock = Mutex(())

  /// Appends to a file, which is made where it is missing.
  ///
  /// - Throws: where the file cannot be opened.
  public init(appendingTo url: URL, start: ContinuousClock.Instant = .now) throws(UserError) {
    descriptor = open(url.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw UserError(
        .inputOutput, "cannot be written: \(String(cString: strerror(errno)))", at: url.path,
        mend: "see the folder's permissions and free space")
    }
    path = url.path
    ownsDescriptor = true
    self.start = start
  }

  /// Writes to a descriptor that stays open.
  public init(descriptor: Int32, name: String, start: ContinuousClock.Instant = .now) {
    self.descriptor = descriptor
    path = name
    ownsDescriptor = false
    self.start = start
  }

  deinit { if ownsDescriptor { close(descriptor) } }

  /// Appends the event in one write.
  ///
  /// - Throws: where the file cannot be written, for instance on a full disk.
  public func receive(_ event: TrainingEvent) throws(UserError) {
    let elapsed = start.duration(to: .now)
    let line = event.json(seconds: elapsed / .seconds(1)).json + "\n"
    let code = lock.withLock { _ in Self.write(Array(line.utf8), to: descriptor) }
    guard code == 0 else {
      throw UserError(
        .inputOutput, "cannot be written: \(String(cString: strerror(code)))", at: path,
        mend: code == ENOSPC ? "make room on the disk" : nil)
    }
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
    let bytes = try RegularFile.contents(of: url)
    var events: [TrainingEvent] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      // What follows the last line break is nothing, or a line that was cut off.
      if index == lines.count - 1 { break }
      guard let text = String(validating: line, as: UTF8.self), let (event, _) = TrainingEvent.read(text) else {
        throw UserError(
          .data, "is not an event of Concord", at: "\(url.path):\(index + 1)", mend: "remove the line or run again")
      }
      events.append(event)
    }
    return events
  }
}
