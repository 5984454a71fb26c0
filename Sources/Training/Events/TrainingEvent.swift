/// Something that happens in the run of one seed, told to an ``EventSink``.
public enum TrainingEvent: Equatable, Sendable {
  /// Training begins: the number of optimiser steps in all, and of passes over the data.
  case began(totalSteps: Int, epochs: Int)
  /// One optimiser step is done.
  case step(StepRecord)
  /// One pass over the data is done.
  case epoch(EpochRecord)
  /// Scores are known, in training or after it.
  case evaluated([Score])
  /// A remark for the reader of the log.
  case note(String)
  /// Where the time went.
  case timed(Timings)
  /// All is done.
  case finished
}

/// A named part of a loss.
public struct LossTerm: Codable, Equatable, Sendable {
  /// The name; the whole loss is `total` and comes first.
  public let name: String
  /// The value.
  public let value: Double

  /// Creates a term.
  public init(_ name: String, _ value: Double) {
    self.name = name
    self.value = value
  }
}

/// What one optimiser step says of itself.
public struct StepRecord: Equatable, Sendable {
  /// The number of the step, from 1.
  public let step: Int
  /// The number of the pass over the data, from 1.
  public let epoch: Int
  /// The loss and its parts, the total first.
  public let terms: [LossTerm]
  /// The learning rate of the step.
  public let learningRate: Double
  /// The norm of the gradient before clipping, where it was computed.
  public let gradientNorm: Double?
  /// Observations per second of wall time.
  public let samplesPerSecond: Double

  /// Creates a record.
  public init(
    step: Int, epoch: Int, terms: [LossTerm], learningRate: Double, gradientNorm: Double? = nil,
    samplesPerSecond: Double
  ) {
    self.step = step
    self.epoch = epoch
    self.terms = terms
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.samplesPerSecond = samplesPerSecond
  }
}

/// What one pass over the data says of itself.
public struct EpochRecord: Equatable, Sendable {
  /// The number of the pass, from 1.
  public let epoch: Int
  /// The mean of each loss term over the pass, the total first.
  public let terms: [LossTerm]
  /// The wall time of the pass in seconds.
  public let seconds: Double

  /// Creates a record.
  public init(epoch: Int, terms: [LossTerm], seconds: Double) {
    self.epoch = epoch
    self.terms = terms
    self.seconds = seconds
  }
}
