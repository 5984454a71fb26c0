import Diagnostics
import Kernels

/// A linear classifier in closed form on frozen features: least squares to one-hot classes, or to tags, with a ridge
/// penalty.
///
///     W = (Xᶜᵀ Xᶜ + λ I)⁻¹ Xᶜᵀ Yᶜ,   scores(x) = (x − mean X) W + mean Y,   λ = ridge · trace(Xᶜᵀ Xᶜ) / dimension
///
/// where `ᶜ` centres columns. The penalty is relative to the features' mean scatter, so scaling the features changes
/// nothing.
public struct RidgeProbe: Sendable {
  private let weights: Matrix
  /// The axes of the features' scatter, one a row, and what divides along each.
  private let axes: Matrix
  private let divisors: [Double]
  private let featureMeans: [Float]
  private let classShares: [Float]

  /// Fits the classifier to features, `[observations, dimension]`, whose labels lie below `classes`.
  ///
  /// - Throws: `UserError` of kind `data` if the features hold values that are not finite.
  public init(features: Matrix, labels: [Int], classes: Int, ridge: Double = 1e-3) throws(UserError) {
    precondition(
      labels.count == features.rows && labels.allSatisfy { $0 >= 0 && $0 < classes },
      "Ridge probe: \(features.rows) rows need as many labels (not \(labels.count)) below \(classes)")
    var targets = Matrix(rows: features.rows, columns: classes)
    for (row, label) in labels.enumerated() { targets[row, label] = 1 }
    try self.init(features: features, targets: targets, ridge: ridge)
  }

  /// Fits one score to each column of targets, `[observations, targets]`, such as tags that are 0 or 1.
  ///
  /// - Throws: `UserError` of kind `data` if the features hold values that are not finite.
  public init(features: Matrix, targets: Matrix, ridge: Double = 1e-3) throws(UserError) {
    precondition(
      features.rows == targets.rows, "Ridge probe: \(targets.rows) rows of targets for \(features.rows) of features")
    precondition(ridge > 0, "Ridge probe: the penalty \(ridge) must be positive")
    featureMeans = features.columnMeans()
    classShares = targets.columnMeans()
    let x = features.subtractingFromRows(featureMeans)
    let y = targets.subtractingFromRows(classShares)
    let (values, vectors) = try LAPACK.symmetricEigenvectors(of: x.multiplied(by: x, transposingSelf: true))
    let trace = values.reduce(0.0) { $0 + max(0, Double($1)) }
    let penalty = ridge * trace / Double(max(features.columns, 1))
    divisors = values.map { max(0, Double($0)) + penalty }
    axes = vectors
    // In the eigenvectors' axes the inverse is a division: W = Vᵀ diag(1 / (values + λ)) V Xᵀ Y.
    var rotated = vectors.multiplied(by: x.multiplied(by: y, transposingSelf: true))
    for row in 0..<rotated.rows {
      let divisor = divisors[row]
      for column in 0..<targets.columns {
        rotated[row, column] = divisor > 0 ? Float(Double(rotated[row, column]) / divisor) : 0
      }
    }
    weights = vectors.multiplied(by: rotated, transposingSelf: true)
  }

  /// The score of each class for each row, `[observations, classes]`.
  public func scores(for features: Matrix) -> Matrix {
    features.subtractingFromRows(featureMeans).multiplied(by: weights)
      .subtractingFromRows(classShares.map { -$0 })
  }

  /// The score of each class for each fitted row by a classifier that has not seen it, with the same λ.
  ///
  ///     (scores(x_i) − h_i y_i) / (1 − h_i),   h_i = 1 / n + x_iᶜᵀ (Xᶜᵀ Xᶜ + λ I)⁻¹ x_iᶜ
  ///
  /// - Parameters:
  ///   - features: those that it was fitted to.
  ///   - targets: those that it was fitted to.
  public func scoresLeavingOut(features: Matrix, targets: Matrix) -> Matrix {
    let along = features.subtractingFromRows(featureMeans).multiplied(by: axes, transposingOther: true)
    var scores = self.scores(for: features)
    for row in 0..<features.rows {
      var leverage = 1 / Double(features.rows)
      for axis in 0..<along.columns where divisors[axis] > 0 {
        leverage += Double(along[row, axis]) * Double(along[row, axis]) / divisors[axis]
      }
      for column in 0..<targets.columns {
        let left = Double(scores[row, column]) - leverage * Double(targets[row, column])
        scores[row, column] = Float(left / max(1 - leverage, 1e-9))
      }
    }
    return scores
  }

  /// The class with the highest score for each row, the lower of equal ones.
  public func predictions(for features: Matrix) -> [Int] { scores(for: features).largestColumns() }
}
