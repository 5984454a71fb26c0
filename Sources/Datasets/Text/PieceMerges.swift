/// Byte-pair merges learnt from counted units (Sennrich, Haddow & Birch, ACL 2016): the most frequent pair of neighbouring
/// symbols becomes a symbol, again and again. Of equally frequent pairs the one of the earlier symbols is first.
struct PieceMerges {
  /// A merge of two symbols into one.
  struct Merge: Equatable {
    let left: Int32
    let right: Int32
    let result: Int32
  }

  /// Stands for a scalar that is no symbol; nothing merges with it.
  static let gap: Int32 = -1

  /// What the symbols stand for: those given, then what merges have made.
  private(set) var names: [String]
  /// The merges, in the order in which they are applied.
  private(set) var merges: [Merge] = []
  private var numbers: [[UInt8]: Int32]
  private var merged: Set<UInt64> = []

  // All units behind each other.
  private var symbols: [Int32] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  private var weights: [Int] = []

  // Pairs of neighbours.
  private var pairs: [UInt64: Int] = [:]
  private var counts: [Int] = []
  private var places: [[Int32]] = []
  private var queue = PairQueue()

  /// Learns merges.
  ///
  /// - Parameters:
  ///   - units: the symbols of each different unit, and how often it occurs.
  ///   - names: what the symbols stand for.
  ///   - most: the greatest number of symbols, those of `names` included.
  ///   - minimumCount: how often a pair must occur.
  init(_ units: [(symbols: [Int32], count: Int)], names: [String], most: Int, minimumCount: Int) {
    self.names = names
    numbers = Self.numbers(of: names)
    for (own, count) in units { append(own, count: count) }
    for (key, pair) in pairs { queue.push(count: counts[pair], key: key) }
    while self.names.count < most, let (count, key) = queue.pop() {
      guard let pair = pairs[key], counts[pair] > 0 else { continue }
      guard counts[pair] == count else {
        if counts[pair] < count { queue.push(count: counts[pair], key: key) }
        continue
      }
      guard count >= max(1, minimumCount) else { break }
      merge(key, pair)
    }
    (symbols, next, previous, weights) = ([], [], [], [])
    (pairs, counts, places) = ([:], [], [])
    queue = PairQueue()
  }

  /// Symbols by the bytes of their names; texts would be equal that only look the same.
  static func numbers(of names: [String]) -> [[UInt8]: Int32] {
    Dictionary(names.enumerated().map { (Array($1.utf8), Int32($0)) }, uniquingKeysWith: { first, _ in first })
  }

  /// Two symbols as one number, whose order is that of the symbols.
  static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  private mutating func append(_ own: [Int32], count: Int) {
    let start = Int32(symbols.count)
    for (place, symbol) in own.enumerated() {
      symbols.append(symbol)
      previous.append(place > 0 ? start + Int32(place) - 1 : -1)
      next.append(place + 1 < own.count ? start + Int32(place) + 1 : -1)
      weights.append(count)
      guard place > 0 else { continue }
      _ = add(own[place - 1], symbol, count, at: start + Int32(place) - 1)
    }
  }

  /// Counts a pair that begins at a place.
  ///
  /// - Returns: the pair's key; nil where one of them merges with nothing.
  private mutating func add(_ left: Int32, _ right: Int32, _ weight: Int, at place: Int32) -> UInt64? {
    guard left >= 0, right >= 0 else { return nil }
    let key = Self.key(left, right)
    let pair: Int
    if let known = pairs[key] {
      pair = known
    } else {
      pair = counts.count
      pairs[key] = pair
      counts.append(0)
      places.append([])
    }
    counts[pair] += weight
    places[pair].append(place)
    return key
  }

  private mutating func remove(_ left: Int32, _ right: Int32, _ weight: Int) {
    guard left >= 0, right >= 0, let pair = pairs[Self.key(left, right)] else { return }
    counts[pair] -= weight
  }

  private mutating func merge(_ key: UInt64, _ pair: Int) {
    let left = Int32(truncatingIfNeeded: key >> 32)
    let right = Int32(truncatingIfNeeded: key & 0xffff_ffff)
    let result = symbol(joining: left, right)
    if merged.insert(key).inserted { merges.append(Merge(left: left, right: right, result: result)) }
    let own = places[pair].sorted()
    places[pair] = []
    var touched: Set<UInt64> = []
    for place in own {
      let first = Int(place)
      guard symbols[first] == left, next[first] >= 0, symbols[Int(next[first])] == right else { continue }
      let second = Int(next[first])
      let (before, after) = (previous[first], next[second])
      let weight = weights[first]
      if before >= 0 {
        remove(symbols[Int(before)], left, weight)
        if let key = add(symbols[Int(before)], result, weight, at: before) { touched.insert(key) }
      }
      if after >= 0 {
        remove(right, symbols[Int(after)], weight)
        if let key = add(result, symbols[Int(after)], weight, at: place) { touched.insert(key) }
        previous[Int(after)] = place
      }
      symbols[first] = result
      symbols[second] = Self.gap
      next[first] = after
    }
    counts[pair] = 0
    for key in touched {
      if let pair = pairs[key], counts[pair] > 0 { queue.push(count: counts[pair], key: key) }
    }
  }

  /// The symbol of two in a row; two pairs that spell the same have the same.
  private mutating func symbol(joining left: Int32, _ right: Int32) -> Int32 {
    let name = names[Int(left)] + names[Int(right)]
    if let known = numbers[Array(name.utf8)] { return known }
    let symbol = Int32(names.count)
    names.append(name)
    numbers[Array(name.utf8)] = symbol
    return symbol
  }
}

/// Pairs by their count, the most frequent first; of equal ones that of the lower key.
private struct PairQueue {
  private var items: [(count: Int, key: UInt64)] = []

  private func isBefore(_ first: Int, _ second: Int) -> Bool {
    let (a, b) = (items[first], items[second])
    return a.count == b.count ? a.key < b.key : a.count > b.count
  }

  mutating func push(count: Int, key: UInt64) {
    items.append((count, key))
    var place = items.count - 1
    while place > 0, isBefore(place, (place - 1) / 2) {
      items.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> (count: Int, key: UInt64)? {
    guard let first = items.first else { return nil }
    let last = items.removeLast()
    guard !items.isEmpty else { return first }
    items[0] = last
    var place = 0
    while true {
      var best = place
      for child in [2 * place + 1, 2 * place + 2] where child < items.count && isBefore(child, best) { best = child }
      guard best != place else { return first }
      items.swapAt(place, best)
      place = best
    }
  }
}
