import Autograd
import Datasets
import Diagnostics
import Encoders
import Foundation
import Graphs
import Kernels
import Layers
import Objectives

/// See ``ViLBERTOptions``.
///
///     h_t, h_v = streams(words, regions),   f = relu(W_t h_t[0] + b_t) ⊙ relu(W_v h_v[0] + b_v)
///     alignment = mean CE(W f + b, 0 for a pair that belongs together, 1 for one that does not)
///     words     = mean over masked words of CE(E norm(gelu(W h_t)) + b, word)
///     regions   = mean over masked regions of KL(true classes ‖ softmax(…)), or of the squared error of features
///
/// Word 0 is the begin token; region 0 is the mean of the others, after masking, with the box of the whole picture.
struct ViLBERT: AlignmentMethod {
  private static let wordStream = "masked words"
  private static let regionStream = "masked regions"
  private static let negativeStream = "mismatched texts"

  let options: ViLBERTOptions
  /// The place of what the stream of regions sees, and of the captions.
  let vision, caption: Int
  let network: TwoStreamTransformer
  private let data: AlignedData
  private let vocabulary: Int
  private let featureCount: Int
  /// The number of classes of regions; 0 where their features are told.
  private let classCount: Int
  private let wordTransform, regionTransform: PredictionTransform
  private let wordBias: Parameter
  private let regionLayer: Linear
  private let textPooler, visionPooler, alignment: Linear
  private let dropout: Dropout
  private let watch: ViLBERTWatch
  private let current = CurrentPairs()

  /// The step at hand.
  private final class CurrentPairs {
    /// The texts with masked words, of the whole batch.
    var words = MaskedWords()
    /// Whether each text of the whole batch belongs to its picture.
    var isMatched: [Bool] = []
    /// Which regions are to be told, 1 for each, `[rows, regions]`, and their classes or features, of the rows in hand.
    var hidden: (isTold: Tensor, truths: Tensor)?
  }

  init(_ options: ViLBERTOptions, _ parts: inout MethodParts) {
    self.options = options
    data = parts.data
    guard let vision = ViLBERTOptions.vision(in: parts.data), let caption = parts.data.captions.first,
      case .tokens(let length, let vocabulary) = parts.data.modalities[caption].kind
    else { preconditionFailure("ViLBERT: data without pictures or captions") }
    (self.vision, self.caption, self.vocabulary) = (vision, caption, vocabulary)
    switch parts.data.modalities[vision].kind {
    case .regions(_, let features, let classes): (featureCount, classCount) = (features, classes)
    case .image(_, _, let channels): (featureCount, classCount) = (options.patchSize * options.patchSize * channels, 0)
    case .video, .spectrogram, .series, .vector, .tokens, .tags, .label: preconditionFailure("ViLBERT: no pictures")
    }
    // One more token masks a word.
    network = TwoStreamTransformer(
      vocabulary: vocabulary + 1, length: length, regionFeatures: featureCount, text: options.text,
      vision: options.vision, connection: options.connection, dropout: Float(options.dropout), stream: &parts.stream)
    let (text, seen) = (options.text.dimensions, options.vision.dimensions)
    wordTransform = PredictionTransform(text, stream: &parts.stream)
    regionTransform = PredictionTransform(seen, stream: &parts.stream)
    wordBias = Parameter(Tensor(repeating: 0, shape: [vocabulary]))
    regionLayer = Linear(seen, classCount > 0 ? classCount : featureCount, stream: &parts.stream)
    textPooler = Linear(text, options.pooledDimensions, stream: &parts.stream)
    visionPooler = Linear(seen, options.pooledDimensions, stream: &parts.stream)
    alignment = Linear(options.pooledDimensions, 2, stream: &parts.stream)
    dropout = Dropout(rate: Float(options.dropout))
    watch = ViLBERTWatch(words: vocabulary, classes: classCount, features: featureCount)
  }

  /// None: the streams are the method's own.
  var encoders: EncoderSet? { nil }

  var parts: [ModulePart] {
    [
      .module("streams", network), .module("wordTransform", wordTransform), .parameter("wordBias", wordBias),
      .module("regionTransform", regionTransform), .module("regionLayer", regionLayer),
      .module("textPooler", textPooler), .module("visionPooler", visionPooler), .module("alignment", alignment),
    ]
  }

  var companions: [(name: String, module: any Module)] { [("watch", watch)] }

  var notes: [String] {
    [
      "ViLBERT reads \(data.modalities[vision].name) and \(data.modalities[caption].name) together and only scores pairs: "
        + "there is no vector of a picture or a text alone, and every pair of a search has to be computed.",
      negativesNote,
    ]
  }

  private var negativesNote: String {
    isToldTruth
      ? "Pairs that do not belong together are those that people called false."
      : "Pairs that do not belong together have the text of another observation of the batch, never an equal one."
  }

  /// Whether people said which pairs belong together.
  private var isToldTruth: Bool { data.statements(of: .train) != nil }

  // MARK: Inputs

  /// The regions of a batch of pictures or regions.
  private func regions(_ input: ModalityInput) -> RegionBatch {
    if case .image = data.modalities[vision].kind { return input.patches(side: options.patchSize) }
    return input.regions(features: featureCount)
  }

  private func tokens(_ input: ModalityInput) -> (tokens: [Int32], length: Int) {
    guard case .tokens(let tokens, let length) = input else { preconditionFailure("ViLBERT: captions without tokens") }
    return (tokens, length)
  }

  /// What the streams take: the regions behind their mean, and the words.
  private func pairs(_ regions: RegionBatch, tokens: [Int32]) -> TwoStreamTransformer.Input {
    let (batch, count) = (regions.features.shape[0], regions.features.shape[1])
    var (shares, isRegion) = ([Float](repeating: 0, count: batch * count), [Bool]())
    for row in 0..<batch {
      let own = regions.isReal[row * count..<(row + 1) * count]
      let share = 1 / Float(max(1, own.count { $0 }))
      for (place, isReal) in own.enumerated() where isReal { shares[row * count + place] = share }
      isRegion += [true] + own
    }
    let mean = (regions.features * Tensor(shares, shape: [batch, count, 1])).sum(axis: 1, keepingAxis: true)
    let whole = Tensor((0..<batch).flatMap { _ in [0, 0, 1, 1, 1] as [Float] }, shape: [batch, 1, 5])
    return TwoStreamTransformer.Input(
      tokens: tokens, isWord: tokens.map { $0 != SubwordTokeniser.padding },
      features: Tensor.concatenated([mean, regions.features], axis: 1),
      boxes: Tensor.concatenated([whole, regions.boxes], axis: 1), isRegion: isRegion)
  }

  /// The same of whole pictures and texts.
  func pairs(pictures: ModalityInput, texts: ModalityInput) -> TwoStreamTransformer.Input {
    pairs(regions(pictures), tokens: tokens(texts).tokens)
  }

  // MARK: Training

  /// Draws the texts that pictures are paired with, and the words that are masked.
  func beginStep(_ batch: TrainingBatch) throws {
    let (own, length) = tokens(try batch.texts(of: caption))
    let (texts, isMatched) = texts(of: batch, own, length: length)
    current.isMatched = isMatched
    current.words = MaskedWords(
      texts, length: length, share: options.maskedWords, vocabulary: vocabulary, learns: learns(isMatched),
      using: &batch.streams[Self.wordStream])
  }

  private func learns(_ isMatched: [Bool]) -> [Bool] { isMatched.map { $0 || options.learnsFromMismatched } }

  /// The logits of belonging together, and the states of words and of regions.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    guard case .tokens(let length, _) = data.modalities[caption].kind else {
      preconditionFailure("ViLBERT: captions without tokens")
    }
    let regions = regions(try batch.inputs()[vision])
    let hidden = MaskedRegions(
      regions, share: options.maskedRegions, zeroed: options.zeroedRegions,
      learns: learns(batch.own(current.isMatched)), using: &batch.streams[Self.regionStream])
    var isTold = [Float](repeating: 0, count: regions.isReal.count)
    for place in hidden.places { isTold[Int(place)] = 1 }
    current.hidden = (
      Tensor(isTold, shape: Array(regions.features.shape.prefix(2))), (regions.classes ?? regions.features).detached
    )
    let words = current.words.rows(batch.range, length: length)
    let (text, seen) = network(pairs(hidden.regions, tokens: words.tokens), in: pass)
    return [alignment(dropout(fused(text, seen), in: pass)), text, seen]
  }

  /// Which regions are to be told, and what.
  func keys(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    current.hidden.map { [$0.isTold, $0.truths] } ?? []
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    let (found, known) = (representations.compactMap { $0 }, keys.compactMap { $0 })
    watch.noteAlignment(found[0], isMatched: current.isMatched)
    let alignment = found[0].crossEntropy(targets: current.isMatched.map { $0 ? 0 : 1 }).mean()
    return LossTerms(
      summing: [
        ("alignment", alignment), ("words", wordLoss(found[1], current.words) * Float(options.wordWeight)),
        ("regions", regionLoss(found[2], isTold: known[0], truths: known[1]) * Float(options.regionWeight)),
      ])
  }

  func endEpoch(_ epoch: Int, of training: MethodTraining) throws { watch.endEpoch() }

  var monitors: [Monitor] { watch.monitors }

  /// The texts that the batch is trained with, and whether each belongs to its picture: as people said, or else some are those
  /// of other observations whose text and picture are both others.
  private func texts(of batch: TrainingBatch, _ own: [Int32], length: Int) -> (tokens: [Int32], isMatched: [Bool]) {
    if isToldTruth { return (own, batch.labels(MultimodalDataset.statementLabelling).map { $0 != 0 }) }
    let keys = batch.sharing([vision, caption])
    let rows = (0..<batch.count).map { Array(own[$0 * length..<($0 + 1) * length]) }
    var (texts, isMatched) = ([Int32](), [Bool]())
    for row in rows.indices {
      // Both are drawn for every row, so that none depends on the others.
      let isReplaced = Double(batch.streams[Self.negativeStream].uniform()) < options.mismatched
      let draw = batch.streams[Self.negativeStream].uniform()
      let candidates = rows.indices.filter { other in
        rows[other] != rows[row] && (keys == nil || keys?[other] != keys?[row])
      }
      guard isReplaced, !candidates.isEmpty else {
        texts += rows[row]
        isMatched.append(true)
        continue
      }
      texts += rows[candidates[min(candidates.count - 1, Int(draw * Float(candidates.count)))]]
      isMatched.append(false)
    }
    return (texts, isMatched)
  }

  private func fused(_ text: Tensor, _ seen: Tensor) -> Tensor {
    textPooler(text.selecting(0, axis: 1)).relu() * visionPooler(seen.selecting(0, axis: 1)).relu()
  }

  private func wordLoss(_ text: Tensor, _ words: MaskedWords) -> Tensor {
    guard !words.places.isEmpty else { return Tensor(0) }
    let rows = text.reshaped(to: [text.shape[0] * text.shape[1], text.shape[2]]).gatheringRows(words.places)
    let states = wordTransform(rows)
    let table = network.embedding.table.tensor.slice(0..<vocabulary)
    watch.noteWords(states.detached, table: table.detached, bias: wordBias.value, truths: words.truths)
    return TokenCrossEntropy.loss(
      of: states, weight: table, bias: wordBias.tensor, labels: words.truths.map { Optional($0) })
  }

  /// A batch without masked regions has the loss 0: sums are divided by at least 1.
  private func regionLoss(_ seen: Tensor, isTold: Tensor, truths all: Tensor) -> Tensor {
    let marks = isTold.values
    let places = marks.indices.filter { marks[$0] > 0 }.map(Int32.init)
    guard !places.isEmpty else { return Tensor(0) }
    let (batch, count) = (all.shape[0], all.shape[1])
    // Behind the mean, which is region 0.
    let states = seen.slice(axis: 1, 1..<count + 1).reshaped(to: [batch * count, seen.shape[2]])
    let told = regionLayer(regionTransform(states.gatheringRows(places)))
    let truths = all.reshaped(to: [batch * count, all.shape[2]]).gatheringRows(places).detached
    guard classCount > 0 else {
      watch.noteRegions(told.detached, features: truths)
      return (told - truths).squared().mean()
    }
    watch.noteRegions(told.detached, classes: truths)
    let entropy = truths.values.reduce(Float(0)) { $0 + ($1 > 0 ? $1 * log($1) : 0) }
    let cross = (truths * told.logSoftmax()).sum()
    return (entropy - cross) / Float(max(1, places.count))
  }

  // MARK: Pairs

  /// How much better each pair fits than not, row by row: the logit of belonging together less the other, `[batch]`.
  func scores(pictures: ModalityInput, texts: ModalityInput) -> Tensor {
    let (text, seen) = network(pairs(pictures: pictures, texts: texts), in: .evaluation)
    let logits = alignment(fused(text, seen))
    return logits.selecting(0, axis: 1) - logits.selecting(1, axis: 1)
  }

  var subsetRule: SubsetRule { .each }

  /// The product of both streams, of pictures with texts; nothing of one by itself.
  func representation(of members: [MemberInput]) -> Tensor? {
    guard let picture = members.first(where: { $0.place == vision }),
      let words = members.first(where: { $0.place == caption })
    else { return nil }
    let (text, seen) = network(pairs(pictures: picture.input, texts: words.input), in: .evaluation)
    return fused(text, seen)
  }

  /// Nothing: a modality has no representation without the other.
  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    throw UserError(
      .data, "ViLBERT scores pictures with texts and has no representation of one", at: "method.name",
      mend: "export a run of a method that aligns modalities, such as clip or gmc")
  }

  /// Nothing, for the same reason.
  func features(of place: Int, _ input: ModalityInput) -> Tensor? { nil }
}
