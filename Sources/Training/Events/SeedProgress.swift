import Foundation

/// How far one seed is, and how long it will take.
///
/// The rate is the mean time between steps that follow each other directly: a gap with an evaluation or the end of a
/// pass in it does not count.
public struct SeedProgress: Equatable, Sendable {
  /// The seed.
  public let seed: Int
  /// The steps done and to do; 0 where not yet known.
  public private(set) var step = 0
  /// The number of steps in all.
  public private(set) var totalSteps = 0
  /// The pass over the data.
  public private(set) var epoch = 0
  /// The number of passes.
  public private(set) var epochs = 0
  /// The last loss.
  public private(set) var loss: Double?
  /// Observations per second at the last step.
  public private(set) var samplesPerSecond: Double?
  /// Whether the seed is done.
  public private(set) var isFinished = false
  private var lastStepSeconds: Double?
  private var countedSeconds = 0.0
  private var countedSteps = 0

  /// Creates the progress of a seed that has not begun.
  public init(seed: Int) {
    self.seed = seed
  }

  /// Takes in an event.
  ///
  /// - Parameter seconds: the time since the start of the seed.
  public mutating func receive(_ event: TrainingEvent, seconds: Double) {
    switch event {
    case .began(let totalSteps, let epochs):
      self.totalSteps = totalSteps
      self.epochs = epochs
      lastStepSeconds = seconds
    case .step(let record):
      if let last = lastStepSeconds {
        countedSeconds += seconds - last
        countedSteps += 1
      }
      lastStepSeconds = seconds
      step = record.step
      epoch = record.epoch
      loss = record.terms.first?.value
      samplesPerSecond = record.samplesPerSecond
    case .epoch, .evaluated: lastStepSeconds = nil
    case .note, .timed: break
    case .finished: isFinished = true
    }
  }

  /// The share of steps done, from 0 to 1.
  public var fraction: Double { totalSteps > 0 ? min(1, Double(step) / Double(totalSteps)) : 0 }

  /// The seconds that the steps to come will take, where two steps at least are known.
  public var secondsLeft: Double? {
    guard countedSteps > 1, totalSteps > step else { return nil }
    return countedSeconds / Double(countedSteps) * Double(totalSteps - step)
  }

  /// The progress in words: `seed 0 · 45 % · epoch 3/8 · loss 0.1234 · 1234/s · 0:42 left`.
  ///
  /// - Parameters:
  ///   - width: the width of a bar in characters, 0 for none.
  ///   - isShort: whether loss and rate are left out, for want of room.
  public func line(bar width: Int = 0, isShort: Bool = false) -> String {
    var parts = ["seed \(seed)"]
    if width > 0 {
      let full = Int((fraction * Double(width)).rounded(.down))
      parts[0] += " " + String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    }
    if isFinished { return parts[0] + " · done" }
    guard totalSteps > 0 else { return parts[0] + " · getting ready" }
    parts.append("\(Int((fraction * 100).rounded(.down))) %")
    if step >= totalSteps { parts.append("evaluating") } else { parts.append("epoch \(max(epoch, 1))/\(epochs)") }
    if let loss, !isShort { parts.append("loss " + String(format: "%.4f", loss)) }
    if step < totalSteps {
      if let rate = samplesPerSecond, rate.isFinite, !isShort { parts.append(String(format: "%.0f/s", rate)) }
      if let left = secondsLeft { parts.append(Self.clock(left) + " left") }
    }
    return parts.joined(separator: " · ")
  }

  /// A span of time as `0:42` or `1:02:03`.
  public static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = Int(max(0, seconds).rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
  }
}
