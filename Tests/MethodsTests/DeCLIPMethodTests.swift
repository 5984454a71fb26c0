import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Methods
import ModuleGradients
import Objectives
import Options
import Testing

@Suite struct DeCLIPMethodTests {
  private static func declip(_ change: (inout DeCLIPOptions) -> Void = { _ in }) -> DeCLIPOptions {
    var options = DeCLIPOptions()
    (options.queueSize, options.projectorDimensions, options.predictorDimensions) = (8, 6, 5)
    (options.codebook.codes, options.codebook.codeTemperature.start) = (9, 2)
    options.hiddenShare = 0.5
    change(&options)
    return options
  }

  private static func with(_ weights: (Double, Double, Double, Double)) -> DeCLIPOptions {
    declip {
      ($0.weights.contrast, $0.weights.neighbours) = (weights.0, weights.1)
      ($0.weights.pictures, $0.weights.words) = (weights.2, weights.3)
    }
  }

  private func step(
    _ pairs: SmallPairs, number: Int = 0, streams: RandomStreams = RandomStreams(seed: 1)
  ) throws -> LossTerms {
    try pairs.method.step(pairs.batch(step: number, streams: streams), in: ForwardPass(streams: streams))
  }

  @Test(arguments: DeCLIPOptions.Head.allCases) func everyParameterHasAGradient(head: DeCLIPOptions.Head) throws {
    let pairs = try SmallPairs(Self.declip { $0.head = head })
    let terms = try Tape.backpropagate { try self.step(pairs).total }
    #expect(terms.isFinite)
    let encoders = try #require(pairs.method.encoders)
    let idle = (encoders.parameters + pairs.method.parameters).filter { $0.parameter.gradient == nil }.map(\.path)
    #expect(idle == [])
    #expect((pairs.method as? any CodebookMethod)?.hasCodes == (head == .codebook))
  }

  /// The terms of positive weight, each times its weight, in one sum.
  @Test func termsAreThoseOfPositiveWeight() throws {
    let whole = try step(SmallPairs(Self.declip()))
    #expect(whole.values.map(\.name) == ["total", "picture – caption", "neighbours", "pictures", "words"])
    let sum = whole.values.dropFirst().reduce(0) { $0 + $1.value }
    #expect(abs(whole.values[0].value - sum) < 1e-5)
    let contrast = try step(SmallPairs(Self.with((0.8, 0, 0, 0))))
    #expect(contrast.values.map(\.name) == ["total", "picture – caption"])
    #expect(abs(contrast.values[1].value - 2 * whole.values[1].value) < 1e-5)
  }

  /// The contrast is the mean of CLIP's loss over both views of pictures and of captions.
  @Test func theContrastIsOverBothViewsOfBoth() throws {
    let pairs = try SmallPairs(Self.with((1, 0, 0, 0)))
    let batch = pairs.batch()
    try pairs.method.beginStep(batch)
    let found = try pairs.method.representations(
      of: batch, in: ForwardPass(dropout: RandomStream(seed: 0, name: "dropout")))
    let scale = try #require(pairs.method.parameters.first { $0.path == "scale.logarithm" }).parameter.value
    let (pictures, captions) = (found[0..<2].compactMap { $0?.l2Normalised() }, found[2..<4].compactMap { $0 })
    #expect(pictures.count == 2 && captions.count == 2)
    let values = pictures.flatMap { picture in
      captions.map { clipLoss(picture, $0, logScale: scale).scalar }
    }
    let loss = try pairs.method.loss(of: found, keys: [], batch: batch).total.scalar
    #expect(abs(loss - values.reduce(0, +) / 4) < 1e-5)
    #expect(Set(values).count == 4)
  }

  /// Both features of each caption enter the queue after the loss, the one with hidden tokens last.
  @Test func captionsEnterTheQueue() throws {
    let pairs = try SmallPairs(Self.declip())
    let batch = pairs.batch()
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    try pairs.method.beginStep(batch)
    let found = try pairs.method.representations(of: batch, in: pass)
    let queue = try #require(pairs.method.companions.first { $0.name == "queues" }).module
    func keys() -> [Float] { queue.buffers.first { $0.path == "caption.keys" }?.buffer.value.values ?? [] }
    let before = keys()
    _ = try pairs.method.loss(of: found, keys: [], batch: batch)
    #expect(keys() == before)
    pairs.method.endStep(keys: [], batch: batch)
    #expect(Array(keys()[..<16]) == (found[3]?.values ?? []) + (found[2]?.values ?? []))
    #expect(keys()[16...] == before[16...])
    let items = queue.buffers.first { $0.path == "caption.items" }?.buffer.value.values ?? []
    #expect(items.count == 8 && items[0] == items[2] && items[1] == items[3] && items[0] != items[1])
    #expect(items[..<4].allSatisfy { $0 >= 0 } && items[4...].allSatisfy { $0 == -1 })
  }

  /// Each term by itself changes what it speaks of in the right direction; with a turned sign it would go the other way.
  @Test func everyTermTeachesWhatItSays() throws {
    // Of two observations each is the other's only neighbour but for itself, so keys of its own are neighbours here.
    var data = DataOptions()
    data.sparesEqualItems = false
    // What is measured are whole pictures and captions, or other views than those of the training. So views are nearly whole and
    // no token is hidden: small crops of noise have nothing of it, and half of three words hardly anything.
    var whole = AugmentationOptions()
    (whole.view.minimumArea, whole.view.flipProbability, whole.view.jitterProbability) = (0.8, 0, 0)
    (whole.view.greyProbability, whole.view.blurProbability) = (0, 0)
    func trained<Value>(
      _ options: DeCLIPOptions, _ augmentation: AugmentationOptions,
      _ measure: (SmallPairs) throws -> Value
    ) throws -> (before: Value, after: Value) {
      let pairs = try SmallPairs(options, data: data, augmentation: augmentation) { $0.dimensions = 8 }
      let before = try measure(pairs)
      let encoders = try #require(pairs.method.encoders)
      let parameters = (encoders.parameters + pairs.method.parameters).map(\.parameter)
      // Views differ from step to step: two that stay the same are told apart by what the whole pictures do not have.
      let streams = RandomStreams(seed: 1)
      for number in 0..<60 {
        for parameter in parameters { parameter.clearGradient() }
        _ = try Tape.backpropagate { try self.step(pairs, number: number, streams: streams).total }
        for parameter in parameters where parameter.isTrainable {
          guard let gradient = parameter.gradient else { continue }
          // Steps of one length, whatever the gradient's.
          let length = max(gradient.values.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-6)
          parameter.assign(parameter.value - gradient * (0.05 / length))
        }
      }
      return (before, try measure(pairs))
    }
    /// By how much own captions are nearer to pictures than others, and the captions.
    func margin(_ pairs: SmallPairs) throws -> (margin: Float, captions: [Float]) {
      let method = pairs.method
      let pictures = try #require(method.representation(of: [MemberInput(0, try pairs.input(of: 0))]))
      let captions = try #require(method.representation(of: [MemberInput(1, try pairs.input(of: 1))]))
      let cosines = pictures.multiplied(by: captions, otherTransposed: true).values
      return (cosines[0] + cosines[3] - cosines[1] - cosines[2], captions.values)
    }
    for head in DeCLIPOptions.Head.allCases {
      var options = Self.with((1, 0, 0, 0))
      options.head = head
      options.hiddenShare = 0
      // Steps of a length that gradients do not decide can push all items onto one code. There sparsemax has no gradient, so
      // that the loss stays at ln 2 for ever: with 9 codes at T = 2 in two of four streams of views, with 64 codes at T = 2 in
      // three. At T = 8 a grounding has more codes: with 64 the margin grew by more than 0.7 in all four.
      (options.codebook.codes, options.codebook.codeTemperature.start) = (64, 8)
      let contrast = try trained(options, whole, margin)
      #expect(contrast.after.margin > contrast.before.margin + 0.3, "\(head)")
      options = Self.with((0, 1, 0, 0))
      (options.head, options.hiddenShare) = (head, 0)
      let neighbours = try trained(options, whole, margin)
      // Neighbours are constant, so pictures alone go towards captions that stay where they are, or move with the codebook
      // that both share: (I_0 − I_1) · (T_0 − T_1) is at most twice the captions' distance.
      if head == .linear { #expect(neighbours.before.captions == neighbours.after.captions) }
      let captions = neighbours.after.captions
      let differences = zip(captions.prefix(8), captions.suffix(8)).map { $0 - $1 }
      let most = 2 * differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if head == .linear { #expect(neighbours.after.margin > 0.5 * most) }
      #expect(neighbours.after.margin > neighbours.before.margin + 0.1 * most, "\(head)")
    }
    func value(_ term: String) -> (SmallPairs) throws -> Float {
      { pairs in
        var sum: Float = 0
        let streams = RandomStreams(seed: 2)
        for _ in 0..<8 {
          sum += Float(try self.step(pairs, streams: streams).values.first { $0.name == term }?.value ?? .nan)
        }
        return sum / 8
      }
    }
    let pictures = try trained(Self.with((1e-9, 0, 1, 0)), whole, value("pictures"))
    #expect(pictures.after < pictures.before - 0.2)
    let words = try trained(Self.with((1e-9, 0, 0, 1)), AugmentationOptions(), value("words"))
    #expect(words.after < words.before - 1)
  }

  /// The gradient by finite differences, through encoders, head, words and the scale.
  ///
  /// SimSiam's term is left out: it stops gradients, so differences of the loss are something else. `simSiamLoss` has a test.
  @Test(arguments: DeCLIPOptions.Head.allCases) func gradientsAreTheLosssDerivatives(head: DeCLIPOptions.Head) throws {
    struct Chosen: Module { let parts: [ModulePart] }
    func error(_ weights: (Double, Double, Double, Double), _ isChosen: (String) -> Bool) throws -> (Float, String) {
      var options = Self.with(weights)
      options.head = head
      let pairs = try SmallPairs(options)
      let all = try #require(pairs.method.encoders).parameters + pairs.method.parameters
      let chosen = Chosen(parts: all.filter { isChosen($0.path) }.map { .parameter($0.path, $0.parameter) })
      #expect(chosen.parts.count > 10)
      try pairs.method.beginStep(pairs.batch())
      return ModuleGradientCheck(step: 1e-3, samples: 4).largestErrorOfLoss(at: chosen) {
        // Without the end of a step, where captions enter the queue.
        let batch = pairs.batch()
        let found = try? pairs.method.representations(of: batch, in: ForwardPass(streams: batch.streams))
        return (try? found.map { try pairs.method.loss(of: $0, keys: [], batch: batch).total }) ?? Tensor(.nan)
      }
    }
    let whole = try error((1, 0, 0, 1)) { _ in true }
    #expect(whole.0 < 2e-2, "\(whole.1)")
    // A small change of a caption can have it another neighbour.
    let pictures = try error((0, 1, 0, 0)) { $0.contains("picture") }
    #expect(pictures.0 < 2e-2, "\(pictures.1)")
  }

  @Test func settingsAreHeldToTheirRanges() {
    func faults(_ change: (inout DeCLIPOptions) -> Void) -> [String] {
      Self.declip(change).requirements.filter { !$0.holds }.map(\.key)
    }
    #expect(faults { _ in } == [])
    #expect(faults { $0.weights.words = -1 } == ["weights.words"])
    #expect(faults { ($0.weights.contrast, $0.weights.neighbours) = (0, 0) } == ["weights.contrast"])
    #expect(faults { $0.codebook.codes = 0 } == ["codebook.codes"])
    #expect(faults { $0.hiddenShare = 1 } == ["hiddenShare"])
    #expect(faults { $0.queueSize = 0 } == ["queueSize"])
  }
}
