/// Numbers texts, so that equal texts have equal numbers.
///
/// Two texts are equal where their canonical forms are: Unicode's composed form (NFC) without white space at the ends. Case
/// and punctuation count, and so does everything that a tokeniser may leave out or cut.
public struct TextIdentity: Sendable {
  /// The number of a text that is empty in its canonical form: it is none, and equal to no other.
  public static let none: Int32 = -1

  private var numbers: [String: Int32] = [:]

  /// Knows no text yet.
  public init() {}

  /// How many different texts there are.
  public var count: Int { numbers.count }

  /// The form in which texts are compared.
  public static func canonical(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    let isWhole = first == scalars.startIndex && scalars.index(after: last) == scalars.endIndex
    let trimmed = isWhole ? text : String(scalars[first...last])
    return trimmed.canonicallyComposed
  }

  /// The words that are compared where case and signs do not count: letters and numbers between other signs, in lower case.
  public static func words(of text: String) -> [String] {
    canonical(text).lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
  }

  /// The number of a text: that of an equal one, else the next, from 0; ``none`` for an empty one.
  public mutating func number(of text: String) -> Int32 {
    let form = Self.canonical(text)
    guard !form.isEmpty else { return Self.none }
    if let known = numbers[form] { return known }
    let next = Int32(numbers.count)
    numbers[form] = next
    return next
  }
}
