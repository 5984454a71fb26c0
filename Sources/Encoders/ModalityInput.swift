import Autograd
import Datasets
import Graphs
import Kernels

/// A batch of one modality's items as a network takes them.
public enum ModalityInput {
  /// `[batch, …]` as the modality's kind has it; images and spectrograms with channels last.
  case numbers(Tensor)
  /// `[batch, length]` token numbers, 0 for padding.
  case tokens([Int32], length: Int)

  /// Shapes a batch of items, one after another, as their kind has it.
  public init(_ items: ModalityItems, kind: ModalityKind) {
    switch (items, kind) {
    case (.tokens(let tokens), _): self = .tokens(tokens, length: kind.elementCount)
    case (.numbers(let values), .image(let height, let width, let channels)):
      self = .numbers(Tensor(values, shape: [values.count / kind.elementCount, height, width, channels]))
    case (.numbers(let values), .video(let frames, let height, let width, let channels)):
      self = .numbers(Tensor(values, shape: [values.count / kind.elementCount, frames, height, width, channels]))
    case (.numbers(let values), .spectrogram(let frames, let bands)):
      self = .numbers(Tensor(values, shape: [values.count / kind.elementCount, frames, bands, 1]))
    case (.numbers(let values), .series(let length, let channels)):
      self = .numbers(Tensor(values, shape: [values.count / kind.elementCount, length, 1 + channels]))
    case (.numbers(let values), .regions(let count, _, _)):
      self = .numbers(
        Tensor(values, shape: [values.count / kind.elementCount, count, kind.elementCount / max(count, 1)]))
    case (.numbers(let values), _):
      self = .numbers(Tensor(values, shape: [values.count / kind.elementCount, kind.elementCount]))
    }
  }
}

extension GraphBuilder {
  /// Items of a modality that come into a graph: pictures as `pixel_values [batch, channels, height, width]`, texts as
  /// `input_ids [batch, length]`, others under the modality's name with the shape of its kind.
  public func input(for modality: Modality) -> GraphValue {
    switch modality.kind {
    case .image(let height, let width, let channels):
      input("pixel_values", shape: [channels, height, width], isChannelsFirst: true)
    case .tokens(let length, _): input("input_ids", .int64, shape: [length])
    case .video(let frames, let height, let width, let channels):
      input(modality.name, shape: [frames, height, width, channels])
    case .spectrogram(let frames, let bands): input(modality.name, shape: [frames, bands]).asImage
    case .series(let length, let channels): input(modality.name, shape: [length, 1 + channels])
    case .regions(let count, _, _): input(modality.name, shape: [count, modality.kind.elementCount / max(count, 1)])
    case .vector(let count), .tags(let count), .label(let count): input(modality.name, shape: [count])
    }
  }
}

extension ModalityInput {
  /// The items at some places of the batch.
  public func gathering(_ places: [Int32]) -> ModalityInput {
    switch self {
    case .numbers(let tensor):
      let shape = Array(tensor.shape.dropFirst())
      let rows = tensor.reshaped(to: [tensor.shape[0], shape.reduce(1, *)]).gatheringRows(places)
      return .numbers(rows.reshaped(to: [places.count] + shape))
    case .tokens(let tokens, let length):
      return .tokens(places.flatMap { tokens[Int($0) * length..<(Int($0) + 1) * length] }, length: length)
    }
  }

  /// The same batch with the items of some observations missing: numbers become 0, texts empty.
  public func masked(present: [Bool]) -> ModalityInput {
    switch self {
    case .numbers(let tensor):
      let weights = Tensor(present.map { $0 ? 1 : 0 }, shape: [present.count] + tensor.shape.dropFirst().map { _ in 1 })
      return .numbers(tensor * weights)
    case .tokens(let tokens, let length):
      return .tokens(tokens.enumerated().map { present[$0.offset / length] ? $0.element : 0 }, length: length)
    }
  }
}
