import Datasets
import Objectives
import Options

/// SimCLR (Chen et al., 2020): two views of a picture against the batch; see ``ntXent``.
public struct SimCLROptions: MethodOptions {
  /// `simclr`
  public static var key: String { "simclr" }
  /// In a few words.
  public static var summary: String { "two views of a picture against the batch" }
  /// The publication.
  public static var source: String { "Chen et al., ICML 2020" }
  /// The file.
  public static var file: String? { #fileID }

  /// τ
  public var temperature = 0.5
  /// The hidden width of the head, which is left out after training.
  public var headDimensions = MCTOptions().headDimensions

  /// The defaults.
  public init() {}

  private var options: MCTOptions {
    var options = MCTOptions.ofImagesAlone
    (options.objective.intra, options.objective.temperature) = (.batch, temperature)
    options.headDimensions = headDimensions
    return options
  }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] { options.requirements }
  /// Pictures.
  public func needs(of data: AlignedData) -> [MethodNeed] { [.images(data)] }
  /// Pictures.
  public func indispensable(in data: AlignedData) -> [Int] { options.indispensable(in: data) }
  /// Those of its form of ``MCT``.
  public func similarities(batch: Int) -> Double { options.similarities(batch: batch) }
  /// Its halves are apart.
  public var indivisibility: String? { nil }
  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { options.make(&parts) }
}
