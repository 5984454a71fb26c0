import Datasets
import Diagnostics
import Foundation
import Testing

private let isInstalled: Bool = {
  let options = EmojiDataset.Options()
  return [options.fontFile, options.emojiTestFile, options.annotationsRoot].allSatisfy {
    FileManager.default.fileExists(atPath: $0)
  }
}()

@Suite(.serialized, .enabled(if: isInstalled, "the Debian packages with the emoji are not installed"))
struct EmojiDatasetTests {
  private static let shared = Result {
    try EmojiDataset.load(.init(), cacheFolder: URL(fileURLWithPath: "/dev/null/none"))
  }

  @Test func usesEveryNamedEmoji() throws {
    let set = try Self.shared.get()
    #expect(set.modalities.map(\.name) == ["image", "caption-en", "caption-ko", "tags"])
    #expect(set.modalities[0].kind == .image(height: 32, width: 32, channels: 3))
    let splits = [set.train, set.validation, set.test]
    let count = splits.reduce(0) { $0 + $1.count }
    #expect(count > 3500)
    // Shares are of families, of which that of people has over a hundred emoji.
    #expect(abs(Double(set.test.count) / Double(count) - 0.2) < 0.04)
    #expect(abs(Double(set.validation.count) / Double(count) - 0.1) < 0.04)
    #expect(set.classNames["group"]?.first == "Smileys & Emotion")
    #expect(set.classNames["group"]?.count == 9)
    #expect(set.classNames["subgroup"]?.first == "face-smiling")
    #expect(set.provenance.notes.contains { $0.contains("/dev/null/none") })
    for split in splits {
      guard let pixels = split.columns[0].bytes, case .tokens(let tokens) = split.columns[1].items,
        case .numbers(let tags) = split.columns[3].items
      else {
        Issue.record("the columns have other items")
        continue
      }
      #expect(pixels.count == Set(split.columns[0].rows).count * 3072 && pixels.max() == 255)
      let length = split.columns[1].modality.kind.elementCount
      #expect(
        tokens.count == split.count * length
          && stride(from: 0, to: tokens.count, by: length).allSatisfy { tokens[$0] == SubwordTokeniser.begin })
      #expect(tags.count == split.count * 128 && tags.allSatisfy { $0 == 0 || $0 == 1 })
    }
  }

  @Test(arguments: [EmojiDataset.Options.Split.emoji, .family])
  func keepsFamiliesTogether(kind: EmojiDataset.Options.Split) throws {
    var options = EmojiDataset.Options()
    options.split = kind
    let set = kind == .family ? try Self.shared.get() : try EmojiDataset.load(options)
    var side: [[UInt32]: String] = [:]
    for split in [set.train, set.validation, set.test] {
      for identifier in split.identifiers {
        let scalars = identifier.split(separator: "-").map { UInt32($0, radix: 16)! }
        let emoji = Emoji(scalars: scalars, group: "", subgroup: "")
        let family = kind == .emoji ? emoji.toneless : emoji.family
        #expect(side[family] == nil || side[family] == split.name, "\(identifier)")
        side[family] = split.name
      }
    }
    func pictures(_ split: MultimodalSplit) -> Set<[Float]> {
      Set(
        (0..<split.count).compactMap { index in
          if case .numbers(let values) = split.items(of: "image", at: [index]) { values } else { nil }
        })
    }
    #expect(pictures(set.train).isDisjoint(with: pictures(set.test)))
  }

  /// The name without its tone and hair, and with one word for women and men: read from the names, not from code points.
  private static func baseName(_ name: String) -> String {
    let people = ["man", "woman", "person", "men", "women", "people"]
    let children = ["boy", "girl", "child"]
    return (name.split(separator: ":").first ?? "").split(separator: " ").map { word in
      let word = String(word)
      return people.contains(word) ? "person" : children.contains(word) ? "child" : word == "old" ? "older" : word
    }.joined(separator: " ").replacing(" facing right", with: "")
  }

  @Test func noTwinOfATestEmojiIsInTraining() throws {
    let set = try Self.shared.get()
    let people = try #require(set.classNames["group"]?.firstIndex(of: "People & Body"))
    var sides: [String: Set<String>] = [:]
    var sizes: [String: Int] = [:]
    for split in [set.train, set.validation, set.test] {
      for (index, name) in (split.texts["caption-en"] ?? []).enumerated()
      where split.labels["group"]?[index] == Int32(people) {
        sides[Self.baseName(name), default: []].insert(split.name)
        sizes[Self.baseName(name), default: 0] += 1
      }
    }
    #expect(sizes["person"] ?? 0 > 100 && sizes["person walking"] ?? 0 >= 18 && sizes["person firefighter"] ?? 0 >= 12)
    #expect(sides.filter { $0.value.count > 1 }.keys.sorted() == [])
    // Families of which the names say less.
    func side(_ identifier: String) -> String? {
      [set.train, set.validation, set.test].first { $0.identifiers.contains(identifier) }?.name
    }
    for twins in [["1F934", "1F478", "1FAC5"], ["1F385", "1F936"], ["1F57A", "1F483"], ["1F930", "1FAC3", "1FAC4"]] {
      #expect(Set(twins.compactMap(side)).count == 1, "\(twins)")
    }
    let families = [set.train, set.validation, set.test].map { Set($0.families) }
    #expect(families[0].isDisjoint(with: families[2]) && families[1].isDisjoint(with: families[2]))
    #expect(families[0].isDisjoint(with: families[1]))
    #expect(set.provenance.notes.contains { $0.contains(" families: ") })
  }

  @Test func foldsTestEveryEmojiOnce() throws {
    var tested: [String] = []
    for fold in 0..<3 {
      let set = try EmojiDataset.load(.init(), fold: DataFold(fold, of: 3))
      let sides = [set.train, set.validation, set.test]
      #expect(Set(set.test.families).isDisjoint(with: set.train.families + set.validation.families))
      #expect(Set(set.validation.families).isDisjoint(with: set.train.families))
      #expect(sides.allSatisfy { $0.count > 200 })
      tested += set.test.identifiers
      #expect(Set(sides.flatMap(\.identifiers)).count == sides.reduce(0) { $0 + $1.count })
    }
    let all = try Self.shared.get()
    #expect(tested.count == Set(tested).count)
    #expect(Set(tested) == Set([all.train, all.validation, all.test].flatMap(\.identifiers)))
  }

  @Test func namesAndDrawsKnownEmoji() throws {
    let set = try Self.shared.get()
    func find(_ identifier: String) throws -> (name: String, korean: String, colour: [Float], tags: Set<String>) {
      for split in [set.train, set.validation, set.test] {
        guard let index = split.identifiers.firstIndex(of: identifier) else { continue }
        guard case .numbers(let picture) = split.items(of: "image", at: [index]),
          case .numbers(let tags) = split.items(of: "tags", at: [index])
        else { break }
        let colour = (0..<3).map { channel in (0..<1024).reduce(Float(0)) { $0 + picture[$1 * 3 + channel] } / 1024 }
        let names = tags.indices.filter { tags[$0] == 1 }.map { set.tagNames["tags"]![$0] }
        return (split.texts["caption-en"]![index], split.texts["caption-ko"]![index], colour, Set(names))
      }
      throw UserError(.data, "no emoji \(identifier)")
    }
    let circle = try find("1F534")
    #expect(circle.name == "red circle" && circle.korean == "빨간 원")
    #expect(circle.colour[0] > circle.colour[2] + 0.3)
    let blue = try find("1F535")
    #expect(blue.colour[2] > blue.colour[0] + 0.2)
    let light = try find("1F44B-1F3FB")
    let dark = try find("1F44B-1F3FF")
    let (brightness, darkness) = (light.colour.reduce(0, +), dark.colour.reduce(0, +))
    #expect(brightness > darkness + 0.3)
    #expect(light.tags.contains("hand") && !light.tags.contains("light skin tone"))
    #expect(try find("1F1F0-1F1F7").korean == "깃발: 대한민국")
    #expect(try find("1F468-200D-1F469-200D-1F467-200D-1F466").name == "family: man, woman, girl, boy")
    let grinning = try find("1F600")
    #expect(grinning.tags.contains("face") && !grinning.tags.contains("grinning face"))
  }

  @Test func readsTheCacheAndRebuildsADamagedOne() throws {
    try withTemporaryFolder { folder in
      let built = try EmojiDataset.load(.init(), cacheFolder: folder)
      let file = try #require(
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).first)
      let written = try Data(contentsOf: file)
      let read = try EmojiDataset.load(.init(), cacheFolder: folder)
      var damaged = written
      damaged[damaged.count / 2] ^= 8
      try damaged.write(to: file)
      let rebuilt = try EmojiDataset.load(.init(), cacheFolder: folder)
      for other in [read, rebuilt, try Self.shared.get()] {
        #expect(other.train.columns.map(\.items) == built.train.columns.map(\.items))
        #expect(other.test.identifiers == built.test.identifiers)
        #expect(other.test.texts == built.test.texts)
        #expect(other.checksum == built.checksum)
      }
      #expect(try Data(contentsOf: file).count == written.count)
      #expect(read.card == built.card)
    }
  }

  @Test func splitsByTheSeed() throws {
    try withTemporaryFolder { folder in
      var options = EmojiDataset.Options()
      let first = try EmojiDataset.load(options, cacheFolder: folder)
      options.splitSeed = 1
      let second = try EmojiDataset.load(options, cacheFolder: folder)
      #expect(first.test.identifiers != second.test.identifiers)
      options.split = .random
      options.languages = ["en"]
      let random = try EmojiDataset.load(options, cacheFolder: folder)
      #expect(random.modalities.map(\.name) == ["image", "caption-en", "tags"])
      #expect(random.test.identifiers != second.test.identifiers)
    }
  }

  @Test func noTwoNamesAreEqualAsTokens() throws {
    let set = try Self.shared.get()
    for caption in ["caption-en", "caption-ko"] {
      let tokeniser = try #require(set.tokenisers[caption])
      for (side, found) in try #require(set.textStatistics(of: caption)) {
        #expect(found.different == found.texts && found.confused == 0 && found.cut == 0, "\(caption), \(side)")
        #expect(found.byteShare < 0.02, "\(caption), \(side)")
      }
      for split in [set.train, set.validation, set.test] {
        let names = try #require(split.texts[caption])
        #expect(zip(names, tokeniser.tokens(of: names)).allSatisfy { tokeniser.decode($1) == $0 })
      }
      // What training never has is not learnt, and hardly any of the test side's tokens are so.
      let seen = Set(tokeniser.tokens(of: try #require(set.train.texts[caption])).joined())
      let tested = Array(tokeniser.tokens(of: try #require(set.test.texts[caption])).joined())
      #expect(Double(tested.count { !seen.contains($0) }) < 0.02 * Double(tested.count))
    }
  }

  @Test func describesItself() throws {
    let card = try Self.shared.get().card
    #expect(card.modalities.map(\.kind) == ["image", "tokens", "tokens", "tags"])
    #expect(card.labellings.map(\.name) == ["group", "subgroup"])
    let counts = card.labellings[0].counts["train"] ?? []
    #expect(counts.reduce(0, +) == card.observations["train"])
    #expect(card.labellings[1].counts["train"]?.contains(0) == false, "every subgroup can be learnt")
    #expect(card.description.contains("left out: "))
  }
}

struct EmojiOptionsTests {
  @Test func namesTheMissingPackage() {
    let cases: [(WritableKeyPath<EmojiDataset.Options, String>, String)] = [
      (\.fontFile, "fonts-noto-color-emoji"), (\.emojiTestFile, "unicode-data"),
      (\.annotationsRoot, "unicode-cldr-core"),
    ]
    for (path, package) in cases where isInstalled {
      var options = EmojiDataset.Options()
      options[keyPath: path] = "/nowhere"
      let error = #expect(throws: UserError.self) { try EmojiDataset.load(options) }
      #expect(error?.mend?.contains(package) == true, "\(package)")
      #expect(error?.kind == .data)
    }
    var options = EmojiDataset.Options()
    options.fontFile = "/nowhere"
    let error = #expect(throws: UserError.self) { try EmojiDataset.load(options) }
    #expect(error?.place == "/nowhere")
  }

  @Test func refusesValuesOutOfRange() {
    let changes: [(String, (inout EmojiDataset.Options) -> Void)] = [
      ("imageSize", { $0.imageSize = 4 }), ("captionLength", { $0.captionLength = 2 }),
      ("tagCount", { $0.tagCount = 0 }), ("languages", { $0.languages = [] }),
      ("languages", { $0.languages = ["en", "en"] }), ("minimumPieceCount", { $0.minimumPieceCount = 0 }),
      ("vocabularySize", { $0.vocabularySize = 10 }),
      ("testFraction", { $0.testFraction = 0.95 }),
    ]
    for (place, change) in changes {
      var options = EmojiDataset.Options()
      change(&options)
      let error = #expect(throws: UserError.self) { try EmojiDataset.load(options) }
      #expect(error?.place == place)
    }
  }

  @Test func readsPartialOptions() throws {
    let json = Data(#"{"imageSize": 24, "split": "random"}"#.utf8)
    let options = try JSONDecoder().decode(EmojiDataset.Options.self, from: json)
    var expected = EmojiDataset.Options()
    expected.imageSize = 24
    expected.split = .random
    #expect(options == expected)
    #expect(try JSONDecoder().decode(EmojiDataset.Options.self, from: JSONEncoder().encode(options)) == options)
  }

  @Test(.enabled(if: isInstalled)) func suggestsALanguage() {
    var options = EmojiDataset.Options()
    options.languages = ["en", "kor"]
    let error = #expect(throws: UserError.self) { try EmojiDataset.load(options) }
    #expect(error?.place == "languages" && error?.mend?.hasPrefix("did you mean ko") == true)
  }
}
