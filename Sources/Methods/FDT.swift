import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Objectives
import Options

/// Finite discrete tokens (Chen et al., CVPR 2023): every modality's parts are grounded in one codebook, and CLIP's loss
/// is taken between the groundings; see ``FiniteDiscreteTokens``.
public struct FDTOptions: MethodOptions {
  /// `fdt`
  public static var key: String { "fdt" }
  /// In a few words.
  public static var summary: String { "a codebook that the parts of all modalities share" }
  /// The publication.
  public static var source: String { "Chen et al., CVPR 2023" }
  /// The file.
  public static var file: String? { #fileID }

  /// C, the number of codes; a control is as large as a head with so many.
  public var codes = 1024
  /// T, which divides the scores of codes.
  public var codeTemperature = TemperatureSchedule(course: .constant, start: 62.5)
  /// How scores are pooled over parts.
  public var pooling = FiniteDiscreteTokens.Pooling.max
  /// How pooled scores become weights.
  public var attention = FiniteDiscreteTokens.Attention.sparsemax
  /// What padded tokens do.
  public var padding = TokenPadding.zero
  /// Whether a perceptron without codes and with as many parameters takes the codebook's place, as a control.
  public var isControl = false
  /// The weight of the penalty on codes that are not orthogonal.
  public var orthogonality = 0.0
  /// The codebook's weight decay; nil takes the training's.
  public var codebookDecay: Double?
  /// τ of the contrast, its first value.
  public var temperature = 0.07
  /// Between which values the logarithm of 1/τ is kept.
  public var logScaleRange = [LearntScale.officialLeastOfFDT, LearntScale.officialMost]
  /// Which pairs of modalities are contrasted.
  public var pairs = ContrastedPairs.all

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .count("codes", codes, atMost: 1_048_576),
      OptionRequirement("codes", !isControl || codes % 2 == 0, "must be even for a control"),
      .positive("codeTemperature.start", codeTemperature.start),
      .positive("codeTemperature.factor", codeTemperature.factor),
      .positive("codeTemperature.floor", codeTemperature.floor),
      OptionRequirement("codeTemperature.interval", codeTemperature.interval > 0, "must be positive"),
      .notNegative("orthogonality", orthogonality),
      OptionRequirement("orthogonality", orthogonality == 0 || !isControl, "must be 0 for a control"),
      .notNegative("codebookDecay", codebookDecay ?? 0), .positive("temperature", temperature),
      .logScaleRange("logScaleRange", logScaleRange),
    ]
  }

  /// A temperature that never falls.
  public func remarks(on training: TrainingLength) -> [String] {
    guard !isControl, codeTemperature.course == .exponential, codeTemperature.factor != 1,
      codeTemperature.interval >= training.steps
    else { return [] }
    return [
      "The temperature of codes never falls: method.fdt.codeTemperature.interval is \(codeTemperature.interval), and the "
        + "training has \(training.text)."
    ]
  }

  /// The codebook, and the scores of a batch on all codes.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] {
    [MemoryBlock("method.fdt.codes", "a codebook of \(codes) × \(dimensions)", 4 * Double(codes) * Double(dimensions))]
  }

  /// A pair that an observation does not have is left out.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// The pairs.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] {
    pairs.places(of: data.modalities)
  }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { FDT(self, &parts) }
}

/// A method that grounds the parts of items in a codebook.
public protocol CodebookMethod {
  /// The weights of a modality's items on the codes, `[batch, codes]`, beside their representation; nil for a control.
  func grounding(of place: Int, _ input: ModalityInput) -> (feature: Tensor, weights: Tensor?)

  /// What each part of a modality's items has to do with some codes, `[batch, parts, codes]`.
  func partScores(of place: Int, _ input: ModalityInput, codes: [Int]) -> Tensor

  /// The share of codes that were in the support of some training observation.
  var usedShare: Double { get }
  /// Whether there are codes.
  var hasCodes: Bool { get }
}

/// See ``FDTOptions``.
struct FDT: AlignmentMethod, CodebookMethod {
  let options: FDTOptions
  private let source: EncoderSet
  private let data: AlignedData
  private let tokens: FiniteDiscreteTokens?
  private let control: SharedPerceptron?
  private let scale: LearntScale
  /// T after the last step, as a buffer, since a trained model needs it.
  private let codeTemperature: StateBuffer
  private let use: CodeUse

  init(_ options: FDTOptions, _ parts: inout MethodParts) {
    self.options = options
    (source, data) = (parts.encoders, parts.data)
    let (outputs, dimensions) = (parts.encoders.outputs, parts.dimensions)
    // The official code has CLIP's projections beside the codebook, without a use. Their numbers are drawn, so that the
    // codebook begins as beside them.
    _ = Projections(parts.encoders, dimensions: dimensions, stream: &parts.stream)
    let widths = outputs.map { (name: $0.name, dimensions: $0.width) }
    if options.isControl {
      tokens = nil
      control = SharedPerceptron(
        modalities: widths, codes: options.codes, dimensions: dimensions, stream: &parts.stream)
    } else {
      tokens = FiniteDiscreteTokens(
        modalities: widths,
        options: .init(
          codes: options.codes, dimensions: dimensions, temperature: Float(options.codeTemperature.start),
          pooling: options.pooling, attention: options.attention, padding: options.padding), stream: &parts.stream)
      control = nil
    }
    scale = LearntScale(
      temperature: parts.encoders.startingScale.map { 1 / $0.factor } ?? options.temperature,
      range: options.logScaleRange[0]...options.logScaleRange[1])
    codeTemperature = StateBuffer(Tensor(Float(options.codeTemperature.temperature(step: 0))))
    use = CodeUse(codes: options.isControl ? 0 : options.codes)
  }

  var encoders: EncoderSet? { source }

  var parts: [ModulePart] {
    (tokens.map { [.module("tokens", $0)] } ?? []) + (control.map { [.module("control", $0)] } ?? [])
      + [.module("scale", scale), .buffer("codeTemperature", codeTemperature)]
  }

  var companions: [(name: String, module: any Module)] { hasCodes ? [("use", use)] : [] }

  var weightDecays: [String: Double] {
    guard tokens != nil, let decay = options.codebookDecay else { return [:] }
    return ["tokens.codebook": decay]
  }

  func beginStep(_ batch: TrainingBatch) {
    scale.clamp()
    setTemperature(step: batch.step)
  }

  private func setTemperature(step: Int) {
    codeTemperature.value = Tensor(Float(options.codeTemperature.temperature(step: step)))
  }

  private func grounding(
    of place: Int, _ input: ModalityInput, in pass: ForwardPass
  ) -> (feature: Tensor, weights: Tensor?) {
    let found = source.encoding(of: place, input, in: pass)
    let name = source.names[place]
    if let control { return (control(found.vector, modality: name).l2Normalised(), nil) }
    guard let tokens else { preconditionFailure("FDT: neither codebook nor control") }
    let grounding = tokens(
      found.parts, modality: name, isReal: found.isReal, temperature: codeTemperature.value.scalar)
    return (grounding.feature.l2Normalised(), grounding.attention)
  }

  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    try batch.presentInputs().enumerated().map { place, input in
      guard let input else { return nil }
      let found = grounding(of: place, input, in: pass)
      if let weights = found.weights { use.add(weights) }
      return found.feature
    }
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    var terms = options.pairs.mean(of: data.modalities, in: batch, representations) { first, second, sharing in
      clipLoss(first, second, logScale: scale.tensor, sharing: sharing)
    }
    if options.orthogonality > 0, let tokens {
      terms.append(("orthogonality", tokens.orthogonalityPenalty() * Float(options.orthogonality)))
    }
    return LossTerms(summing: terms)
  }

  func endStep(keys: [Tensor?], batch: TrainingBatch) { setTemperature(step: batch.step + 1) }

  func endEpoch(_ epoch: Int, of training: MethodTraining) throws { scale.clamp() }

  func representation(of members: [MemberInput]) -> Tensor? {
    averaged(members.map { grounding(of: $0.place, $0.input, in: .evaluation).feature })
  }

  /// The grounding at the temperature that training has reached.
  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    let (found, name) = (source.described(place, input), source.names[place])
    if let control { return control.described(found.vector, modality: name).l2Normalised() }
    guard let tokens else { preconditionFailure("FDT: neither codebook nor control") }
    return tokens.described(
      found.parts, modality: name, isReal: found.isReal, temperature: codeTemperature.value.scalar
    ).l2Normalised()
  }

  /// The grounding: the encoder's vector stands beside the codebook without being trained.
  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    grounding(of: place, input, in: .evaluation).feature
  }

  var similarityScale: SimilarityScale? { SimilarityScale(scale.value, origin: "the scale that the run has learnt") }

  func grounding(of place: Int, _ input: ModalityInput) -> (feature: Tensor, weights: Tensor?) {
    grounding(of: place, input, in: .evaluation)
  }

  func partScores(of place: Int, _ input: ModalityInput, codes: [Int]) -> Tensor {
    let parts = source.encoding(of: place, input, in: .evaluation).parts
    guard let tokens else { return parts }
    let chosen = tokens.codebook.value.gatheringRows(codes.map(Int32.init))
    return tokens.queries(parts, modality: source.names[place]).multiplied(by: chosen, otherTransposed: true)
      * (1 / Float(chosen.shape[1]).squareRoot())
  }

  var usedShare: Double { use.share }
  var hasCodes: Bool { tokens != nil }
}
