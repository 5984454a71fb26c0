/// How near predicted numbers are to true ones, as the experiments on CMU-MOSI and CMU-MOSEI count it (Tsai et al., ACL
/// 2019; Poklukar et al., ICML 2022, official code).
public struct RegressionScores: Equatable, Sendable {
  /// The predictions.
  public let predictions: [Double]
  /// The truths.
  public let truths: [Double]

  /// Takes as many predictions as truths.
  public init(_ predictions: [Double], truths: [Double]) {
    precondition(
      predictions.count == truths.count, "RegressionScores: \(predictions.count) predictions, \(truths.count) truths")
    (self.predictions, self.truths) = (predictions, truths)
  }

  /// The mean of |prediction − truth|; nil without any.
  public var meanAbsoluteError: Double? {
    predictions.isEmpty
      ? nil : zip(predictions, truths).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(predictions.count)
  }

  /// Pearson's correlation; nil where predictions or truths do not vary.
  public var correlation: Double? {
    let count = Double(predictions.count)
    guard count > 1 else { return nil }
    let (first, second) = (predictions.reduce(0, +) / count, truths.reduce(0, +) / count)
    var (product, own, other) = (0.0, 0.0, 0.0)
    for (prediction, truth) in zip(predictions, truths) {
      product += (prediction - first) * (truth - second)
      own += (prediction - first) * (prediction - first)
      other += (truth - second) * (truth - second)
    }
    return own > 0 && other > 0 ? product / (own * other).squareRoot() : nil
  }

  /// The places of the truths that are not exactly 0, which signs are compared of.
  public var signed: [Int] { truths.indices.filter { truths[$0] != 0 } }

  /// Whether predictions and truths at the places of ``signed`` are above 0, as 1 or 0.
  public var signs: (predictions: [Int], truths: [Int]) {
    let places = signed
    return (places.map { predictions[$0] > 0 ? 1 : 0 }, places.map { truths[$0] > 0 ? 1 : 0 })
  }

  /// The share of right signs, where the truth is not 0; nil without such.
  public var signAccuracy: Double? {
    let (predictions, truths) = signs
    return accuracy(of: predictions, against: truths)
  }

  /// The F1 of signs: that of each of both classes, weighted by its share.
  ///
  /// - Parameter byPredictions: whether the share is that of the predictions, as the official code has it by handing
  ///   predictions and truths over in the other order; else it is that of the truths, as the word means.
  public func signF1(byPredictions: Bool = false) -> Double? {
    let (predictions, truths) = signs
    guard !truths.isEmpty else { return nil }
    return [0, 1].reduce(0) { sum, sign in
      let (told, own) = (predictions.count { $0 == sign }, truths.count { $0 == sign })
      let hits = zip(predictions, truths).count { $0 == sign && $1 == sign }
      let score = told + own == 0 ? 0 : 2 * Double(hits) / Double(told + own)
      return sum + score * Double(byPredictions ? told : own) / Double(truths.count)
    }
  }

  /// The share of truths that predictions meet once both are cut to −`most` … `most` and rounded, halves to even: Acc-7
  /// with 3, Acc-5 with 2; nil without any.
  public func roundedAccuracy(most: Double) -> Double? {
    func rounded(_ value: Double) -> Double { min(max(value, -most), most).rounded(.toNearestOrEven) }
    guard !truths.isEmpty else { return nil }
    return Double(zip(predictions, truths).count { rounded($0) == rounded($1) }) / Double(truths.count)
  }
}
