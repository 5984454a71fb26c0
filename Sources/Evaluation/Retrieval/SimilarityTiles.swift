import Kernels

/// Some rows of a matrix as a similarity compares them, made a few at a time, so that there is no second copy of all.
struct ComparedRows {
  private let matrix: Matrix
  private let places: [Int]?
  private let similarity: Similarity

  /// Takes rows by their places, or all.
  init(_ matrix: Matrix, at places: [Int]? = nil, by similarity: Similarity) {
    (self.matrix, self.similarity) = (matrix, similarity)
    let isWhole = places.map { places in
      places.count == matrix.rows && places.indices.allSatisfy { places[$0] == $0 }
    }
    self.places = isWhole == true ? nil : places
  }

  /// How many there are.
  var count: Int { places?.count ?? matrix.rows }

  /// The length of a row.
  var width: Int { matrix.columns }

  /// All of them.
  var all: Matrix { self[0..<count] }

  /// Some of them, prepared as the similarity wants them.
  subscript(range: Range<Int>) -> Matrix {
    if let places { return similarity.prepared(matrix.gathering(places[range])) }
    if range == 0..<matrix.rows { return similarity.prepared(matrix) }
    let values = Array(matrix.values[range.lowerBound * width..<range.upperBound * width])
    return similarity.prepared(Matrix(rows: range.count, columns: width, values: values))
  }
}

/// The inner products of queries with so many candidates that a row of them is long: a tile of some queries and some
/// candidates at a time.
///
/// Nothing is held but a tile and the rows that it is of. ``SimilarityBlocks`` has whole rows of fewer candidates.
struct SimilarityTiles {
  /// The number of candidates above which rows are not held whole. Up to it tiles would save nothing, and last bits are
  /// those of whole rows.
  static let mostWholeRows = 1 << 16
  /// The most queries of a tile.
  static let height = 1 << 10
  /// The most candidates of a tile.
  static let width = 1 << 12

  let queries: ComparedRows
  let candidates: ComparedRows

  init(queries: ComparedRows, candidates: ComparedRows) {
    precondition(
      queries.width == candidates.width,
      "Similarity: queries of width \(queries.width) and candidates of width \(candidates.width)")
    (self.queries, self.candidates) = (queries, candidates)
  }

  /// The queries of each row of tiles.
  var blocks: [Range<Int>] { Self.parts(of: queries.count, Self.height) }

  /// The candidates of each column of tiles.
  var columns: [Range<Int>] { Self.parts(of: candidates.count, Self.width) }

  private static func parts(of count: Int, _ size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// Calls `body` with each tile of some queries: its candidates, their prepared rows, and for each of the queries, one after
  /// another, the inner products with them.
  ///
  /// - Parameter isWanted: whether a column of tiles is looked at.
  func forEachTile(
    of block: Matrix, where isWanted: (Range<Int>) -> Bool = { _ in true },
    _ body: (Range<Int>, Matrix, UnsafeBufferPointer<Float>) -> Void
  ) {
    var products = [Float](repeating: 0, count: block.rows * min(Self.width, candidates.count))
    for column in columns where isWanted(column) {
      let rows = candidates[column]
      products.withUnsafeMutableBufferPointer { products in
        block.values.withUnsafeBufferPointer { q in
          rows.values.withUnsafeBufferPointer { c in
            guard block.columns > 0, let into = products.baseAddress, let q = q.baseAddress, let c = c.baseAddress
            else { return }
            BLAS.multiply(
              m: block.rows, n: column.count, k: block.columns, q, leading: block.columns, transposed: false, c,
              leading: block.columns, transposed: true, into: into, leading: column.count)
          }
        }
        body(column, rows, UnsafeBufferPointer(rebasing: products[..<(block.rows * column.count)]))
      }
    }
  }
}
