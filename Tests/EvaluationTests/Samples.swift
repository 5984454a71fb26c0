import Kernels

/// A matrix from its rows.
func matrix(_ rows: [[Float]]) -> Matrix {
  Matrix(rows: rows.count, columns: rows.first?.count ?? 0, values: rows.flatMap { $0 })
}

/// A matrix of independent standard normal numbers.
func normalMatrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
  var stream = RandomStream(seed: seed, name: "sample")
  return Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in stream.normal() })
}

/// The identity matrix, which makes queries their own similarities.
func identity(_ size: Int) -> Matrix {
  var result = Matrix(rows: size, columns: size)
  for i in 0..<size { result[i, i] = 1 }
  return result
}

/// The two pairs of embeddings that the project's golden values use.
enum Golden {
  static let a = matrix([[1, 0.2], [-0.3, 1]])
  static let b = matrix([[0.9, 0.4], [0.1, 1]])
}

/// Whether two optional numbers are present and near each other.
func isClose(_ value: Double?, _ expected: Double, within tolerance: Double = 1e-6) -> Bool {
  value.map { abs($0 - expected) <= tolerance } ?? false
}
