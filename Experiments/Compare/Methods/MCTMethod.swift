import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives

/// Multimodal contrastive training (Yuan et al., CVPR 2021) of images, captions and tags; see ``MCT``.
///
/// Captions of all languages are one modality to it: a caption's view is in one of them.
struct MCTMethod: ComparedMethod {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// How much each term counts; that of tags is 0 where there are none.
    var weights = MCT.Weights()
    /// τ of the terms within a modality and of tags.
    var temperature = 0.2
    /// τ of the terms between modalities.
    var interTemperature = 0.1
    /// K, the number of keys in each queue.
    var queueSize = 1024
    /// m, how much of its parameters the momentum twin keeps in a step.
    var momentum = 0.98
    /// The hidden width of each head.
    var headDimensions = 128

    var requirements: [OptionRequirement] {
      let all = [
        weights.imageIntra, weights.tags, weights.captionIntra, weights.imageToCaption, weights.captionToImage,
      ]
      return [
        OptionRequirement(
          "weights", all.allSatisfy { $0 >= 0 && $0.isFinite } && all.contains { $0 > 0 },
          "must not be negative, and one must be positive"),
        .positive("temperature", temperature), .positive("interTemperature", interTemperature),
        .count("queueSize", queueSize), .share("momentum", momentum), .count("headDimensions", headDimensions),
      ]
    }
  }

  /// What the twin follows.
  private struct Network: Module {
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

    func projections(of vectors: Tensor, heads wanted: Set<MCT.Head>) -> [MCT.Head: Tensor] {
      var found: [MCT.Head: Tensor] = [:]
      for (head, layers) in heads where wanted.contains(head) { found[head] = layers(vectors).l2Normalised() }
      return found
    }
  }

  private static let imageHeads: Set<MCT.Head> = [.imageIntra, .imageCommon]
  private static let captionHeads: Set<MCT.Head> = [.captionIntra, .captionCommon]

  let options: MCT.Options
  private let method: MCT
  private let network: Network
  private let twin: MomentumTwin<Network>?
  private let image: Int
  private let caption: Int

  init(_ options: Options, _ setting: inout MethodSetting) {
    guard let image = setting.data.image, let caption = setting.data.firstCaption else {
      preconditionFailure("MCTMethod: data without images or captions")
    }
    var method = MCT.Options()
    method.weights = options.weights
    if setting.data.tags == nil { method.weights.tags = 0 }
    (method.temperature, method.interTemperature) = (options.temperature, options.interTemperature)
    (method.queueSize, method.momentum) = (options.queueSize, options.momentum)
    method.dimensions = setting.model.dimensions
    self.options = method
    (self.image, self.caption) = (image, caption)
    let encoders = setting.encoders
    func widths(_ head: MCT.Head) -> [Int] {
      [encoders.widths[Self.imageHeads.contains(head) ? image : caption], options.headDimensions, method.dimensions]
    }
    network = Network(encoders, heads: method.heads, widths: widths, stream: &setting.stream)
    twin =
      method.keyHeads.isEmpty
      ? nil
      : MomentumTwin(
        of: network,
        into: Network(
          setting.furtherEncoders(&setting.stream), heads: method.heads, widths: widths, stream: &setting.stream))
    self.method = MCT(method, tagCount: setting.data.tags?.count ?? 0, stream: &setting.stream)
  }

  var parts: [ModulePart] { network.headParts + [.module("method", method)] }
  var companions: [(name: String, module: any Module)] { twin.map { [("twin", $0)] } ?? [] }

  private func projections(
    of batch: ComparedBatch, by network: Network, heads: Set<MCT.Head>, in pass: ForwardPass
  ) -> [MCT.Head: Tensor] {
    var found: [MCT.Head: Tensor] = [:]
    if !heads.isDisjoint(with: Self.imageHeads) {
      let vectors = network.encoders.encoding(of: image, batch.imageViews(), in: pass).vector
      found = network.projections(of: vectors, heads: heads.intersection(Self.imageHeads))
    }
    if !heads.isDisjoint(with: Self.captionHeads) {
      let vectors = network.encoders.encoding(of: caption, batch.captionViews(), in: pass).vector
      found.merge(network.projections(of: vectors, heads: heads.intersection(Self.captionHeads))) { own, _ in own }
    }
    return found
  }

  func loss(of batch: ComparedBatch, in pass: ForwardPass) -> LossTerms {
    twin?.update(momentum: Float(options.momentum))
    let tags = options.weights.tags > 0 ? batch.tags : nil
    let queries = projections(of: batch, by: network, heads: options.queryHeads, in: pass)
    let keys = twin.map { $0 { projections(of: batch, by: $0, heads: options.keyHeads, in: pass) } } ?? [:]
    let terms = method.loss(queries: queries, keys: keys, tags: tags)
    method.enqueue(keys, tags: tags)
    return terms
  }

  func representation(of members: [Int], _ inputs: [ModalityInput]) -> Tensor? {
    let found = members.map { place -> Tensor? in
      let head: MCT.Head = place == image ? .imageCommon : .captionCommon
      guard let vector = features(of: place, inputs[place]) else { return nil }
      return network.projections(of: vector, heads: [head])[head]
    }
    let known = found.compactMap { $0 }
    return known.count == members.count ? averaged(known) : nil
  }

  func features(of modality: Int, _ input: ModalityInput) -> Tensor? {
    guard modality == image || network.encoders.names[modality] == EncoderSet.captions else { return nil }
    return network.encoders.encoding(of: modality, input, in: .evaluation).vector
  }
}
