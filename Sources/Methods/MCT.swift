import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives
import Options

/// Multimodal contrastive training (Yuan et al., CVPR 2021) of pictures, captions and tags; see ``MCT``, whose options are
/// among these. MoCo and SimCLR are the same with pictures alone.
///
/// Captions of all languages are one modality to it: a caption's view is in one of them.
public struct MCTOptions: MethodOptions {
  /// What lies behind an encoder.
  public enum HeadKind: String, Codable, CaseIterable, Sendable {
    /// Two dense layers with ReLU, as in MoCo v2.
    case perceptron
    /// One dense layer, as in MoCo v1.
    case linear
  }

  /// `mct`
  public static var key: String { "mct" }
  /// In a few words.
  public static var summary: String { "contrast within and between pictures and captions, with tags, against queues" }
  /// The publication.
  public static var source: String { "Yuan et al., CVPR 2021" }
  /// The file.
  public static var file: String? { #fileID }

  /// Weights, forms of the terms, temperatures, queue and momentum.
  public var objective = MCT.Options()
  /// What lies behind the encoders.
  public var head = HeadKind.perceptron
  /// The hidden width of `perceptron`.
  public var headDimensions = 128
  /// Whether keys are computed in another order than queries, so that no part of batch norm holds a query and its key by
  /// design.
  public var shufflesKeys = false

  private enum CodingKeys: String, CodingKey { case head, headDimensions, shufflesKeys }

  /// The defaults.
  public init() {}

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    objective = try MCT.Options(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    head = try container.decodeIfPresent(HeadKind.self, forKey: .head) ?? head
    headDimensions = try container.decodeIfPresent(Int.self, forKey: .headDimensions) ?? headDimensions
    shufflesKeys = try container.decodeIfPresent(Bool.self, forKey: .shufflesKeys) ?? shufflesKeys
  }

  /// Writes the section.
  public func encode(to encoder: any Encoder) throws {
    try objective.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(head, forKey: .head)
    try container.encode(headDimensions, forKey: .headDimensions)
    try container.encode(shufflesKeys, forKey: .shufflesKeys)
  }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    let weights = objective.weights
    let named = [
      ("imageIntra", weights.imageIntra), ("tags", weights.tags), ("captionIntra", weights.captionIntra),
      ("imageToCaption", weights.imageToCaption), ("captionToImage", weights.captionToImage),
    ]
    return named.map { .notNegative("weights.\($0)", $1) } + [
      OptionRequirement("weights", named.contains { $0.1 > 0 }, "must leave at least one term"),
      OptionRequirement(
        "weights.captionToImage",
        objective.inter != .clip || weights.imageToCaption == weights.captionToImage,
        "must be method.mct.weights.imageToCaption where method.mct.inter is clip"),
      .positive("temperature", objective.temperature), .positive("interTemperature", objective.interTemperature),
      OptionRequirement("tagThreshold", objective.tagThreshold >= 0, "must not be negative"),
      .notNegative("margin", objective.margin), .count("queueSize", objective.queueSize, atMost: (1 << 24) - 1),
      OptionRequirement("momentum", (0...1).contains(objective.momentum), "must be in 0...1"),
      .count("headDimensions", headDimensions, atMost: 65_536),
    ]
  }

  /// Pictures, and captions where a term is of them.
  public func needs(of data: AlignedData) -> [MethodNeed] {
    let weights = objective.weights
    let needsCaptions = weights.captionIntra > 0 || objective.hasInterTerm
    let other = data.modalities.indices.first { place in
      if case .image = data.modalities[place].kind { false } else { !data.isCaption(place) }
    }
    let onlyTags = weights.imageIntra == 0 && !needsCaptions
    return [.images(data)] + (needsCaptions ? [.captions(data)] : []) + [
      MethodNeed(
        "one vocabulary of captions", !needsCaptions || data.captions.count < 2 || data.vocabulary.isShared,
        at: "model.sharesTextEncoder",
        message: "must be true for \(Self.key), to which captions of several modalities are one", mend: "set it to true"
      ),
      MethodNeed("tags", !onlyTags || data.tags != nil),
      MethodNeed(
        "pictures and captions alone", other == nil, at: "data.modalities",
        message: "\(Self.key) knows images and captions only, not \(other.map { data.modalities[$0].name } ?? "")",
        mend: "name images and captions, or take another method"),
    ]
  }

  /// Pictures, and the first captions where a term is of captions; the others are alternatives to it.
  public func indispensable(in data: AlignedData) -> [Int] {
    let knowsCaptions = objective.weights.captionIntra > 0 || objective.hasInterTerm
    return [data.image, knowsCaptions ? data.captions.first : nil].compactMap { $0 }
  }

  /// The queues, with the logits of a batch against them.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] { blocks(key: Self.key, dimensions, data) }

  func blocks(key: String, _ dimensions: Int, _ data: AlignedData) -> [MemoryBlock] {
    let heads = objective.keyHeads.count
    guard heads > 0 else { return [] }
    let tags = objective.weights.tags > 0 ? Double(data.tags?.count ?? 0) : 0
    return [
      MemoryBlock(
        "method.\(key).queueSize", "\(heads) queues of \(objective.queueSize) × \(dimensions)",
        Double(objective.queueSize) * (Double(heads * dimensions) + tags))
    ]
  }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { MCTMethod(self, &parts) }
}

extension MCTOptions {
  /// Only the term of pictures with pictures.
  static var ofImagesAlone: MCTOptions {
    var options = MCTOptions()
    options.objective.weights = MCT.Weights(imageIntra: 1)
    return options
  }
}

/// The networks of queries, their momentum twin, and the method with its queues.
///
/// A step first moves the twin towards the networks as the last step left them, then computes queries and keys, the
/// loss, and last puts the keys into the queues.
public struct MCTMethod: AlignmentMethod {
  /// What the twin follows: encoders, and a head for each space.
  struct Network: Module {
    let encoders: EncoderSet
    let heads: [(head: MCT.Head, layers: MLP)]

    init(_ encoders: EncoderSet, heads: Set<MCT.Head>, widths: (MCT.Head) -> [Int], stream: inout RandomStream) {
      self.encoders = encoders
      var layers: [(MCT.Head, MLP)] = []
      for head in MCT.Head.allCases where heads.contains(head) {
        layers.append((head, MLP(widths: widths(head), activation: .relu, stream: &stream)))
      }
      self.heads = layers
    }

    var headParts: [ModulePart] { heads.map { .module("head.\($0.head.rawValue)", $0.layers) } }
    var parts: [ModulePart] { [.module("encoders", encoders)] + headParts }

    /// The projections of vectors by some of the heads, rows of length 1.
    func projections(of vectors: Tensor, by wanted: Set<MCT.Head>) -> [MCT.Head: Tensor] {
      var found: [MCT.Head: Tensor] = [:]
      for (head, layers) in heads where wanted.contains(head) { found[head] = layers(vectors).l2Normalised() }
      return found
    }
  }

  private static let imageHeads: Set<MCT.Head> = [.imageIntra, .imageCommon]
  private static let captionHeads: Set<MCT.Head> = [.captionIntra, .captionCommon]

  /// The settings in use.
  public let options: MCTOptions
  /// The loss with its queues.
  public let objective: MCT
  let network: Network
  private let twin: MomentumTwin<Network>?
  private let image: Int
  private let caption: Int?
  /// The modalities whose items tell which keys are no negatives.
  private let compared: [Int]
  private let sparesEqualItems: Bool
  private let lacksTags: Bool
  private let trainingCount: Int
  private let watch = Watch()

  /// Creates networks, their momentum twin and the queues; the term of tags is left out where the data have none.
  public init(_ options: MCTOptions, _ parts: inout MethodParts) {
    guard let image = parts.data.image else { preconditionFailure("MCT: data without pictures") }
    var options = options
    lacksTags = options.objective.weights.tags > 0 && parts.data.tags == nil
    if lacksTags { options.objective.weights.tags = 0 }
    self.options = options
    self.image = image
    trainingCount = parts.data.count(.train)
    caption = parts.data.captions.first
    let settings = options.objective
    let (encoders, caption, dimensions) = (parts.encoders, caption, parts.dimensions)
    func widths(_ head: MCT.Head) -> [Int] {
      let place = Self.imageHeads.contains(head) ? image : caption ?? image
      return [encoders.widths[place]] + (options.head == .perceptron ? [options.headDimensions] : []) + [dimensions]
    }
    network = Network(encoders, heads: settings.heads, widths: widths, stream: &parts.stream)
    twin =
      settings.keyHeads.isEmpty
      ? nil
      : MomentumTwin(
        of: network,
        into: Network(
          encoders.another(stream: &parts.stream), heads: settings.heads, widths: widths, stream: &parts.stream))
    let knowsCaptions = !settings.heads.isDisjoint(with: Self.captionHeads)
    compared = [image] + (knowsCaptions ? parts.data.captions : [])
    sparesEqualItems = parts.data.options.sparesEqualItems
    var queues = parts.queueStream
    objective = MCT(
      settings, dimensions: dimensions, tagCount: parts.data.tags?.count ?? 0,
      itemCount: sparesEqualItems ? compared.count : 0, stream: &queues)
  }

  /// The encoders of queries.
  public var encoders: EncoderSet? { network.encoders }
  /// The heads and the scale.
  public var parts: [ModulePart] { network.headParts + [.module("objective", objective)] }
  /// The momentum twin, the queues, and what is watched.
  public var companions: [(name: String, module: any Module)] {
    (twin.map { [("twin", $0)] } ?? []) + [("queues", PartList(parts: objective.queueParts)), ("watch", watch)]
  }

  /// Brings the scale into its range, and the twin nearer to the networks.
  public func beginStep(_ batch: TrainingBatch) {
    objective.scale?.clamp()
    twin?.update(momentum: Float(options.objective.momentum))
  }

  private func projections(
    of batch: TrainingBatch, view: Int, by network: Network, heads: Set<MCT.Head>, order: BatchOrder? = nil,
    in pass: ForwardPass
  ) throws -> [MCT.Head: Tensor] {
    var found: [MCT.Head: Tensor] = [:]
    if !heads.isDisjoint(with: Self.imageHeads), case .numbers(let images) = try batch.imageViews(view) {
      let input = ModalityInput.numbers(order?.shuffled(images) ?? images)
      let vectors = network.encoders.encoding(of: image, input, in: pass).vector
      found = network.projections(of: order?.restored(vectors) ?? vectors, by: heads.intersection(Self.imageHeads))
    }
    if !heads.isDisjoint(with: Self.captionHeads), let caption {
      let vectors = network.encoders.encoding(of: caption, try batch.captionViews(view), in: pass).vector
      found.merge(network.projections(of: vectors, by: heads.intersection(Self.captionHeads))) { own, _ in own }
    }
    return found
  }

  private func list(_ found: [MCT.Head: Tensor]) -> [Tensor?] { MCT.Head.allCases.map { found[$0] } }

  private func heads(_ list: ArraySlice<Tensor?>) -> [MCT.Head: Tensor] {
    var found: [MCT.Head: Tensor] = [:]
    for (head, tensor) in zip(MCT.Head.allCases, list) { found[head] = tensor }
    return found
  }

  /// The queries of all heads, then the second views that are contrasted with them in the batch.
  public func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let settings = options.objective
    let queries = try projections(of: batch, view: 0, by: network, heads: settings.queryHeads, in: pass)
    let others = try projections(of: batch, view: 1, by: network, heads: settings.viewHeads, in: pass)
    return list(queries) + list(others)
  }

  /// The stream that the order of keys comes from.
  public static let orderStream = "key order"

  /// What the twin makes of the second views.
  public func keys(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    guard let twin else { return [] }
    let heads = options.objective.keyHeads
    let hasImages = !heads.union(options.objective.viewHeads).isDisjoint(with: Self.imageHeads)
    let order =
      options.shufflesKeys && hasImages
      ? BatchOrder(count: batch.count, stream: &batch.streams[Self.orderStream]) : nil
    return list(try twin { try projections(of: batch, view: 1, by: $0, heads: heads, order: order, in: pass) })
  }

  /// The terms of positive weight.
  public func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) -> LossTerms {
    let count = MCT.Head.allCases.count
    let queries = heads(representations[..<count])
    let keys = heads(keys[...])
    let terms = objective.loss(
      queries: queries, views: heads(representations[count...]), keys: keys,
      tags: options.objective.weights.tags > 0 ? batch.tags : nil, sharing: batch.sharing(compared),
      items: batch.itemNumbers(of: compared))
    let accuracy = objective.pretextAccuracy(
      .imageIntra, queries: queries, keys: keys, items: batch.itemNumbers(of: compared))
    if let accuracy {
      watch.note(Int((accuracy * Double(batch.count)).rounded()), of: batch.count)
    }
    return terms
  }

  /// Puts the keys into the queues.
  public func endStep(keys: [Tensor?], batch: TrainingBatch) {
    objective.enqueue(
      heads(keys[...]), tags: options.objective.weights.tags > 0 ? batch.tags : nil,
      items: batch.itemNumbers(of: compared))
  }

  /// Brings the scale into its range, and closes the epoch's counts.
  public func endEpoch(_ epoch: Int, of training: MethodTraining) throws {
    objective.scale?.clamp()
    watch.endEpoch()
  }

  /// The mean share of image queries whose own key was nearest, over the last whole epoch.
  public var monitors: [Monitor] {
    watch.share.map { [Monitor(evaluator: "pretext", subject: "image intra", metric: "accuracy", value: $0)] } ?? []
  }

  /// The mean of the common projections; without terms between modalities a picture's features alone.
  public func representation(of members: [MemberInput]) -> Tensor? {
    let hasCommon = options.objective.hasInterTerm
    let found = members.map { member -> Tensor? in
      guard let vector = features(of: member.place, member.input) else { return nil }
      guard hasCommon else { return member.place == image ? vector.l2Normalised() : nil }
      let head: MCT.Head = member.place == image ? .imageCommon : .captionCommon
      return network.projections(of: vector, by: [head])[head]
    }
    let known = found.compactMap { $0 }
    return known.count == members.count ? averaged(known) : nil
  }

  /// The encoder's vector of pictures, and of captions where a term has them.
  public func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    let knowsCaptions = !options.objective.heads.isDisjoint(with: Self.captionHeads)
    guard place == image || knowsCaptions && place != image else { return nil }
    return network.encoders.encoding(of: place, input, in: .evaluation).vector
  }

  /// What multiplies cosines between modalities, where a term compares them.
  public var similarityScale: SimilarityScale? {
    guard options.objective.hasInterTerm else { return nil }
    return objective.scale.map { SimilarityScale($0.value, origin: "the scale that the run has learnt") }
      ?? SimilarityScale(temperature: options.objective.interTemperature, origin: "method.mct.interTemperature")
  }

  private var absence: [String] { lacksTags ? ["The data have no tags, so the term of tags is left out."] : [] }

  private var excess: [String] {
    let size = options.objective.queueSize
    guard !options.objective.keyHeads.isEmpty, size > trainingCount else { return [] }
    return [
      "A queue of \(size) keys is larger than the training set of \(trainingCount): it holds several keys of an "
        + "observation, also of the query's own, which "
        + (sparesEqualItems ? "are no negatives of it." : "count as negatives.")
    ]
  }

  /// What was left out, and queues that are larger than the training set.
  public var warnings: [String] { absence + excess }

  /// What was left out, and what the queues hold.
  public var notes: [String] {
    guard !options.objective.keyHeads.isEmpty else { return absence }
    let (size, momentum) = (options.objective.queueSize, options.objective.momentum)
    return absence + ["A queue holds \(size) keys of a twin with momentum \(momentum)."] + excess
  }
}

/// Counts how often a query found its key.
private final class Watch: Module {
  // Counts as floats, which are exact up to 2²⁴: right ones, all, and those of the last whole epoch.
  private let counts = StateBuffer(Tensor([0, 0, 0, 0]))

  var parts: [ModulePart] { [.buffer("counts", counts)] }

  func note(_ right: Int, of all: Int) {
    let values = counts.value.values
    counts.value = Tensor([values[0] + Float(right), values[1] + Float(all), values[2], values[3]])
  }

  func endEpoch() {
    let values = counts.value.values
    counts.value = Tensor([0, 0, values[0], values[1]])
  }

  var share: Double? {
    let values = counts.value.values
    return values[3] > 0 ? Double(values[2]) / Double(values[3]) : nil
  }
}

/// Some parts as a module.
private struct PartList: Module {
  let parts: [ModulePart]
}
