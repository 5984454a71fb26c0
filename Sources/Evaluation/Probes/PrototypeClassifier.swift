import Kernels

/// Classifies an embedding by the most similar of one prototype per class.
///
///     class(x) = argmax_c cos(x, p_c)
///
/// With embedded class names as prototypes this is zero-shot classification (Radford et al., ICML 2021); with the mean
/// embedding of each class it is the nearest centroid. Of equally similar prototypes the lower class wins.
public struct PrototypeClassifier: Sendable {
  /// The prototypes, rows of length 1, `[classes, dimension]`; a row of zeros where a class has no example.
  public let prototypes: Matrix
  private let isPresent: [Bool]

  /// Takes one embedding per class, `[classes, dimension]`, as its prototype.
  public init(prototypes: Matrix) {
    self.prototypes = prototypes.normalisingRows()
    isPresent = [Bool](repeating: true, count: prototypes.rows)
  }

  /// Averages labelled embeddings, each scaled to length 1, into one prototype per class.
  ///
  ///     p_c = n(mean_{i: label(i) = c} n(x_i)),   n(x) = x / ‖x‖₂
  ///
  /// This makes centroids of training embeddings and ensembles of prompts. A class without an example is never chosen.
  public init(averaging embeddings: Matrix, labels: [Int], classes: Int) {
    precondition(
      labels.count == embeddings.rows && labels.allSatisfy { $0 >= 0 && $0 < classes },
      "Prototypes: \(embeddings.rows) embeddings need as many labels (not \(labels.count)) below \(classes)")
    let embeddings = embeddings.normalisingRows()
    var isPresent = [Bool](repeating: false, count: classes)
    var sums = Matrix(rows: classes, columns: embeddings.columns)
    for (row, label) in labels.enumerated() {
      isPresent[label] = true
      for column in 0..<embeddings.columns { sums[label, column] += embeddings[row, column] }
    }
    prototypes = sums.normalisingRows()
    self.isPresent = isPresent
  }

  /// The cosine of each query with each prototype, `[queries, classes]`; −∞ for a class without an example.
  public func scores(for queries: Matrix) -> Matrix {
    var scores = queries.normalisingRows().multiplied(by: prototypes, transposingOther: true)
    for c in 0..<prototypes.rows where !isPresent[c] {
      for row in 0..<scores.rows { scores[row, c] = -.infinity }
    }
    return scores
  }

  /// The class of the most similar prototype for each query.
  public func predictions(for queries: Matrix) -> [Int] { scores(for: queries).largestColumns() }
}
