import Autograd
import Kernels

/// Observations of a batch that share an item, such as pictures of one caption, and so are no negatives of each other.
enum SharedItems {
  /// What hides a logit: its exponential is 0 beside any cosine, whatever the scale.
  static let hidden: Float = -1e9

  /// ``hidden`` at each pair of different observations with the same key and 0 elsewhere; nil where there is no such pair.
  ///
  /// - Parameter views: how many rows each observation has, all rows of a view beside each other.
  /// - Returns: `[views · batch, views · batch]`.
  static func penalties(_ keys: [Int]?, views: Int = 1) -> Tensor? {
    guard let pairs = pairs(keys) else { return nil }
    let batch = keys?.count ?? 0
    let count = views * batch
    var values = [Float](repeating: 0, count: count * count)
    for (row, column) in pairs {
      for first in 0..<views {
        for second in 0..<views { values[(first * batch + row) * count + second * batch + column] = hidden }
      }
    }
    return Tensor(values, shape: [count, count])
  }

  /// 0 at each pair of different observations with the same key and 1 elsewhere, `[batch, batch]`; nil where there is no
  /// such pair.
  static func weights(_ keys: [Int]?) -> Tensor? {
    guard let pairs = pairs(keys), let batch = keys?.count else { return nil }
    var values = [Float](repeating: 1, count: batch * batch)
    for (row, column) in pairs { values[row * batch + column] = 0 }
    return Tensor(values, shape: [batch, batch])
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
