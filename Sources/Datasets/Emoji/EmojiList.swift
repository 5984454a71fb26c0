import Diagnostics

/// One fully qualified emoji of Unicode's `emoji-test.txt`.
public struct Emoji: Codable, Equatable, Sendable {
  /// The code points.
  public let scalars: [UInt32]
  /// The group, such as `Food & Drink`.
  public let group: String
  /// The subgroup, such as `food-fruit`.
  public let subgroup: String

  /// Creates an emoji.
  public init(scalars: [UInt32], group: String, subgroup: String) {
    self.scalars = scalars
    self.group = group
    self.subgroup = subgroup
  }

  /// The code points in hexadecimal, such as `1F469-200D-1F680`.
  public var identifier: String {
    scalars.map { String($0, radix: 16, uppercase: true) }.joined(separator: "-")
  }

  /// The key of CLDR's annotations: the emoji without U+FE0F.
  public var annotationKey: String {
    var view = String.UnicodeScalarView()
    for value in scalars where value != 0xfe0f { view.append(Unicode.Scalar(value)!) }
    return String(view)
  }

  private enum Gender {
    static let neutral: [UInt32: UInt32] = [
      0x1f468: 0x1f9d1, 0x1f469: 0x1f9d1,  // man, woman → person
      0x1f466: 0x1f9d2, 0x1f467: 0x1f9d2,  // boy, girl → child
      0x1f474: 0x1f9d3, 0x1f475: 0x1f9d3,  // old man, old woman → older person
    ]
    /// What follows a joiner and makes a variant alone: the signs of women and men, and the arrow of those who face right.
    static let variants: Set<UInt32> = [0x2640, 0x2642, 0x27a1]
    /// The kinds of hair that a person may have.
    static let hair: ClosedRange<UInt32> = 0x1f9b0...0x1f9b3
    /// Couples and handshakes have one code point or a sequence of two people, depending on their skin tones; some people
    /// have a code point of their own for each gender, and some for hair or a beard.
    static let joined: [[UInt32]: [UInt32]] = [
      [0x1f46c]: [0x1f46b], [0x1f46d]: [0x1f46b], [0x1f9d1, 0x200d, 0x1f91d, 0x200d, 0x1f9d1]: [0x1f46b],
      [0x1f9d1, 0x200d, 0x2764, 0x200d, 0x1f9d1]: [0x1f491],
      [0x1f9d1, 0x200d, 0x2764, 0x200d, 0x1f48b, 0x200d, 0x1f9d1]: [0x1f48f],
      [0x1faf1, 0x200d, 0x1faf2]: [0x1f91d],
      [0x1f471]: [0x1f9d1], [0x1f9d4]: [0x1f9d1],  // blond hair, beard → person
      [0x1f934]: [0x1fac5], [0x1f478]: [0x1fac5],  // prince, princess → person with crown
      [0x1f385]: [0x1f9d1, 0x200d, 0x1f384], [0x1f936]: [0x1f9d1, 0x200d, 0x1f384],  // Santa and Mrs. Claus → Mx Claus
      [0x1f57a]: [0x1f483],  // man dancing → woman dancing
      [0x1f930]: [0x1fac4], [0x1fac3]: [0x1fac4],  // pregnant woman, pregnant man → pregnant person
      [0x1f6b9]: [0x1f6bb], [0x1f6ba]: [0x1f6bb],  // men's room, women's room → restroom
    ]
  }

  /// The emoji without its skin tones. Two people of different tones are a sequence where those of one tone have a code
  /// point of their own; both have the latter.
  public var toneless: [UInt32] {
    let bare = scalars.filter { $0 != 0xfe0f && !(0x1f3fb...0x1f3ff).contains($0) }
    let whole: [[UInt32]: [UInt32]] = [
      [0x1f469, 0x200d, 0x1f91d, 0x200d, 0x1f468]: [0x1f46b], [0x1f468, 0x200d, 0x1f91d, 0x200d, 0x1f468]: [0x1f46c],
      [0x1f469, 0x200d, 0x1f91d, 0x200d, 0x1f469]: [0x1f46d], [0x1f9d1, 0x200d, 0x2764, 0x200d, 0x1f9d1]: [0x1f491],
      [0x1f9d1, 0x200d, 0x2764, 0x200d, 0x1f48b, 0x200d, 0x1f9d1]: [0x1f48f], [0x1faf1, 0x200d, 0x1faf2]: [0x1f91d],
    ]
    return whole[bare] ?? bare
  }

  /// What the variants of one emoji have in common, so that they are split together: the emoji without skin tones,
  /// genders, hair and the direction that it faces. Man, woman and person are one, so are boy, girl and child, prince and
  /// princess; all families with children are one.
  public var family: [UInt32] {
    var bare: [UInt32] = []
    for scalar in scalars where scalar != 0xfe0f && !(0x1f3fb...0x1f3ff).contains(scalar) {
      if Gender.variants.contains(scalar), bare.last == 0x200d {
        bare.removeLast()
      } else {
        bare.append(Gender.neutral[scalar] ?? scalar)
      }
    }
    if bare.count == 3, bare[0] == 0x1f9d1, Gender.hair.contains(bare[2]) { return [0x1f9d1] }
    if bare.count > 1, bare.contains(0x1f9d2) { return [0x1f46a] }
    return Gender.joined[bare] ?? bare
  }
}

/// Unicode's `emoji-test.txt`.
public enum EmojiList {
  /// The fully qualified emoji of the file, in order.
  ///
  /// - Throws: `UserError` with the line that is not of the file's format, and where the file is cut short, which its
  ///   last line `#EOF` shows.
  public static func emoji(in bytes: [UInt8], place: String) throws(UserError) -> [Emoji] {
    var list: [Emoji] = []
    var known: Set<[UInt32]> = []
    var group = ""
    var subgroup = ""
    var isWhole = false
    func fault(_ what: String, line: Int) -> UserError {
      UserError(.data, what, at: "\(place):\(line)", mend: "install the Debian package unicode-data again")
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, bytes) in lines.enumerated() {
      func fail(_ what: String) -> UserError { fault(what, line: index + 1) }
      guard let line = String(validating: bytes, as: UTF8.self) else { throw fail("not UTF-8 text") }
      isWhole = isWhole || line.hasPrefix("#EOF")
      if line.hasPrefix("# group: ") {
        group = String(line.dropFirst(9))
        subgroup = ""
      } else if line.hasPrefix("# subgroup: ") {
        subgroup = String(line.dropFirst(12))
      } else if !line.hasPrefix("#"), !line.allSatisfy(\.isWhitespace) {
        let fields = line.split(separator: ";", maxSplits: 1)
        guard fields.count == 2, let status = fields[1].split(separator: "#").first?.split(separator: " "),
          status.count == 1, statuses.contains(String(status[0]))
        else { throw fail("not 'code points ; status # comment'") }
        let scalars = fields[0].split(separator: " ").compactMap { scalar(of: $0) }
        guard !scalars.isEmpty, scalars.count == fields[0].split(separator: " ").count else {
          throw fail("not hexadecimal code points")
        }
        guard !group.isEmpty, !subgroup.isEmpty else { throw fail("an emoji before the first group and subgroup") }
        guard status == ["fully-qualified"] else { continue }
        guard known.insert(scalars).inserted else { throw fail("an emoji that stands here twice") }
        list.append(Emoji(scalars: scalars, group: group, subgroup: subgroup))
      }
    }
    guard isWhole else { throw fault("the file is cut short: it has no line #EOF", line: lines.count) }
    return list
  }

  private static let statuses = ["fully-qualified", "minimally-qualified", "unqualified", "component"]

  /// The code point that four to six hexadecimal digits name.
  private static func scalar(of digits: Substring) -> UInt32? {
    guard (4...6).contains(digits.utf8.count), digits.allSatisfy(\.isHexDigit) else { return nil }
    return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)?.value
  }
}
