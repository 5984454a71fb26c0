import Kernels

/// How alike two embeddings are.
public enum Similarity: String, Codable, CaseIterable, Sendable {
  /// The cosine of the angle between them.
  case cosine
  /// The inner product of both.
  case dot

  /// The rows between which this similarity is an inner product.
  func prepared(_ embeddings: Matrix) -> Matrix {
    switch self {
    case .cosine: embeddings.normalisingRows()
    case .dot: embeddings
    }
  }
}

/// The inner products of all queries with all candidates, a block of queries at a time, so that the memory needed does
/// not grow with the number of queries.
struct SimilarityBlocks {
  let queries: Matrix
  let candidates: Matrix
  /// The most values held at a time, unless a single row has more.
  static let capacity = 1 << 22

  init(queries: Matrix, candidates: Matrix) {
    precondition(
      queries.columns == candidates.columns,
      "Similarity: queries [\(queries.rows), \(queries.columns)] and candidates "
        + "[\(candidates.rows), \(candidates.columns)] have unlike widths")
    self.queries = queries
    self.candidates = candidates
  }

  /// Calls `body` with each query's index and its similarities to all candidates.
  func forEachRow(_ body: (Int, UnsafeBufferPointer<Float>) -> Void) {
    let (width, count) = (queries.columns, candidates.rows)
    guard queries.rows > 0, count > 0 else { return }
    let height = min(queries.rows, max(1, Self.capacity / count))
    var block = [Float](repeating: 0, count: height * count)
    block.withUnsafeMutableBufferPointer { block in
      queries.values.withUnsafeBufferPointer { q in
        candidates.values.withUnsafeBufferPointer { c in
          for start in stride(from: 0, to: queries.rows, by: height) {
            let rows = min(height, queries.rows - start)
            if width > 0 {
              BLAS.multiply(
                m: rows, n: count, k: width, q.baseAddress! + start * width, leading: width, transposed: false,
                c.baseAddress!, leading: width, transposed: true, into: block.baseAddress!, leading: count)
            }
            for row in 0..<rows {
              body(start + row, UnsafeBufferPointer(rebasing: block[row * count..<(row + 1) * count]))
            }
          }
        }
      }
    }
  }
}
