import Evaluation

extension ScoreSummary {
  /// The mean of the values and half of its 95 % interval by Student's t; no interval for one value.
  static func estimate(_ values: [Double]) -> (mean: Double, halfWidth: Double?) {
    guard let estimate = Estimate(of: values) else { return (.nan, nil) }
    return (estimate.mean, estimate.halfWidth)
  }
}
