import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Objectives
import Options

/// See ``DeCLIPOptions``.
struct DeCLIP: AlignmentMethod, CodebookMethod {
  /// The stream that hidden tokens come from.
  static let hidingStream = "hidden tokens"

  let options: DeCLIPOptions
  private let source: EncoderSet
  private let data: AlignedData
  private let image: Int
  private let captions: [Int]
  private let projections: Projections?
  private let head: CodebookHead?
  private let scale: LearntScale
  private let pictures: (projector: Sequential, predictor: Sequential)?
  /// What tells hidden tokens, for each encoder of captions.
  private let words: [(name: String, layer: Linear)]
  /// The features of earlier captions, for each modality of captions.
  private let queues: [NegativeQueue]
  private let fresh = FreshCaptions()
  private let current = HiddenWords()
  private let trainingCount: Int

  init(_ options: DeCLIPOptions, _ parts: inout MethodParts) {
    guard let image = parts.data.image else { preconditionFailure("DeCLIP: data without pictures") }
    self.options = options
    (source, data, self.image, captions) = (parts.encoders, parts.data, image, parts.data.captions)
    trainingCount = parts.data.count(.train)
    let (encoders, dimensions) = (parts.encoders, parts.dimensions)
    // With a codebook these are drawn, too, so that what follows begins alike; FDT's code has them without a use.
    let linear = Projections(encoders, dimensions: dimensions, stream: &parts.stream)
    projections = options.head == .linear ? linear : nil
    head =
      options.head == .codebook
      ? CodebookHead(options.codebook, encoders, dimensions: dimensions, stream: &parts.stream) : nil
    scale = LearntScale(
      temperature: parts.encoders.startingScale.map { 1 / $0.factor } ?? options.temperature,
      range: options.logScaleRange[0]...options.logScaleRange[1])
    if options.weights.pictures > 0 {
      let (width, hidden) = (options.projectorDimensions, options.predictorDimensions)
      let projector = Sequential(
        BatchNormalisedPerceptron(widths: [dimensions, width, width, width], stream: &parts.stream), BatchNorm(width))
      let predictor = Sequential(
        Linear(width, hidden, stream: &parts.stream), BatchNorm(hidden, rectified: true),
        Linear(hidden, width, stream: &parts.stream))
      pictures = (projector, predictor)
    } else {
      pictures = nil
    }
    var words: [(name: String, layer: Linear)] = []
    if options.weights.words > 0 {
      for place in captions where !words.contains(where: { $0.name == encoders.names[place] }) {
        words.append(
          (
            encoders.names[place],
            Linear(encoders.widths[place], parts.data.modalities[place].vocabulary, stream: &parts.stream)
          ))
      }
    }
    self.words = words
    var queues: [NegativeQueue] = []
    if options.weights.neighbours > 0 {
      var stream = parts.queueStream
      for _ in captions {
        queues.append(
          NegativeQueue(
            size: options.queueSize, dimensions: dimensions, itemCount: parts.data.options.sparesEqualItems ? 1 : 0,
            stream: &stream))
      }
    }
    self.queues = queues
  }

  var encoders: EncoderSet? { source }

  var parts: [ModulePart] {
    var parts: [ModulePart] = head?.parts ?? []
    if let projections { parts.append(.module("projections", projections)) }
    parts.append(.module("scale", scale))
    if let pictures {
      parts += [.module("projector", pictures.projector), .module("predictor", pictures.predictor)]
    }
    for (name, layer) in words { parts.append(.module("words.\(name)", layer)) }
    return parts
  }

  var companions: [(name: String, module: any Module)] {
    var companions: [(name: String, module: any Module)] = []
    if let head { companions.append(("use", head.use)) }
    let named = zip(captions, queues).map { ModulePart.module(data.modalities[$0].name, $1) }
    if !named.isEmpty { companions.append(("queues", PartList(parts: named))) }
    return companions
  }

  var weightDecays: [String: Double] {
    guard hasCodes, let decay = options.codebook.codebookDecay else { return [:] }
    return ["tokens.codebook": decay]
  }

  /// Draws, too, which words are hidden.
  func beginStep(_ batch: TrainingBatch) throws {
    scale.clamp()
    head?.beginStep(batch.step)
    current.texts = try captions.map { place in
      let texts = try batch.texts(of: place)
      guard case .tokens(let tokens, let length) = texts else { preconditionFailure("DeCLIP: captions without tokens") }
      return MaskedWords(
        tokens, length: length, share: options.hiddenShare, vocabulary: data.modalities[place].vocabulary,
        mask: SubwordTokeniser.mask, learns: (0..<batch.count).map { batch.isPresent(place, at: $0) },
        using: &batch.streams[Self.hidingStream])
    }
  }

  /// The heads of pictures look at all rows, by batch norm, so that they belong to the loss.
  var rowNetworks: [(name: String, module: any Module)] {
    let own = parts.filter { part in
      if case .module(let name, _) = part { return name != "projector" && name != "predictor" }
      return true
    }
    return [("encoders", source), ("method", PartList(parts: own))]
  }
  var marks: [StateBuffer] { head.map { [$0.use.isUsed] } ?? [] }

  /// The feature of what an encoder has found, of any length, and the weights on the codes.
  private func feature(of place: Int, _ found: Encoding, in pass: ForwardPass) -> (Tensor, weights: Tensor?) {
    if let head {
      let grounding = head.grounding(of: found, named: source.names[place])
      return (grounding.feature, grounding.attention)
    }
    guard let projections else { preconditionFailure("DeCLIP: neither a linear head nor a codebook") }
    return (projections(found.vector, of: place, in: pass), nil)
  }

  private func trainedFeature(of place: Int, _ found: Encoding, in pass: ForwardPass) -> Tensor {
    let made = feature(of: place, found, in: pass)
    if let weights = made.weights { head?.use.add(weights) }
    return made.0
  }

  /// Of pictures the features of both views, of any length, then of the captions of each language T₁, T₂ and what hidden tokens
  /// cost; rows are the observations that have the item.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    var views: [Tensor?] = []
    for view in 0..<2 {
      guard let input = try batch.present(batch.imageViews(view), of: image) else { continue }
      views.append(trainedFeature(of: image, source.encoding(of: image, input, in: pass), in: pass))
    }
    var found = views.count == 2 ? views : [nil, nil]
    for number in captions.indices { found += try captionFeatures(number, batch, in: pass) }
    return found
  }

  private func captionFeatures(_ number: Int, _ batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let place = captions[number]
    guard case .tokens(let length, _) = data.modalities[place].kind else {
      preconditionFailure("DeCLIP: captions without tokens")
    }
    let masked = current.texts[number].rows(batch.range, length: length)
    let view = try batch.captionView(of: place)
    guard let hidden = batch.present(.tokens(masked.tokens, length: length), of: place),
      let changed = batch.present(view, of: place)
    else { return [nil, nil, nil] }
    let first = source.encoding(of: place, hidden, in: pass)
    let second = source.encoding(of: place, changed, in: pass)
    return [
      trainedFeature(of: place, first, in: pass).l2Normalised(),
      trainedFeature(of: place, second, in: pass).l2Normalised(),
      costs(of: masked, length: length, place, batch, first.parts),
    ]
  }

  /// What the hidden tokens of each caption cost and how many there are, `[captions, 2]`.
  private func costs(
    of masked: MaskedWords, length: Int, _ place: Int, _ batch: TrainingBatch, _ parts: Tensor
  ) -> Tensor? {
    guard let layer = words.first(where: { $0.name == source.names[place] })?.layer else { return nil }
    let count = parts.shape[0]
    guard !masked.places.isEmpty else { return Tensor(repeating: 0, shape: [count, 2]) }
    // Places are among all rows of the batch, parts are of those that have the caption.
    let rows = (0..<batch.count).filter { batch.isPresent(place, at: $0) }
    let row = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
    let texts = masked.places.compactMap { row[Int($0) / length] }
    let places = zip(masked.places, texts).map { place, text in Int32(text * length + Int(place) % length) }
    let tokens = parts.reshaped(to: [count * length, parts.shape[2]]).gatheringRows(places)
    return hiddenTokenCosts(logits: layer(tokens), tokens: masked.truths, texts: texts, count: count)
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    let (weights, pairs) = (options.weights, DeCLIPOptions.pairs(of: data))
    let views = representations[0..<2].map { $0?.l2Normalised() }
    let texts = captions.indices.map { place in representations[(2 + 3 * place)..<(4 + 3 * place)].map { $0 } }
    fresh.features = texts
    /// The mean over both views of pictures and of captions of a loss between one of each.
    func mean(
      _ loss: (_ picture: Tensor, _ caption: Tensor, _ sharing: [Int]?, _ modality: Int) -> Tensor
    ) -> [(String, Tensor)] {
      var terms: [(String, Tensor)] = []
      for (first, second) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        var features = [Tensor?](repeating: nil, count: data.modalities.count)
        features[image] = views[first]
        for (number, place) in captions.enumerated() { features[place] = texts[number][second] }
        let found = ContrastedPairs.mean(over: pairs, of: data.modalities, in: batch, features, loss)
        terms = terms.isEmpty ? found : zip(terms, found).map { ($0.0, $0.1 + $1.1) }
      }
      return terms.map { ($0.0, $0.1 * 0.25) }
    }
    var terms: [(String, Tensor)] = []
    if weights.contrast > 0 {
      terms += mean { picture, caption, sharing, _ in
        clipLoss(picture, caption, logScale: scale.tensor, sharing: sharing)
      }.map { ($0.0, $0.1 * Float(weights.contrast)) }
    }
    if weights.neighbours > 0 {
      let found = mean { picture, caption, sharing, modality in
        neighbourLoss(picture, caption, sharing: sharing, of: modality, batch)
      }
      terms.append(("neighbours", sum(found) * Float(weights.neighbours)))
    }
    if weights.pictures > 0 {
      let loss = simSiam(representations[0..<2].compactMap { $0 }, in: ForwardPass(streams: batch.streams))
      terms.append(("pictures", loss * Float(weights.pictures)))
    }
    if weights.words > 0 {
      let costs = captions.indices.compactMap { representations[4 + 3 * $0] }
      let loss = costs.isEmpty ? Tensor(0) : hiddenTokenLoss(Tensor.concatenated(costs))
      terms.append(("words", loss * Float(weights.words)))
    }
    return LossTerms(summing: terms)
  }

  /// What either view of pictures tells of the other; 0 where there are no views.
  private func simSiam(_ views: [Tensor], in pass: ForwardPass) -> Tensor {
    guard let pictures, views.count == 2 else { return Tensor(0) }
    let projections = views.map { pictures.projector($0, in: pass) }
    let predictions = projections.map { pictures.predictor($0, in: pass) }
    return simSiamLoss(
      predictions: (predictions[0], predictions[1]), projections: (projections[0], projections[1]))
  }

  private func sum(_ terms: [(String, Tensor)]) -> Tensor {
    terms.dropFirst().reduce(terms[0].1) { $0 + $1.1 }
  }

  /// The contrast of pictures with the earlier captions nearest to their own.
  ///
  /// Observations with the same neighbour are no negatives of each other where equal items are none.
  private func neighbourLoss(
    _ picture: Tensor, _ caption: Tensor, sharing: [Int]?, of modality: Int, _ batch: TrainingBatch
  ) -> Tensor {
    guard let number = captions.firstIndex(of: modality) else { preconditionFailure("DeCLIP: no captions there") }
    let items = batch.itemNumbers(of: [modality]).map { numbers in
      commonRows(image, modality, batch).map { numbers[$0] }
    }
    let (neighbours, places) = queues[number].neighbours(of: caption, items: items)
    var keys = sharing
    if data.options.sparesEqualItems {
      var first: [Int32: Int] = [:]
      let own = places.enumerated().map { row, place in
        if let known = first[place] { return known }
        first[place] = row
        return row
      }
      keys = sharing.map { TrainingBatch.joining(own, Self.firstRows($0)) } ?? own
    }
    return clipLoss(picture, neighbours, logScale: scale.tensor, sharing: keys, direction: .firstToSecond)
  }

  /// For each row the first one of an equal key.
  private static func firstRows(_ keys: [Int]) -> [Int] {
    var first: [Int: Int] = [:]
    return keys.enumerated().map { row, key in
      if let known = first[key] { return known }
      first[key] = row
      return row
    }
  }

  /// The places in the batch of observations that have both of two modalities.
  private func commonRows(_ first: Int, _ second: Int, _ batch: TrainingBatch) -> [Int] {
    (0..<batch.count).filter { batch.isPresent(first, at: $0) && batch.isPresent(second, at: $0) }
  }

  /// Puts the captions' features into the queues, as in the official code first the changed ones.
  func endStep(keys: [Tensor?], batch: TrainingBatch) {
    for (number, queue) in queues.enumerated() where number < fresh.features.count {
      let place = captions[number]
      let rows = (0..<batch.count).filter { batch.isPresent(place, at: $0) }
      let items = batch.itemNumbers(of: [place]).map { numbers in rows.map { numbers[$0] } }
      for feature in fresh.features[number].reversed() {
        if let feature { queue.enqueue(feature.detached, items: items) }
      }
    }
    fresh.features = []
    head?.beginStep(batch.step + 1)
  }

  func endEpoch(_ epoch: Int, of training: MethodTraining) throws { scale.clamp() }

  private func evaluated(of place: Int, _ input: ModalityInput) -> (feature: Tensor, weights: Tensor?)? {
    guard place == image || captions.contains(place) else { return nil }
    let found = feature(of: place, source.encoding(of: place, input, in: .evaluation), in: .evaluation)
    return (found.0.l2Normalised(), found.weights)
  }

  func representation(of members: [MemberInput]) -> Tensor? {
    let found = members.compactMap { evaluated(of: $0.place, $0.input)?.feature }
    return found.count == members.count ? averaged(found) : nil
  }

  /// The linear map, or the grounding at the temperature that training has reached.
  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    guard place == image || captions.contains(place) else {
      throw UserError(.data, "DeCLIP learns nothing of \(data.modalities[place].name)", at: "data.modalities")
    }
    let found = source.described(place, input)
    if let head { return head.described(found, named: source.names[place]).l2Normalised() }
    guard let projections else { preconditionFailure("DeCLIP: neither a linear head nor a codebook") }
    return projections.described(found.vector, of: place).l2Normalised()
  }

  /// The encoder's vector, or with a codebook the grounding, beside which the vector is not trained.
  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    guard place == image || captions.contains(place) else { return nil }
    return hasCodes
      ? evaluated(of: place, input)?.feature : source.encoding(of: place, input, in: .evaluation).vector
  }

  var similarityScale: SimilarityScale? { SimilarityScale(scale.value, origin: "the scale that the run has learnt") }

  func grounding(of place: Int, _ input: ModalityInput) -> (feature: Tensor, weights: Tensor?) {
    guard let found = evaluated(of: place, input) else {
      preconditionFailure("DeCLIP: \(data.modalities[place].name) is neither of pictures nor of captions")
    }
    return found
  }

  func partScores(of place: Int, _ input: ModalityInput, codes: [Int]) -> Tensor {
    let parts = source.encoding(of: place, input, in: .evaluation).parts
    return head?.scores(of: parts, named: source.names[place], codes: codes) ?? parts
  }

  var usedShare: Double { head?.use.share ?? 0 }
  var hasCodes: Bool { head != nil }

  /// Modalities that are neither pictures nor captions, and captions that are told from the left alone.
  var notes: [String] {
    var notes: [String] = []
    let others = data.modalities.indices.filter { $0 != image && !captions.contains($0) }
    if !others.isEmpty {
      notes.append("DeCLIP learns nothing of \(others.map { data.modalities[$0].name }.joined(separator: ", ")).")
    }
    if options.weights.words > 0, source.options.causalText, source.options.textEncoder == .transformer {
      notes.append("Hidden tokens are told by what stands before them alone, since model.causalText is true.")
    }
    return notes + warnings
  }

  /// A queue, into which each caption brings two features, that is larger than the training set.
  var warnings: [String] {
    guard options.weights.neighbours > 0, options.queueSize > 2 * trainingCount else { return [] }
    return [
      "A queue of \(options.queueSize) features, two of each caption, is larger than the training set of \(trainingCount): "
        + "it holds captions of "
        + "the query's own observation, which "
        + (data.options.sparesEqualItems ? "are no neighbours of it." : "count as neighbours.")
    ]
  }
}

/// The captions of a step with hidden words, of the whole batch, for each modality.
private final class HiddenWords {
  var texts: [MaskedWords] = []
}

/// The features of a step's captions, between its loss and its end.
private final class FreshCaptions {
  var features: [[Tensor?]] = []
}

extension Modality {
  /// The number of different tokens of a modality of captions.
  fileprivate var vocabulary: Int {
    guard case .tokens(_, let vocabulary) = kind else { preconditionFailure("\(name) is no modality of captions") }
    return vocabulary
  }
}
