import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives
import Training

/// A classifier on all modalities, trained with classes: what contrastive methods are held against where modalities are
/// missing; see ``FusionClassifier``.
///
/// What is missing is zeros in early and intermediate fusion, and left out of the mean in late fusion.
struct FusionMethod: ComparedMethod {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// Where modalities meet.
    var stage = FusionClassifier.Stage.intermediate
    /// The labelling that is learnt; nil takes the coarsest.
    var labelling: String?
    /// The hidden widths before the representation.
    var hidden = [256]
    /// The probability that a training observation lacks a modality, all but one kept at random.
    var modalityDropout = 0.0
    /// Whether modalities have classifiers of their own whose losses are weighed by Gradient-Blending (Wang et al., 2020).
    var blends = false
    /// The epochs between two weighings.
    var superEpoch = 5

    var requirements: [OptionRequirement] {
      [
        OptionRequirement("hidden", hidden.allSatisfy { (1...65_536).contains($0) }, "must be 1 to 65536"),
        .share("modalityDropout", modalityDropout), .count("superEpoch", superEpoch),
      ]
    }
  }

  /// The weights of the losses and the losses that they were last reckoned from.
  private final class Blend: Module {
    let weights: StateBuffer
    let losses: StateBuffer

    init(heads: Int) {
      weights = StateBuffer(Tensor([Float](repeating: 1 / Float(heads), count: heads)))
      losses = StateBuffer(Tensor(repeating: 0, shape: [2 * heads]))
    }

    var parts: [ModulePart] { [.buffer("weights", weights), .buffer("losses", losses)] }
  }

  let options: Options
  let labelling: String
  private let encoders: EncoderSet
  private let classifier: FusionClassifier
  private let blend: Blend?
  private let widths: [Int]

  init(_ options: Options, _ setting: inout MethodSetting) {
    guard let labelling = options.labelling ?? setting.data.labellings.first,
      let classes = setting.data.dataset.classNames[labelling]?.count
    else { preconditionFailure("FusionMethod: data without classes") }
    self.options = options
    self.labelling = labelling
    encoders = setting.encoders
    let modalities = setting.data.modalities
    widths =
      options.stage == .early
      ? modalities.map {
        guard case .tokens(_, let vocabulary) = $0.kind else { return $0.kind.elementCount }
        return vocabulary
      } : setting.encoders.widths
    var settings = FusionClassifier.Options()
    settings.stage = options.stage
    settings.hidden = options.hidden
    settings.latentDimensions = setting.model.dimensions
    settings.hasModalityHeads = options.blends
    classifier = FusionClassifier(
      modalities: zip(modalities, widths).map { ($0.name, $1) }, classes: classes, options: settings,
      stream: &setting.stream)
    blend = options.blends ? Blend(heads: modalities.count + 1) : nil
  }

  var usesEncoders: Bool { options.stage != .early }
  var parts: [ModulePart] { [.module("classifier", classifier)] }
  var companions: [(name: String, module: any Module)] { blend.map { [("blend", $0)] } ?? [] }

  var notes: [String] {
    ["Fusion learns the classes of \(labelling) in training; the other methods see no class."]
      + (options.blends
        ? [
          "Gradient-Blending weighs the losses anew every \(options.superEpoch) epochs by the change of training and "
            + "validation loss since the last time, in one training."
        ] : [])
  }

  /// What is fused of a modality: raw numbers and the set of words in early fusion, else the encoder's vectors.
  private func fused(_ place: Int, _ input: ModalityInput, in pass: ForwardPass) -> Tensor {
    guard options.stage == .early else { return encoders.encoding(of: place, input, in: pass).vector }
    switch input {
    case .numbers(let tensor): return tensor.reshaped(to: [tensor.shape[0], widths[place]])
    case .tokens(let tokens, let length):
      let (batch, width) = (tokens.count / length, widths[place])
      var words = [Float](repeating: 0, count: batch * width)
      for (index, token) in tokens.enumerated() where token != 0 { words[index / length * width + Int(token)] = 1 }
      return Tensor(words, shape: [batch, width])
    }
  }

  private func output(
    _ inputs: [ModalityInput], present: [[Bool]?], in pass: ForwardPass
  ) -> FusionClassifier.Output {
    classifier(
      inputs.indices.map { place in
        .init(
          name: encoders.modalities[place].name, values: fused(place, inputs[place], in: pass),
          isPresent: present[place])
      })
  }

  private func losses(_ output: FusionClassifier.Output, _ targets: [Int32]) -> [(name: String, value: Tensor)] {
    let losses = output.losses(targets: targets)
    return blend == nil ? Array(losses.suffix(1)) : losses
  }

  func loss(of batch: ComparedBatch, in pass: ForwardPass) -> LossTerms {
    let inputs = batch.inputs()
    var present = [[Bool]?](repeating: nil, count: inputs.count)
    if options.modalityDropout > 0 {
      present = ModalityDropout(rate: Float(options.modalityDropout)).presence(
        modalities: inputs.count, batch: batch.count, using: &batch.state[stream: "modality dropout"])
    }
    let found = losses(output(inputs, present: present, in: pass), batch.labels(labelling))
    guard let blend else { return LossTerms(summing: found.map { ($0.name, $0.value) }) }
    return GradientBlending.loss(found, weights: blend.weights.value.values.map(Double.init))
  }

  /// Weighs the losses by how much each has generalised and overfitted since the last time.
  func endEpoch(_ epoch: Int, of training: ComparedTraining) throws {
    guard let blend, epoch % options.superEpoch == 0 else { return }
    let data = training.data
    let validation = data.dataset.validation
    // As many training as validation observations, evenly spread.
    let count = min(validation.count, data.train.count)
    let rows = (0..<count).map { $0 * data.train.count / max(count, 1) }
    let learnt = try meanLosses(rows, of: data.train, training)
    let held = try meanLosses(Array(0..<validation.count), of: validation, training)
    let later = zip(learnt, held).map { GradientBlending.Losses(training: $0, validation: $1) }
    let before = blend.losses.value.values.map(Double.init)
    if before.contains(where: { $0 != 0 }) {
      let earlier = later.indices.map {
        GradientBlending.Losses(training: before[2 * $0], validation: before[2 * $0 + 1])
      }
      blend.weights.value = Tensor(GradientBlending().weights(from: earlier, to: later).map(Float.init))
    }
    blend.losses.value = Tensor(later.flatMap { [Float($0.training), Float($0.validation)] })
  }

  private func meanLosses(
    _ rows: [Int], of split: MultimodalSplit, _ training: ComparedTraining
  ) throws -> [Double] {
    guard let labels = split.labels[labelling] else { return [] }
    let known = rows.filter { labels[$0] >= 0 }
    var sums: [Double] = []
    for start in stride(from: 0, to: known.count, by: 256) {
      try training.context.checkInterruption()
      let batch = Array(known[start..<min(start + 256, known.count)])
      let inputs = training.data.inputs(batch, of: split)
      let found = Tape.withoutRecording {
        losses(
          output(inputs, present: inputs.map { _ in nil }, in: .evaluation), batch.map { labels[$0] }
        ).map { Double($0.value.scalar) * Double(batch.count) }
      }
      sums = sums.isEmpty ? found : zip(sums, found).map { $0 + $1 }
    }
    return sums.map { $0 / Double(max(known.count, 1)) }
  }

  func representation(of members: [Int], _ inputs: [ModalityInput]) -> Tensor? {
    latent(of: Dictionary(uniqueKeysWithValues: members.map { ($0, inputs[$0]) }))
  }

  private func latent(of inputs: [Int: ModalityInput]) -> Tensor? {
    let found = inputs.map { ($0.key, fused($0.key, $0.value, in: .evaluation)) }
    guard let batch = found.first?.1.shape[0] else { return nil }
    let values = Dictionary(uniqueKeysWithValues: found)
    return classifier(
      widths.indices.map { place in
        .init(
          name: encoders.modalities[place].name,
          values: values[place] ?? Tensor(repeating: 0, shape: [batch, widths[place]]),
          isPresent: [Bool](repeating: values[place] != nil, count: batch))
      }
    ).latent
  }

  func features(of modality: Int, _ input: ModalityInput) -> Tensor? {
    usesEncoders
      ? encoders.encoding(of: modality, input, in: .evaluation).vector : latent(of: [modality: input])
  }
}
