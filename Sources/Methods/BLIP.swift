import Autograd
import Datasets
import Diagnostics
import Encoders
import Foundation
import Graphs
import Kernels
import Layers
import Objectives
import Options

/// BLIP on pictures and captions.
///
///     loss = w_c · contrast + w_m · matching + w_l · writing,   the mean over the modalities of captions
///
/// A step first moves the momentum twin, then computes pictures and texts by both, the contrast with queues
/// (``BLIPContrast``), matching with negatives that are drawn by it (``BLIPMatching``), and the cross-entropy of the captions'
/// words given the pictures; last it puts the twin's vectors into the queues.
///
/// *Deviation*: equal pictures and equal captions are no negatives of each other, neither among the targets of the contrast,
/// which they share, nor in matching; the published pre-training takes them for negatives, its fine-tuning does not.
/// *Deviation*: τ has no weight decay, nor have norms and biases.
public struct BLIP: AlignmentMethod {
  private static let negativeStream = "matching negatives"
  /// How near to the prior's entropy the loss of matching is where nothing is learnt.
  private static let nothing = 0.005

  /// The settings.
  public let options: BLIPOptions
  let network: Network
  private let matchingHead: Linear
  private let temperature: Parameter
  private let twin: MomentumTwin<Network>?
  let image: Int
  let captions: [Int]
  private let momentum: Double
  private let steps: Int?
  private let imageQueue: NegativeQueue?
  private let textQueues: [NegativeQueue]
  private let watch = MatchingWatch()

  /// Creates the networks, the twin and the queues.
  public init(_ options: BLIPOptions, _ parts: inout MethodParts) {
    guard let image = parts.data.image else { preconditionFailure("BLIP: data without pictures") }
    self.options = options
    self.image = image
    captions = parts.data.captions
    steps = parts.steps
    momentum = MCTOptions.momentum(options.momentum, share: options.momentumShare, steps: parts.steps)
    let (all, data, dimensions) = (parts.encoders, parts.data, parts.dimensions)
    func network(_ encoders: EncoderSet, _ stream: inout RandomStream) -> Network {
      let images = encoders.encoding(only: [image])
      return Network(
        images: images, texts: Self.texts(data, all.options, contextDimensions: images.widths[image], &stream),
        imageProjection: Linear(images.widths[image], dimensions, stream: &stream),
        textProjection: Linear(all.options.textDimensions, dimensions, stream: &stream))
    }
    let own = network(all, &parts.stream)
    self.network = own
    matchingHead = Linear(all.options.textDimensions, 2, stream: &parts.stream)
    temperature = Parameter(Tensor(Float(options.temperature)))
    guard options.usesTwin else {
      (twin, imageQueue, textQueues) = (nil, nil, [])
      return
    }
    twin = MomentumTwin(of: own, into: network(all.another(stream: &parts.stream), &parts.stream))
    var stream = parts.queueStream
    let items = data.options.sparesEqualItems ? 1 + captions.count : 0
    func queue() -> NegativeQueue {
      NegativeQueue(size: options.queueSize, dimensions: dimensions, itemCount: items, stream: &stream)
    }
    imageQueue = queue()
    textQueues = captions.map { _ in queue() }
  }

  /// The encoder of pictures.
  public var encoders: EncoderSet? { network.images }
  /// The text transformer, projections, the head of matching and τ.
  public var parts: [ModulePart] {
    network.ownParts + [.module("matchingHead", matchingHead), .parameter("temperature", temperature)]
  }
  /// The twin, the queues, and what is watched.
  public var companions: [(name: String, module: any Module)] {
    var queues: [ModulePart] = textQueues.enumerated().map { .module("text\($0.offset)", $0.element) }
    if let imageQueue { queues.append(.module("image", imageQueue)) }
    return (twin.map { [("twin", $0)] } ?? []) + [("queues", PartList(parts: queues)), ("watch", watch)]
  }

  // MARK: - Training

  /// Makes the twin equal to the networks, which may have begun from others since it was made.
  public func beginTraining(_ training: MethodTraining) { twin?.update(momentum: 0) }

  /// Brings τ into its range, and the twin nearer to the networks.
  public func beginStep(_ batch: TrainingBatch) {
    clampTemperature()
    twin?.update(momentum: Float(momentum))
  }

  private func clampTemperature() {
    let value = temperature.value.scalar
    let nearest = min(max(value, Float(options.temperatureRange[0])), Float(options.temperatureRange[1]))
    if nearest != value { temperature.assign(Tensor(nearest)) }
  }

  /// The texts of a modality, those of a chunk as long as the longest of the whole batch.
  private func texts(of caption: Int, _ batch: TrainingBatch) throws -> CaptionBatch {
    CaptionBatch(try batch.texts(of: caption)).rows(batch.range)
  }

  /// Where the representations of a step lie.
  private var vectorPlaces: Range<Int> { 1..<(options.usesTwin ? 2 + captions.count : 1) }

  /// The pictures' states; their vectors and those of the captions of each modality where there is a contrast; the decoder's
  /// states behind the captions' tokens where they are written.
  public func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let found = pictures(try batch.inputs()[image], by: network, in: pass)
    let texts = try captions.map { try self.texts(of: $0, batch) }
    var representations: [Tensor?] = [found.states]
    if options.usesTwin {
      representations.append(found.vector)
      representations += texts.map { textVector($0, by: network, in: pass) }
    }
    if options.weights.language > 0 {
      representations += texts.map { decoded($0, states: found.states, in: pass) }
    }
    return representations
  }

  /// The twin's vectors of pictures and of the captions of each modality.
  public func keys(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    guard let twin else { return [] }
    let (input, texts) = (try batch.inputs()[image], try captions.map { try self.texts(of: $0, batch) })
    return twin { network in
      [pictures(input, by: network, in: pass).vector] + texts.map { textVector($0, by: network, in: pass) }
    }
  }

  /// The terms of positive weight. The pairs that matching looks at are chosen among the whole batch, so that its passes belong
  /// to this half of a step.
  public func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    let found = representations.compactMap { $0 }
    let (vectors, written) = (found[vectorPlaces], found[vectorPlaces.upperBound...])
    let items = batch.itemNumbers(of: [image] + captions)
    let within = Self.pairs(sharing: batch.sharing([image] + captions))
    let matches = options.weights.matching > 0 && batch.step >= matchingStart
    var (contrast, matching, language) = (Tensor(0), Tensor(0), Tensor(0))
    let share = 1 / Float(captions.count)
    for (number, caption) in captions.enumerated() {
      let texts = try texts(of: caption, batch)
      if options.usesTwin {
        let terms = directions(
          (vectors[1], vectors[2 + number]), keys: (keys[0], keys[1 + number]), caption: number, items: items,
          within: within, step: batch.step)
        contrast = contrast + (terms.toText.loss + terms.toImage.loss) * (0.5 * share)
        if matches {
          let pass = ForwardPass(streams: batch.streams)
          matching =
            matching
            + self.matching(texts, states: found[0], terms, spared: within, batch: batch, in: pass) * share
        }
      }
      if options.weights.language > 0 {
        language = language + wordLoss(texts, states: written[written.startIndex + number]) * share
      }
    }
    var terms: [(String, Tensor)] = []
    if options.weights.contrast > 0 { terms.append(("contrast", contrast * Float(options.weights.contrast))) }
    if options.weights.matching > 0 { terms.append(("matching", matching * Float(options.weights.matching))) }
    if options.weights.language > 0 { terms.append(("language", language * Float(options.weights.language))) }
    return LossTerms(summing: terms)
  }

  /// The step at which matching begins to count.
  private var matchingStart: Int { Int((options.matchingStart * Double(steps ?? 0)).rounded()) }

  private func alpha(at step: Int) -> Float {
    guard options.alphaWarmup > 0, let steps, steps > 0 else { return Float(options.alpha) }
    return Float(options.alpha * min(1, Double(step) / (options.alphaWarmup * Double(steps))))
  }

  private func directions(
    _ vectors: (image: Tensor, text: Tensor), keys: (image: Tensor?, text: Tensor?), caption: Int, items: [[Int]]?,
    within: [(row: Int, column: Int)], step: Int
  ) -> (toText: BLIPContrast.Direction, toImage: BLIPContrast.Direction) {
    guard let imageKeys = keys.image, let textKeys = keys.text, let imageQueue else {
      preconditionFailure("BLIP: a contrast without keys")
    }
    let textQueue = textQueues[caption]
    func positives(_ queue: NegativeQueue) -> [BLIPContrast.Positive] {
      within.map { ($0.row, $0.column) }
        + (items.map { queue.sharing($0) } ?? []).map { ($0.row, imageKeys.shape[0] + $0.key) }
    }
    let alpha = alpha(at: step)
    return (
      BLIPContrast.direction(
        vectors.image, twin: imageKeys, keys: textKeys, queue: textQueue.keys, temperature: temperature.tensor,
        alpha: alpha, positives: positives(textQueue)),
      BLIPContrast.direction(
        vectors.text, twin: textKeys, keys: imageKeys, queue: imageQueue.keys, temperature: temperature.tensor,
        alpha: alpha, positives: positives(imageQueue))
    )
  }

  /// The pairs of different rows that have an item in common, or are joined by rows in between: where a picture stands with two
  /// captions, one of them another picture's too, that one's other caption is no negative.
  ///
  /// - Parameter keys: of the rows, as ``TrainingBatch/sharing(_:)-([Int])`` gives them; nil for none.
  package static func pairs(sharing keys: [Int]?) -> [(row: Int, column: Int)] {
    guard let keys else { return [] }
    return keys.indices.flatMap { row in
      keys.indices.compactMap { column in row != column && keys[row] == keys[column] ? (row, column) : nil }
    }
  }

  private func matching(
    _ texts: CaptionBatch, states: Tensor, _ terms: (toText: BLIPContrast.Direction, toImage: BLIPContrast.Direction),
    spared: [(row: Int, column: Int)], batch: TrainingBatch, in pass: ForwardPass
  ) -> Tensor {
    let pairs = BLIPMatching.Pairs(
      negativePictures: BLIPMatching.drawn(
        BLIPMatching.weights(terms.toImage.logits, spared: spared), using: &batch.streams[Self.negativeStream]),
      negativeTexts: BLIPMatching.drawn(
        BLIPMatching.weights(terms.toText.logits, spared: spared), using: &batch.streams[Self.negativeStream]))
    let logits = matchLogits(texts.gathering(pairs.texts), states: states, rows: pairs.pictures, in: pass)
    let loss = BLIPMatching.loss(logits, pairs)
    let values = logits.values
    let named: [Int32] = pairs.labels.indices.map { values[2 * $0 + 1] > values[2 * $0] ? 1 : 0 }
    watch.note(
      right: zip(named, pairs.labels).count { $0 == $1 }, matches: pairs.labels.count { $0 == BLIPMatching.match },
      of: pairs.labels.count, loss: loss.scalar)
    return loss
  }

  /// The logits of matching, `[pairs, 2]`.
  func matchLogits(_ texts: CaptionBatch, states: Tensor, rows: [Int32]?, in pass: ForwardPass) -> Tensor {
    matchingHead(
      network.texts(
        texts.tokens, batch: texts.count, isReal: texts.isReal, as: .grounded, context: .init(states, rows: rows),
        in: pass
      ).selecting(0, axis: 1))
  }

  /// The decoder's states behind each token of texts, `[texts, length, d]`, through which the next one is predicted.
  func decoded(_ texts: CaptionBatch, states: Tensor, in pass: ForwardPass) -> Tensor {
    network.texts.transformed(
      network.texts(
        texts.tokens, batch: texts.count, isReal: texts.isReal, as: .decoding, context: .init(states), in: pass))
  }

  private func wordLoss(_ texts: CaptionBatch, states: Tensor) -> Tensor {
    TokenCrossEntropy.loss(
      of: states.reshaped(to: [texts.tokens.count, states.shape[2]]), weight: network.texts.wordWeight,
      bias: network.texts.wordOffsets, labels: texts.followers, smoothing: Float(options.labelSmoothing))
  }

  /// Puts the keys into the queues.
  public func endStep(keys: [Tensor?], batch: TrainingBatch) {
    guard let imageQueue, let imageKeys = keys.first ?? nil else { return }
    let items = batch.itemNumbers(of: [image] + captions)
    imageQueue.enqueue(imageKeys, items: items)
    for (queue, keys) in zip(textQueues, keys.dropFirst()) {
      if let keys { queue.enqueue(keys, items: items) }
    }
  }

  /// Brings τ into its range, and closes the epoch's counts.
  public func endEpoch(_ epoch: Int, of training: MethodTraining) throws {
    clampTemperature()
    watch.endEpoch()
  }

  /// How matching did in the last whole epoch: the share of right answers, and how far the loss is below that of answers that
  /// know only how many pairs are right.
  public var monitors: [Monitor] {
    guard let epoch = watch.epoch else { return [] }
    return [
      Monitor(evaluator: "matching", subject: "training pairs", metric: "accuracy", value: epoch.accuracy),
      Monitor(evaluator: "matching", subject: "training pairs", metric: "gain", value: epoch.prior - epoch.loss),
    ]
  }

  /// That matching has learnt nothing, where its loss is the prior's.
  public var epochRemarks: [String] {
    guard let epoch = watch.epoch, abs(epoch.prior - epoch.loss) <= Self.nothing else { return [] }
    return [
      String(
        format:
          "matching has learnt nothing: its loss %.4f is within %.3f of %.4f, that of answers that know only how many "
          + "pairs are right", epoch.loss, Self.nothing, epoch.prior)
    ]
  }

  // MARK: - Use

  /// The mean of the projections.
  public func representation(of members: [MemberInput]) -> Tensor? {
    // Without a contrast the projections are those that it began with.
    guard options.weights.contrast > 0 else { return nil }
    return averaged(
      members.map { member in
        member.place == image
          ? pictures(member.input, by: network, in: .evaluation).vector
          : textVector(CaptionBatch(member.input), by: network, in: .evaluation)
      })
  }

  /// The projection.
  public func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    if place == image {
      return network.imageProjection.described(network.images.described(place, input).vector).l2Normalised()
    }
    let isReal = input.equals(integer: 0).negated
    let state = network.texts.described(input, isReal: isReal).selecting(0, axis: 1)
    return network.textProjection.described(state).l2Normalised()
  }

  /// The encoder's vector of pictures, and the state of a text's first token.
  public func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    place == image
      ? network.images.encoding(of: place, input, in: .evaluation).vector
      : textState(CaptionBatch(input), by: network, in: .evaluation)
  }

  /// 1/τ as it was learnt.
  public var similarityScale: SimilarityScale? {
    options.weights.contrast > 0
      ? SimilarityScale(1 / Double(temperature.value.scalar), origin: "1/τ as the run has learnt it") : nil
  }

  /// What is contrasted, matched and written.
  public var notes: [String] {
    [
      "One text transformer reads texts, reads them with pictures, and writes them; the last layer of writing has the words' "
        + "own vectors."
    ]
  }
}
