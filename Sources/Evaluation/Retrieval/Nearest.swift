import Kernels

/// The few items of greatest value among many, the greatest first; of equal ones those that were offered earlier.
///
/// Nothing is sorted and nothing else is held, however many are offered in turn.
public struct Nearest: Sendable {
  /// An item that is kept.
  public struct Item: Equatable, Sendable {
    /// Its place.
    public let place: Int
    /// Its value.
    public let value: Float
  }

  /// What is kept so far, the greatest first.
  public private(set) var items: [Item] = []
  private let most: Int

  /// Keeps at most so many.
  public init(_ most: Int) {
    precondition(most >= 0, "Nearest: \(most) items")
    self.most = most
    items.reserveCapacity(min(most, 1 << 16) + 1)
  }

  /// Offers values of successive places. A value that is not a number is the least of all, and not kept where `takesAll` is
  /// false.
  public mutating func offer(_ values: UnsafeBufferPointer<Float>, from first: Int = 0, takesAll: Bool = true) {
    guard most > 0 else { return }
    var least = items.count == most ? Self.key(items[most - 1].value) : nil
    for (index, value) in values.enumerated() {
      // Where as many are kept, most values end here; one that is not a number is above nothing.
      if let least, !(value > least) { continue }
      if value.isNaN, !takesAll { continue }
      let key = Self.key(value)
      var (low, high) = (0, items.count)
      while low < high {
        let middle = (low + high) / 2
        if key > Self.key(items[middle].value) { high = middle } else { low = middle + 1 }
      }
      if items.count == most { items.removeLast() }
      items.insert(Item(place: first + index, value: value), at: low)
      if items.count == most { least = Self.key(items[most - 1].value) }
    }
  }

  private static func key(_ value: Float) -> Float { value.isNaN ? -.infinity : value }
}

extension Nearest {
  /// The candidates of greatest cosine with each query, by their places among those that are named.
  ///
  /// Shapes: `queries` is `[q, dimension]`, `candidates` `[c, dimension]`, `places` names some of the c rows.
  public static func rows(of queries: Matrix, among candidates: Matrix, at places: [Int], count: Int) -> [[Item]] {
    var found: [[Item]] = []
    forEachQuery(
      ComparedRows(queries, by: .cosine), among: ComparedRows(candidates, at: places, by: .cosine), count: count
    ) { found.append($0) }
    return found
  }

  /// Calls `body` with the nearest candidates of each query in turn, by their inner products.
  static func forEachQuery(
    _ queries: ComparedRows, among candidates: ComparedRows, count: Int, _ body: ([Item]) -> Void
  ) {
    guard candidates.count > SimilarityTiles.mostWholeRows else {
      SimilarityBlocks(queries: queries.all, candidates: candidates.all).forEachRow { _, similarities in
        var nearest = Nearest(count)
        nearest.offer(similarities)
        body(nearest.items)
      }
      return
    }
    let tiles = SimilarityTiles(queries: queries, candidates: candidates)
    for block in tiles.blocks {
      var found = [Nearest](repeating: Nearest(count), count: block.count)
      tiles.forEachTile(of: queries[block]) { candidates, _, products in
        for query in found.indices {
          found[query].offer(products.row(query, of: candidates.count), from: candidates.lowerBound)
        }
      }
      for nearest in found { body(nearest.items) }
    }
  }
}
