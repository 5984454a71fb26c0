import Diagnostics

/// A reader of training events.
public protocol EventSink: Sendable {
  /// Takes one event.
  ///
  /// - Throws: where the event cannot be kept, for instance on a full disk.
  func receive(_ event: TrainingEvent) throws(UserError)

  /// Makes the events so far durable, where the sink keeps a record of them, and marks their end for a checkpoint.
  ///
  /// - Returns: what ``resume(at:)`` takes; `nil` where the sink keeps no record.
  func mark() throws(UserError) -> Int?

  /// Goes on behind a mark: events that were received before this were those of the record already.
  func resume(at mark: Int) throws(UserError)
}

extension EventSink {
  /// There is no record.
  public func mark() throws(UserError) -> Int? { nil }
  /// There is no record.
  public func resume(at mark: Int) throws(UserError) {}
}

/// A sink that hands every event to several sinks in turn.
public struct TeeSink: EventSink {
  private let sinks: [any EventSink]

  /// Creates a sink over others.
  public init(_ sinks: any EventSink...) {
    self.sinks = sinks
  }

  /// Hands the event on, in order.
  public func receive(_ event: TrainingEvent) throws(UserError) {
    for sink in sinks { try sink.receive(event) }
  }

  /// The mark of the first sink that keeps a record.
  public func mark() throws(UserError) -> Int? {
    for sink in sinks { if let mark = try sink.mark() { return mark } }
    return nil
  }

  /// Hands the mark on, in order.
  public func resume(at mark: Int) throws(UserError) {
    for sink in sinks { try sink.resume(at: mark) }
  }
}

/// A sink that drops every event, for tests.
public struct NullSink: EventSink {
  /// Creates a sink.
  public init() {}

  /// Drops the event.
  public func receive(_ event: TrainingEvent) {}
}
