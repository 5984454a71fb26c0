import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Methods
import Objectives
import Options
import Testing

/// Methods of pairs where an observation of the batch lacks a modality.
@Suite struct IncompletePairsTests {
  /// Three observations: the last has a picture and no caption.
  private static let dataset: MultimodalDataset = {
    var stream = RandomStream(seed: 1, name: "pictures")
    let tokeniser = SubwordTokeniser(texts: ["a b c d e f", "g h i"], minimumCount: 1)
    let pixels = (0..<3 * 8 * 8 * 3).map { _ in stream.uniform() }
    func split(_ name: String) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "picture", kind: .image(height: 8, width: 8, channels: 3)),
            items: .numbers(pixels), rows: [0, 1, 2]),
          ModalityColumn(
            modality: Modality(name: "caption", kind: .tokens(length: 6, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(["a b c", "d e f g"].flatMap { tokeniser.encode($0, length: 6) }),
            rows: [0, 1, ModalityColumn.absent]),
        ], labels: [:])
    }
    return MultimodalDataset(
      name: "pairs", train: split("train"), validation: split("validation"), test: split("test"), classNames: [:],
      checksum: "pairs", tokenisers: ["caption": tokeniser])
  }()

  private func step(_ options: some MethodOptions, rows: [Int]) throws -> (loss: Float, counts: [Int?]) {
    let data = try AlignedData(Self.dataset, options: DataOptions())
    var model = EncoderOptions()
    (model.imageDimensions, model.imageLayers, model.imageHeads) = (8, 1, 2)
    (model.textDimensions, model.textLayers, model.textHeads, model.dimensions) = (8, 1, 2, 4)
    (model.imageDropout, model.textDropout) = (0, 0)
    var stream = RandomStream(seed: 2, name: "init")
    let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
    var parts = MethodParts(encoders: encoders, data: data, seed: 2, stream: stream)
    let method = options.make(&parts)
    let streams = RandomStreams(seed: 1)
    let batch = TrainingBatch(rows: rows, step: 0, streams: streams, data: data, inputs: InputMaker(data))
    let found = try method.representations(of: batch, in: ForwardPass(streams: streams))
    let loss = try method.loss(of: found, keys: [], batch: batch)
    return (loss.total.scalar, found.map { $0?.shape[0] })
  }

  /// An observation without a pair changes neither the loss of the others nor what it is divided by.
  @Test func anObservationWithoutAPairTeachesNothing() throws {
    for options: any MethodOptions in [
      CLIPOptions(), VSE.Options(), SigLIPOptions(), FDTOptions(),
    ] {
      let pairs = try step(options, rows: [0, 1]).loss
      let more = try step(options, rows: [0, 1, 2]).loss
      #expect(pairs != 0 && abs(pairs - more) < 1e-5 * max(1, abs(pairs)), "\(type(of: options).key): \(pairs) \(more)")
    }
  }

  /// No zeros stand for what is missing, which would move the statistics of batch norm.
  @Test func whatIsMissingIsNotEncoded() throws {
    #expect(try step(VICRegOptions(), rows: [0, 1, 2]).counts == [3, 2])
    let alone = try step(VICRegOptions(), rows: [0, 2])
    #expect(alone.counts == [2, nil] && alone.loss == 0)
  }
}
