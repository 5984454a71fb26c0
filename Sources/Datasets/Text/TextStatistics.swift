/// What becomes of some texts as tokens.
public struct TextStatistics: Codable, Equatable, Sendable {
  /// The number of texts that are not empty.
  public let texts: Int
  /// How many of them differ as texts, see ``TextIdentity``.
  public let different: Int
  /// How many of the different texts are equal to another once they are tokens, cut to the length.
  public let confused: Int
  /// How many of the different texts are cut.
  public let cut: Int
  /// The share of bytes among the tokens that are left.
  public let byteShare: Double

  /// Reads texts as encoders see them.
  ///
  /// - Parameter length: the tokens of a text, begin and end included.
  public init(of texts: some Sequence<String>, tokeniser: SubwordTokeniser, length: Int) {
    var identity = TextIdentity()
    var different: [String] = []
    var count = 0
    for text in texts {
      let number = identity.number(of: text)
      guard number != TextIdentity.none else { continue }
      count += 1
      if Int(number) == different.count { different.append(TextIdentity.canonical(text)) }
    }
    var sharing: [ArraySlice<Int32>: Int] = [:]
    var (cut, bytes, used) = (0, 0, 0)
    for tokens in tokeniser.tokens(of: different) {
      let kept = tokens.prefix(length - 2)
      sharing[kept, default: 0] += 1
      if kept.count < tokens.count { cut += 1 }
      bytes += kept.count(where: SubwordTokeniser.isByte)
      used += kept.count
    }
    self.texts = count
    self.different = different.count
    self.cut = cut
    confused = sharing.values.reduce(0) { $0 + ($1 > 1 ? $1 : 0) }
    byteShare = used == 0 ? 0 : Double(bytes) / Double(used)
  }

  /// What a reader must know of the texts of a modality on a side, in plain words; empty where nothing is lost.
  public func remarks(on modality: String, side: String, length: Int) -> [String] {
    var remarks: [String] = []
    if cut > 0 {
      remarks.append("\(cut) of \(different) different \(side) texts of \(modality) are cut to \(length) tokens")
    }
    if confused > 0 {
      remarks.append(
        "\(confused) of \(different) different \(side) texts of \(modality) are equal to another once they are cut")
    }
    if byteShare > TextCoverage.mostBytes {
      remarks.append(
        "\(Int((100 * byteShare).rounded())) % of the tokens of \(side) texts of \(modality) are bytes of signs that are rare "
          + "in training, so that they are hardly read")
    }
    return remarks
  }
}

extension TextStatistics: CustomStringConvertible {
  /// The counts in a line.
  public var description: String {
    let tenths = Int((byteShare * 1000).rounded())
    return "\(texts), of them \(different) different, \(confused) equal to another as tokens, \(cut) cut; "
      + "\(tenths / 10).\(tenths % 10) % of the tokens are bytes"
  }
}

extension MultimodalDataset {
  /// For each side, by its name, what becomes of the texts of a modality of tokens; nil for a modality that is none, or whose
  /// tokeniser is not known.
  public func textStatistics(of modality: String) -> [String: TextStatistics]? {
    guard let tokeniser = tokenisers[modality], let kind = modalities.first(where: { $0.name == modality })?.kind,
      case .tokens(let length, _) = kind
    else { return nil }
    var statistics: [String: TextStatistics] = [:]
    for split in [train, validation, test] {
      let texts = split.texts[modality] ?? []
      statistics[split.name] = TextStatistics(of: texts, tokeniser: tokeniser, length: length)
    }
    return statistics
  }
}
