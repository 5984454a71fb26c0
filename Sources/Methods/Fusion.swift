import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Objectives
import Options

/// A classifier on all modalities, trained with classes: what contrastive methods are held against where modalities are
/// missing; see ``FusionClassifier``.
public struct FusionOptions: MethodOptions {
  /// `fusion`
  public static var key: String { "fusion" }
  /// In a few words.
  public static var summary: String { "a classifier on all modalities; early, intermediate or late" }
  /// The publication.
  public static var source: String { "baselines; Gradient-Blending: Wang et al., CVPR 2020" }
  /// The file.
  public static var file: String? { #fileID }

  /// What a classifier for each modality beside the fused one counts.
  public enum Blending: String, Codable, CaseIterable, Sendable {
    /// There is none.
    case none
    /// All losses weigh the same: the control of `gradient`.
    case equal
    /// The losses are weighed by Gradient-Blending.
    case gradient
  }

  /// Where modalities meet.
  public var stage = FusionClassifier.Stage.intermediate
  /// The labelling that is learnt; nil takes the first of `evaluation.labellings`.
  public var labelling: String?
  /// The hidden widths before the representation.
  public var hidden = [256]
  /// The probability that a training observation lacks a modality, all but one kept at random.
  public var modalityDropout = 0.0
  /// Whether modalities have classifiers of their own, and how their losses are weighed.
  public var blending = Blending.none
  /// The epochs between two weighings of `gradient`; the first is after so many.
  public var superEpoch = 5

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [.widths("hidden", hidden), .share("modalityDropout", modalityDropout), .count("superEpoch", superEpoch)]
  }

  /// Two modalities and classes.
  public func needs(of data: AlignedData) -> [MethodNeed] {
    let known = data.labellings
    return [
      .twoModalities(data), MethodNeed("classes", !known.isEmpty),
      MethodNeed(
        "the labelling", labelling.map { known.contains($0) } ?? true, at: "method.fusion.labelling",
        message: "\(data.dataset.name) has no labelling \"\(labelling ?? "")\"",
        mend: "it has \(known.joined(separator: ", "))"),
      MethodNeed(
        "a validation side", blending != .gradient || data.count(.validation) > 0, at: "method.fusion.blending",
        message: "cannot be gradient, since \(data.dataset.name) has no validation observations", mend: "take equal"),
      MethodNeed(
        "classes on the validation side", blending != .gradient || hasClasses(.validation, data),
        at: "method.fusion.blending",
        message: "cannot be gradient, since no validation observation of \(data.dataset.name) has a class",
        mend: "take equal"),
    ]
  }

  private func hasClasses(_ side: AlignedData.Side, _ data: AlignedData) -> Bool {
    trainedLabelling(of: data).flatMap { data.labels($0, of: side) }?.contains { $0 >= 0 } ?? false
  }

  /// A weighing that comes too late.
  public func remarks(on training: TrainingLength) -> [String] {
    guard blending == .gradient, superEpoch >= training.epochs else { return [] }
    return [
      "The losses are never weighed: method.fusion.superEpoch is \(superEpoch), and the training has \(training.text)."
    ]
  }

  /// What is missing is zeros.
  public static var acceptsIncompleteObservations: Bool { true }

  /// The labelling that is learnt.
  public func trainedLabelling(of data: AlignedData) -> String? { labelling ?? data.labellings.first }

  /// Observations are not compared with each other.
  public func similarities(batch: Int) -> Double { 0 }

  /// Its halves are apart.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { Fusion(self, &parts) }
}

/// See ``FusionOptions``. What is missing is zeros in early and intermediate fusion, and left out of the mean in late
/// fusion.
struct Fusion: AlignmentMethod {
  /// The weights of the losses and the losses that they were last reckoned from.
  private final class Blend: Module {
    let weights: StateBuffer
    let losses: StateBuffer

    init(heads: Int) {
      weights = StateBuffer(Tensor([Float](repeating: 1 / Float(heads), count: heads)))
      losses = StateBuffer(Tensor(repeating: 0, shape: [2 * heads]))
    }

    var parts: [ModulePart] { [.buffer("weights", weights), .buffer("losses", losses)] }

    /// The losses of the last time.
    var noted: [GradientBlending.Losses] {
      let values = losses.value.values.map(Double.init)
      return stride(from: 0, to: values.count, by: 2).map {
        GradientBlending.Losses(training: values[$0], validation: values[$0 + 1])
      }
    }

    func note(_ current: [GradientBlending.Losses]) {
      losses.value = Tensor(current.flatMap { [Float($0.training), Float($0.validation)] })
    }
  }

  let options: FusionOptions
  private let labelling: String
  private let source: EncoderSet
  private let classifier: FusionClassifier
  private let blend: Blend?
  private let widths: [Int]

  init(_ options: FusionOptions, _ parts: inout MethodParts) {
    guard let labelling = options.trainedLabelling(of: parts.data) else {
      preconditionFailure("Fusion: data without classes")
    }
    self.options = options
    self.labelling = labelling
    source = parts.encoders
    let modalities = parts.data.modalities
    widths =
      options.stage == .early
      ? modalities.map {
        guard case .tokens(_, let vocabulary) = $0.kind else { return $0.kind.elementCount }
        return vocabulary
      } : parts.encoders.widths
    classifier = FusionClassifier(
      modalities: zip(modalities, widths).map { ($0.name, $1) }, classes: parts.data.classNames(labelling).count,
      options: .init(
        stage: options.stage, hidden: options.hidden, latentDimensions: parts.dimensions,
        hasModalityHeads: options.blending != .none), stream: &parts.stream)
    blend = options.blending != .none ? Blend(heads: modalities.count + 1) : nil
  }

  var encoders: EncoderSet? { options.stage == .early ? nil : source }
  var parts: [ModulePart] { [.module("classifier", classifier)] }
  var companions: [(name: String, module: any Module)] { blend.map { [("blend", $0)] } ?? [] }

  var notes: [String] {
    ["Fusion learns the classes of \(labelling) in training; the other methods see no class."]
      + (options.blending == .gradient
        ? [
          "Gradient-Blending weighs the losses anew every \(options.superEpoch) epochs by the change of training and "
            + "validation loss since the last time, the first time since before the training, in one training."
        ] : [])
  }

  /// What is fused of a modality: raw numbers and the set of words in early fusion, else the encoder's vectors.
  private func fused(_ place: Int, _ input: ModalityInput, in pass: ForwardPass) -> Tensor {
    guard options.stage == .early else { return source.encoding(of: place, input, in: pass).vector }
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
          name: source.modalities[place].name, values: fused(place, inputs[place], in: pass),
          isPresent: present[place])
      })
  }

  private func losses(_ output: FusionClassifier.Output, _ targets: [Int32]) -> [(name: String, value: Tensor)] {
    let losses = output.losses(targets: targets)
    return blend == nil ? Array(losses.suffix(1)) : losses
  }

  /// Which observations of a batch have which modalities, some taken away; nil for a modality that all have.
  private func presence(_ batch: TrainingBatch) -> [[Bool]?] {
    let count = source.modalities.count
    guard options.modalityDropout > 0 else {
      guard batch.presence != nil else { return [[Bool]?](repeating: nil, count: count) }
      return (0..<count).map { modality in (0..<batch.count).map { batch.isPresent(modality, at: $0) } }
    }
    return ModalityDropout(rate: Float(options.modalityDropout)).presence(
      modalities: count, batch: batch.wholeCount, using: &batch.streams["modality dropout"]
    ) { batch.isPresent($0, atWhole: $1) }.map { batch.own($0) }
  }

  /// The logits of the fused classifier, and where losses are blended those of each modality's, then, for each that not all
  /// observations have, 1 for those that do.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let present = presence(batch)
    let output = output(try batch.inputs(), present: present, in: pass)
    guard blend != nil else { return [output.logits] }
    let masks = present.map { $0.map { Tensor($0.map { $0 ? 1 : 0 }, shape: [batch.count, 1]) } }
    return [output.logits] + output.heads.map { Optional($0.logits) } + masks
  }

  /// The loss of each classifier, the fused one's last.
  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) -> LossTerms {
    guard let fused = representations[0] else { preconditionFailure("Fusion: no logits") }
    let targets = batch.labels(labelling)
    guard let blend else { return LossTerms(summing: [("fused", FusionClassifier.loss(fused, targets: targets))]) }
    let names = source.modalities.map(\.name)
    let losses = names.indices.compactMap { place -> (String, Tensor)? in
      let isPresent = representations[1 + names.count + place]?.values.map { $0 > 0 }
      return representations[1 + place].map {
        (names[place], FusionClassifier.loss($0, targets: targets, isPresent: isPresent))
      }
    }
    return GradientBlending.loss(
      losses + [("fused", FusionClassifier.loss(fused, targets: targets))],
      weights: blend.weights.value.values.map(Double.init))
  }

  /// Takes the losses that the first weighing compares with.
  func beginTraining(_ training: MethodTraining) throws {
    guard let blend, options.blending == .gradient else { return }
    blend.note(try currentLosses(training))
  }

  /// Weighs the losses by how much each has generalised and overfitted since the last time.
  func endEpoch(_ epoch: Int, of training: MethodTraining) throws {
    guard let blend, options.blending == .gradient, epoch % options.superEpoch == 0 else { return }
    let later = try currentLosses(training)
    guard !later.isEmpty else { return }
    blend.weights.value = Tensor(GradientBlending().weights(from: blend.noted, to: later).map(Float.init))
    blend.note(later)
  }

  /// The losses of every head on both sides, as they are now.
  private func currentLosses(_ training: MethodTraining) throws -> [GradientBlending.Losses] {
    let data = training.data
    func known(_ side: AlignedData.Side) -> [Int] {
      guard let labels = data.labels(labelling, of: side) else { return [] }
      return labels.indices.filter { labels[$0] >= 0 }
    }
    // As many training as validation observations, evenly spread.
    let (held, all) = (known(.validation), known(.train))
    let count = min(held.count, all.count)
    let learnt = try meanLosses((0..<count).map { all[$0 * all.count / count] }, of: .train, training)
    return zip(learnt, try meanLosses(held, of: .validation, training)).map {
      GradientBlending.Losses(training: $0, validation: $1)
    }
  }

  private func meanLosses(
    _ rows: [Int], of side: AlignedData.Side, _ training: MethodTraining
  ) throws -> [Double] {
    guard let labels = training.data.labels(labelling, of: side) else { return [] }
    let data = training.data
    var sums: [Double] = []
    for start in stride(from: 0, to: rows.count, by: 256) {
      try training.checkInterruption()
      let batch = Array(rows[start..<min(start + 256, rows.count)])
      let inputs = try data.modalities.indices.map { place in
        // Training pairs are those that were trained on.
        let own = side == .train ? data.trainingRows(of: place, at: batch) : batch
        return training.inputs(try data.items(of: place, at: own, in: side), of: place)
      }
      let presence = data.presence(side)
      let present = inputs.indices.map { modality in
        presence.isWhole ? nil : batch.map { presence[modality, $0] }
      }
      let found = Tape.withoutRecording {
        losses(output(inputs, present: present, in: .evaluation), batch.map { labels[$0] }).map {
          Double($0.value.scalar) * Double(batch.count)
        }
      }
      sums = sums.isEmpty ? found : zip(sums, found).map { $0 + $1 }
    }
    return sums.map { $0 / Double(max(rows.count, 1)) }
  }

  var subsetRule: SubsetRule { .each }

  func representation(of members: [MemberInput]) -> Tensor? {
    let found = Dictionary(uniqueKeysWithValues: members.map { ($0.place, fused($0.place, $0.input, in: .evaluation)) })
    guard let batch = found.first?.value.shape[0] else { return nil }
    return classifier(
      widths.indices.map { place in
        .init(
          name: source.modalities[place].name,
          values: found[place] ?? Tensor(repeating: 0, shape: [batch, widths[place]]),
          isPresent: [Bool](repeating: found[place] != nil, count: batch))
      }
    ).latent
  }

  /// Nothing: a modality has no representation without the others.
  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    throw UserError(
      .data, "fusion classifies all modalities together and has no representation of one", at: "method.name",
      mend: "export a run of a method that aligns modalities, such as clip or gmc")
  }

  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    options.stage == .early
      ? representation(of: [MemberInput(place, input)])
      : source.encoding(of: place, input, in: .evaluation).vector
  }
}
