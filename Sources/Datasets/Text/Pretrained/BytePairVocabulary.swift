import Diagnostics

/// A vocabulary of byte pairs (Sennrich, Haddow & Birch, ACL 2016) whose symbols are bytes, the last one of a word marked
/// by `</w>`, as CLIP has it (Radford et al., ICML 2021).
struct BytePairVocabulary: Sendable {
  /// The mark of a word's last symbol.
  static let wordEnd = "</w>"

  /// How many tokens there are.
  let count: Int
  /// The tokens before and behind a text.
  let start, end: Int32
  /// The token of each byte within a word, and at its end.
  private let bytes, lastBytes: [Int32]
  /// Rank and result of each pair that merges.
  private let merges: [UInt64: Merge]

  private struct Merge: Sendable {
    let rank: Int32
    let result: Int32
  }

  /// The character that stands for each byte.
  ///
  /// Bytes that Latin-1 prints stand for themselves, the others for U+0100 and those behind it.
  private static let characters: [Unicode.Scalar] = {
    var characters: [Unicode.Scalar] = []
    var next: UInt32 = 0x100
    for byte in UInt32(0)..<256 {
      let isPrinted = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
      characters.append(Unicode.Scalar(isPrinted ? byte : next) ?? "?")
      if !isPrinted { next += 1 }
    }
    return characters
  }()

  /// The standard order of tokens: bytes, bytes at the end of a word, merges, the start and the end of a text.
  ///
  /// - Parameters:
  ///   - pairs: the merges in order.
  ///   - place: what errors call them.
  /// - Throws: `UserError` where a merge is of symbols that nothing before it has made.
  init(standardOrderOf pairs: [(String, String)], place: String) throws(UserError) {
    let printed = Self.characters.filter { $0.value < 256 } + Self.characters.filter { $0.value >= 256 }
    var names = printed.map { String($0) }
    names += names.map { $0 + Self.wordEnd }
    names += pairs.map { $0 + $1 }
    var tokens: [String: Int32] = [:]
    for (number, name) in names.enumerated() where tokens[name] == nil { tokens[name] = Int32(number) }
    try self.init(
      tokens: tokens, pairs: pairs, count: names.count + 2, start: Int32(names.count), end: Int32(names.count) + 1,
      place: place)
  }

  /// Tokens by name.
  ///
  /// - Parameters:
  ///   - tokens: the number of each symbol.
  ///   - pairs: the merges in order.
  ///   - count: how many tokens there are.
  ///   - start: the token before a text.
  ///   - end: the token behind a text.
  ///   - place: what errors call them.
  /// - Throws: `UserError` where a byte has no token, or a merge is of symbols, or makes one, that have none.
  init(
    tokens: [String: Int32], pairs: [(String, String)], count: Int, start: Int32, end: Int32, place: String
  ) throws(UserError) {
    func token(_ name: String) throws(UserError) -> Int32 {
      guard let token = tokens[name], token >= 0, token < count else {
        throw UserError(
          .data, "the vocabulary has no token \"\(name)\", which a byte or a merge needs", at: place,
          mend: "take vocabulary and merges of one model")
      }
      return token
    }
    (self.count, self.start, self.end) = (count, start, end)
    var (bytes, lastBytes): ([Int32], [Int32]) = ([], [])
    for character in Self.characters {
      bytes.append(try token(String(character)))
      lastBytes.append(try token(String(character) + Self.wordEnd))
    }
    (self.bytes, self.lastBytes) = (bytes, lastBytes)
    var merges: [UInt64: Merge] = [:]
    for (rank, (left, right)) in pairs.enumerated() {
      let key = Self.key(try token(left), try token(right))
      if merges[key] == nil { merges[key] = Merge(rank: Int32(rank), result: try token(left + right)) }
    }
    self.merges = merges
  }

  /// The merges of a file of pairs, one a line, behind a header line.
  ///
  /// - Parameter most: how many lines are read; the others belong to larger vocabularies.
  /// - Throws: `UserError` where a line is no pair.
  static func pairs(_ bytes: [UInt8], most: Int, place: String) throws(UserError) -> [(String, String)] {
    var pairs: [(String, String)] = []
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropFirst() {
      number += 1
      if pairs.count == most { break }
      guard let text = String(validating: line, as: UTF8.self) else {
        throw UserError(.data, "a line that is not UTF-8", at: "\(place):\(number + 1)", mend: "fetch the file again")
      }
      let parts = text.split { $0 == " " || $0 == "\r" || $0 == "\r\n" }
      if parts.isEmpty { continue }
      guard parts.count == 2 else {
        throw UserError(
          .data, "no two symbols to be merged", at: "\(place):\(number + 1)",
          mend: "each line behind the first is a pair, such as `t h`")
      }
      pairs.append((String(parts[0]), String(parts[1])))
    }
    return pairs
  }

  /// The tokens of a word: the pair of the lowest rank is merged everywhere, from the left, until none is left.
  func tokens(of word: some Collection<UInt8>) -> [Int32] {
    guard !word.isEmpty else { return [] }
    var symbols = word.map { bytes[Int($0)] }
    for last in word.suffix(1) { symbols[symbols.count - 1] = lastBytes[Int(last)] }
    while symbols.count > 1 {
      var best: (key: UInt64, merge: Merge)?
      for index in 1..<symbols.count {
        let key = Self.key(symbols[index - 1], symbols[index])
        if let merge = merges[key], best.map({ merge.rank < $0.merge.rank }) ?? true { best = (key, merge) }
      }
      guard let best else { break }
      var merged: [Int32] = []
      merged.reserveCapacity(symbols.count)
      var index = 0
      while index < symbols.count {
        if index + 1 < symbols.count, Self.key(symbols[index], symbols[index + 1]) == best.key {
          merged.append(best.merge.result)
          index += 2
        } else {
          merged.append(symbols[index])
          index += 1
        }
      }
      symbols = merged
    }
    return symbols
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
