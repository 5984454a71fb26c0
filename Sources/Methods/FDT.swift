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
  public var codes: Int
  /// T, which divides the scores of codes.
  public var codeTemperature: TemperatureSchedule
  /// How scores are pooled over parts.
  public var pooling: FiniteDiscreteTokens.Pooling
  /// How pooled scores become weights.
  public var attention: FiniteDiscreteTokens.Attention
  /// What padded tokens do.
  public var padding: TokenPadding
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

  /// The defaults, for the codebook those of ``CodebookOptions``.
  public init() {
    let standard = CodebookOptions()
    (codes, codeTemperature) = (standard.codes, standard.codeTemperature)
    (pooling, attention, padding) = (standard.pooling, standard.attention, standard.padding)
    codebookDecay = standard.codebookDecay
  }

  /// The settings of the codebook.
  var codebook: CodebookOptions {
    var codebook = CodebookOptions()
    (codebook.codes, codebook.codeTemperature) = (codes, codeTemperature)
    (codebook.pooling, codebook.attention, codebook.padding) = (pooling, attention, padding)
    codebook.codebookDecay = codebookDecay
    return codebook
  }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    var all = codebook.requirements
    all += [
      OptionRequirement("codes", !isControl || codes % 2 == 0, "must be even for a control"),
      .notNegative("orthogonality", orthogonality),
      OptionRequirement("orthogonality", orthogonality == 0 || !isControl, "must be 0 for a control"),
      .positive("temperature", temperature), .logScaleRange("logScaleRange", logScaleRange),
    ]
    return all
  }

  /// A temperature that never falls.
  public func remarks(on training: TrainingLength) -> [String] {
    isControl ? [] : codebook.remarks(on: training, in: "method.fdt")
  }

  /// The codebook, and the scores of a batch on all codes.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] {
    [codebook.block(dimensions: dimensions, in: "method.fdt")]
  }

  /// A pair that an observation does not have is left out.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// The pairs.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] {
    pairs.places(of: data.modalities)
  }

  /// Rows are taken some at a time where there are many.
  public func similarities(batch: Int) -> Double { LossByRows.held(rows: batch, columns: batch) }

  /// Its halves are apart.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { FDT(self, &parts) }
}

/// See ``FDTOptions``.
struct FDT: AlignmentMethod, CodebookMethod {
  let options: FDTOptions
  private let source: EncoderSet
  private let data: AlignedData
  private let head: CodebookHead?
  private let control: SharedPerceptron?
  private let scale: LearntScale
  /// T of a control, which has no use for it.
  private let idleTemperature: StateBuffer

  init(_ options: FDTOptions, _ parts: inout MethodParts) {
    self.options = options
    (source, data) = (parts.encoders, parts.data)
    let (outputs, dimensions) = (parts.encoders.outputs, parts.dimensions)
    // The official code has CLIP's projections beside the codebook, without a use. Their numbers are drawn, so that the
    // codebook begins as beside them.
    _ = Projections(parts.encoders, dimensions: dimensions, stream: &parts.stream)
    if options.isControl {
      head = nil
      control = SharedPerceptron(
        modalities: outputs.map { (name: $0.name, dimensions: $0.width) }, codes: options.codes,
        dimensions: dimensions, stream: &parts.stream)
    } else {
      head = CodebookHead(options.codebook, parts.encoders, dimensions: dimensions, stream: &parts.stream)
      control = nil
    }
    scale = LearntScale(
      temperature: parts.encoders.startingScale.map { 1 / $0.factor } ?? options.temperature,
      range: options.logScaleRange[0]...options.logScaleRange[1])
    idleTemperature = StateBuffer(Tensor(Float(options.codeTemperature.temperature(step: 0))))
  }

  var encoders: EncoderSet? { source }

  var parts: [ModulePart] {
    (head?.parts ?? [.buffer("codeTemperature", idleTemperature)]) + (control.map { [.module("control", $0)] } ?? [])
      + [.module("scale", scale)]
  }

  var companions: [(name: String, module: any Module)] { head.map { [("use", $0.use)] } ?? [] }
  var marks: [StateBuffer] { head.map { [$0.use.isUsed] } ?? [] }

  var weightDecays: [String: Double] {
    guard hasCodes, let decay = options.codebookDecay else { return [:] }
    return ["tokens.codebook": decay]
  }

  func beginStep(_ batch: TrainingBatch) {
    scale.clamp()
    head?.beginStep(batch.step)
  }

  private func grounding(
    of place: Int, _ input: ModalityInput, in pass: ForwardPass
  ) -> (feature: Tensor, weights: Tensor?) {
    let found = source.encoding(of: place, input, in: pass)
    let name = source.names[place]
    if let control { return (control(found.vector, modality: name).l2Normalised(), nil) }
    guard let head else { preconditionFailure("FDT: neither codebook nor control") }
    let grounding = head.grounding(of: found, named: name)
    return (grounding.feature.l2Normalised(), grounding.attention)
  }

  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    try batch.presentInputs().enumerated().map { place, input in
      guard let input else { return nil }
      let found = grounding(of: place, input, in: pass)
      if let weights = found.weights { head?.use.add(weights) }
      return found.feature
    }
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    var terms = options.pairs.mean(of: data.modalities, in: batch, representations) { first, second, sharing in
      clipLoss(first, second, logScale: scale.tensor, sharing: sharing)
    }
    if options.orthogonality > 0, let head {
      terms.append(("orthogonality", head.tokens.orthogonalityPenalty() * Float(options.orthogonality)))
    }
    return LossTerms(summing: terms)
  }

  func endStep(keys: [Tensor?], batch: TrainingBatch) { head?.beginStep(batch.step + 1) }

  func endEpoch(_ epoch: Int, of training: MethodTraining) throws { scale.clamp() }

  func representation(of members: [MemberInput]) -> Tensor? {
    averaged(members.map { grounding(of: $0.place, $0.input, in: .evaluation).feature })
  }

  /// The grounding at the temperature that training has reached.
  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    let (found, name) = (source.described(place, input), source.names[place])
    if let control { return control.described(found.vector, modality: name).l2Normalised() }
    guard let head else { preconditionFailure("FDT: neither codebook nor control") }
    return head.described(found, named: name).l2Normalised()
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
    return head?.scores(of: parts, named: source.names[place], codes: codes) ?? parts
  }

  var usedShare: Double { head?.use.share ?? 0 }
  var hasCodes: Bool { head != nil }
}
