import Synchronization

/// Where the time of a piece of work went: named parts in the order in which each came first.
public struct Timings: Codable, Equatable, Sendable {
  /// A part.
  public struct Part: Codable, Equatable, Sendable {
    /// What was done.
    public let name: String
    /// How long it took in all, in seconds.
    public var seconds: Double

    /// Names a part.
    public init(_ name: String, seconds: Double) {
      self.name = name
      self.seconds = seconds
    }
  }

  /// What optimiser steps are called.
  public static let steps = "steps"
  /// Writing the report, which cannot know of it.
  public static let report = "report"
  /// What the processes before took, of a seed that went on.
  public static let before = "before it went on"

  /// The parts.
  public private(set) var parts: [Part]

  /// Has no part yet, or those that are named; of equal names the times are added up.
  public init(_ parts: [Part] = []) {
    self.parts = []
    for part in parts { add(part.seconds, to: part.name) }
  }

  /// Adds a time to a part, which comes last where it is new.
  public mutating func add(_ seconds: Double, to name: String) {
    if let known = parts.firstIndex(where: { $0.name == name }) {
      parts[known].seconds += seconds
    } else {
      parts.append(Part(name, seconds: seconds))
    }
  }

  /// Adds the parts of another piece of work.
  public mutating func add(_ other: Timings) {
    for part in other.parts { add(part.seconds, to: part.name) }
  }

  /// The seconds of all parts.
  public var total: Double { parts.reduce(0) { $0 + $1.seconds } }

  /// The seconds of a part; 0 where there is none.
  public subscript(name: String) -> Double { parts.first { $0.name == name }?.seconds ?? 0 }

  /// What lies outside the optimiser's steps, as a share of the whole but for ``before``; 0 where no time was taken.
  public var shareOutsideSteps: Double {
    let known = total - self[Self.before]
    return known > 0 ? 1 - self[Self.steps] / known : 0
  }
}

/// Measures the parts of a seed's work. A part within another counts for itself alone, so that parts add up to the whole.
public final class Stopwatch: Sendable {
  private struct State {
    var timings = Timings()
    /// For each part under way the seconds that parts within it took.
    var inner: [Double] = []
  }

  private let state = Mutex(State())

  /// Has measured nothing yet.
  public init() {}

  /// What was measured so far.
  public var timings: Timings { state.withLock { $0.timings } }

  /// Does a piece of work and adds its time to a part.
  public func measure<Result, Failure: Error>(
    _ name: String, _ work: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    state.withLock { $0.inner.append(0) }
    let began = ContinuousClock.now
    defer {
      let passed = (ContinuousClock.now - began).seconds
      state.withLock { state in
        let inner = state.inner.popLast() ?? 0
        state.timings.add(max(0, passed - inner), to: name)
        if !state.inner.isEmpty { state.inner[state.inner.count - 1] += passed }
      }
    }
    return try work()
  }
}
