import Foundation
import Synchronization

/// Counts how often a signal asked the process to stop, as long as the value lives.
///
/// The parent listens to Ctrl-C, to a polite `kill`, and to the end of its terminal. A seed's process ignores Ctrl-C, for
/// the terminal may send it to the whole group, and listens to `SIGTERM` from its parent, which therefore decides alone.
public final class StopRequest {
  private final class Count: Sendable {
    let value = Atomic<Int>(0)
  }

  private let count = Count()
  private let signals: [Int32]
  private let sources: [any DispatchSourceSignal]

  /// Listens to signals from now on; their usual effect is gone.
  ///
  /// `SIGHUP` is left alone where it is ignored, as under `nohup`.
  public init(signals numbers: Int32...) {
    let queue = DispatchQueue(label: "concord.stop")
    signals = numbers.filter { number in
      let before = signal(number, SIG_IGN)
      return number != SIGHUP || unsafeBitCast(before, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
    }
    sources = signals.map { [count] number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { count.value.add(1, ordering: .relaxed) }
      source.resume()
      return source
    }
  }

  /// Gives the signals their usual effect back.
  deinit {
    for source in sources { source.cancel() }
    for number in signals { signal(number, SIG_DFL) }
  }

  /// Tells how many times a signal has come.
  public var times: @Sendable () -> Int {
    { [count] in count.value.load(ordering: .relaxed) }
  }
}
