/// What is right for which query, where observations may share items: a picture with several captions, a caption of
/// several pictures.
///
/// Equal items are one item: it is one query and one candidate, however many observations have it. A candidate is right
/// for a query if some observation has both. So any of a picture's captions is a hit for the picture, and for a caption
/// that two pictures have either of them is.
public struct Relevance: Equatable, Sendable {
  /// A row with each query, the first one, ascending.
  public let queries: [Int]
  /// A row with each candidate, the first one, ascending.
  public let candidates: [Int]
  /// What is right for each query, as places among ``candidates``, ascending.
  public let hits: [[Int]]
  private let queryPlaces: [Int: Int]

  /// Pairs items by their observations.
  ///
  /// - Parameters:
  ///   - queries: for each observation the number of the item that is a query; equal items have equal numbers.
  ///   - candidates: the same for candidates.
  ///   - rows: the observations that take part; nil for all.
  public init(queries: [Int], candidates: [Int], among rows: [Int]? = nil) {
    let rows = Self.rows(rows, queries, candidates)
    let own = Items(rows.map { queries[$0] }, of: rows)
    let others = Items(rows.map { candidates[$0] }, of: rows)
    var hits = [Set<Int>](repeating: [], count: own.firsts.count)
    for (query, candidate) in zip(own.places, others.places) { hits[query].insert(candidate) }
    self.queries = own.firsts
    self.candidates = others.firsts
    self.hits = hits.map { $0.sorted() }
    queryPlaces = Dictionary(uniqueKeysWithValues: zip(rows, own.places))
  }

  /// Pairs items by class: right is whatever is of the query's class.
  ///
  /// - Parameters:
  ///   - queries: for each observation the number of the item that is a query; equal items have equal numbers.
  ///   - candidates: the same for candidates.
  ///   - classes: the class of each observation; one below 0 takes no part.
  ///   - rows: the observations that take part; nil for all.
  public init(queries: [Int], candidates: [Int], classes: [Int], among rows: [Int]? = nil) {
    let rows = Self.rows(rows, queries, candidates).filter { classes[$0] >= 0 }
    let own = Items(rows.map { SIMD2(queries[$0], classes[$0]) }, of: rows)
    let others = Items(rows.map { SIMD2(candidates[$0], classes[$0]) }, of: rows)
    let members = Dictionary(grouping: others.firsts.indices) { classes[others.firsts[$0]] }
    self.queries = own.firsts
    self.candidates = others.firsts
    hits = own.firsts.map { members[classes[$0]] ?? [] }
    queryPlaces = Dictionary(uniqueKeysWithValues: zip(rows, own.places))
  }

  /// The same with at most so many queries, evenly spread over all; each is still held against every candidate.
  public func asking(atMost most: Int) -> Relevance {
    precondition(most > 0, "Relevance: \(most) queries")
    guard queries.count > most else { return self }
    return Relevance(self, keeping: (0..<most).map { $0 * queries.count / most })
  }

  private init(_ whole: Relevance, keeping places: [Int]) {
    let kept = Dictionary(uniqueKeysWithValues: zip(places, places.indices))
    queries = places.map { whole.queries[$0] }
    candidates = whole.candidates
    hits = places.map { whole.hits[$0] }
    queryPlaces = whole.queryPlaces.compactMapValues { kept[$0] }
  }

  /// The place among ``queries`` of a row's item; nil where the row takes no part.
  public func place(ofQuery row: Int) -> Int? { queryPlaces[row] }

  private static func rows(_ rows: [Int]?, _ queries: [Int], _ candidates: [Int]) -> [Int] {
    precondition(
      queries.count == candidates.count,
      "Relevance: \(queries.count) observations with queries and \(candidates.count) with candidates")
    return rows ?? Array(queries.indices)
  }

  /// The different items of some rows.
  private struct Items {
    var firsts: [Int] = []
    var places: [Int] = []

    init<Item: Hashable>(_ items: [Item], of rows: [Int]) {
      var known: [Item: Int] = [:]
      for (item, row) in zip(items, rows) {
        let place = known[item] ?? firsts.count
        if place == firsts.count {
          known[item] = place
          firsts.append(row)
        }
        places.append(place)
      }
    }
  }
}
