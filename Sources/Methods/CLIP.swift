import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives
import Options

/// CLIP (Radford et al., 2021): symmetric cross-entropy over the pairs of a batch; see ``clipLoss``.
///
/// With smoothing it is ALIGN's loss (Jia et al., 2021).
public struct CLIPOptions: MethodOptions {
  /// `clip`
  public static var key: String { "clip" }
  /// In a few words.
  public static var summary: String { "symmetric cross-entropy between every two modalities" }
  /// The publication.
  public static var source: String { "Radford et al., ICML 2021; smoothing: Jia et al. (ALIGN), ICML 2021" }
  /// The file.
  public static var file: String? { #fileID }

  /// τ, which divides the similarities; its first value where it is learnt.
  public var temperature = 0.07
  /// Whether τ is learnt.
  public var learnsTemperature = true
  /// Between which values the logarithm of the learnt 1/τ is kept.
  public var logScaleRange = [0, LearntScale.officialMost]
  /// Whether both modalities are queries, or only the first of a pair.
  public var direction = ContrastDirection.both
  /// Which pairs of modalities are contrasted.
  public var pairs = ContrastedPairs.all
  /// ε, the share of a target that is spread over all items of the batch.
  public var labelSmoothing = 0.0

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .positive("temperature", temperature), .share("labelSmoothing", labelSmoothing),
      .logScaleRange("logScaleRange", logScaleRange),
    ]
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
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod {
    var options = self
    if learnsTemperature, let start = parts.encoders.startingScale { options.temperature = 1 / start.factor }
    return PairwiseAlignment<CLIPObjective>(options, &parts)
  }
}

private struct CLIPObjective: PairObjective {
  let options: CLIPOptions
  let scale: LearntScale?

  init(_ options: CLIPOptions) {
    self.options = options
    scale = LearntScale(
      temperature: options.temperature, isLearnt: options.learnsTemperature,
      range: options.logScaleRange[0]...options.logScaleRange[1])
  }

  var pairs: ContrastedPairs { options.pairs }

  func loss(_ first: Tensor, _ second: Tensor, sharing: [Int]?, batch: TrainingBatch) -> Tensor {
    guard let scale else { preconditionFailure("CLIP: no scale") }
    return clipLoss(
      first, second, logScale: scale.tensor, sharing: sharing, smoothing: Float(options.labelSmoothing),
      direction: options.direction)
  }

  var similarityScale: SimilarityScale? {
    options.learnsTemperature
      ? scale.map { SimilarityScale($0.value, origin: "the scale that the run has learnt") }
      : SimilarityScale(temperature: options.temperature, origin: "method.clip.temperature")
  }
}

extension OptionRequirement {
  /// Two logarithms in order.
  static func logScaleRange(_ key: String, _ range: [Double]) -> OptionRequirement {
    OptionRequirement(
      key, range.count == 2 && range[0] <= range[1] && range.allSatisfy { abs($0) <= 50 },
      "must be two numbers in order, at most 50")
  }
}
