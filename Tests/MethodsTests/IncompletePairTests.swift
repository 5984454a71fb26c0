import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Methods
import Objectives
import Options
import Testing

/// Pairs of observations of which some lack a modality.
@Suite struct IncompletePairTests {
  private static let dataset: MultimodalDataset = {
    func split(_ name: String) -> MultimodalSplit {
      var stream = RandomStream(seed: 3, name: name)
      return MultimodalSplit(
        name: name,
        columns: [("one", [0, 1, 2, 3, 4, 5] as [Int32]), ("two", [0, 1, 2, 3, -1, 4])].map { name, rows in
          ModalityColumn(
            modality: Modality(name: name, kind: .vector(count: 5)),
            items: .numbers((0..<5 * (rows.max() ?? 0) + 5).map { _ in stream.uniform() - 0.5 }), rows: rows)
        }, labels: ["kind": [0, 1, 0, 1, 0, 1]])
    }
    return MultimodalDataset(
      name: "vectors", train: split("train"), validation: split("validation"), test: split("test"),
      classNames: ["kind": ["a", "b"]], checksum: "vectors")
  }()

  private func loss(_ options: any MethodOptions, rows: [Int]) throws -> Float {
    let data = try AlignedData(Self.dataset, options: DataOptions())
    #expect(options.indispensable(in: data).isEmpty)
    var model = EncoderOptions()
    (model.vectorDimensions, model.dimensions) = ([6], 4)
    var stream = RandomStream(seed: 2, name: "init")
    let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
    var parts = MethodParts(encoders: encoders, data: data, seed: 2, stream: stream)
    let method = options.make(&parts)
    let batch = TrainingBatch(
      rows: rows, step: 0, streams: RandomStreams(seed: 1), data: data, inputs: InputMaker(data))
    let representations = try method.representations(of: batch, in: .evaluation)
    return try method.loss(of: representations, keys: [], batch: batch).total.scalar
  }

  @Test func anObservationThatLacksAModalityIsInNoPairOfIt() throws {
    for options in [CLIPOptions(), SigLIPOptions(), Triplet.Options(), FDTOptions()] as [any MethodOptions] {
      let whole = try loss(options, rows: [0, 1, 2, 5])
      #expect(abs(try loss(options, rows: [0, 1, 4, 2, 5]) - whole) < 1e-5, "\(type(of: options).key)")
      #expect(abs(try loss(options, rows: [0, 1, 3, 2, 5]) - whole) > 1e-5, "\(type(of: options).key)")
      #expect(try loss(options, rows: [0, 4]) == 0, "\(type(of: options).key)")
    }
  }
}
