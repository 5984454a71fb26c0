import Datasets
import Diagnostics
import Encoders
import Evaluators
import Foundation
import Kernels
import Methods
import Options
import Testing
import Training

/// Pictures by another hand beside those that a model learnt from.
@Suite final class ShiftTests {
  private static let side = 8
  private static let names = (0..<12).map { "1F\(600 + $0)-200D-2642-FE0F" }

  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private static func pixels(_ index: Int, of name: String) -> [UInt8] {
    var stream = RandomStream(seed: UInt64(index), name: name)
    return (0..<side * side * 3).map { _ in UInt8(stream.below(256)) }
  }

  private func model() throws -> FrozenModel {
    let words = ["red", "green", "blue", "round", "long", "small"]
    let tokeniser = SubwordTokeniser(texts: words + words)
    func split(_ name: String) -> MultimodalSplit {
      let rows = Self.names.indices.map { Int32($0) }
      // The first two captions are the same text.
      let texts = Self.names.indices.map { "\(words[max($0, 1) % 6]) \(words[max($0, 1) / 2])" }
      return MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "picture", kind: .image(height: Self.side, width: Self.side, channels: 3)),
            items: .numbers(Self.names.indices.flatMap { Self.pixels($0, of: name).map { Float($0) / 255 } }),
            rows: rows),
          ModalityColumn(
            modality: Modality(name: "caption", kind: .tokens(length: 12, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(tokeniser.encode(texts, length: 12)), rows: rows),
        ], labels: ["form": rows.map { $0 % 2 }], identifiers: Self.names, texts: ["caption": texts])
    }
    let dataset = MultimodalDataset(
      name: "album", train: split("train"), validation: split("validation"), test: split("test"),
      classNames: ["form": ["round", "long"]], checksum: "album", tokenisers: ["caption": tokeniser])
    let data = try AlignedData(dataset, options: DataOptions())
    var options = EncoderOptions()
    (options.imageDimensions, options.imageLayers, options.imageHeads) = (8, 1, 2)
    (options.textDimensions, options.textLayers, options.textHeads, options.dimensions) = (8, 1, 2, 6)
    var stream = RandomStream(seed: 2, name: "init")
    let encoders = EncoderSet(data.modalities, options: options, stream: &stream)
    var parts = MethodParts(encoders: encoders, data: data, seed: 2, stream: stream)
    return FrozenModel(CLIPOptions().make(&parts), data: data, inputs: InputMaker(data), side: .test, seed: 0)
  }

  /// Writes a picture for each name, that of another observation where `turn` is not 0.
  private func write(_ names: some Sequence<Int>, turn: Int = 0) throws {
    for index in names {
      let name = Self.names[index].replacing("-200D", with: "").replacing("-FE0F", with: "").lowercased()
      let pixels = Self.pixels((index + turn) % Self.names.count, of: "test")
      try PNGFile(width: Self.side, height: Self.side, pixels: pixels).write(to: folder.appending(path: "\(name).png"))
    }
  }

  private func scores() throws -> [String: [String: Double]] {
    var evaluator = ShiftEvaluator()
    (evaluator.folder, evaluator.resamples) = (folder.path, 200)
    let tables = try evaluator.tables(of: try model(), after: [])
    #expect(tables.map(\.evaluator) == ["shift"])
    return Dictionary(grouping: tables.flatMap(\.entries), by: { $0.subject.text }).mapValues { entries in
      Dictionary(uniqueKeysWithValues: entries.map { ($0.metric.name, $0.value) })
    }
  }

  @Test func theSamePicturesLoseNothing() throws {
    try write(Self.names.indices)
    let scores = try scores()
    #expect(
      Set(scores.keys) == [
        "picture → caption R@1", "picture → caption R@5", "picture → caption R@10", "caption → picture R@1",
        "caption → picture R@5", "caption → picture R@10", "zero-shot form", "linear probe form",
      ])
    for (name, row) in scores {
      #expect(row["own pictures"] == row["other pictures"], "\(name)")
      #expect(row["drop"] == 0 && row["drop, from"] == 0 && row["drop, to"] == 0, "\(name)")
    }
    // Ten of twelve are always found, and each of the two equal captions by the other's picture, too.
    #expect((scores["picture → caption R@10"]?["own pictures"] ?? 0) >= 10.0 / 12 - 1e-9)
  }

  @Test func otherPicturesChangeWhatIsRight() throws {
    try write(Self.names.indices, turn: 1)
    let scores = try scores()
    #expect(scores.values.contains { $0["own pictures"] != $0["other pictures"] })
    for (name, row) in scores {
      let (own, other) = (try #require(row["own pictures"]), try #require(row["other pictures"]))
      #expect(abs(try #require(row["drop"]) - (own - other)) < 1e-12, "\(name)")
      let (from, to) = (try #require(row["drop, from"]), try #require(row["drop, to"]))
      #expect(from <= own - other + 1e-9 && own - other <= to + 1e-9, "\(name)")
    }
    #expect(scores.values.contains { ($0["drop, to"] ?? 0) > ($0["drop, from"] ?? 0) })
  }

  @Test func onlyObservationsWithAPictureCount() throws {
    try write([2, 3, 4, 5, 6])
    let scores = try scores()
    // Of five candidates all are among the first five.
    #expect(scores["picture → caption R@5"]?["own pictures"] == 1)
    var evaluator = ShiftEvaluator()
    evaluator.folder = folder.path
    #expect(evaluator.notes(on: try model()).first?.hasPrefix("Shift: 5 of 12 observations have a picture in ") == true)
  }

  @Test func aMissingFolderIsNamed() throws {
    var evaluator = ShiftEvaluator()
    evaluator.folder = "/nowhere/emoji"
    let error = #expect(throws: UserError.self) { try evaluator.pictures() }
    #expect(error?.place == "/nowhere/emoji" && error?.mend?.contains("ruby-gemojione") == true)
  }
}
