/// The symbols that words are put together from: scalars, and what merges make of them.
///
/// Symbol 0 is the mark of a word's beginning. A symbol that is no piece, since it is rare once all merges are made, is read
/// as the two that it was first made of.
struct PieceSymbols: Equatable, Sendable {
  /// A part of a unit.
  enum Part: Equatable {
    /// A symbol.
    case symbol(Int32)
    /// A scalar that is none.
    case scalar(Unicode.Scalar)
  }

  /// What the symbols stand for.
  let names: [String]
  /// The merges, in the order in which they are applied.
  let merges: [PieceMerges.Merge]
  /// The merged symbols that are no pieces.
  let removed: Set<Int>
  /// The symbols that are whole words of the training texts.
  let words: Set<Int>
  private let scalars: [Unicode.Scalar: Int32]
  private let ranks: [UInt64: Int32]
  private let origins: [Int: Int]

  private init(names: [String], merges: [PieceMerges.Merge], removed: Set<Int>, words: Set<Int>) {
    (self.names, self.merges, self.removed, self.words) = (names, merges, removed, words)
    var scalars: [Unicode.Scalar: Int32] = [:]
    for (number, name) in names.enumerated().dropFirst() {
      let own = name.unicodeScalars
      if let scalar = own.first, own.count == 1 { scalars[scalar] = Int32(number) }
    }
    self.scalars = scalars
    ranks = Dictionary(
      merges.enumerated().map { (PieceMerges.key($1.left, $1.right), Int32($0)) },
      uniquingKeysWith: { first, _ in first })
    origins = Dictionary(
      merges.enumerated().map { (Int($1.result), $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The two symbols that one which is no piece was first made of; nil for a piece.
  func parts(of symbol: Int) -> (left: Int, right: Int)? {
    guard removed.contains(symbol), let origin = origins[symbol] else { return nil }
    return (Int(merges[origin].left), Int(merges[origin].right))
  }

  /// The parts of a unit, after all merges.
  func reading(of unit: TextUnit.Content) -> [Part] {
    var numbers: [Int32] = unit.isWord ? [0] : []
    var gaps: [Unicode.Scalar] = []
    for scalar in unit.scalars {
      if let symbol = scalars[scalar] {
        numbers.append(symbol)
        continue
      }
      for part in TextScalar.jamo(of: scalar) ?? [scalar] {
        numbers.append(scalars[part] ?? PieceMerges.gap)
        if numbers.last == PieceMerges.gap { gaps.append(part) }
      }
    }
    merge(&numbers)
    var rest = gaps[...]
    return numbers.compactMap { $0 == PieceMerges.gap ? rest.popFirst().map(Part.scalar) : .symbol($0) }
  }

  /// Applies the merges, the earliest first, from left to right.
  private func merge(_ numbers: inout [Int32]) {
    guard numbers.count > 1 else { return }
    let none = Int32.max
    func rank(_ left: Int32, _ right: Int32) -> Int32 {
      left < 0 || right < 0 ? none : ranks[PieceMerges.key(left, right)] ?? none
    }
    var own = (1..<numbers.count).map { rank(numbers[$0 - 1], numbers[$0]) }
    while let best = own.min(), best != none, let place = own.firstIndex(of: best) {
      numbers[place] = merges[Int(best)].result
      numbers.remove(at: place + 1)
      own.remove(at: place)
      if place > 0 { own[place - 1] = rank(numbers[place - 1], numbers[place]) }
      if place < own.count { own[place] = rank(numbers[place], numbers[place + 1]) }
    }
  }
}

// MARK: - Learning

extension PieceSymbols {
  /// Learns symbols from counted units, in an order that does not depend on chance.
  init(learning units: [(content: TextUnit.Content, count: Int)], most: Int, minimumCount: Int) {
    let scalars = Self.scalars(of: units, most: most - 1, minimumCount: minimumCount)
    let names = [String(TextUnit.wordMark)] + scalars.map { String($0) }
    let plain = PieceSymbols(names: names, merges: [], removed: [], words: [])
    let learnt = PieceMerges(
      units.map { unit, count in
        let symbols = plain.reading(of: unit).map { part in
          if case .symbol(let symbol) = part { symbol } else { PieceMerges.gap }
        }
        return (symbols, count)
      }, names: names, most: most, minimumCount: minimumCount)
    let whole = PieceSymbols(names: learnt.names, merges: learnt.merges, removed: [], words: [])
    var counts = [Int](repeating: 0, count: learnt.names.count)
    var words: Set<Int> = []
    for (unit, count) in units {
      let parts = whole.reading(of: unit)
      for case .symbol(let symbol) in parts { counts[Int(symbol)] += count }
      if unit.isWord, parts.count == 1, case .symbol(let symbol) = parts[0] { words.insert(Int(symbol)) }
    }
    // The parts of a symbol are older than it is, so their counts are whole when their turn comes.
    var removed: Set<Int> = []
    for symbol in (names.count..<learnt.names.count).reversed() where counts[symbol] < minimumCount {
      removed.insert(symbol)
      guard let origin = whole.origins[symbol] else { continue }
      counts[Int(learnt.merges[origin].left)] += counts[symbol]
      counts[Int(learnt.merges[origin].right)] += counts[symbol]
    }
    self.init(
      names: learnt.names, merges: learnt.merges, removed: removed, words: words.subtracting(removed))
  }

  /// The scalars that are symbols, the most frequent first; rare Hangul syllables lend their counts to their jamo.
  private static func scalars(
    of units: [(content: TextUnit.Content, count: Int)], most: Int, minimumCount: Int
  ) -> [Unicode.Scalar] {
    var counts: [Unicode.Scalar: Int] = [:]
    for (unit, count) in units {
      for scalar in unit.scalars { counts[scalar, default: 0] += count }
    }
    counts[TextUnit.wordMark] = nil
    for (scalar, count) in counts where count < minimumCount {
      for part in TextScalar.jamo(of: scalar) ?? [] { counts[part, default: 0] += count }
    }
    return counts.filter { $0.value >= minimumCount }
      .sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
      .prefix(max(0, most)).map(\.key)
  }
}

// MARK: - Coding

extension PieceSymbols: Codable {
  private enum CodingKeys: CodingKey { case scalars, merges, removed, words }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func fault(_ key: CodingKeys, _ what: String) -> DecodingError {
      DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: what)
    }
    let scalars = try container.decode([String].self, forKey: .scalars)
    guard scalars.first == String(TextUnit.wordMark), scalars.allSatisfy({ $0.unicodeScalars.count == 1 }),
      Set(scalars.flatMap(\.unicodeScalars)).count == scalars.count
    else { throw fault(.scalars, "scalars are different, of one scalar each, the word's mark first") }
    var names = scalars
    var numbers = PieceMerges.numbers(of: names)
    var merges: [PieceMerges.Merge] = []
    for pair in try container.decode([[Int]].self, forKey: .merges) {
      guard pair.count == 2, pair.allSatisfy({ names.indices.contains($0) }) else {
        throw fault(.merges, "a merge is of two earlier symbols")
      }
      let name = names[pair[0]] + names[pair[1]]
      guard name.utf8.count < 1 << 12 else { throw fault(.merges, "a symbol is too long") }
      let result = numbers[Array(name.utf8)] ?? Int32(names.count)
      if numbers.updateValue(result, forKey: Array(name.utf8)) == nil { names.append(name) }
      merges.append(.init(left: Int32(pair[0]), right: Int32(pair[1]), result: result))
    }
    let merged = scalars.count..<names.count
    let removed = try container.decode([Int].self, forKey: .removed)
    guard removed.allSatisfy(merged.contains) else { throw fault(.removed, "names a symbol that is not merged") }
    let words = try container.decode([Int].self, forKey: .words)
    guard words.allSatisfy(names.indices.contains) else { throw fault(.words, "names no symbol") }
    self.init(names: names, merges: merges, removed: Set(removed), words: Set(words))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    let results = Set(merges.map { Int($0.result) })
    try container.encode(names.indices.filter { !results.contains($0) }.map { names[$0] }, forKey: .scalars)
    try container.encode(merges.map { [Int($0.left), Int($0.right)] }, forKey: .merges)
    try container.encode(removed.sorted(), forKey: .removed)
    try container.encode(words.sorted(), forKey: .words)
  }
}
