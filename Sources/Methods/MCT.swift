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
  /// The captions that are compared with pictures beside the first, where items are.
  private let otherCaptions: [Int]
  private let momentum: Double
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
    otherCaptions = options.comparesItems ? Array(parts.data.captions.dropFirst()) : []
    momentum = options.momentum(steps: parts.steps)
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
    twin?.update(momentum: Float(momentum))
  }

  /// The projections of a view, without those of items.
  private func projections(
    of batch: TrainingBatch, view: Int, by network: Network, heads: Set<MCT.Head>, order: BatchOrder? = nil,
    in pass: ForwardPass
  ) throws -> [MCT.Head: Tensor] {
    let heads = options.comparesItems ? heads.subtracting([.imageCommon, .captionCommon]) : heads
    var found: [MCT.Head: Tensor] = [:]
    if !heads.isDisjoint(with: Self.imageHeads) {
      let input = try order.map { try batch.imageViews(view, in: $0) } ?? batch.imageViews(view)
      let vectors = network.encoders.encoding(of: image, input, in: pass).vector
      found = network.projections(
        of: order.map { batch.restored(vectors, from: $0) } ?? vectors, by: heads.intersection(Self.imageHeads))
    }
    if !heads.isDisjoint(with: Self.captionHeads), let caption {
      let vectors = network.encoders.encoding(of: caption, try batch.captionViews(view), in: pass).vector
      found.merge(network.projections(of: vectors, by: heads.intersection(Self.captionHeads))) { own, _ in own }
    }
    return found
  }

  /// The projections of items, where terms between modalities compare these: of pictures and the first captions, and of
  /// the other captions in turn.
  private func projections(
    ofItems batch: TrainingBatch, by network: Network, heads: Set<MCT.Head>, order: BatchOrder? = nil,
    in pass: ForwardPass
  ) throws -> (first: [MCT.Head: Tensor], others: [Tensor?]) {
    var found: [MCT.Head: Tensor] = [:]
    guard options.comparesItems else { return (found, []) }
    let inputs = try batch.inputs()
    if heads.contains(.imageCommon) {
      let input = try order.map { try batch.pictures(in: $0) } ?? inputs[image]
      let vectors = network.encoders.encoding(of: image, input, in: pass).vector
      found = network.projections(
        of: order.map { batch.restored(vectors, from: $0) } ?? vectors, by: [.imageCommon])
    }
    guard heads.contains(.captionCommon), let caption else { return (found, otherCaptions.map { _ in nil }) }
    let captions = ([caption] + otherCaptions).map { place in
      network.projections(
        of: network.encoders.encoding(of: place, inputs[place], in: pass).vector, by: [.captionCommon])[.captionCommon]
    }
    found[.captionCommon] = captions[0]
    return (found, Array(captions.dropFirst()))
  }

  private func list(_ found: [MCT.Head: Tensor]) -> [Tensor?] { MCT.Head.allCases.map { found[$0] } }

  private func heads(_ list: ArraySlice<Tensor?>) -> [MCT.Head: Tensor] {
    var found: [MCT.Head: Tensor] = [:]
    for (head, tensor) in zip(MCT.Head.allCases, list) { found[head] = tensor }
    return found
  }

  /// The queries of all heads, then the second views that are contrasted with them in the batch, then the queries of further
  /// captions.
  public func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let settings = options.objective
    let queries = try projections(of: batch, view: 0, by: network, heads: settings.queryHeads, in: pass)
    let others = try projections(of: batch, view: 1, by: network, heads: settings.viewHeads, in: pass)
    let items = try projections(ofItems: batch, by: network, heads: settings.queryHeads, in: pass)
    return list(queries.merging(items.first) { own, _ in own }) + list(others) + items.others
  }

  /// The stream that the order of keys comes from.
  public static let orderStream = "key order"

  /// What the twin makes of the second views, or of the items, then the keys of further captions.
  public func keys(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    guard let twin else { return [] }
    let heads = options.objective.keyHeads
    let hasImages = !heads.union(options.objective.viewHeads).isDisjoint(with: Self.imageHeads)
    let order = options.shufflesKeys && hasImages ? batch.drawKeyOrder(from: Self.orderStream) : nil
    return try twin { network in
      let views = try projections(of: batch, view: 1, by: network, heads: heads, order: order, in: pass)
      let items = try projections(ofItems: batch, by: network, heads: heads, order: order, in: pass)
      return list(views.merging(items.first) { own, _ in own }) + items.others
    }
  }

  /// Puts the keys of pictures back; only they are computed in an order.
  public func restored(keys: [Tensor?], from order: BatchOrder) -> [Tensor?] {
    let places = Set(MCT.Head.allCases.indices.filter { Self.imageHeads.contains(MCT.Head.allCases[$0]) })
    return keys.enumerated().map { place, key in places.contains(place) ? key.map(order.restored) : key }
  }

  /// The terms of positive weight.
  public func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) -> LossTerms {
    let count = MCT.Head.allCases.count
    let queries = heads(representations[..<count])
    let (others, keys) = (keys.dropFirst(count).compactMap { $0 }, heads(keys.prefix(count)))
    let terms = objective.loss(
      queries: queries, views: heads(representations[count..<2 * count]), keys: keys,
      others: (representations[(2 * count)...].compactMap { $0 }, others),
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
    let count = MCT.Head.allCases.count
    objective.enqueue(
      heads(keys.prefix(count)), others: keys.dropFirst(count).compactMap { $0 },
      tags: options.objective.weights.tags > 0 ? batch.tags : nil, items: batch.itemNumbers(of: compared))
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

  /// The common projection; without terms between modalities a picture's features alone.
  public func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    let name = network.encoders.modalities[place].name
    let refusal = UserError(
      .data, "\(name) has no representation, since no term of the loss is about it", at: "method",
      mend: "export the pictures: --part image")
    guard options.objective.hasInterTerm else {
      guard place == image else { throw refusal }
      return network.encoders.described(place, input).vector.l2Normalised()
    }
    let wanted: MCT.Head = place == image ? .imageCommon : .captionCommon
    guard let layers = network.heads.first(where: { $0.head == wanted })?.layers else { throw refusal }
    return layers.described(network.encoders.described(place, input).vector).l2Normalised()
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
    let size = options.objective.queueSize
    let memory = String(format: "%.3g", 1 / max(1 - momentum, 1e-6))
    return absence + [
      "A queue holds \(size) keys of a twin with momentum \(String(format: "%.4g", momentum)), which remembers \(memory) "
        + (memory == "1" ? "step." : "steps.")
    ] + excess
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
struct PartList: Module {
  let parts: [ModulePart]
}
