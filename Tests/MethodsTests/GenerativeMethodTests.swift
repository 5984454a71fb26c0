import Autograd
import Datasets
import Decoders
import Diagnostics
import Encoders
import Kernels
import Layers
import Methods
import Objectives
import Options
import Testing

@Suite struct GenerativeMethodTests {
  private static func options(
    _ objective: VAEOptions.Objective, _ change: (inout VAEOptions) -> Void = { _ in }
  ) -> VAEOptions {
    var options = VAEOptions()
    options.objective = objective
    options.draws = 3
    options.decoder.pictureWidths = [6, 4]
    options.decoder.widths = [8]
    change(&options)
    return options
  }

  /// More observations than MoPoE has subsets of two modalities.
  private static let rows = [0, 1, 0, 1]

  @Test func batchesWithoutAnObservationForEachSubsetAreRefused() throws {
    let pairs = try SmallPairs(Self.options(.mopoe))
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    let error = #expect(throws: UserError.self) {
      try Tape.backpropagate { try pairs.method.step(pairs.batch(), in: pass).total }
    }
    #expect(error?.place == "training.batchSize" && error?.mend == "set it to at least 3")
  }

  @Test(arguments: VAEOptions.Objective.allCases) func everyParameterHasAGradient(
    objective: VAEOptions.Objective
  ) throws {
    for texts in [DecoderOptions.TextForm.bag, .sequence] {
      let pairs = try SmallPairs(Self.options(objective) { $0.decoder.texts = texts })
      let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
      let total = try Tape.backpropagate { try pairs.method.step(pairs.batch(rows: Self.rows), in: pass).total }
      #expect(total.isFinite)
      let encoders = try #require(pairs.method.encoders)
      let idle = (encoders.parameters + pairs.method.parameters).filter { $0.parameter.gradient == nil }.map(\.path)
      #expect(idle == [], "\(objective), \(texts)")
    }
  }

  @Test(arguments: VAEOptions.Objective.allCases) func trainingLowersTheLoss(objective: VAEOptions.Objective) throws {
    let pairs = try SmallPairs(Self.options(objective) { $0.decoder.scale = 0.2 })
    struct All: Module {
      let encoders: EncoderSet
      let method: any AlignmentMethod
      var parts: [ModulePart] { [.module("encoders", encoders), .module("method", method)] }
    }
    let optimiser = Optimiser(.adam(), for: All(encoders: try #require(pairs.method.encoders), method: pairs.method))
    var losses: [Float] = []
    for step in 0..<60 {
      let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
      let batch = pairs.batch(step: step, rows: Self.rows)
      losses.append(try Tape.backpropagate { try pairs.method.step(batch, in: pass).total }.scalar)
      optimiser.update(learningRate: 0.01)
    }
    let (first, last) = (losses.prefix(5).reduce(0, +) / 5, losses.suffix(5).reduce(0, +) / 5)
    #expect(last < first - 0.1 * abs(first), "from \(first) to \(last)")
  }

  @Test(arguments: VAEOptions.Objective.allCases) func itemsAreWrittenInTheFormOfTheirModality(
    objective: VAEOptions.Objective
  ) throws {
    let pairs = try SmallPairs(Self.options(objective))
    let method = try #require(pairs.method as? any GenerativeMethod)
    let members = [MemberInput(SmallPairs.caption, try pairs.input(of: SmallPairs.caption))]
    let codes = method.posteriors(of: members)[0].mean
    guard case .numbers(let picture) = method.decoders[SmallPairs.picture].items(of: codes),
      case .tokens(let tokens, let length) = method.decoders[SmallPairs.caption].items(of: codes)
    else {
      Issue.record("a picture is numbers, a caption tokens")
      return
    }
    #expect(picture.shape == [2, 8, 16, 3] && length == 6 && tokens.count == 12)
    // An item is likeliest where it was written.
    let written = ModalityInput.numbers(picture)
    let decoder = method.decoders[SmallPairs.picture]
    let own = decoder.logLikelihood(of: written, given: codes.reshaped(to: [1] + codes.shape))
    let other = decoder.logLikelihood(of: written, given: (codes + 2).reshaped(to: [1] + codes.shape))
    #expect(zip(own.values, other.values).allSatisfy { $0 > $1 })
  }

  @Test func imagesNeedPixelsInRangeForBernoulli() throws {
    let pairs = try SmallPairs(Self.options(.mvae))
    let unmet = Self.options(.mvae) { $0.decoder.pictures = .bernoulli }.needs(of: pairs.data).filter { !$0.isMet }
    #expect(unmet.map(\.key) == ["method.vae.decoder.pictures"])
    let wrong = Self.options(.mvae) { $0.decoder.weights = [1] }.needs(of: pairs.data).filter { !$0.isMet }
    #expect(wrong.map(\.key) == ["method.vae.decoder.weights"])
  }

  @Test(arguments: VectorQuantisedOptions.Codes.allCases) func hardCodesLearnPairs(
    codebook: VectorQuantisedOptions.Codes
  ) throws {
    var options = VectorQuantisedOptions()
    (options.codebook, options.codes, options.levels) = (codebook, 8, [3, 3])
    let pairs = try SmallPairs(options)
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    let total = try Tape.backpropagate { try pairs.method.step(pairs.batch(), in: pass).total }
    #expect(total.isFinite && total.scalar > 0)
    let method = try #require(pairs.method as? any CodebookMethod)
    let found = method.grounding(of: SmallPairs.picture, try pairs.input(of: SmallPairs.picture))
    let weights = try #require(found.weights)
    #expect(weights.shape == [2, codebook == .scalar ? 9 : 8])
    #expect(weights.values.allSatisfy { $0 >= 0 } && abs(weights.sum().scalar - 2) < 1e-5)
    let trained = try #require(pairs.method.encoders).parameters.filter { $0.parameter.gradient != nil }
    #expect(!trained.isEmpty)
    let scores = method.partScores(of: SmallPairs.picture, try pairs.input(of: SmallPairs.picture), codes: [0, 1])
    #expect(scores.shape == [2, 8, 2])
    // A probe reads what was trained, which for patches is no vector of the encoder.
    let pictures = try pairs.input(of: SmallPairs.picture)
    let features = try #require(pairs.method.features(of: SmallPairs.picture, pictures))
    #expect(features.values == found.feature.values)
  }

  /// Zeros in place of what is missing would move the statistics of batch norm.
  @Test func noEncoderSeesWhatIsMissing() throws {
    var stream = RandomStream(seed: 1, name: "pictures")
    let tokeniser = SubwordTokeniser(texts: ["a b c d e f", "g h i"], minimumCount: 1)
    let pixels = (0..<2 * 8 * 8 * 3).map { _ in stream.uniform() }
    func split(_ name: String) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "picture", kind: .image(height: 8, width: 8, channels: 3)),
            items: .numbers(pixels), rows: [0, ModalityColumn.absent, 1]),
          ModalityColumn(
            modality: Modality(name: "caption", kind: .tokens(length: 6, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(["a b c", "d e f g", "h"].flatMap { tokeniser.encode($0, length: 6) }), rows: [0, 1, 2]),
        ], labels: [:])
    }
    let data = try AlignedData(
      MultimodalDataset(
        name: "pairs", train: split("train"), validation: split("validation"), test: split("test"), classNames: [:],
        checksum: "pairs", tokenisers: ["caption": tokeniser]), options: DataOptions())
    var model = EncoderOptions()
    (model.imageEncoder, model.imageWidths, model.imageBlocks) = (.resnet, [4, 6], 1)
    (model.textDimensions, model.textLayers, model.textHeads, model.dimensions) = (8, 1, 2, 4)
    func statistics(_ rows: [Int]) throws -> (statistics: [[Float]], rows: [Int?]) {
      var stream = RandomStream(seed: 2, name: "init")
      let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
      var parts = MethodParts(encoders: encoders, data: data, seed: 2, stream: stream)
      let method = Self.options(.mvae).make(&parts)
      let streams = RandomStreams(seed: 1)
      let batch = TrainingBatch(rows: rows, step: 0, streams: streams, data: data, inputs: InputMaker(data))
      try method.beginStep(batch)
      let found = try method.representations(of: batch, in: ForwardPass(streams: streams))
      #expect(found.allSatisfy { $0?.isFinite == true })
      return (encoders.buffers.map(\.buffer.value.values), found.map { $0?.shape.last })
    }
    let (all, some) = (try statistics([0, 1, 2]), try statistics([0, 2]))
    #expect(!all.statistics.isEmpty && all.statistics == some.statistics)
    #expect(all.rows.allSatisfy { $0 == 3 })
    #expect(try statistics([0, 1]).rows.allSatisfy { $0 == 2 })
  }

  /// Padding is zeros for encoders, whatever a decoder says of it.
  @Test func seriesArePaddedWhereNoStepIsSaid() throws {
    var stream = RandomStream(seed: 3, name: "decoder")
    let kind = ModalityKind.series(length: 5, channels: 2)
    let decoder = DecoderOptions().decoder(for: kind, dimensions: 4, stream: &stream)
    let codes = Tensor((0..<40).map { 60 * Float($0 % 7) - 180 }, shape: [10, 4])
    let said = decoder(codes).values
    guard case .numbers(let items) = decoder.items(of: codes) else {
      Issue.record("a series is no text")
      return
    }
    let marks = stride(from: 0, to: said.count, by: 3).map { said[$0] >= 0.5 }
    #expect(marks.contains(true) && marks.contains(false))
    for (step, mark) in marks.enumerated() {
      let own = Array(items.values[3 * step..<3 * step + 3])
      #expect(own == (mark ? [1, said[3 * step + 1], said[3 * step + 2]] : [0, 0, 0]))
    }
  }

  @Test func logitsOfTextsCountForMemory() throws {
    var options = DecoderOptions()
    #expect(options.outputCount(of: .tokens(length: 20, vocabulary: 3_000)) == 60_000)
    options.texts = .bag
    #expect(options.outputCount(of: .tokens(length: 20, vocabulary: 3_000)) == 3_000)
    #expect(options.outputCount(of: .vector(count: 7)) == 7)
  }

  @Test func averagesMoveTheCodebook() throws {
    var options = VectorQuantisedOptions()
    (options.codebook, options.codes, options.decay) = (.averages, 6, 0.5)
    let pairs = try SmallPairs(options)
    let codebook = try #require(pairs.method.parameters.first { $0.path == "codebook" }).parameter
    #expect(!codebook.isTrainable)
    let before = codebook.value.values
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    for step in 0..<4 { _ = try Tape.backpropagate { try pairs.method.step(pairs.batch(step: step), in: pass).total } }
    #expect(codebook.value.values != before && codebook.value.isFinite)
    let used = try #require(pairs.method as? any CodebookMethod).usedShare
    #expect(used > 0 && used <= 1)
  }
}
