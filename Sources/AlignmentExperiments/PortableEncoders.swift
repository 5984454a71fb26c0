import Autograd
import Datasets
import Diagnostics
import Encoders
import Foundation
import Graphs
import Interchange
import Kernels
import Layers
import Methods
import Runs
import Search
import StrictYAML
import Training

extension AlignmentExperiment {
  /// The encoder of each modality with the method's own layers, with what the seed's folder keeps of the data.
  public func networks(
    seed: Int, settings: AlignmentSettings, checkpoint: URL, context: SeedContext
  ) throws -> (networks: [PortableNetwork], scale: SimilarityScale?) {
    let (model, data, form) = try opened(seed: seed, settings: settings, checkpoint: checkpoint, context: context)
    return (model.networks(data, form: form), model.method.similarityScale)
  }
}

extension AlignmentModel {
  /// The encoder of each modality as other programs take it.
  public func networks(_ data: AlignedData, form: DatasetForm) -> [PortableNetwork] {
    data.modalities.indices.map { PortableEncoder(self, data, form, place: $0).network }
  }
}

/// The encoder of a modality as other programs take it.
struct PortableEncoder {
  private let model: AlignmentModel
  private let data: AlignedData
  private let form: DatasetForm
  private let place: Int
  private let modality: Modality

  init(_ model: AlignmentModel, _ data: AlignedData, _ form: DatasetForm, place: Int) {
    (self.model, self.data, self.form, self.place) = (model, data, form, place)
    modality = data.modalities[place]
  }

  var network: PortableNetwork {
    PortableNetwork(name: name, kind: kind, preparation: preparation, graph: graph, example: example)
  }

  private var kind: PortableNetwork.Kind {
    switch modality.kind {
    case .image: .image
    case .tokens: .text
    default: .other
    }
  }

  /// `image` and `text` where there is one of them.
  private var name: String {
    switch modality.kind {
    case .image where data.image == place: "image"
    case .tokens where data.captions.count == 1: "text"
    default: modality.name
    }
  }

  private var preparation: JSONValue {
    switch modality.kind {
    case .image(let height, let width, _):
      let (mean, deviation) = model.inputs.normalisation(of: place) ?? ([], [])
      return PortableNetwork.pictures(
        height: height, width: width, mean: mean, deviation: deviation,
        how: form.pictureForms[modality.name]?.description ?? "as the data set has them")
    case .tokens(let length, let vocabulary):
      return texts(length: length, vocabulary: vocabulary)
    case .video: return .object([.init("items", .text("videos, frames of pixels with channels last"))])
    case .spectrogram: return .object([.init("items", .text("spectrograms, frames by bands"))])
    case .series: return .object([.init("items", .text("series: a step is 1 and its numbers, zeros for padding"))])
    case .regions:
      return .object([
        .init(
          "items",
          .text("regions: 1, box (left, top, right, bottom, area), features, shares of classes; zeros for padding"))
      ])
    case .vector: return .object([.init("items", .text("vectors of numbers"))])
    case .tags:
      let names = form.tagNames[modality.name] ?? []
      return .object([
        .init("items", .text("sets of tags, 1 for each that is there")), .init("names", .list(names.map { .text($0) })),
      ])
    case .label:
      let names = form.classNames[modality.name] ?? []
      return .object([
        .init("items", .text("classes, 1 at their place")), .init("names", .list(names.map { .text($0) })),
      ])
    }
  }

  /// How texts become tokens: in a vocabulary that captions share, the pieces of each language follow those before.
  private func texts(length: Int, vocabulary: Int) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("items", .text("texts as token numbers, padded with 0")), .init("modality", .text(modality.name)),
      .init("length", .integer(length)), .init("vocabularySize", .integer(vocabulary)),
    ]
    guard let caption = data.vocabulary.caption(named: modality.name) else { return .object(members) }
    func token(_ name: String, _ number: Int32) { members.append(.init(name, .integer(Int(number)))) }
    members.append(.init("longest", .integer(caption.length)))
    token("padding", SubwordTokeniser.padding)
    token("begin", SubwordTokeniser.begin)
    token("end", SubwordTokeniser.end)
    token("capital", SubwordTokeniser.capital)
    token("capitals", SubwordTokeniser.capitals)
    token("joined", SubwordTokeniser.joined)
    token("firstByte", SubwordTokeniser.firstByte)
    token("firstPiece", SubwordTokeniser.firstPiece + caption.offset)
    members += [
      .init("pieces", .list(caption.tokeniser.pieces.map { .text($0) })),
      .init("merges", .text("\(RunFolder.dataForm), tokenisers, \(modality.name)")),
    ]
    return .object(members)
  }

  private func graph() throws -> OperatorGraph {
    let builder = GraphBuilder()
    let output = try model.method.described(of: place, builder.input(for: modality))
    let width = try example(count: 1).expected.columns
    return try builder.graph(named: name, outputs: [(.init("\(name)_embeds", shape: [width]), output)])
  }

  /// Draws items and represents them.
  private func example(count: Int) throws -> PortableNetwork.Example {
    var stream = RandomStream(seed: 0, name: "export \(modality.name)")
    let items = drawn(count, &stream)
    let input = model.inputs(items, of: place)
    guard
      let found = Tape.withoutRecording({ model.method.representation(of: [MemberInput(place, input)]) })
    else {
      throw UserError(
        .data, "\(modality.name) has no representation by this method", at: "method.name",
        mend: "export another modality: --part NAME")
    }
    let array: NumericArray
    switch (input, modality.kind) {
    case (.numbers(let tensor), .image(let height, let width, let channels)):
      array = PortableNetwork.channelsFirst(
        tensor.values, count: count, height: height, width: width, channels: channels)
    case (.numbers(let tensor), .spectrogram(let frames, let bands)):
      array = NumericArray(tensor.values, shape: [count, frames, bands])
    case (.numbers(let tensor), _): array = NumericArray(tensor.values, shape: tensor.shape)
    case (.tokens(let tokens, let length), _):
      array = NumericArray(tokens.map { Int64($0) }, shape: [count, length])
    }
    return .init(
      input: array, expected: Matrix(rows: count, columns: found.count / max(count, 1), values: found.values))
  }

  private func drawn(_ count: Int, _ stream: inout RandomStream) -> ModalityItems {
    switch modality.kind {
    case .tokens(let length, let vocabulary):
      var tokens: [Int32] = []
      for text in 0..<count {
        // The first text is as long as can be.
        let used = text == 0 ? length : 1 + stream.below(length)
        for place in 0..<length { tokens.append(place < used ? Int32(1 + stream.below(vocabulary - 1)) : 0) }
      }
      return .tokens(tokens)
    case .series, .regions:
      let (length, channels) = modality.kind.steps
      var numbers: [Float] = []
      for item in 0..<count {
        let used = item == 0 ? length : 1 + stream.below(length)
        for step in 0..<length {
          numbers.append(step < used ? 1 : 0)
          for _ in 0..<channels { numbers.append(step < used ? 2 * stream.uniform() - 1 : 0) }
        }
      }
      return .numbers(numbers)
    case .label(let classes):
      return .numbers((0..<count).flatMap { item in (0..<classes).map { $0 == item % classes ? 1 : 0 } })
    case .tags(let all): return .numbers((0..<count * all).map { _ in stream.uniform() < 0.2 ? 1 : 0 })
    case .image, .video, .spectrogram, .vector:
      return .numbers((0..<count * modality.kind.elementCount).map { _ in stream.uniform() })
    }
  }
}

extension ModalityKind {
  /// The marked places of a series or of regions, and the numbers of each behind the mark.
  fileprivate var steps: (length: Int, numbers: Int) {
    switch self {
    case .series(let length, let channels): (length, channels)
    case .regions(let count, let features, let classes): (count, Self.regionHead - 1 + features + classes)
    case .image, .video, .spectrogram, .vector, .tokens, .tags, .label: (1, elementCount)
    }
  }
}
