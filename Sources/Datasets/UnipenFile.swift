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

/// The part of the UNIPEN text format that pendigits uses: `.SEGMENT DIGIT`, `.PEN_DOWN`, points, `.PEN_UP`.
public enum UnipenFile {
  /// The digits of a file, in order.
  ///
  /// - Throws: `UserError` with the line where a segment has no digit, a point is not two numbers, or a digit is empty.
  public static func digits(in bytes: [UInt8], place: String) throws(UserError) -> [PenDigit] {
    var digits: [PenDigit] = []
    var label: Int?
    var strokes: [[SIMD2<Float>]] = []
    var isDown = false
    var number = 0

    func fail(_ what: String) -> UserError {
      UserError(.data, what, at: "\(place):\(number)", mend: "fetch the file again")
    }
    func finish() throws(UserError) {
      guard let digit = label else { return }
      let written = strokes.filter { !$0.isEmpty }
      guard !written.isEmpty else { throw fail("the digit before this line has no points") }
      digits.append(PenDigit(digit: digit, strokes: written))
    }

    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      if line.starts(with: ".SEGMENT".utf8) {
        try finish()
        guard line.starts(with: ".SEGMENT DIGIT".utf8),
          let quote = line.firstIndex(of: UInt8(ascii: "\"")), line.count - (quote - line.startIndex) >= 3,
          line[quote + 2] == UInt8(ascii: "\""), (48...57).contains(line[quote + 1])
        else { throw fail("a .SEGMENT without a quoted digit") }
        label = Int(line[quote + 1]) - 48
        strokes = []
        isDown = false
      } else if line.starts(with: ".PEN_DOWN".utf8) {
        guard label != nil else { throw fail("a .PEN_DOWN before the first .SEGMENT") }
        strokes.append([])
        isDown = true
      } else if line.starts(with: ".PEN_UP".utf8) {
        isDown = false
      } else if isDown, line.first != UInt8(ascii: "."), !line.allSatisfy(isSpace) {
        guard let point = point(in: line) else { throw fail("a point that is not two whole numbers") }
        strokes[strokes.count - 1].append(point)
      }
    }
    try finish()
    return digits
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
