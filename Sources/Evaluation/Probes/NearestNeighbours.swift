import Foundation
import Kernels

/// Classifies an embedding by the weighted votes of its nearest labelled embeddings (Wu et al., CVPR 2018).
///
///     vote(c) = Σ_{i ∈ nearest k, label(i) = c} exp(cos(x, x_i) / τ), divided by the sum over all classes
///
/// Of equally similar neighbours the earlier row is the nearer one; of equal votes the lower class wins.
public struct NearestNeighbours: Sendable {
  /// The number of classes.
  public let classes: Int
  private let embeddings: Matrix
  private let labels: [Int]

  /// Keeps labelled embeddings, `[observations, dimension]`, to compare with; labels lie below `classes`.
  public init(embeddings: Matrix, labels: [Int], classes: Int) {
    precondition(
      labels.count == embeddings.rows && labels.allSatisfy { $0 >= 0 && $0 < classes },
      "Nearest neighbours: \(embeddings.rows) embeddings need as many labels (not \(labels.count)) below \(classes)")
    self.embeddings = embeddings.normalisingRows()
    self.labels = labels
    self.classes = classes
  }

  /// The share of votes of each class for each query, `[queries, classes]`; zeros for a query without
  /// comparable neighbours.
  ///
  /// A temperature of infinity gives each of the `neighbours` nearest rows one vote.
  public func votes(for queries: Matrix, neighbours: Int, temperature: Double) -> Matrix {
    precondition(neighbours > 0 && temperature > 0, "Nearest neighbours: their number and temperature must be positive")
    var votes = Matrix(rows: queries.rows, columns: classes)
    SimilarityBlocks(queries: queries.normalisingRows(), candidates: embeddings).forEachRow { query, similarities in
      var found = Nearest(neighbours)
      found.offer(similarities, takesAll: false)
      let nearest = found.items
      guard !nearest.isEmpty else { return }
      let top = Double(nearest[0].value)
      var shares = [Double](repeating: 0, count: classes)
      for item in nearest { shares[labels[item.place]] += exp((Double(item.value) - top) / temperature) }
      let total = shares.reduce(0, +)
      for c in 0..<classes { votes[query, c] = Float(shares[c] / total) }
    }
    return votes
  }

  /// The class with the most votes for each query.
  public func predictions(for queries: Matrix, neighbours: Int, temperature: Double) -> [Int] {
    votes(for: queries, neighbours: neighbours, temperature: temperature).largestColumns()
  }
}
