import Foundation

/// Ends a seed's process when the process that started it is gone, so that a killed run leaves nothing at work behind.
public enum ParentWatch {
  /// Watches standard input, a pipe that nothing is written to: its end is the end of the parent, even by `SIGKILL`.
  public static func begin() {
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &byte, 1)
        // What is not saved is computed again; nothing is left to tell anybody.
        if count == 0 || (count < 0 && errno != EINTR) { _exit(RunFailure.interrupted) }
      }
    }
  }
}
