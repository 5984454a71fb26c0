import Datasets
import Diagnostics
import Foundation
import Kernels
import Methods
import Search

/// Networks that see the mean colour of a picture and know the names of three colours; they count what they embed.
final class SampleEmbedder: Embedder {
  let data: SearchableData
  private(set) var pictureCount = 0
  private(set) var textCount = 0
  var scale = SimilarityScale(temperature: 0.5, origin: "method.temperature")

  /// Red, green, blue and again red.
  static let colours: [(name: String, pixel: [Float])] = [
    ("red", [1, 0, 0]), ("green", [0, 1, 0]), ("blue", [0, 0, 1]), ("dark red", [0.5, 0, 0]),
  ]

  init(hasTexts: Bool = true) {
    let names = Self.colours.map(\.name)
    let rows = names.indices.map { Int32($0) }
    let column = ModalityColumn(
      modality: Modality(name: "image", kind: .image(height: 1, width: 1, channels: 3)),
      items: .numbers(Self.colours.flatMap(\.pixel)), rows: rows)
    let split = MultimodalSplit(
      name: "test", columns: [column], labels: ["colour": [0, 1, 2, 0], "kind": [0, 0, 0, 0]],
      identifiers: ["a", "b", "c", "d"],
      texts: hasTexts ? ["caption-en": names, "caption-ko": ["빨강", "초록", "", "빨강"]] : [:])
    data = SearchableData(
      name: "colours", checksum: "0", imageName: "image", form: PictureForm(ImageResize(side: 1)), side: split,
      captions: hasTexts
        ? [
          .init(name: "caption-en", tokeniser: SubwordTokeniser(texts: names, minimumCount: 1)),
          .init(name: "caption-ko", tokeniser: SubwordTokeniser(texts: ["빨강 초록 red"], minimumCount: 1)),
        ] : [], classNames: ["colour": ["red", "green", "qqqqqq"], "wide": ["a", "b", "c", "d"]])
  }

  func embed(pictures pixels: [Float], count: Int) -> Matrix {
    pictureCount += count
    return Matrix(rows: count, columns: 3, values: pixels)
  }

  func embed(texts: [String], caption: String) -> Matrix {
    textCount += texts.count
    let words = [("red", "빨강"), ("green", "초록"), ("blue", "파랑")]
    return Matrix(
      rows: texts.count, columns: 3,
      values: texts.flatMap { text in words.map { text.contains($0.0) || text.contains($0.1) ? 1 : 0 } })
  }

  /// Writes a picture of one colour.
  static func write(_ pixel: [UInt8], to url: URL) throws {
    try PNGFile(width: 2, height: 2, pixels: [[UInt8]](repeating: pixel, count: 4).flatMap { $0 }).write(to: url)
  }
}
