import Foundation
import Synchronization

/// Ends a seed's process when the process that started it is gone, so that a killed run leaves nothing at work behind.
public enum ParentWatch {
  /// Watches standard input, a pipe that nothing is written to: its end is the end of the parent, even by `SIGKILL`.
  public static func begin() {
    // What is not saved is computed again; nothing is left to tell anybody.
    begin { _exit(RunFailure.interrupted) }
  }

  /// Watches standard input without ending the process.
  ///
  /// - Returns: tells whether the parent is gone.
  static func beginCounting() -> @Sendable () -> Bool {
    let isGone = Flag()
    begin { isGone.value.store(true, ordering: .relaxed) }
    return { isGone.value.load(ordering: .relaxed) }
  }

  private final class Flag: Sendable {
    let value = Atomic(false)
  }

  private static func begin(atEnd: @escaping @Sendable () -> Void) {
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &byte, 1)
        if count == 0 || (count < 0 && errno != EINTR) { return atEnd() }
      }
    }
  }
}
