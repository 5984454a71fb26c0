import Datasets
import Diagnostics
import Encoders
import Evaluation
import Evaluators
import Foundation
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

  /// As COCO's 1K: each part by itself, then the mean over whole parts.
  @Test func partsAreSearchedByThemselves() throws {
    let model = try model(captions: (0..<5).map { number in Self.words.map { "\($0) \(Self.words[number])" } })
    var options = RetrievalEvaluator()
    options.partSize = 2
    let scores = try options.tables(of: model, after: []).scores
    func value(_ evaluator: String, _ subject: String, _ metric: String) -> Double? {
      scores.first { $0.evaluator == evaluator && $0.subject == subject && $0.metric == metric }?.value
    }
    var sum = 0.0
    for (from, to, subject) in [(1, 0, "caption → image"), (0, 1, "image → caption")] {
      // Pictures 0 and 1, 2 and 3; the fifth is no whole part.
      let parts = try [Array(0..<10), Array(10..<20)].map { rows in
        Retrieval(
          queries: try #require(try model.view(from)).values, candidates: try #require(try model.view(to)).values,
          relevance: model.relevance(of: [to], for: [from], among: rows))
      }
      #expect(parts.map(\.candidateCount) == (to == 0 ? [2, 2] : [10, 10]))
      for count in [1, 5, 10] {
        let mean = parts.compactMap { $0.recall(at: count) }.reduce(0, +) / 2
        #expect(value("retrieval, parts of 2", subject, "R@\(count)") == mean)
        sum += 100 * mean
      }
    }
    #expect(abs((value("rsum, parts of 2", "image – caption", "rsum") ?? 0) - sum) < 1e-9)
    #expect(value("retrieval", "caption → image", "R@5") == 1)
    options.partSize = 6
    #expect(try !options.tables(of: model, after: []).scores.contains { $0.evaluator.contains("parts") })
    #expect(options.notes(on: model).contains { $0.contains("parts of 6") })
  }

  /// Classes are called as a file says, in the sentences of another, and the report says so.
  @Test func zeroShotReadsTemplatesAndNamesFromFiles() throws {
    let model = try model(captions: [["red"], ["blue"], ["green"], ["long"]], labels: [0, 1, 0, 1])
    let folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (templates, names) = (folder.appending(path: "templates.txt"), folder.appending(path: "names.tsv"))
    try Data("'{} round',\n'long {}',\n".utf8).write(to: templates)
    try Data("a\tred\tgreen\nb\tblue\n".utf8).write(to: names)
    var options = ZeroShotEvaluator()
    (options.templates, options.classNames) = (templates.path, names.path)
    let sentences = [["red round", "long red", "green round", "long green"], ["blue round", "long blue"]]
    let features = try #require(try model.texts(sentences.flatMap { $0 }, in: 1)).features
    let prototypes = PrototypeClassifier(averaging: features, labels: [0, 0, 0, 0, 1, 1], classes: 2)
    let pictures = try #require(try model.representations(of: .test, by: [0]))
    let predictions = prototypes.predictions(for: pictures)
    let right = Double(zip(predictions, [0, 1, 0, 1]).count { $0 == $1 }) / 4
    let scores = try options.tables(of: model, after: []).scores
    #expect(scores.first { $0.evaluator == "zero-shot" && $0.metric == "kind" }?.value == right)
    #expect(
      options.notes(on: model) == [
        "Zero-shot: of each class the mean of its prompts' features, no training labels; 2 templates (\(templates.path)), "
          + "class names (\(names.path))."
      ])
    options.classNames = nil
    options.templates = "english"
    #expect(options.notes(on: model).first?.contains("7 templates (english)") == true)
    try Data("a\tred\n".utf8).write(to: names)
    options.classNames = names.path
    let error = #expect(throws: UserError.self) { try options.tables(of: model, after: []) }
    #expect(error?.description.contains("1 of 2 classes have no name there, the first \"b\"") == true)
    // A file of other classes would change nothing, so it is no silent one.
    try Data("c\tred\n".utf8).write(to: names)
    let foreign = #expect(throws: UserError.self) { try options.tables(of: model, after: []) }
    #expect(foreign?.description.contains("it has no class of the labellings kind") == true)
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
