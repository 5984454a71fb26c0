import Autograd
import Datasets
import Encoders
import Foundation
import Kernels
import Layers
import Methods
import Objectives
import Options
import Testing

@Suite struct BLIPMethodTests {
  private static func options(_ change: (inout BLIPOptions) -> Void = { _ in }) -> BLIPOptions {
    var options = BLIPOptions()
    options.queueSize = 5
    change(&options)
    return options
  }

  /// Three observations of one picture and one of another, with captions that all differ.
  private struct SharedPicture {
    let data: AlignedData
    let method: any AlignmentMethod

    init(_ options: BLIPOptions, spares: Bool = true, steps: Int? = nil) throws {
      let texts = ["a b", "c d", "e f", "g"]
      let tokeniser = SubwordTokeniser(texts: texts, minimumCount: 1)
      var stream = RandomStream(seed: 1, name: "pictures")
      let pixels = (0..<2 * 8 * 8 * 3).map { _ in stream.uniform() }
      func split(_ name: String) -> MultimodalSplit {
        MultimodalSplit(
          name: name,
          columns: [
            ModalityColumn(
              modality: Modality(name: "picture", kind: .image(height: 8, width: 8, channels: 3)),
              items: .numbers(pixels), rows: [0, 0, 0, 1]),
            ModalityColumn(
              modality: Modality(name: "caption", kind: .tokens(length: 6, vocabulary: tokeniser.vocabularyCount)),
              items: .tokens(texts.flatMap { tokeniser.encode($0, length: 6) }), rows: [0, 1, 2, 3]),
          ], labels: [:], texts: ["caption": texts])
      }
      var settings = DataOptions()
      settings.sparesEqualItems = spares
      data = try AlignedData(
        MultimodalDataset(
          name: "captions", train: split("train"), validation: split("validation"), test: split("test"),
          classNames: [:], checksum: "captions", tokenisers: ["caption": tokeniser]), options: settings)
      var model = EncoderOptions()
      (model.imageDimensions, model.imageLayers, model.imageHeads) = (8, 1, 2)
      (model.textDimensions, model.textLayers, model.textHeads, model.dimensions) = (8, 1, 2, 4)
      let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
      var parts = MethodParts(encoders: encoders, data: data, seed: 2, steps: steps, stream: stream)
      method = options.make(&parts)
    }

    /// The terms of a step on some observations.
    func terms(_ rows: [Int], step: Int = 0) throws -> [String: Double] {
      let streams = RandomStreams(seed: 1)
      let batch = TrainingBatch(rows: rows, step: step, streams: streams, data: data, inputs: InputMaker(data))
      return Dictionary(
        uniqueKeysWithValues: try method.step(batch, in: ForwardPass(streams: streams)).values.map {
          ($0.name, $0.value)
        })
    }

    func endEpoch() throws {
      try method.endEpoch(1, of: MethodTraining(data: data, inputs: InputMaker(data)) {})
    }

    func monitor(_ metric: String) -> Double? { method.monitors.first { $0.metric == metric }?.value }
  }

  @Test func everyParameterHasAGradient() throws {
    let pairs = try SmallPairs(Self.options())
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    let total = try Tape.backpropagate { try pairs.method.step(pairs.batch(), in: pass).total }
    #expect(total.isFinite)
    let encoders = try #require(pairs.method.encoders)
    let all = encoders.parameters + pairs.method.parameters
    #expect(all.filter { $0.parameter.gradient == nil }.map(\.path) == [])
    // Captions are read by the method's own transformer alone, and the twin collects nothing.
    #expect(!encoders.parameters.contains { $0.path.hasPrefix("captions") })
    let twin = try #require(pairs.method.companions.first { $0.name == "twin" }?.module)
    #expect(twin.parameters.allSatisfy { $0.parameter.gradient == nil })
  }

  /// A term of weight 0 leaves what it alone uses without a gradient.
  @Test func termsOfWeightZeroAreLeftOut() throws {
    func idle(_ change: (inout BLIPOptions) -> Void) throws -> (paths: Set<String>, terms: [String]) {
      let pairs = try SmallPairs(Self.options(change))
      let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
      var terms: [String] = []
      try Tape.backpropagate { () -> Tensor in
        let found = try pairs.method.step(pairs.batch(), in: pass)
        terms = found.values.map(\.name)
        return found.total
      }
      let all = pairs.method.parameters.filter { $0.parameter.gradient == nil }.map(\.path)
      return (Set(all), terms)
    }
    let filter = try idle { $0.weights.language = 0 }
    #expect(filter.terms == ["total", "contrast", "matching"])
    #expect(filter.paths.contains("texts.wordBias") && filter.paths.contains("texts.0.decoder.norm.gain"))
    #expect(!filter.paths.contains("texts.0.contextAttention.key.weight"))
    let captioner = try idle { ($0.weights.contrast, $0.weights.matching) = (0, 0) }
    #expect(captioner.terms == ["total", "language"])
    #expect(captioner.paths.isSuperset(of: ["matchingHead.weight", "temperature", "texts.0.text.norm.gain"]))
    #expect(!captioner.paths.contains("texts.0.decoder.norm.gain"))
  }

  /// What has not learnt is not asked: neither a head of matching nor projections of a contrast that have the weight 0.
  @Test func whatHasNoWeightIsNotMeasured() throws {
    func measured(_ change: (inout BLIPOptions) -> Void) throws -> [Bool] {
      let pairs = try SmallPairs(Self.options(change))
      let picture = MemberInput(SmallPairs.picture, try pairs.input(of: SmallPairs.picture))
      return [pairs.method.pairScorer != nil, pairs.method.representation(of: [picture]) != nil]
    }
    #expect(try measured { _ in } == [true, true])
    #expect(try measured { ($0.weights.matching, $0.weights.language) = (0, 0) } == [false, true])
    #expect(try measured { ($0.weights.contrast, $0.weights.matching) = (0, 0) } == [false, false])
  }

  /// A picture with two captions, the second of which another picture has, too: that picture's caption is right for the first.
  @Test func equalItemsAreSparedThroughRowsInBetween() {
    let pairs = BLIP.pairs(sharing: [0, 0, 0, 3]).map { [$0.row, $0.column] }
    #expect(pairs == [[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]])
    #expect(BLIP.pairs(sharing: nil).isEmpty)
  }

  @Test func trainingLowersTheLoss() throws {
    let pairs = try SmallPairs(Self.options { $0.momentum = 0.9 }) {
      ($0.imageDimensions, $0.imageLayers, $0.textDimensions, $0.textLayers) = (16, 2, 16, 2)
    }
    struct All: Module {
      let encoders: EncoderSet
      let method: any AlignmentMethod
      var parts: [ModulePart] { [.module("encoders", encoders), .module("method", method)] }
    }
    let optimiser = Optimiser(.adam(), for: All(encoders: try #require(pairs.method.encoders), method: pairs.method))
    var losses: [[String: Double]] = []
    for step in 0..<200 {
      let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
      try Tape.backpropagate { () -> Tensor in
        let terms = try pairs.method.step(pairs.batch(step: step), in: pass)
        losses.append(Dictionary(uniqueKeysWithValues: terms.values.map { ($0.name, $0.value) }))
        return terms.total
      }
      optimiser.update(learningRate: 0.005)
    }
    for term in ["matching", "language"] {
      let (first, last) = (try #require(losses[0][term]), try #require(losses[199][term]))
      #expect(last < first - 0.2, "\(term) from \(first) to \(last)")
    }
    let method = try #require(pairs.method as? any PairScoringMethod)
    let (pictures, texts) = (try pairs.input(of: SmallPairs.picture), try pairs.input(of: SmallPairs.caption))
    let right = try #require(method.matchProbabilities(pictures: pictures, texts: texts))
    let wrong = try #require(method.matchProbabilities(pictures: pictures, texts: texts.gathering([1, 0])))
    #expect(right.allSatisfy { $0 > 0.5 } && wrong.allSatisfy { $0 < 0.5 })
  }

  /// Observations that all have one picture are no negatives: matching has right pairs only, and the contrast's targets
  /// are the same for all, so that it cannot be below the entropy of as many.
  @Test func equalPicturesAreNoNegatives() throws {
    for spares in [true, false] {
      let shared = try SharedPicture(Self.options { $0.alpha = 0 }, spares: spares)
      let terms = try shared.terms([0, 1, 2])
      try shared.endEpoch()
      let prior = try #require(shared.monitor("gain")) + (try #require(terms["matching"]))
      #expect(abs(prior - (spares ? 0 : 0.636514)) < 1e-5)
      let contrast = try #require(terms["contrast"])
      #expect(contrast > (spares ? log(3) : 0))
    }
    // With one other picture in the batch each has a negative.
    let shared = try SharedPicture(Self.options())
    let terms = try shared.terms([0, 1, 3])
    try shared.endEpoch()
    let prior = try #require(shared.monitor("gain")) + (try #require(terms["matching"]))
    #expect(abs(prior - 0.636514) < 1e-5)
  }

  @Test func matchingBeginsLaterWhereItIsToldTo() throws {
    let shared = try SharedPicture(Self.options { $0.matchingStart = 0.5 }, steps: 10)
    let before = try shared.terms([0, 3], step: 4)
    #expect(before["matching"] == 0)
    try shared.endEpoch()
    #expect(shared.method.monitors.isEmpty && shared.method.epochRemarks.isEmpty)
    let later = try shared.terms([0, 3], step: 5)
    #expect((later["matching"] ?? 0) > 0)
    try shared.endEpoch()
    #expect(shared.method.monitors.map(\.metric) == ["accuracy", "gain"])
  }

  @Test func matchingThatHasLearntNothingIsSaid() throws {
    let shared = try SharedPicture(Self.options())
    let parameters = shared.method.parameters
    func set(_ path: String, _ values: [Float]) throws {
      let parameter = try #require(parameters.first { $0.path == path }?.parameter)
      parameter.assign(Tensor(values, shape: parameter.shape))
    }
    try set("matchingHead.weight", [Float](repeating: 0, count: 16))
    try set("matchingHead.bias", [logf(2), 0])
    _ = try shared.terms([0, 3])
    try shared.endEpoch()
    let (gain, accuracy) = (try #require(shared.monitor("gain")), try #require(shared.monitor("accuracy")))
    #expect(abs(gain) < 1e-5 && abs(accuracy - 2 / 3) < 1e-6)
    #expect(
      shared.method.epochRemarks == [
        "matching has learnt nothing: its loss 0.6365 is within 0.005 of 0.6365, that of answers that know only how many "
          + "pairs are right"
      ])
    try set("matchingHead.bias", [0, 0])
    _ = try shared.terms([0, 3])
    try shared.endEpoch()
    #expect(shared.method.epochRemarks.isEmpty)
  }

  @Test func temperatureStaysInItsRange() throws {
    let shared = try SharedPicture(Self.options { $0.temperatureRange = [0.05, 0.06] })
    _ = try shared.terms([0, 3])
    let temperature = try #require(shared.method.parameters.first { $0.path == "temperature" }?.parameter)
    #expect(temperature.value.scalar == 0.06)
    let scale = try #require(shared.method.similarityScale)
    #expect(abs(scale.value - 1 / 0.06) < 1e-4)
  }

  @Test func pairsAreScoredAsEachByItself() throws {
    let pairs = try SmallPairs(Self.options())
    let method = try #require(pairs.method as? any PairScoringMethod)
    let (pictures, texts) = (try pairs.input(of: SmallPairs.picture), try pairs.input(of: SmallPairs.caption))
    let own = method.pairScores(pictures: pictures, texts: texts)
    let crossed = method.pairScores(pictures: pictures, texts: texts.gathering([1, 0]))
    let found = method.pairScores(
      pictures: pictures, texts: texts, pairs: [(0, 0), (0, 1), (1, 0), (1, 1)])
    for (one, other) in zip(found, [own[0], crossed[0], crossed[1], own[1]]) { #expect(abs(one - other) < 1e-5) }
    #expect(abs(own[0] - crossed[0]) > 1e-6)
  }
}
