/// Damages files, always in the same way for the same seed.
public struct Mutator {
  /// A damaged file and how it came about.
  public struct Mutation {
    /// The damaged bytes.
    public let bytes: [UInt8]
    /// What was done, in order.
    public let steps: [String]
    /// Whether all that was done was to leave out the file's end.
    public let isTruncation: Bool

    /// Describes a damaged file.
    public init(bytes: [UInt8], steps: [String], isTruncation: Bool = false) {
      self.bytes = bytes
      self.steps = steps
      self.isTruncation = isTruncation
    }
  }

  private var random: SplitMix
  private let corpus: [[UInt8]]
  private let vocabulary: [[UInt8]]

  /// Plans the damage of one seed.
  ///
  /// - Parameters:
  ///   - corpus: whole files; one is damaged, and parts of the others may be put into it.
  ///   - vocabulary: words of the format, to be put in the place of others; binary formats have none.
  public init(seed: UInt64, corpus: [[UInt8]], vocabulary: [String] = []) {
    self.corpus = corpus
    self.vocabulary = vocabulary.map { Array($0.utf8) }
    random = SplitMix(seed: seed)
  }

  /// One of the files, damaged once to four times.
  public mutating func mutation() -> Mutation {
    var bytes = corpus[random.below(corpus.count)]
    let length = bytes.count
    // Every sixteenth is a plain truncation, which readers must see by itself.
    if random.below(16) == 0 {
      bytes.removeLast(1 + random.below(max(1, length)))
      return Mutation(bytes: bytes, steps: ["truncate to \(bytes.count) of \(length)"], isTruncation: true)
    }
    var steps: [String] = []
    for _ in 0..<1 + random.below(4) { steps.append(step(&bytes)) }
    return Mutation(bytes: bytes, steps: steps, isTruncation: false)
  }

  private mutating func step(_ bytes: inout [UInt8]) -> String {
    switch random.below(vocabulary.isEmpty ? 12 : 18) {
    case 0: return flipBits(&bytes)
    case 1: return setBytes(&bytes)
    case 2: return cut(&bytes)
    case 3: return insertRandom(&bytes)
    case 4: return insertRun(&bytes)
    case 5: return copyBlock(&bytes)
    case 6: return removeBlock(&bytes)
    case 7: return splice(&bytes)
    case 8, 9: return editInteger(&bytes)
    case 10, 12: return editNumber(&bytes)
    case 11: return insertInvalidText(&bytes)
    case 13, 14: return swapWord(&bytes)
    case 15: return nest(&bytes)
    case 16: return moveLine(&bytes)
    default: return changeSpace(&bytes)
    }
  }

  private mutating func place(in bytes: [UInt8], length: Int = 0) -> Int {
    random.below(max(1, bytes.count - length + 1))
  }

  private mutating func flipBits(_ bytes: inout [UInt8]) -> String {
    guard !bytes.isEmpty else { return "nothing to flip" }
    let positions = (0..<1 + random.below(8)).map { _ in random.below(bytes.count) }
    for position in positions { bytes[position] ^= 1 << UInt8(random.below(8)) }
    return "flip bits at \(positions)"
  }

  private mutating func setBytes(_ bytes: inout [UInt8]) -> String {
    guard !bytes.isEmpty else { return "nothing to set" }
    let position = random.below(bytes.count)
    let value = random.one(of: [0x00, 0xff, 0x7f, 0x80, 0x01, 0x20, 0x22, 0x5c, 0x0a] as [UInt8])
    let end = min(bytes.count, position + random.one(of: [1, 1, 2, 4, 8, 64]))
    for index in position..<end { bytes[index] = value }
    return "set \(position)..<\(end) to \(value)"
  }

  private mutating func cut(_ bytes: inout [UInt8]) -> String {
    let position = place(in: bytes)
    if random.below(4) == 0 {
      bytes.removeFirst(position)
      return "cut the first \(position)"
    }
    bytes.removeLast(bytes.count - position)
    return "cut after \(position)"
  }

  private mutating func insertRandom(_ bytes: inout [UInt8]) -> String {
    let position = place(in: bytes)
    let count = 1 + random.below(16)
    bytes.insert(contentsOf: (0..<count).map { _ in UInt8(random.below(256)) }, at: position)
    return "insert \(count) random bytes at \(position)"
  }

  private mutating func insertRun(_ bytes: inout [UInt8]) -> String {
    let position = place(in: bytes)
    let count = random.one(of: [3, 64, 1_000, 20_000])
    let value = random.one(of: Array("0[{( \n\"a9-".utf8) + [0, 0xff])
    bytes.insert(contentsOf: repeatElement(value, count: count), at: position)
    return "insert \(count) times \(value) at \(position)"
  }

  private mutating func copyBlock(_ bytes: inout [UInt8]) -> String {
    let start = place(in: bytes)
    let end = min(bytes.count, start + 1 + random.below(256))
    let position = place(in: bytes)
    bytes.insert(contentsOf: Array(bytes[start..<end]), at: position)
    return "copy \(start)..<\(end) to \(position)"
  }

  private mutating func removeBlock(_ bytes: inout [UInt8]) -> String {
    let start = place(in: bytes)
    let end = min(bytes.count, start + 1 + random.below(32))
    bytes.removeSubrange(start..<end)
    return "remove \(start)..<\(end)"
  }

  private mutating func splice(_ bytes: inout [UInt8]) -> String {
    let number = random.below(corpus.count)
    let position = place(in: bytes)
    let start = random.below(max(1, corpus[number].count))
    bytes.removeLast(bytes.count - position)
    bytes += corpus[number][min(start, corpus[number].count)...]
    return "go on at \(position) with file \(number) from \(start)"
  }

  /// Overwrites a binary number, as a length or an offset is stored.
  private mutating func editInteger(_ bytes: inout [UInt8]) -> String {
    let size = random.one(of: [2, 4, 4, 8, 8])
    guard bytes.count >= size else { return "nothing to edit" }
    // Headers stand at the beginning or at the end, so half of the edits go there.
    let head = min(bytes.count - size + 1, 256)
    let position =
      switch random.below(4) {
      case 0: random.below(head)
      case 1: bytes.count - size - random.below(head)
      default: random.below(bytes.count - size + 1)
      }
    let isBig = random.below(2) == 0
    let values: [UInt64] = [
      0, 1, 2, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 60, 1 << 62, .max >> 1, .max,
      UInt64(bytes.count), UInt64(bytes.count) + 1,
    ]
    let value = random.one(of: values)
    for index in 0..<size {
      let shift = 8 * UInt64(isBig ? size - 1 - index : index)
      bytes[position + index] = UInt8(truncatingIfNeeded: value >> shift)
    }
    return "write \(value) in \(size) bytes at \(position), \(isBig ? "big" : "little")-endian"
  }

  /// Puts another number in the place of a written one.
  private mutating func editNumber(_ bytes: inout [UInt8]) -> String {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    let starts = bytes.indices.filter { isDigit(bytes[$0]) && ($0 == 0 || !isDigit(bytes[$0 - 1])) }
    guard !starts.isEmpty else { return "no number to edit" }
    let start = random.one(of: starts)
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    let value = random.one(of: Self.numbers)
    bytes.replaceSubrange(start..<end, with: Array(value.utf8))
    return "write \(value.prefix(24)) in the place of the number at \(start)"
  }

  private static let numbers = [
    "0", "1", "-1", "00", "2147483648", "4294967296", "1152921504606846976", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "18446744073709551616", "1e308", "1e999", "-1e999", "1e-400", "nan",
    "NaN", ".nan", ".inf", "inf", "Infinity", "0x10", "1_000", "1.5", "+5", "٣", "null", "true", "\"7\"", "[3]",
    "{\"a\": 1}", String(repeating: "9", count: 5_000),
  ]

  private mutating func insertInvalidText(_ bytes: inout [UInt8]) -> String {
    let position = place(in: bytes)
    let text = random.one(
      of: [
        [0], [0xc3], [0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf], [0xf4, 0x90, 0x80, 0x80],
        [0x1b, 0x5b, 0x32, 0x4a], [0xe2, 0x80, 0xae], [0xe2, 0x80, 0xa8], [0xc2, 0x85], [0xcc, 0x81],
      ] as [[UInt8]])
    bytes.insert(contentsOf: text, at: position)
    return "insert \(text) at \(position)"
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == 0x5f || (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
  }

  /// Puts a word of the vocabulary, or another word of the file, in the place of a word.
  private mutating func swapWord(_ bytes: inout [UInt8]) -> String {
    let starts = bytes.indices.filter { Self.isWordByte(bytes[$0]) && ($0 == 0 || !Self.isWordByte(bytes[$0 - 1])) }
    guard !starts.isEmpty else { return "no word to swap" }
    func word(at start: Int) -> Range<Int> {
      start..<(bytes[start...].firstIndex { !Self.isWordByte($0) } ?? bytes.count)
    }
    let target = word(at: random.one(of: starts))
    let replacement = random.below(3) == 0 ? Array(bytes[word(at: random.one(of: starts))]) : random.one(of: vocabulary)
    bytes.replaceSubrange(target, with: replacement)
    return "write `\(String(decoding: replacement.prefix(40), as: UTF8.self))` at \(target.lowerBound)"
  }

  private mutating func nest(_ bytes: inout [UInt8]) -> String {
    let position = place(in: bytes)
    let count = random.one(of: [2, 33, 600, 20_000])
    let unit = random.one(of: ["[", "{", "(", "- ", "? ", "{\"a\":", "[{a: ", "<a>", "!!", "&a ", "> "])
    bytes.insert(contentsOf: Array(String(repeating: unit, count: count).utf8), at: position)
    return "insert \(count) times `\(unit)` at \(position)"
  }

  /// Removes, doubles or moves a line.
  private mutating func moveLine(_ bytes: inout [UInt8]) -> String {
    var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
    let from = random.below(lines.count)
    let to = random.below(lines.count)
    let what: String
    switch random.below(3) {
    case 0:
      lines.remove(at: from)
      what = "remove line \(from + 1)"
    case 1:
      lines.insert(lines[from], at: to)
      what = "copy line \(from + 1) to \(to + 1)"
    default:
      lines.swapAt(from, to)
      what = "swap lines \(from + 1) and \(to + 1)"
    }
    bytes = Array(lines.joined(separator: [0x0a]))
    return what
  }

  private mutating func changeSpace(_ bytes: inout [UInt8]) -> String {
    switch random.below(3) {
    case 0:
      bytes = bytes.flatMap { $0 == 0x0a ? [0x0d, 0x0a] : [$0] }
      return "end lines as Windows does"
    case 1:
      let position = place(in: bytes)
      bytes.insert(contentsOf: Array(random.one(of: ["\t", "  ", "\n", "\r", "\u{a0}", "\u{b}"]).utf8), at: position)
      return "insert a space at \(position)"
    default:
      let spaces = bytes.indices.filter { bytes[$0] == 0x20 || bytes[$0] == 0x0a }
      guard !spaces.isEmpty else { return "no space to remove" }
      let position = random.one(of: spaces)
      bytes.remove(at: position)
      return "remove the space at \(position)"
    }
  }
}
