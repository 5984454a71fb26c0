import Diagnostics

/// A reader of training events.
public protocol EventSink: Sendable {
  /// Takes one event.
  ///
  /// - Throws: where the event cannot be kept, for instance on a full disk.
  func receive(_ event: TrainingEvent) throws(UserError)
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
}

/// A sink that drops every event, for tests.
public struct NullSink: EventSink {
  /// Creates a sink.
  public init() {}

  /// Drops the event.
  public func receive(_ event: TrainingEvent) {}
}
