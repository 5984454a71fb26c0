import Datasets
import Diagnostics
import Kernels
import Options
import Testing

@Suite struct AlignedDataTests {
  private static let words = [
    ("english", SubwordTokeniser(texts: ["dog"], minimumCount: 1)),
    ("korean", SubwordTokeniser(texts: ["개"], minimumCount: 1)),
  ]

  /// Pictures of one pixel whose value is their number, captions in two languages, tags and a class as a modality; the
  /// second observation lacks its Korean caption.
  private static func dataset(training count: Int = 40) -> MultimodalDataset {
    func split(_ name: String, _ count: Int) -> MultimodalSplit {
      let rows = (0..<Int32(count)).map { $0 }
      func hot(_ width: Int) -> [Float] { rows.flatMap { row in (0..<width).map { Int(row) % width == $0 ? 1 : 0 } } }
      let texts = [4, 5].enumerated().map { index, length in
        ModalityColumn(
          modality: Modality(
            name: words[index].0, kind: .tokens(length: length, vocabulary: words[index].1.vocabularyCount)),
          items: .tokens(rows.flatMap { _ in words[index].1.encode(index == 0 ? "dog" : "개", length: length) }),
          rows: rows.map { index == 1 && $0 == 1 ? ModalityColumn.absent : $0 })
      }
      return MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "picture", kind: .image(height: 1, width: 1, channels: 1)),
            items: .numbers(rows.map { Float($0) / 100 }), rows: rows)
        ] + texts + [
          ModalityColumn(
            modality: Modality(name: "tags", kind: .tags(count: 7)), items: .numbers(hot(7)), rows: rows),
          ModalityColumn(
            modality: Modality(name: "kind", kind: .label(count: 3)), items: .numbers(hot(3)), rows: rows),
        ], labels: ["kind": rows.map { $0 % 3 }, "sort": rows.map { $0 % 2 }, "age": rows.map { $0 % 2 }])
    }
    return MultimodalDataset(
      name: "zoo", train: split("train", count), validation: split("validation", 10), test: split("test", 5),
      classNames: ["kind": ["a", "b", "c"], "sort": ["d", "e"], "age": ["f", "g"]], checksum: "zoo",
      tokenisers: Dictionary(uniqueKeysWithValues: words), tagNames: ["tags": (0..<7).map { "tag \($0)" }])
  }

  private func data(
    labellings: [String]? = nil, shares: Bool = true, seed: Int = 0, _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> AlignedData {
    var options = DataOptions()
    change(&options)
    return try AlignedData(
      Self.dataset(), options: options, labellings: labellings, sharesVocabulary: shares, seed: seed)
  }

  private func names(_ change: (inout DataOptions) -> Void) throws -> [String] {
    try data(change).modalities.map(\.name)
  }

  @Test func noisedPairsAreTheSameThroughoutTheTraining() throws {
    let data = try data(seed: 3) { ($0.modalities, $0.pairNoise) = (["picture", "tags"], 0.5) }
    let rows = Array(0..<40)
    var stream = RandomStream(seed: 1, name: "augmentation")
    func numbers(_ place: Int, _ rows: [Int]) throws -> [Float] {
      guard case .numbers(let values) = try data.trainingItems(of: place, at: rows, using: &stream) else { return [] }
      return values
    }
    // The first modality keeps its items; of the other one half have another's, whatever else is in the batch.
    #expect(try numbers(0, rows) == rows.map { Float($0) / 100 })
    let all = data.trainingRows(of: 1, at: rows)
    #expect(zip(all, rows).count { $0 != $1 } == 20 && all.sorted() == rows)
    #expect(try numbers(1, rows) == all.flatMap { row in (0..<7).map { row % 7 == $0 ? 1 : 0 } })
    #expect(data.trainingRows(of: 1, at: [7, 3]) == [all[7], all[3]] && data.trainingRows(of: 0, at: [7]) == [7])
    #expect(
      try self.data(seed: 3) { ($0.modalities, $0.pairNoise) = (["picture", "tags"], 0.5) }
        .trainingRows(of: 1, at: rows) == all)
    #expect(
      try self.data(seed: 4) { ($0.modalities, $0.pairNoise) = (["picture", "tags"], 0.5) }
        .trainingRows(of: 1, at: rows) != all)
    // What is evaluated has no noise.
    guard case .numbers(let clean) = try data.items(of: 1, at: rows, in: .train) else { return }
    #expect(clean == rows.flatMap { row in (0..<7).map { row % 7 == $0 ? Float(1) : 0 } })
  }

  @Test func noiseNeedsWholeObservations() {
    let error = #expect(throws: UserError.self) { try data { $0.pairNoise = 0.5 } }
    #expect(
      error?.description
        == "data.pairNoise: must be 0 for zoo, whose training observations do not all have every modality; "
        + "leave out those that lack one")
  }

  @Test func supervisionIsAlignedOnlyWhereItIsWanted() throws {
    #expect(try names { _ in } == ["picture", "english", "korean"])
    #expect(try names { $0.includesSupervision = true } == ["picture", "english", "korean", "tags", "kind"])
    // What is named is aligned whatever it is, in the order of the names.
    #expect(try names { $0.modalities = ["tags", "picture"] } == ["tags", "picture"])
    // Tags are supervision whether they are aligned or not.
    #expect(try data { $0.tags = "" }.tags == nil)
    for modalities in [["picture", "english"], ["picture", "tags"]] {
      let tags = try data { $0.modalities = modalities }.tags
      #expect(tags?.name == "tags" && tags?.count == 7)
    }
  }

  @Test func placesAreThoseOfTheChosenModalities() throws {
    let data = try data { $0.modalities = ["korean", "tags", "picture", "english"] }
    #expect(
      data.image == 2 && data.captions == [0, 3] && data.vocabulary.captions.map(\.name) == ["korean", "english"])
    #expect(data.isCaption(0) && !data.isCaption(1) && !data.isCaption(2))
    #expect(
      data.presence(.train).observations(having: [0]).count == 39 && data.presence(.test).complete == [0, 2, 3, 4])
    #expect(try self.data { $0.modalities = ["tags", "kind"] }.image == nil)
  }

  @Test func whatIsNotThereIsNamed() {
    func message(labellings: [String]? = nil, _ change: (inout DataOptions) -> Void = { _ in }) -> String? {
      #expect(throws: UserError.self) { try data(labellings: labellings, change) }?.description
    }
    #expect(
      message { $0.modalities = ["picture", "smell"] }
        == "data.modalities: zoo has no modality \"smell\"; it has picture, english, korean, tags, kind")
    #expect(
      message { $0.modalities = ["picture", "englsh"] }
        == "data.modalities: zoo has no modality \"englsh\"; did you mean english?")
    #expect(
      message { $0.modalities = ["picture", "picture"] }
        == "data.modalities: must name different modalities of zoo, at least one; it has picture, english, korean, tags, "
        + "kind")
    #expect(message { $0.tags = "picture" } == "data.tags: `picture` is no modality of tags")
    #expect(message { $0.tags = "tag" } == "data.tags: zoo has no modality \"tag\"; did you mean tags?")
    #expect(
      message(labellings: ["colour"])
        == "evaluation.labellings: zoo has no labelling \"colour\"; it has age, sort, kind")
  }

  @Test func theLabellingOfFewestClassesIsFirst() throws {
    #expect(try data().labellings == ["age", "sort", "kind"])
    #expect(try data(labellings: ["kind", "age"]).labellings == ["kind", "age"])
    #expect(try data().classNames("kind") == ["a", "b", "c"] && data().classNames("none").isEmpty)
  }

  @Test func languagesShareAVocabularyOrHaveTheirOwn() throws {
    let (shared, own) = (try data(), try data(shares: false))
    // Padding, begin, end, capitals and bytes are common; then come the mark of a word and four pieces of dog, and the mark
    // and two pieces of 개.
    let common = SubwordTokeniser.firstPiece
    let (english, korean) = (5, 3)
    #expect(Self.words.map { $0.1.vocabularyCount } == [Int(common) + english, Int(common) + korean])
    let all = Int(common) + english + korean
    #expect(
      shared.modalities[1...2].map(\.kind)
        == [.tokens(length: 5, vocabulary: all), .tokens(length: 5, vocabulary: all)])
    #expect(
      own.modalities[1...2].map(\.kind)
        == [
          .tokens(length: 4, vocabulary: Int(common) + english), .tokens(length: 5, vocabulary: Int(common) + korean),
        ])
    #expect(try shared.items(of: 1, at: [0], in: .train) == .tokens([1, common + 4, 2, 0, 0]))
    #expect(try own.items(of: 1, at: [0], in: .train) == .tokens([1, common + 4, 2, 0]))
    #expect(try shared.items(of: 2, at: [0], in: .train) == .tokens([1, common + 5 + 2, 2, 0, 0]))
    #expect(try own.items(of: 2, at: [0], in: .train) == .tokens([1, common + 2, 2, 0, 0]))
    // What is missing is an empty text.
    #expect(try shared.items(of: 2, at: [1], in: .train) == .tokens([0, 0, 0, 0, 0]))
  }

  @Test func aControlIsTrainedWithTheTagsOfOthers() throws {
    let rows = Array(0..<40)
    let (plain, shuffled) = (try data(), try data { $0.shufflesTags = true })
    let own = try #require(plain.tags(at: rows, in: .train))
    #expect(plain.trainingTags(at: rows)?.values == own.values)
    let others = try #require(shuffled.trainingTags(at: rows))
    #expect(others.values != own.values)
    // The same tags, of other observations: no tag is more or less frequent.
    #expect(others.columnMeans() == own.columnMeans())
    // Probes and the other sides see the real ones, and a batch the same ones each time.
    #expect(shuffled.tags(at: rows, in: .train)?.values == own.values)
    #expect(shuffled.trainingTags(at: [5, 3])?.values == Array(others[row: 5]) + Array(others[row: 3]))
    #expect(try data(seed: 1) { $0.shufflesTags = true }.trainingTags(at: rows)?.values != others.values)
  }

  @Test func textsAreNumberedAlikeOnAllSides() throws {
    func split(_ name: String, _ texts: [String]) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "caption", kind: .tokens(length: 3, vocabulary: 5)),
            items: .tokens(texts.flatMap { _ in [2, 4, 3] }),
            rows: texts.indices.map { texts[$0].isEmpty ? ModalityColumn.absent : Int32($0) })
        ], labels: [:], texts: ["caption": texts])
    }
    let dataset = MultimodalDataset(
      name: "texts", train: split("train", ["a b", "c", "a b ", ""]),
      validation: split("validation", ["d", "c", "e", "d"]),
      test: split("test", ["c", "", "f", ""]), classNames: [:], checksum: "texts")
    let data = try AlignedData(dataset, options: DataOptions())
    #expect(data.textNumbers(of: 0, in: .train) == [0, 1, 0, -1])
    #expect(data.textNumbers(of: 0, in: .validation) == [2, 1, 3, 2])
    #expect(data.textNumbers(of: 0, in: .test) == [1, -1, 4, -1])
    #expect(data.samplingValidation(most: 2).textNumbers(of: 0, in: .validation) == [2, 3])
    let texts = data.differentTexts(of: 0, at: [3, 2, 1, 0], in: .train)
    #expect(texts.numbers == [0, 1, 2, 1] && texts.firsts == [0, 1, 2])
    // Without a text an observation is equal to no other.
    #expect(data.differentTexts(of: 0, at: [1, 3], in: .test).firsts == [0, 1])
    // Where no texts are kept, the same item is the same text.
    #expect(try self.data().textNumbers(of: 2, in: .test) == [0, -1, 2, 3, 4])
  }

  @Test func aSampleOfValidationIsEvenlySpread() throws {
    let data = try data()
    let sample = data.samplingValidation(most: 5)
    #expect(sample.count(.validation) == 5 && sample.count(.train) == 40 && sample.count(.test) == 5)
    #expect(sample.labels("kind", of: .validation) == [0, 2, 1, 0, 2])
    #expect(sample.presence(.validation).complete == [0, 1, 2, 3, 4])
    #expect(data.samplingValidation(most: 10).count(.validation) == 10)
  }

  @Test func pixelsAreStandardisedByTheTrainingSide() throws {
    let statistics = try #require(try data { $0.normalisation = .standardised }.channelStatistics)
    #expect(abs(statistics.mean[0] - 0.195) < 1e-6 && abs(statistics.deviation[0] - 0.115434) < 1e-5)
    #expect(try data().channelStatistics == nil)
  }
}
