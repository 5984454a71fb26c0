import Diagnostics
import Methods
import Options
import Training

/// The steps that a training has, and which of its schedules they are too few for.
public struct TrainingSchedule {
  /// How long the training is.
  public let length: TrainingLength
  private let settings: AlignmentSettings
  private let observations: Int

  /// Counts the steps of a training of some observations.
  public init(_ settings: AlignmentSettings, observations: Int) {
    (self.settings, self.observations) = (settings, observations)
    let training = settings.training
    length = TrainingLength(
      epochs: training.epochs, stepsPerEpoch: training.stepsPerEpoch(of: observations),
      batchSize: min(training.batchSize, observations))
  }

  /// What is counted, in a sentence.
  public var summary: String {
    let warmup = settings.training.warmup(of: length.steps)
    return "\(observations) training observations in batches of \(length.batchSize): \(length.text), "
      + "\(warmup == 0 ? "without a warm-up" : "\(warmup) of them warm-up")."
  }

  /// What never comes about, a sentence each.
  public var remarks: [String] {
    let training = settings.training
    let warmup = training.warmup(of: length.steps)
    var remarks: [String] = []
    if warmup >= length.steps, warmup > 0 {
      remarks.append(
        "The learning rate is never reached: the warm-up takes \(warmup) steps, and the training has \(length.text); set "
          + "training.warmupShare=0.05, or more epochs.")
    }
    if training.schedule == .plateau, training.patience >= training.epochs {
      remarks.append(
        "The learning rate never falls: training.patience is \(training.patience) epochs, and the training has "
          + "\(length.text).")
    }
    if settings.evaluation.selection != .last, training.epochs > 1,
      settings.evaluation.everyEpochs >= training.epochs
    {
      remarks.append(
        "No epoch is chosen but the last: evaluation.everyEpochs is \(settings.evaluation.everyEpochs), and the training has "
          + "\(length.text).")
    }
    return remarks + settings.method.chosen.remarks(on: length)
  }
}
