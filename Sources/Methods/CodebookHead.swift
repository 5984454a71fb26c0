import Autograd
import Datasets
import Encoders
import Graphs
import Kernels
import Layers
import Objectives
import Options

/// The settings of FDT's codebook, whatever loss is taken between its groundings; see ``FiniteDiscreteTokens``.
public struct CodebookOptions: Codable, Equatable, Sendable {
  /// C, the number of codes.
  public var codes = 1024
  /// T, which divides the scores of codes.
  public var codeTemperature = TemperatureSchedule(course: .constant, start: 62.5)
  /// How scores are pooled over parts.
  public var pooling = FiniteDiscreteTokens.Pooling.max
  /// How pooled scores become weights.
  public var attention = FiniteDiscreteTokens.Attention.sparsemax
  /// What padded tokens do.
  public var padding = TokenPadding.zero
  /// The codebook's weight decay; nil takes the training's.
  public var codebookDecay: Double?

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  var requirements: [OptionRequirement] {
    [
      .count("codes", codes, atMost: 1_048_576),
      .positive("codeTemperature.start", codeTemperature.start),
      .positive("codeTemperature.factor", codeTemperature.factor),
      .positive("codeTemperature.floor", codeTemperature.floor),
      OptionRequirement("codeTemperature.interval", codeTemperature.interval > 0, "must be positive"),
      .notNegative("codebookDecay", codebookDecay ?? 0),
    ]
  }

  /// A temperature that never falls.
  ///
  /// - Parameter section: where the keys stand, such as `method.fdt`.
  func remarks(on training: TrainingLength, in section: String) -> [String] {
    guard codeTemperature.course == .exponential, codeTemperature.factor != 1,
      codeTemperature.interval >= training.steps
    else { return [] }
    return [
      "The temperature of codes never falls: \(section).codeTemperature.interval is \(codeTemperature.interval), and the "
        + "training has \(training.text)."
    ]
  }

  /// The codebook with its gradient and both of the optimiser's moments.
  ///
  /// - Parameter section: where the keys stand, such as `method.fdt`.
  func block(dimensions: Int, in section: String) -> MemoryBlock {
    let trained = Double(codes) * Double(dimensions)
    return MemoryBlock(
      "\(section).codes", "a codebook of \(codes) × \(dimensions)", 4 * trained, trained: trained)
  }
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

/// A codebook behind encoders: its tokens, the temperature of this step, and which codes have been used.
struct CodebookHead: Module {
  let options: CodebookOptions
  let tokens: FiniteDiscreteTokens
  /// T after the last step, as a buffer, since a trained model needs it.
  let temperature: StateBuffer
  let use: CodeUse

  init(_ options: CodebookOptions, _ encoders: EncoderSet, dimensions: Int, stream: inout RandomStream) {
    self.options = options
    tokens = FiniteDiscreteTokens(
      modalities: encoders.outputs.map { (name: $0.name, dimensions: $0.width) },
      options: .init(
        codes: options.codes, dimensions: dimensions, temperature: Float(options.codeTemperature.start),
        pooling: options.pooling, attention: options.attention, padding: options.padding), stream: &stream)
    temperature = StateBuffer(Tensor(Float(options.codeTemperature.temperature(step: 0))))
    use = CodeUse(codes: options.codes)
  }

  var parts: [ModulePart] { [.module("tokens", tokens), .buffer("codeTemperature", temperature)] }

  /// Takes the temperature of a step.
  func beginStep(_ step: Int) {
    temperature.value = Tensor(Float(options.codeTemperature.temperature(step: step)))
  }

  /// The grounding of what an encoder of a name has found; features of any length.
  func grounding(of found: Encoding, named name: String) -> FiniteDiscreteTokens.Grounding {
    tokens(found.parts, modality: name, isReal: found.isReal, temperature: temperature.value.scalar)
  }

  /// The same as operators, at the temperature that training has reached.
  func described(_ found: DescribedEncoding, named name: String) -> GraphValue {
    tokens.described(found.parts, modality: name, isReal: found.isReal, temperature: temperature.value.scalar)
  }

  /// What each part has to do with some codes, `[batch, parts, width]` → `[batch, parts, codes]`.
  func scores(of parts: Tensor, named name: String, codes: [Int]) -> Tensor {
    let chosen = tokens.codebook.value.gatheringRows(codes.map(Int32.init))
    return tokens.queries(parts, modality: name).multiplied(by: chosen, otherTransposed: true)
      * (1 / Float(chosen.shape[1]).squareRoot())
  }
}
