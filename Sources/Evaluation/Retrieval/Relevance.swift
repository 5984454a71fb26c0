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
  private let right: Right
  /// The place of each observation's query, −1 where it is none.
  private let queryPlaces: [Int32]

  /// What is right for queries, in little memory however many there are.
  private enum Right: Equatable, Sendable {
    /// The candidates of query i are `places[starts[i]..<starts[i + 1]]`.
    case listed(places: [Int32], starts: [Int])
    /// Queries of a class have the same.
    case ofClasses([Int: [Int]], classes: [Int])
  }

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
    var pairs = zip(own.places, others.places).map { UInt64($0) << 32 | UInt64($1) }
    pairs.sort()
    var (places, starts): ([Int32], [Int]) = ([], [0])
    places.reserveCapacity(pairs.count)
    starts.reserveCapacity(own.firsts.count + 1)
    var last: UInt64?
    for pair in pairs where pair != last {
      last = pair
      // Every query has a candidate, so places of queries follow one another.
      if Int(pair >> 32) == starts.count { starts.append(places.count) }
      places.append(Int32(truncatingIfNeeded: pair & 0xffff_ffff))
    }
    if !pairs.isEmpty { starts.append(places.count) }
    right = .listed(places: places, starts: starts)
    self.queries = own.firsts
    self.candidates = others.firsts
    queryPlaces = own.places(of: rows, among: queries.count)
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
    right = .ofClasses(members, classes: own.firsts.map { classes[$0] })
    self.queries = own.firsts
    self.candidates = others.firsts
    queryPlaces = own.places(of: rows, among: queries.count)
  }

  /// The same with at most so many queries, evenly spread over all; each is still held against every candidate.
  public func asking(atMost most: Int) -> Relevance {
    precondition(most > 0, "Relevance: \(most) queries")
    guard queries.count > most else { return self }
    return Relevance(self, keeping: (0..<most).map { $0 * queries.count / most })
  }

  /// The same with those queries alone that some rows have.
  public func asking(_ rows: [Int]) -> Relevance {
    Relevance(self, keeping: Set(rows.compactMap { place(ofQuery: $0) }).sorted())
  }

  private init(_ whole: Relevance, keeping places: [Int]) {
    queries = places.map { whole.queries[$0] }
    candidates = whole.candidates
    switch whole.right {
    case .ofClasses(let members, let classes): right = .ofClasses(members, classes: places.map { classes[$0] })
    case .listed:
      var (kept, starts): ([Int32], [Int]) = ([], [0])
      for place in places {
        kept += whole.hits(of: place).map { Int32($0) }
        starts.append(kept.count)
      }
      right = .listed(places: kept, starts: starts)
    }
    var kept = [Int32](repeating: -1, count: whole.queries.count)
    for (place, old) in places.enumerated() { kept[old] = Int32(place) }
    queryPlaces = whole.queryPlaces.map { $0 < 0 ? -1 : kept[Int($0)] }
  }

  /// What is right for a query, as places among ``candidates``, ascending.
  public func hits(of query: Int) -> [Int] {
    switch right {
    case .listed(let places, let starts): places[starts[query]..<starts[query + 1]].map { Int($0) }
    case .ofClasses(let members, let classes): members[classes[query]] ?? []
    }
  }

  /// What is right for each query, as places among ``candidates``, ascending; ``hits(of:)`` makes no list of lists.
  public var hits: [[Int]] { queries.indices.map { hits(of: $0) } }

  /// The place among ``queries`` of a row's item; nil where the row takes no part.
  public func place(ofQuery row: Int) -> Int? {
    guard queryPlaces.indices.contains(row), queryPlaces[row] >= 0 else { return nil }
    return Int(queryPlaces[row])
  }

  private static func rows(_ rows: [Int]?, _ queries: [Int], _ candidates: [Int]) -> [Int] {
    precondition(
      queries.count == candidates.count,
      "Relevance: \(queries.count) observations with queries and \(candidates.count) with candidates")
    precondition(queries.count <= Int(Int32.max), "Relevance: \(queries.count) observations")
    return rows ?? Array(queries.indices)
  }

  /// The different items of some rows.
  private struct Items {
    var firsts: [Int] = []
    var places: [Int32] = []

    init<Item: Hashable>(_ items: [Item], of rows: [Int]) {
      var known: [Item: Int32] = [:]
      places.reserveCapacity(rows.count)
      for (item, row) in zip(items, rows) {
        let place = known[item] ?? Int32(firsts.count)
        if place == firsts.count {
          known[item] = place
          firsts.append(row)
        }
        places.append(place)
      }
    }

    /// The place of each of so many observations, −1 where it is not among the rows.
    func places(of rows: [Int], among count: Int) -> [Int32] {
      var all = [Int32](repeating: -1, count: count)
      for (row, place) in zip(rows, places) { all[row] = place }
      return all
    }
  }
}
