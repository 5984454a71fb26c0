import Autograd
import Kernels

/// Observations of a batch that share an item, such as pictures of one caption, and so are no negatives of each other.
enum SharedItems {
  /// What hides a logit: its exponential is 0 beside any cosine, whatever the scale.
  static let hidden: Float = -1e9

  /// ``hidden`` at each pair of different observations with the same key and 0 elsewhere; nil where there is no such pair.
  ///
  /// - Parameters:
  ///   - views: how many rows each observation has, all rows of a view beside each other.
  ///   - rows: which of them; nil for all.
  /// - Returns: `[rows, views · batch]`.
  static func penalties(_ keys: [Int]?, views: Int = 1, rows: Range<Int>? = nil) -> Tensor? {
    table(keys, views: views, rows: rows, usual: 0, shared: hidden)
  }

  /// 0 at each pair of different observations with the same key and 1 elsewhere, `[rows, batch]`; nil where there is no
  /// such pair.
  static func weights(_ keys: [Int]?, rows: Range<Int>? = nil) -> Tensor? {
    table(keys, views: 1, rows: rows, usual: 1, shared: 0)
  }

  private static func table(
    _ keys: [Int]?, views: Int, rows: Range<Int>?, usual: Float, shared: Float
  ) -> Tensor? {
    guard let keys else { return nil }
    let places = Dictionary(grouping: keys.indices) { keys[$0] }
    guard places.values.contains(where: { $0.count > 1 }) else { return nil }
    let batch = keys.count
    let count = views * batch
    let rows = rows ?? 0..<count
    var values = [Float](repeating: usual, count: rows.count * count)
    for row in rows {
      let (own, start) = (row % batch, (row - rows.lowerBound) * count)
      for column in places[keys[own]] ?? [] where column != own {
        for view in 0..<views { values[start + view * batch + column] = shared }
      }
    }
    return Tensor(values, shape: [rows.count, count])
  }

  /// The pairs of different places with the same key; nil where there is none.
  static func pairs(_ keys: [Int]?) -> [(row: Int, column: Int)]? {
    guard let keys else { return nil }
    let places = Dictionary(grouping: keys.indices) { keys[$0] }.values.filter { $0.count > 1 }
    guard !places.isEmpty else { return nil }
    return places.flatMap { members in
      members.flatMap { row in members.compactMap { $0 == row ? nil : (row, $0) } }
    }
  }
}
