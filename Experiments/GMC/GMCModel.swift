import Autograd
import Datasets
import Encoders
import Evaluation
import Kernels
import Layers
import Objectives

/// The networks with what they are trained for: GMC's contrast, or the fusion baseline's classification.
struct GMCModel: Module {
  let network: GMCNetwork
  let settings: GMCSettings
  let labellings: [String]
  /// The classifier that the fusion baseline is trained with, on the first labelling.
  let classifier: MLP?

  init(
    modalities: [Modality], settings: GMCSettings, dataset: MultimodalDataset, labellings: [String],
    stream: inout RandomStream
  ) {
    self.settings = settings
    self.labellings = labellings
    let isFusion = settings.method.objective == .fusion
    network = GMCNetwork(
      modalities: modalities, model: settings.model, hasSingleEncoders: !isFusion,
      hasJointEncoder: isFusion || settings.method.negatives != .pairwise, stream: &stream)
    let classes = labellings.first.flatMap { dataset.classNames[$0]?.count } ?? 0
    classifier =
      isFusion
      ? MLP(
        widths: [settings.model.latentDimensions] + settings.evaluation.probe.hidden + [classes], activation: .relu,
        stream: &stream) : nil
  }

  var parts: [ModulePart] { network.parts + (classifier.map { [.module("classifier", $0)] } ?? []) }

  var modalities: [Modality] { network.modalities }

  /// The items of all modalities of some observations; zeros, or an empty text, for those that are missing.
  func inputs(_ batch: some Collection<Int>, of split: MultimodalSplit) -> [ModalityInput] {
    modalities.map { ModalityInput(split.items(of: $0.name, at: batch), kind: $0.kind) }
  }

  /// The training loss of a batch of observations.
  ///
  /// *Deviation*: where observations lack modalities, each encoder sees only the items there are, the joint encoder zeros
  /// (or an empty text) in place of the others, and ``GMC`` contrasts only what is there.
  ///
  /// - Parameters:
  ///   - presence: which observations of the split have which modalities.
  ///   - absence: decides which modalities a training observation of the fusion baseline lacks.
  func loss(
    of batch: [Int], in split: MultimodalSplit, presence: ModalityPresence, pass: ForwardPass,
    absence: inout RandomStream
  ) -> LossTerms {
    let inputs = inputs(batch, of: split)
    if let classifier {
      let masked = dropModalities(inputs, batch: batch, presence: presence, using: &absence)
      guard let joint = network.jointRepresentation(masked, in: pass),
        let labels = labellings.first.flatMap({ split.labels[$0] })
      else { preconditionFailure("GMCModel: fusion without a joint encoder or labels") }
      return LossTerms(summing: [
        ("cross-entropy", classifier(joint).crossEntropy(targets: batch.map { labels[$0] }).mean())
      ])
    }
    let method = GMC(
      .init(temperature: Float(settings.method.temperature), negatives: settings.method.negatives))
    let present = presence.places(in: batch)
    let single = inputs.indices.map { index -> Tensor? in
      guard let places = present?[index], places.count < batch.count else {
        return network.representation(of: index, inputs[index], in: pass)
      }
      guard places.count > 1 else { return nil }
      // Zeros in place of what is missing would move the statistics of batch norm.
      let modality = modalities[index]
      let items = split.items(of: modality.name, at: places.map { batch[Int($0)] })
      return network.representation(of: index, ModalityInput(items, kind: modality.kind), in: pass)
    }
    return method.loss(
      representations: single, joint: network.jointRepresentation(inputs, in: pass), names: modalities.map(\.name),
      present: present)
  }

  /// Takes modalities away from observations at random, but never all of one observation's.
  private func dropModalities(
    _ inputs: [ModalityInput], batch: [Int], presence: ModalityPresence, using stream: inout RandomStream
  ) -> [ModalityInput] {
    let dropout = ModalityDropout(rate: Float(settings.method.modalityDropout))
    guard dropout.rate > 0 else { return inputs }
    let present = dropout.presence(modalities: inputs.count, batch: batch.count, using: &stream) {
      presence[$0, batch[$1]]
    }
    return zip(inputs, present).map { $0.masked(present: $1) }
  }
}
