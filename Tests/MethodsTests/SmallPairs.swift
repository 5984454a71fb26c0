import Datasets
import Encoders
import Kernels
import Methods
import Options

/// Two pictures with two captions, and methods of small encoders on them.
struct SmallPairs {
  let data: AlignedData
  let inputs: InputMaker
  let method: any AlignmentMethod

  /// The pictures' and captions' places.
  static let (picture, caption) = (0, 1)

  init(
    _ options: some MethodOptions, data dataOptions: DataOptions = DataOptions(),
    augmentation: AugmentationOptions = AugmentationOptions(), steps: Int? = nil,
    model change: (inout EncoderOptions) -> Void = { _ in }
  ) throws {
    data = try AlignedData(Self.dataset, options: dataOptions, augmentation: augmentation)
    inputs = InputMaker(data)
    var model = EncoderOptions()
    (model.imageDimensions, model.imageLayers, model.imageHeads) = (8, 1, 2)
    (model.textDimensions, model.textLayers, model.textHeads) = (8, 1, 2)
    (model.imageWidths, model.dimensions) = ([4, 6], 4)
    change(&model)
    var stream = RandomStream(seed: 2, name: "init")
    let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
    var parts = MethodParts(encoders: encoders, data: data, seed: 2, steps: steps, stream: stream)
    method = options.make(&parts)
  }

  /// Both observations as a batch.
  ///
  /// - Parameter streams: what views and changes are drawn from; those of a training's beginning unless given, so that without
  ///   them every step has the same views.
  func batch(step: Int = 0, rows: [Int] = [0, 1], streams: RandomStreams = RandomStreams(seed: 1)) -> TrainingBatch {
    TrainingBatch(rows: rows, step: step, streams: streams, data: data, inputs: inputs)
  }

  /// The items of both observations.
  func input(of place: Int) throws -> ModalityInput {
    inputs(try data.items(of: place, at: [0, 1], in: .train), of: place)
  }

  private static let dataset: MultimodalDataset = {
    var stream = RandomStream(seed: 1, name: "pictures")
    let tokeniser = SubwordTokeniser(texts: ["a b c d e f", "g h i"], minimumCount: 1)
    let pixels = (0..<2 * 8 * 16 * 3).map { _ in stream.uniform() }
    func split(_ name: String) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "picture", kind: .image(height: 8, width: 16, channels: 3)),
            items: .numbers(pixels), rows: [0, 1]),
          ModalityColumn(
            modality: Modality(name: "caption", kind: .tokens(length: 6, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(["a b c", "d e f g"].flatMap { tokeniser.encode($0, length: 6) }), rows: [0, 1]),
        ], labels: ["kind": [0, 1]])
    }
    return MultimodalDataset(
      name: "pairs", train: split("train"), validation: split("validation"), test: split("test"),
      classNames: ["kind": ["a", "b"]], checksum: "pairs", tokenisers: ["caption": tokeniser])
  }()
}
