import Foundation
import Synchronization

/// Counts how often a signal asked the process to stop, as long as the value lives.
///
/// The parent listens to Ctrl-C. A seed's process ignores it, for the terminal may send it to the whole group, and
/// listens to `SIGTERM` from its parent, which therefore decides alone.
public final class StopRequest {
  private final class Count: Sendable {
    let value = Atomic<Int>(0)
  }

  private let count = Count()
  private let source: any DispatchSourceSignal

  /// Listens to a signal from now on; its usual effect is gone.
  public init(signal number: Int32) {
    signal(number, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: number, queue: DispatchQueue(label: "concord.stop"))
    source.setEventHandler { [count] in count.value.add(1, ordering: .relaxed) }
    source.resume()
  }

  deinit { source.cancel() }

  /// Tells how many times the signal has come.
  public var times: @Sendable () -> Int {
    { [count] in count.value.load(ordering: .relaxed) }
  }
}
