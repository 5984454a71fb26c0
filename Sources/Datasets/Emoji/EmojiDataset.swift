import Diagnostics
import Foundation

/// Emoji as pictures with a caption in each language and a set of tags.
///
/// | modality | kind | from |
/// | --- | --- | --- |
/// | `image` | `imageSize` × `imageSize` × 3 in 0…1, on white | Noto Color Emoji |
/// | `caption-en`, … | tokens, see ``SubwordTokeniser`` | CLDR's short name in each language |
/// | `tags` | multi-hot | CLDR's keywords in the first language |
///
/// A tag is one of the keywords that most training emoji have, in lower case; ties in code-point order. The variants of
/// an emoji in skin tone and gender (`Emoji.family`) count once, or else the tags would be those of people alone. An
/// emoji's own name, with or without its skin tones, is none of its tags, since the caption says it word for word; nor
/// are skin tones, unless asked for: each is a keyword of over four hundred emoji and tells nothing of the subject. So
/// some emoji have no tag.
public enum EmojiDataset {
  /// How the data set is made.
  public struct Options: Codable, Equatable, Sendable {
    /// How emoji are assigned to training, validation and test.
    public enum Split: String, Codable, CaseIterable, Sendable {
      /// All skin tones of one emoji (`Emoji.toneless`), and emoji that look the same, stay together.
      case emoji
      /// All variants in skin tone, gender or hair (`Emoji.family`), and emoji that look the same, stay together: nothing
      /// in test was seen with another gender, tone or hair.
      case family
      /// Each emoji by itself.
      case random
    }

    /// The side of the pictures in pixels.
    public var imageSize = 32
    /// The captions' languages, as CLDR names them; the tags are in the first.
    public var languages = ["en", "ko"]
    /// The number of tokens of a caption, begin and end included; nil takes as many as the longest training caption has.
    public var captionLength: Int?
    /// The greatest number of different tokens of a language.
    public var vocabularySize = 8_192
    /// How often a piece of a word must occur in the training captions to be a token.
    public var minimumPieceCount = 2
    /// The number of tags.
    public var tagCount = 128
    /// Whether skin tones are tags.
    public var skinToneTags = false
    /// How emoji are assigned to sides.
    public var split = Split.family
    /// The folds that emoji are divided into, each the test side of one seed; 1 for a test side by its share.
    public var folds = 10
    /// The share of emoji for validation.
    public var validationFraction = 0.1
    /// The share of emoji for test.
    public var testFraction = 0.2
    /// Selects the split.
    public var splitSeed: UInt64 = 0
    /// The font.
    public var fontFile = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
    /// Unicode's list of emoji.
    public var emojiTestFile = "/usr/share/unicode/emoji/emoji-test.txt"
    /// CLDR's folder with `annotations` and `annotationsDerived`.
    public var annotationsRoot = "/usr/share/unicode/cldr/common"

    /// Creates the default options.
    public init() {}

    /// Reads options; an absent key keeps its default.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      func read<Value: Decodable>(_ key: CodingKeys, into value: inout Value) throws {
        value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
      }
      self.init()
      try read(.imageSize, into: &imageSize)
      try read(.languages, into: &languages)
      captionLength = try container.decodeIfPresent(Int.self, forKey: .captionLength)
      try read(.vocabularySize, into: &vocabularySize)
      try read(.minimumPieceCount, into: &minimumPieceCount)
      try read(.tagCount, into: &tagCount)
      try read(.skinToneTags, into: &skinToneTags)
      try read(.split, into: &split)
      try read(.folds, into: &folds)
      try read(.validationFraction, into: &validationFraction)
      try read(.testFraction, into: &testFraction)
      try read(.splitSeed, into: &splitSeed)
      try read(.fontFile, into: &fontFile)
      try read(.emojiTestFile, into: &emojiTestFile)
      try read(.annotationsRoot, into: &annotationsRoot)
    }
  }

  /// Loads the data set, from the cache where it holds these pictures and texts.
  ///
  /// - Parameters:
  ///   - cacheFolder: where pictures and texts are kept; nil: see ``DatasetCache``. A folder that cannot be written is
  ///     only noted in the provenance.
  ///   - fold: what is tested in a cross-validation; nil for the share that the options name.
  /// - Throws: `UserError` where an option is out of range or a source is missing, which names the Debian package.
  public static func load(
    _ options: Options, cacheFolder: URL? = nil, fold: DataFold? = nil
  ) throws(UserError) -> MultimodalDataset {
    try options.validate()
    let sources = try EmojiSources(options)
    let cache = DatasetCache(folder: cacheFolder)
    let key = sources.key
    var note: String?
    let collection: EmojiCollection
    if let data = cache.read(name: "emoji", key: key),
      let read = EmojiCollection(decoding: data, imageSize: options.imageSize)
    {
      collection = read
    } else {
      collection = try sources.collection(options)
      note = (try? collection.encoded()).flatMap { cache.write($0, name: "emoji", key: key) }
    }
    guard !collection.emoji.isEmpty else {
      throw UserError(.data, "no emoji has both a glyph and a name in every language", at: "languages")
    }
    return try dataset(collection, options: options, fold: fold, checksum: key, note: note)
  }

  private static func dataset(
    _ collection: EmojiCollection, options: Options, fold: DataFold?, checksum: String, note: String?
  ) throws(UserError) -> MultimodalDataset {
    let families = Self.families(collection, options)
    let sides = Self.sides(collection, families: families, options, fold)
    let members = (0..<3).map { side in sides.indices.filter { sides[$0] == side } }
    guard members.allSatisfy({ !$0.isEmpty }) else {
      throw UserError(
        .data, "the split \(members.map(\.count)) leaves a side without emoji", at: "testFraction",
        mend: "give validationFraction and testFraction other values")
    }
    let tags = EmojiTags(collection, training: members[0], families: families.numbers, options: options)
    let tokenisers = collection.names.map { names in
      SubwordTokeniser(
        texts: members[0].map { names[$0] }, vocabularySize: options.vocabularySize,
        minimumCount: options.minimumPieceCount)
    }
    let lengths = zip(tokenisers, collection.names).map { tokeniser, names in
      options.captionLength ?? tokeniser.length(holding: members[0].map { names[$0] })
    }
    let groups = Classes(collection.emoji.map(\.group))
    let subgroups = Classes(collection.emoji.map(\.subgroup))
    let captions = options.languages.map { "caption-\($0)" }

    let splits = zip(["train", "validation", "test"], members).map { name, members in
      let rows = members.indices.map { Int32($0) }
      var columns = [ModalityColumn.pictures(collection.pixels, side: options.imageSize, places: members)]
      for (language, caption) in captions.enumerated() {
        let (tokeniser, length) = (tokenisers[language], lengths[language])
        columns.append(
          ModalityColumn(
            modality: Modality(
              name: caption, kind: .tokens(length: length, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(tokeniser.encode(members.map { collection.names[language][$0] }, length: length)),
            rows: rows))
      }
      columns.append(
        ModalityColumn(
          modality: Modality(name: "tags", kind: .tags(count: tags.names.count)),
          items: .numbers(members.flatMap { tags.vector(of: $0) }), rows: rows))
      return MultimodalSplit(
        name: name, columns: columns,
        labels: ["group": members.map { groups.numbers[$0] }, "subgroup": members.map { subgroups.numbers[$0] }],
        identifiers: members.map { collection.emoji[$0].identifier },
        texts: Dictionary(
          uniqueKeysWithValues: zip(captions, collection.names).map { caption, names in
            (caption, members.map { names[$0] })
          }), families: members.map { families.names[families.numbers[$0]] })
    }
    let notes = [
      "split by \(options.split.rawValue), seed \(options.splitSeed)" + (fold.map { ", \($0.text)" } ?? ""),
      twins(collection.emoji, families.numbers),
      "\(collection.emoji.indices.count { tags.vector(of: $0).allSatisfy { $0 == 0 } }) emoji have no tag",
    ]
    return MultimodalDataset(
      name: "emoji", train: splits[0], validation: splits[1], test: splits[2],
      classNames: ["group": groups.names, "subgroup": subgroups.names], checksum: checksum,
      tokenisers: Dictionary(uniqueKeysWithValues: zip(captions, tokenisers)), tagNames: ["tags": tags.names],
      provenance: DatasetProvenance(
        sources: EmojiSources.published, omissions: collection.omissions, notes: notes + (note.map { [$0] } ?? [])),
      pictureForms: ["image": PictureForm(glyphsOfSide: options.imageSize)])
  }

  /// The number of each emoji's family by a key of its code points or its picture, and the families' names.
  private static func families(
    _ collection: EmojiCollection, _ options: Options, by key: (Emoji) -> [UInt32] = \.family
  ) -> (numbers: [Int], names: [String]) {
    let size = options.imageSize * options.imageSize * 3
    let names = collection.emoji.map { one in key(one).map { String($0, radix: 16) }.joined(separator: "-") }
    let pictures = collection.emoji.indices.map { collection.pixels[($0 * size)..<(($0 + 1) * size)] }
    return FamilySplit.families(
      names: names, shared: [FamilySplit.numbers(of: names), FamilySplit.numbers(of: pictures)])
  }

  private static func sides(
    _ collection: EmojiCollection, families: (numbers: [Int], names: [String]), _ options: Options,
    _ fold: DataFold?
  ) -> [Int] {
    let emoji = collection.emoji
    let (numbers, names) =
      switch options.split {
      case .emoji: Self.families(collection, options, by: \.toneless)
      case .family: families
      case .random: (numbers: Array(emoji.indices), names: emoji.map(\.identifier))
      }
    let groups = Classes(emoji.map(\.group)).numbers
    let subgroups = Classes(emoji.map(\.subgroup)).numbers
    var strata = [FamilySplit.Stratum?](repeating: nil, count: names.count)
    for (index, family) in numbers.enumerated() where strata[family] == nil {
      strata[family] = .init(group: Int(groups[index]), subgroup: Int(subgroups[index]))
    }
    return FamilySplit.sides(
      families: numbers, names: names, strata: strata.compactMap { $0 },
      fractions: (options.validationFraction, options.testFraction), seed: options.splitSeed, dataset: "emoji",
      fold: fold)
  }

  /// How many emoji have a twin.
  private static func twins(_ emoji: [Emoji], _ families: [Int]) -> String {
    let sizes = Dictionary(families.map { ($0, 1) }, uniquingKeysWith: +)
    let toneless = Dictionary(grouping: emoji.indices, by: { emoji[$0].toneless })
    let twins = families.count { sizes[$0, default: 0] > 1 }
    let tones = toneless.values.filter { $0.count > 1 }.reduce(0) { $0 + $1.count }
    let others = Dictionary(grouping: toneless.values.compactMap(\.first), by: { families[$0] })
    let variants = others.values.filter { $0.count > 1 }.reduce(0) { $0 + $1.count }
    return
      "\(emoji.count) emoji are \(sizes.count) families: \(twins) have a twin; \(tones) differ from it in skin tone, and "
      + "\(variants) of the \(toneless.count) without skin tones in gender, hair or direction, or in nothing that shows"
  }

  /// Names numbered in the order in which they first occur.
  private struct Classes {
    var names: [String] = []
    var numbers: [Int32] = []

    init(_ labels: [String]) {
      var known: [String: Int32] = [:]
      for label in labels {
        if known[label] == nil {
          known[label] = Int32(names.count)
          names.append(label)
        }
        numbers.append(known[label]!)
      }
    }
  }
}
