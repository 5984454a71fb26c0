import Autograd
import Datasets
import Diagnostics
import Encoders
import Evaluation
import Foundation
import Kernels
import Layers
import Methods
import Options
import Runs

/// Which regions each word looks at, in each connection layer and head: a figure for each of some observations.
public struct AttentionEvaluator: Evaluator {
  /// `attention`
  public static var key: String { "attention" }
  /// In a few words.
  public static var summary: String { "figures of the regions that each word looks at, of a method with co-attention" }

  /// The observations that are shown, evenly spread over the side; 0 draws none.
  public var shown = 3
  /// The most words of a text that are shown.
  public var words = 12

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [.count("shown", shown, atLeast: 0, atMost: 100), .count("words", words, atMost: 1_000)]
  }

  /// False pairs are shown as such.
  public static var knowsFalsePairs: Bool { true }

  /// The names of the files begin so.
  static let fileName = "attention"

  /// No numbers; draws the figures where the data have pictures.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let method = model.method as? any CoAttentionMethod, let folder = model.folder, shown > 0,
      let split = model.data[model.side],
      let image = model.data.dataset.modalities.first(where: { if case .image = $0.kind { true } else { false } }),
      case .image(let height, let width, let channels) = image.kind, [1, 3].contains(channels),
      let caption = model.data.vocabulary.caption(named: model.names[method.caption])
    else { return [] }
    let rows = model.data.presence(model.side).observations(having: [method.vision, method.caption])
      .filter { split.isPresent(image.name, at: $0) }.evenlySpread(shown)
    for (number, row) in rows.enumerated() {
      let texts = try model.input(method.caption, [row], model.side)
      guard case .numbers(let pixels) = try split.readItems(of: image.name, at: [row]),
        case .tokens(let tokens, _) = texts
      else { continue }
      let (layers, boxes) = method.attention(
        pictures: try model.input(method.vision, [row], model.side), texts: texts)
      let told = model.data.vocabulary.words(in: tokens, of: caption).prefix(words)
      guard !told.isEmpty, let heads = layers.first?.words.first?.count else { continue }
      let map = AttentionMap(
        pixels: pixels, height: height, width: width, channels: channels, boxes: boxes.values)
      var (pictures, lines) = ([Float](), [PictureGridFile.Row]())
      for word in told {
        var captions: [String] = []
        for layer in layers {
          for head in layer.words[0] {
            let weights = map.mean(head, over: word.places)
            pictures += map.shaded(by: weights)
            captions.append(String(format: "whole %.2f", weights[0]))
          }
        }
        lines.append(PictureGridFile.Row(name: word.text, captions: captions))
      }
      let text = model.data.text(model.names[method.caption], of: row, in: model.side) ?? ""
      try PictureGridFile(
        title: "regions that words look at: \(text)",
        caption:
          "Each row is a word of an observation of the \(model.side.rawValue) side\(said(row, of: model)); each column is a head of "
          + "a connection layer, 1.2 the second head of the first layer: the more a region is looked at, the less it fades, the most "
          + "looked-at one not at all. Under it stands the weight of the whole picture's mean.",
        rows: lines,
        columnNames: layers.indices.flatMap { layer in (1...heads).map { "\(layer + 1).\($0)" } },
        mayBePublished: model.data.dataset.provenance.picturesMayBePublished
      ).write(
        pictures: pictures, shape: [lines.count, layers.count * heads, height, width, channels],
        name: "\(Self.fileName)-\(number + 1)", to: folder)
    }
    return []
  }

  /// Whether people called the sentence true.
  private func said(_ row: Int, of model: FrozenModel) -> String {
    guard let truths = model.data.labels(MultimodalDataset.statementLabelling, of: model.side) else { return "" }
    return truths[row] < 0 ? "" : ", which people called \(truths[row] == 1 ? "true" : "false")"
  }
}

/// A picture whose regions fade by how little they are looked at.
package struct AttentionMap {
  let pixels: [Float]
  let height, width, channels: Int
  /// Five numbers for each region, the whole picture first.
  let boxes: [Float]

  package init(pixels: [Float], height: Int, width: Int, channels: Int, boxes: [Float]) {
    (self.pixels, self.height, self.width, self.channels, self.boxes) = (pixels, height, width, channels, boxes)
  }

  private var regions: Int { boxes.count / TwoStreamTransformer.boxNumbers }

  /// The weights of the regions, the mean over a word's tokens, of a head's `[tokens, regions]`.
  package func mean(_ head: [Float], over tokens: Range<Int>) -> [Float] {
    (0..<regions).map { region in
      tokens.reduce(Float(0)) { $0 + head[$1 * regions + region] } / Float(tokens.count)
    }
  }

  /// The picture, where a region of weight w keeps w / (largest weight) of itself and is white else; what no region covers is
  /// white.
  package func shaded(by weights: [Float]) -> [Float] {
    let largest = max(weights.dropFirst().max() ?? 0, .leastNormalMagnitude)
    var kept = [Float](repeating: 0, count: height * width)
    for region in 1..<max(regions, 1) {
      let box = boxes[region * TwoStreamTransformer.boxNumbers..<(region + 1) * TwoStreamTransformer.boxNumbers]
      let place = box.startIndex
      func pixel(_ share: Float, _ size: Int) -> Int { min(size, max(0, Int((share * Float(size)).rounded()))) }
      let (left, right) = (pixel(box[place], width), pixel(box[place + 2], width))
      for row in pixel(box[place + 1], height)..<max(pixel(box[place + 1], height), pixel(box[place + 3], height)) {
        for column in left..<max(left, right) {
          kept[row * width + column] = max(kept[row * width + column], weights[region] / largest)
        }
      }
    }
    return pixels.enumerated().map { index, value in
      let share = kept[index / channels]
      return 1 + share * (value - 1)
    }
  }
}
