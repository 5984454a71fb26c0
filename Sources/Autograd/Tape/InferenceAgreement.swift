import Kernels

/// Layers in less than float32, and how near their representations come to those in float32.
public final class InferenceAgreement {
  /// How many representations of each call are computed in both, and of all calls together at most.
  private static let (mostEach, most) = (16, 256)

  private let precision: InferencePrecision
  private let inference: ReducedInference
  /// The cosine of each representation that was computed in both.
  public private(set) var cosines: [Float] = []

  /// Creates one that has compared nothing; nil for float32, where nothing is reduced.
  public init?(_ precision: InferencePrecision) {
    guard let inference = ReducedInference(precision) else { return nil }
    (self.precision, self.inference) = (precision, inference)
  }

  /// Runs networks in this precision, without gradients.
  public func use<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Tape.withoutRecording { try inference.use(body) }
  }

  /// Compares some of a call's representations with those in float32, where not enough were compared already.
  ///
  /// - Parameters:
  ///   - representations: what the precision gave, `[count, …]`.
  ///   - first: computes the first so many of them in float32.
  public func compare(_ representations: Tensor, first: (Int) throws -> Tensor?) rethrows {
    guard representations.rank > 0 else { return }
    let count = min(representations.shape[0], Self.mostEach, Self.most - cosines.count)
    guard count > 0, let exact = try Tape.withoutRecording({ try ReducedInference.without { try first(count) } }) else {
      return
    }
    let columns = representations.count / representations.shape[0]
    precondition(
      exact.count == count * columns,
      "InferenceAgreement: the first \(count) of representations of shape \(representations.shape) have \(exact.shape)")
    note(representations.values, exact: Matrix(rows: count, columns: columns, values: exact.values))
  }

  /// Notes how far representations are from those in float32, which are the first of them.
  private func note(_ values: [Float], exact: Matrix) {
    for row in 0..<exact.rows {
      let own = values[row * exact.columns..<(row + 1) * exact.columns]
      var (product, square, exactSquare) = (0.0, 0.0, 0.0)
      for (x, y) in zip(own, exact[row: row]) {
        product += Double(x) * Double(y)
        square += Double(x) * Double(x)
        exactSquare += Double(y) * Double(y)
      }
      let length = (square * exactSquare).squareRoot()
      cosines.append(length > 0 ? Float(product / length) : square == exactSquare ? 1 : 0)
    }
  }

  /// Forgets what was compared.
  public func forget() { cosines = [] }

  /// The mean of the cosines and the lowest, in words.
  public var text: String {
    guard let lowest = cosines.min() else {
      return "\(precision.rawValue): nothing was computed anew, so nothing was compared with float32"
    }
    let mean = cosines.reduce(0) { $0 + Double($1) } / Double(cosines.count)
    func digits(_ value: Double) -> String { "\((value * 100_000).rounded(.down) / 100_000)" }
    return
      "\(precision.rawValue): the cosine to float32 of \(cosines.count) representations is \(digits(mean)) in the mean and "
      + "\(digits(Double(lowest))) at the lowest"
  }
}
