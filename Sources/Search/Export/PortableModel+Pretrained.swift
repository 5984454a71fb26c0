import Datasets
import Diagnostics
import Foundation
import Graphs
import Interchange
import Kernels
import Layers
import Pretrained
import StrictYAML

extension PortableModel {
  /// Takes an imported model.
  ///
  /// - Throws: `UserError` where it is damaged.
  public init(imported folder: URL) throws(UserError) {
    let model = try PretrainedModel(folder: folder)
    let (description, name) = (model.description, folder.lastPathComponent)
    let own = description.configuration
    var origin: [JSONValue.Member] = [
      .init("source", .text(description.source)), .init("weights", .text(description.checksum)),
      .init("scale", .number(Double(model.scale))),
      .init("activation", .list([.text(own.image.activation.rawValue), .text(own.text.activation.rawValue)])),
    ]
    if let licence = description.licence { origin.append(.init("licence", .text(licence))) }
    self.init(
      name: name, stem: name, origin: origin, networks: [Self.pictures(of: model), Self.texts(of: model)],
      files: PretrainedTokeniser.files(in: folder) ?? [])
  }

  private static func pictures(of model: PretrainedModel) -> PortableNetwork {
    let form = model.description.configuration.picture
    let side = form.side
    return PortableNetwork(
      name: "image", kind: .image,
      preparation: PortableNetwork.pictures(
        height: side, width: side, mean: form.mean, deviation: form.deviation,
        how: "shorter side to \(side) by bicubic sums (as Pillow), middle square, RGB"),
      graph: {
        let builder = GraphBuilder()
        let input = builder.input("pixel_values", shape: [3, side, side], isChannelsFirst: true)
        return try builder.graph(
          named: "image",
          outputs: [
            (
              .init("image_embeds", shape: [model.model.configuration.dimensions]),
              model.model.describedImages(input).l2Normalised()
            )
          ])
      },
      example: { count in
        var stream = RandomStream(seed: 0, name: "export image")
        let pixels = (0..<count * side * side * 3).map {
          (stream.uniform() - form.mean[$0 % 3]) / form.deviation[$0 % 3]
        }
        return .init(
          input: PortableNetwork.channelsFirst(pixels, count: count, height: side, width: side, channels: 3),
          expected: model.images(pixels, count: count))
      })
  }

  private static func texts(of model: PretrainedModel) -> PortableNetwork {
    let own = model.description.configuration
    let rule: String
    switch own.readout {
    case .largest: rule = "the first of the largest number"
    case .token(let token): rule = "the first that is \(token)"
    }
    return PortableNetwork(
      name: "text", kind: .text,
      preparation: .object([
        .init("items", .text("texts as token numbers, padded with 0")), .init("length", .integer(own.length)),
        .init("vocabularySize", .integer(own.vocabulary)), .init("endToken", .text(rule)),
      ]),
      graph: {
        let builder = GraphBuilder()
        let input = builder.input("input_ids", .int64, shape: [own.length])
        return try builder.graph(
          named: "text",
          outputs: [(.init("text_embeds", shape: [own.dimensions]), model.model.describedTexts(input).l2Normalised())])
      },
      example: { count in
        var stream = RandomStream(seed: 0, name: "export text")
        var end = own.vocabulary - 1
        if case .token(let token) = own.readout { end = Int(token) }
        let rows = (0..<count).map { row in
          // The first text is as long as can be.
          let words = row == 0 ? own.length - 1 : stream.below(own.length)
          let used = (0..<words).map { _ in Int32(stream.below(own.vocabulary)) } + [Int32(end)]
          return used + [Int32](repeating: 0, count: own.length - used.count)
        }
        return .init(
          input: NumericArray(rows.joined().map { Int64($0) }, shape: [count, own.length]), expected: model.texts(rows))
      })
  }
}

extension PortableNetwork {
  /// How pictures become the input.
  public static func pictures(
    height: Int, width: Int, mean: [Float], deviation: [Float], how: String
  ) -> JSONValue {
    .object([
      .init("items", .text("pictures in 0…1, less mean, divided by deviation, channels first")),
      .init("height", .integer(height)), .init("width", .integer(width)),
      .init("mean", .list(mean.map { .number(Double($0)) })),
      .init("deviation", .list(deviation.map { .number(Double($0)) })), .init("how", .text(how)),
    ])
  }

  /// Pictures with their channels before rows and columns.
  public static func channelsFirst(
    _ pixels: [Float], count: Int, height: Int, width: Int, channels: Int
  ) -> NumericArray {
    let input = GraphConstant(pixels, shape: [count, height, width, channels]).permuted([0, 3, 1, 2])
    return NumericArray(input.floats, shape: input.shape)
  }
}
