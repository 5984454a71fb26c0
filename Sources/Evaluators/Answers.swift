import Evaluation

/// Which observations were told rightly.
public struct Answers: Equatable, Sendable {
  /// The observations, by their places on the side.
  public let observations: [Int]
  /// The classes that are true.
  public let truths: [Int]
  /// The classes that were told.
  public let predictions: [Int]

  /// Takes predictions of some observations.
  public init(_ predictions: [Int], truths: [Int], of observations: [Int]) {
    precondition(
      predictions.count == truths.count && truths.count == observations.count,
      "Answers: \(predictions.count) predictions and \(truths.count) truths of \(observations.count) observations")
    (self.predictions, self.truths, self.observations) = (predictions, truths, observations)
  }

  /// The share that is right; nil without observations.
  public var share: Double? { accuracy(of: predictions, against: truths) }
}
