/// Neighbouring rows of a batch that are computed by themselves, such as a chunk of it.
///
/// What a row of a batch draws is decided by its place in the whole batch; see ``RandomStream/take(_:)``. What is drawn once
/// for a batch, such as an order, is drawn whole for every piece of it.
public struct RowWindow: Equatable, Sendable {
  /// The rows.
  public let rows: Range<Int>
  /// The rows of the whole batch.
  public let total: Int

  /// Names rows of a batch of `total`.
  public init(_ rows: Range<Int>, of total: Int) {
    precondition(
      !rows.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= total,
      "RowWindow: rows \(rows) of a batch of \(total)")
    (self.rows, self.total) = (rows, total)
  }
}
