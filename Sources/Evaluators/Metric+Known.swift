import Training

/// The metrics of the evaluators, each with its unit and direction.
extension Metric {
  /// R@k, a share.
  static func recall(at count: Int) -> Metric { share("R@\(count)") }
  /// A share of which more is better, such as an accuracy by the name of its labelling.
  static func share(_ name: String) -> Metric { Metric(name, isFraction: true, higherIsBetter: true) }
  /// A plain number.
  static func number(_ name: String, higherIsBetter: Bool?) -> Metric {
    Metric(name, isFraction: false, higherIsBetter: higherIsBetter)
  }
  /// The median rank of what is right.
  static let medianRank = number("median rank", higherIsBetter: false)
  /// The sum of recalls in percent.
  static let rsum = number("rsum", higherIsBetter: true)
  /// The mean cosine of what belongs together.
  static let cosine = number("cosine", higherIsBetter: nil)
  /// The mean squared distance of what belongs together.
  static let alignment = number("alignment", higherIsBetter: false)
  /// How far two modalities' centres are apart.
  static let modalityGap = number("modality gap", higherIsBetter: false)
  /// How evenly representations cover the sphere.
  static let uniformity = number("uniformity", higherIsBetter: false)
}
