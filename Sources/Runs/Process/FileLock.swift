import Diagnostics
import Foundation

/// A lock that one process has on a file as long as the value lives; it goes with the process, however that ends.
public final class FileLock {
  private let descriptor: Int32

  /// Takes the lock, and makes the file where it is missing; it stays, for removing it could let two processes in.
  ///
  /// - Parameters:
  ///   - work: what the lock is about, for the error: `this run`.
  ///   - seconds: how long to wait for a process that has it.
  /// - Throws: where another process has it, or the file system has no locks.
  public init(_ url: URL, on work: String, waiting seconds: Double = 0) throws(UserError) {
    let place = url.deletingLastPathComponent().path
    let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw UserError(
        .inputOutput, "cannot be locked: \(String(cString: strerror(errno)))", at: place,
        mend: "choose a folder that you may write to")
    }
    let deadline = ContinuousClock.now + .seconds(seconds)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      if code == EWOULDBLOCK, ContinuousClock.now < deadline {
        usleep(10_000)
        continue
      }
      let holder = Self.holder(descriptor)
      close(descriptor)
      guard code == EWOULDBLOCK else {
        throw UserError(
          .inputOutput, "cannot be locked: \(String(cString: strerror(code)))", at: place,
          mend: "choose a folder on another file system with --runs")
      }
      throw UserError(
        .notYet, "another process\(holder.map { " (\($0))" } ?? "") is at work on \(work)", at: place,
        mend: "wait for its end, or stop it")
    }
    self.descriptor = descriptor
    // Who has it, for the other's message; a disk without room for it does no harm.
    let text = "\(getpid())\(Self.host.map { " on \($0)" } ?? "")\n"
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.utf8.count, 0) }
  }

  deinit {
    // A process that another thread is just starting shares the descriptor until it runs its program, so closing alone
    // would not give the lock back at once.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// The process that wrote itself into the file: its number, with its host where that is another.
  private static func holder(_ descriptor: Int32) -> String? {
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    guard count > 0 else { return nil }
    let text = String(decoding: buffer[..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    let words = text.components(separatedBy: " on ")
    guard Int(words[0]) != nil, words.count <= 2 else { return nil }
    return words.last == host ? words[0] : text
  }

  /// The name of this machine.
  private static let host: String? = {
    var name = [CChar](repeating: 0, count: 80)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.isEmpty ? nil : text
  }()
}
