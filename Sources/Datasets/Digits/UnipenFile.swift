import Diagnostics

/// One handwritten digit as pen strokes.
public struct PenDigit: Equatable, Sendable {
  /// The digit, 0…9.
  public let digit: Int
  /// The points of each stroke in the order they were written, in the tablet's units, y upward.
  public let strokes: [[SIMD2<Float>]]

  /// Creates a digit.
  public init(digit: Int, strokes: [[SIMD2<Float>]]) {
    self.digit = digit
    self.strokes = strokes
  }
}

/// The part of the UNIPEN text format that pendigits uses: `.SEGMENT DIGIT first-last ? "digit"`, where `first-last`
/// counts the strokes of the file, then for each stroke `.PEN_DOWN`, points, `.PEN_UP`.
public enum UnipenFile {
  /// The other statements, which say nothing of the strokes.
  private static let otherStatements = ["COMMENT", "DT", "HIERARCHY", "INCLUDE", "LEXICON"]

  /// The digits of a file, in order.
  ///
  /// - Throws: `UserError` with the line where a segment has no digit or not its strokes, a stroke has no points or no
  ///   end, a point is not two numbers, or a statement is unknown.
  public static func digits(in bytes: [UInt8], place: String) throws(UserError) -> [PenDigit] {
    var digits: [PenDigit] = []
    var segment: Segment?
    var strokes: [[SIMD2<Float>]] = []
    var isDown = false
    var number = 0

    func fail(_ what: String) -> UserError {
      UserError(.data, what, at: "\(place):\(number)", mend: "fetch the file again")
    }
    func finish() throws(UserError) {
      if isDown { throw fail("a stroke without a .PEN_UP before this line") }
      guard let segment else { return }
      guard strokes.count == segment.strokes else {
        throw fail("the digit before this line has \(strokes.count) strokes instead of \(segment.strokes)")
      }
      digits.append(PenDigit(digit: segment.digit, strokes: strokes))
    }

    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let words = line.split(whereSeparator: isSpace).map { String(decoding: $0, as: UTF8.self) }
      guard let first = words.first else { continue }
      switch first {
      case ".SEGMENT":
        try finish()
        guard let read = Segment(words) else { throw fail("a .SEGMENT without strokes and a quoted digit") }
        segment = read
        strokes = []
      case ".PEN_DOWN":
        guard segment != nil else { throw fail("a .PEN_DOWN before the first .SEGMENT") }
        guard !isDown else { throw fail("a .PEN_DOWN before the .PEN_UP of the stroke before") }
        strokes.append([])
        isDown = true
      case ".PEN_UP":
        guard isDown, strokes.last?.isEmpty == false else { throw fail("a .PEN_UP without a stroke") }
        isDown = false
      case _ where first.hasPrefix("."):
        guard otherStatements.contains(String(first.dropFirst())) else { throw fail("an unknown statement \(first)") }
      default:
        guard isDown else { throw fail("a point before .PEN_DOWN") }
        guard let point = point(in: line) else { throw fail("a point that is not two whole numbers") }
        strokes[strokes.count - 1].append(point)
      }
    }
    try finish()
    return digits
  }

  /// What a `.SEGMENT` says.
  private struct Segment {
    let digit: Int
    /// How many strokes it has.
    let strokes: Int

    /// Reads `.SEGMENT DIGIT 12-13 ? "7"`, or with one number where there is one stroke.
    init?(_ words: [String]) {
      guard words.count == 5, words[1] == "DIGIT", words[4].utf8.count == 3, words[4].first == "\"",
        words[4].last == "\"", let digit = Int(words[4].dropFirst().dropLast()), digit >= 0
      else { return nil }
      let numbers = words[2].split(separator: "-", omittingEmptySubsequences: false).map { UInt32($0) }
      guard (1...2).contains(numbers.count), let first = numbers[0], let last = numbers[numbers.count - 1],
        first <= last
      else { return nil }
      self.digit = digit
      strokes = Int(last - first) + 1
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

  private static func point(in line: ArraySlice<UInt8>) -> SIMD2<Float>? {
    var numbers: [Float] = []
    for field in line.split(whereSeparator: isSpace) {
      let isNegative = field.first == UInt8(ascii: "-")
      let digits = isNegative ? field.dropFirst() : field
      guard !digits.isEmpty, digits.count <= 6, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
      let value = digits.reduce(Float(0)) { $0 * 10 + Float($1 - 48) }
      numbers.append(isNegative ? -value : value)
    }
    return numbers.count == 2 ? SIMD2(numbers[0], numbers[1]) : nil
  }
}
