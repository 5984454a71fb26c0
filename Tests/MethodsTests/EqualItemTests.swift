import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Methods
import Objectives
import Options
import Testing

/// Several captions a picture, and captions that several pictures have.
@Suite struct EqualItemTests {
  /// Six observations: two pictures with three and two captions, and one with a caption of the second.
  private static let texts = ["a b", "c d", "E f", "g", "h i", "g "]

  private static let dataset: MultimodalDataset = {
    var stream = RandomStream(seed: 1, name: "pictures")
    let tokeniser = SubwordTokeniser(texts: texts, minimumCount: 1)
    let pixels = (0..<3 * 8 * 8 * 3).map { _ in stream.uniform() }
    func split(_ name: String) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "picture", kind: .image(height: 8, width: 8, channels: 3)),
            items: .numbers(pixels), rows: [0, 0, 0, 1, 1, 2]),
          ModalityColumn(
            modality: Modality(name: "caption", kind: .tokens(length: 6, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(texts.flatMap { tokeniser.encode($0, length: 6) }), rows: [0, 1, 2, 3, 4, 5]),
        ], labels: [:], texts: ["caption": texts])
    }
    return MultimodalDataset(
      name: "captions", train: split("train"), validation: split("validation"), test: split("test"), classNames: [:],
      checksum: "captions", tokenisers: ["caption": tokeniser])
  }()

  private func data(spares: Bool = true) throws -> AlignedData {
    var options = DataOptions()
    options.sparesEqualItems = spares
    return try AlignedData(Self.dataset, options: options)
  }

  private func batch(_ rows: [Int], _ data: AlignedData) -> TrainingBatch {
    TrainingBatch(rows: rows, step: 0, streams: RandomStreams(seed: 1), data: data, inputs: InputMaker(data))
  }

  @Test func aPictureOrATextMayBeShared() throws {
    let data = try data()
    #expect(batch([0, 1, 3, 4], data).sharing(0, 1) == [0, 0, 2, 2])
    // Observation 5 has another picture than 3, and the same caption.
    #expect(batch([3, 5, 0], data).sharing(0, 1) == [0, 0, 2])
    #expect(batch([4, 5, 0], data).sharing(0, 1) == nil)
    #expect(batch([4, 3, 5], data).sharing(0, 1) == [0, 0, 0])
    #expect(batch([0, 1], try self.data(spares: false)).sharing(0, 1) == nil)
    #expect(batch([3, 5, 4], data).itemNumbers(of: [0, 1])?.map { $0[0] } == [1, 2, 1])
    #expect(batch([0], try self.data(spares: false)).itemNumbers(of: [0, 1]) == nil)
  }

  private static let methods: [any MethodOptions] = {
    var joints = GMCOptions()
    joints.objective.negatives = .pairwise
    var vse = VSE.Options(negatives: .all, margin: 0.2)
    vse.margin = 2
    var mct = MCTOptions()
    (mct.objective.intra, mct.objective.inter, mct.headDimensions) = (.batch, .clip, 8)
    mct.objective.weights.tags = 0
    return [CLIPOptions(), FDTOptions(), GMCOptions(), joints, vse, mct]
  }()

  /// Observations that all share one picture have nothing to be told apart from.
  @Test(arguments: methods.indices) func whatSharesAPictureIsNotToldApart(index: Int) throws {
    func loss(spares: Bool) throws -> Float {
      let data = try data(spares: spares)
      var model = EncoderOptions()
      (model.imageDimensions, model.imageLayers, model.imageHeads) = (8, 1, 2)
      (model.textDimensions, model.textLayers, model.textHeads, model.dimensions) = (8, 1, 2, 4)
      var stream = RandomStream(seed: 2, name: "init")
      let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
      var parts = MethodParts(encoders: encoders, data: data, seed: 2, stream: stream)
      let method = Self.methods[index].make(&parts)
      return try method.step(batch([0, 1, 2], data), in: .evaluation).total.scalar
    }
    #expect(abs(try loss(spares: true)) < 1e-5)
    #expect(try loss(spares: false) > 0.01)
  }
}
