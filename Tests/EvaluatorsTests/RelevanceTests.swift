import Datasets
import Encoders
import Evaluation
import Evaluators
import Kernels
import Methods
import Options
import Testing
import Training

/// Retrieval where a picture has five captions, and where captions are equal.
@Suite struct RelevanceTests {
  private static let words = ["red", "green", "blue", "round", "long"]

  /// Pictures with captions, a row for each caption.
  private func model(
    captions: [[String]], tags: [[Float]]? = nil, labels: [Int32] = []
  ) throws -> FrozenModel {
    let texts = captions.flatMap { $0 }
    let tokeniser = SubwordTokeniser(texts: Self.words, minimumCount: 1)
    let owners = captions.enumerated().flatMap { index, own in own.map { _ in Int32(index) } }
    func split(_ name: String) -> MultimodalSplit {
      var stream = RandomStream(seed: 4, name: name)
      var columns = [
        ModalityColumn(
          modality: Modality(name: "image", kind: .image(height: 8, width: 8, channels: 3)),
          items: .numbers((0..<captions.count * 192).map { _ in stream.uniform() }), rows: owners),
        ModalityColumn(
          modality: Modality(name: "caption", kind: .tokens(length: 6, vocabulary: tokeniser.vocabularyCount)),
          items: .tokens(texts.flatMap { tokeniser.encode($0, length: 6) }), rows: owners.indices.map { Int32($0) }),
      ]
      if let tags {
        // Each row has an item of its own.
        columns.append(
          ModalityColumn(
            modality: Modality(name: "marks", kind: .tags(count: tags[0].count)),
            items: .numbers(owners.flatMap { tags[Int($0)] }), rows: owners.indices.map { Int32($0) }))
      }
      return MultimodalSplit(
        name: name, columns: columns, labels: labels.isEmpty ? [:] : ["kind": owners.map { labels[Int($0)] }],
        texts: ["caption": texts])
    }
    let dataset = MultimodalDataset(
      name: "captions", train: split("train"), validation: split("validation"), test: split("test"),
      classNames: labels.isEmpty ? [:] : ["kind": ["a", "b"]], checksum: "captions",
      tokenisers: ["caption": tokeniser])
    var options = DataOptions()
    options.includesSupervision = tags != nil
    let data = try AlignedData(dataset, options: options)
    var model = EncoderOptions()
    (model.imageDimensions, model.imageLayers, model.imageHeads) = (8, 1, 2)
    (model.textDimensions, model.textLayers, model.textHeads, model.dimensions) = (8, 1, 2, 4)
    model.vectorDimensions = [6]
    var stream = RandomStream(seed: 2, name: "init")
    let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
    var parts = MethodParts(encoders: encoders, data: data, seed: 2, stream: stream)
    return FrozenModel(CLIPOptions().make(&parts), data: data, inputs: InputMaker(data), side: .test, seed: 0)
  }

  private func value(_ tables: [EvaluationTable], _ subject: String, _ metric: String) -> Double? {
    tables.scores.first { $0.evaluator.hasPrefix("retrieval") && $0.subject == subject && $0.metric == metric }?.value
  }

  /// With a row a caption, five equal rows of the own picture tied, so that no caption's rank was below 3.
  @Test func aPictureCountsOnceHoweverManyCaptionsItHas() throws {
    let alone = try model(captions: [Self.words])
    let tables = try RetrievalEvaluator().tables(of: alone, after: [])
    #expect(value(tables, "caption → image", "R@1") == 1 && value(tables, "image → caption", "R@1") == 1)
    // Five pictures of five captions: five candidates one way, 25 the other, any of the own five a hit.
    let several = try model(captions: (0..<5).map { number in Self.words.map { "\($0) \(Self.words[number])" } })
    let toImage = several.relevance(of: [0], for: [1])
    let toCaption = several.relevance(of: [1], for: [0])
    #expect(toImage.queries.count == 25 && toImage.candidates == [0, 5, 10, 15, 20])
    #expect(toImage.hits == (0..<25).map { [$0 / 5] })
    #expect(toCaption.queries.count == 5 && toCaption.hits == (0..<5).map { Array($0 * 5..<$0 * 5 + 5) })
    let all = try RetrievalEvaluator().tables(of: several, after: [])
    #expect(value(all, "caption → image", "R@5") == 1)
    #expect(try #require(value(all, "caption → image", "median rank")) <= 5)
  }

  @Test func equalTextsAreOneAndEachOfTheirPicturesIsRight() throws {
    // Two captions are equal as texts, whatever white space is behind them.
    let model = try model(captions: [["one"], ["two "], ["three"], ["two"]])
    let toImage = model.relevance(of: [0], for: [1])
    #expect(toImage.queries == [0, 1, 2] && toImage.candidates == [0, 1, 2, 3])
    #expect(toImage.hits == [[0], [1, 3], [2]])
    #expect(model.relevance(of: [1], for: [0]).hits == [[0], [1], [2], [1]])
    // A whole observation is its picture's and its caption's.
    let whole = model.relevance(of: [0], for: [0, 1])
    #expect(whole.queries == [0, 1, 2, 3] && whole.hits == [[0], [1], [2], [3]])
  }

  @Test func tagsWithRepeatsAndClassesAreItemsToo() throws {
    let model = try model(
      captions: [["red", "green"], ["blue"], ["long"]], tags: [[1, 0], [0, 1], [1, 0]], labels: [0, 1, 0])
    // Pictures 0 and 2 have equal tags.
    #expect(model.relevance(of: [2], for: [0]).hits == [[0], [1], [0]])
    #expect(model.relevance(of: [0], for: [2]).hits == [[0, 2], [1]])
    let byClass = model.relevance(of: [1], for: [0], classes: model.data.labels("kind", of: .test))
    #expect(byClass.queries == [0, 2, 3] && byClass.hits == [[0, 1, 3], [2], [0, 1, 3]])
    var options = RetrievalEvaluator()
    options.match = .label
    #expect(try value(options.tables(of: model, after: []), "image → caption", "R@10") == 1)
  }
}
