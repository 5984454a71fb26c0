import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives
import Options

/// SigLIP (Zhai et al., 2023): every pair of a batch is a decision of its own; see ``sigmoidLoss``.
public struct SigLIPOptions: MethodOptions {
  /// `siglip`
  public static var key: String { "siglip" }
  /// In a few words.
  public static var summary: String { "a logistic loss for every pair of a batch" }
  /// The publication.
  public static var source: String { "Zhai et al., ICCV 2023" }
  /// The file.
  public static var file: String? { #fileID }

  /// What multiplies similarities at first.
  public var scale = 10.0
  /// What is added to them at first.
  public var bias = -10.0
  /// Which pairs of modalities are contrasted.
  public var pairs = ContrastedPairs.all

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [.positive("scale", scale), OptionRequirement("bias", bias.isFinite, "must be a number")]
  }

  /// A pair that an observation does not have is left out.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// The pairs.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] {
    ContrastedPairs.all.places(of: data.modalities)
  }

  /// Rows are taken some at a time where there are many.
  public func similarities(batch: Int) -> Double { LossByRows.held(rows: batch, columns: batch) }

  /// Its halves are apart.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod {
    var options = self
    // Without a bias the source's scale was a softmax's, which a sigmoid does not begin with.
    if let start = parts.encoders.startingScale, let bias = start.bias {
      (options.scale, options.bias) = (start.factor, bias)
    }
    return PairwiseAlignment<SigLIPObjective>(options, &parts)
  }
}

private struct SigLIPObjective: PairObjective {
  let scale: LearntScale?
  let bias: Parameter
  let pairs: ContrastedPairs

  init(_ options: SigLIPOptions) {
    scale = LearntScale(temperature: 1 / options.scale)
    bias = Parameter(Tensor(Float(options.bias)))
    pairs = options.pairs
  }

  var parts: [ModulePart] { (scale.map { [.module("scale", $0)] } ?? []) + [.parameter("bias", bias)] }

  func loss(_ first: Tensor, _ second: Tensor, sharing: [Int]?, batch: TrainingBatch) -> Tensor {
    guard let scale else { preconditionFailure("SigLIP: no scale") }
    return sigmoidLoss(first, second, logScale: scale.tensor, bias: bias.tensor, sharing: sharing)
  }

  var similarityScale: SimilarityScale? {
    scale.map {
      SimilarityScale(
        $0.value, bias: Double(bias.tensor.values[0]), origin: "the scale that the run has learnt")
    }
  }
}
