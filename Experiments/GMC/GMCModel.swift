import Alignment
import Autograd
import Datasets
import Kernels
import Layers

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
    let classes = dataset.classNames[labellings[0]]?.count ?? 0
    classifier =
      isFusion
      ? MLP(
        widths: [settings.model.latentDimensions] + settings.evaluation.probe.hidden + [classes], activation: .relu,
        stream: &stream) : nil
  }

  var parts: [ModulePart] { network.parts + (classifier.map { [.module("classifier", $0)] } ?? []) }

  var modalities: [Modality] { network.modalities }

  /// The items of all modalities of some observations.
  func inputs(_ batch: some Collection<Int>, of split: MultimodalSplit) -> [ModalityInput] {
    modalities.map { ModalityInput(split.items(of: $0.name, at: batch), kind: $0.kind) }
  }

  /// The training loss of a batch of observations.
  ///
  /// - Parameter absence: decides which modalities a training observation of the fusion baseline lacks.
  func loss(
    of batch: [Int], in split: MultimodalSplit, pass: ForwardPass, absence: inout RandomStream
  ) -> LossTerms {
    let inputs = inputs(batch, of: split)
    if let classifier {
      let masked = dropModalities(inputs, count: batch.count, using: &absence)
      guard let joint = network.jointRepresentation(masked, in: pass), let labels = split.labels[labellings[0]] else {
        preconditionFailure("GMCModel: fusion without a joint encoder or labels")
      }
      return LossTerms(summing: [
        ("cross-entropy", classifier(joint).crossEntropy(targets: batch.map { labels[$0] }).mean())
      ])
    }
    let method = GMC(
      .init(temperature: Float(settings.method.temperature), negatives: settings.method.negatives))
    let single = inputs.enumerated().map { network.representation(of: $0.offset, $0.element, in: pass) }
    return method.loss(
      representations: single, joint: network.jointRepresentation(inputs, in: pass), names: modalities.map(\.name))
  }

  /// Takes modalities away from observations at random, but never all of one observation's.
  private func dropModalities(
    _ inputs: [ModalityInput], count: Int, using stream: inout RandomStream
  ) -> [ModalityInput] {
    let rate = Float(settings.method.modalityDropout)
    guard rate > 0 else { return inputs }
    var present = [[Bool]](repeating: [Bool](repeating: true, count: count), count: inputs.count)
    for row in 0..<count {
      let kept = stream.below(inputs.count)
      for modality in inputs.indices where stream.uniform() < rate && modality != kept {
        present[modality][row] = false
      }
    }
    return zip(inputs, present).map { $0.masked(present: $1) }
  }
}
