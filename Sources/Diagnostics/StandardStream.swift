import Foundation

/// Standard output and error as a command writes them: a reader that has gone away is no fault.
public enum StandardStream {
  /// Where a result goes.
  case output
  /// Where progress and errors go.
  case error

  /// Writes text; where nobody reads standard output any more, as behind `| head`, the process ends quietly;
  /// where it cannot be written, as on a full disk, with an error.
  public func write(_ text: String) {
    let descriptor = self == .output ? STDOUT_FILENO : STDERR_FILENO
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR && errno != EAGAIN {
        // Without its progress a run still goes on; without its reader a result is for nobody.
        guard self == .output else { return }
        if errno == EPIPE { exit(0) }
        let error = UserError(
          .inputOutput, "cannot be written: \(String(cString: strerror(errno)))", at: "standard output")
        StandardStream.error.write("concord: \(error)\n")
        exit(error.kind.rawValue)
      }
    }
  }
}
