import Autograd

/// Losses that are sums over rows, computed some rows at a time where the similarities of all would take too much memory.
///
/// Nothing within a part is kept; the gradient computes each part anew. Up to ``most`` similarities there is one part, and
/// the loss is the usual one to the last bit.
package enum LossByRows {
  /// The most similarities that are held at a time: 64 MiB of them, those of 4,096 observations.
  @TaskLocal package static var most = 1 << 24

  /// The rows of each part; nil where one part suffices.
  static func parts(rows: Int, columns: Int) -> [Range<Int>]? {
    guard rows > 1, columns > 0, rows * columns > most else { return nil }
    let size = max(1, most / columns)
    return stride(from: 0, to: rows, by: size).map { $0..<min($0 + size, rows) }
  }

  /// The most similarities that are held at a time of so many rows with so many others.
  package static func held(rows: Int, columns: Int) -> Double {
    guard let first = parts(rows: rows, columns: columns)?.first else { return Double(rows) * Double(columns) }
    return Double(first.count) * Double(columns)
  }

  /// The sum over all parts of what is computed of some rows.
  ///
  /// - Parameters:
  ///   - rows: `[batch, d]`.
  ///   - others: what the loss of every part looks at, and gradients reach.
  ///   - loss: the sum over the rows of a part, a scalar.
  static func sum(
    of rows: Tensor, in parts: [Range<Int>], with others: [Tensor],
    _ loss: @escaping (_ own: Tensor, _ range: Range<Int>, _ others: [Tensor]) -> Tensor
  ) -> Tensor {
    let sums = parts.map { range in
      rows.slice(range).checkpointed(with: others) { loss($0, range, $1) }
    }
    return sums.dropFirst().reduce(sums[0], +)
  }
}
