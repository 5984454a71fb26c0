import Datasets
import Objectives
import Options

/// MoCo v2 (Chen et al., 2020): a view of a picture against the key of another view and a queue.
public struct MoCoOptions: MethodOptions {
  /// `moco`
  public static var key: String { "moco" }
  /// In a few words.
  public static var summary: String { "two views of a picture, one against a queue" }
  /// The publication.
  public static var source: String { "He et al., CVPR 2020; Chen et al. (v2), 2020" }
  /// The file.
  public static var file: String? { #fileID }

  /// τ
  public var temperature: Double
  /// K, the number of keys in the queue.
  public var queueSize: Int
  /// m, how much of its parameters the momentum twin keeps in a step.
  public var momentum: Double
  /// What the twin remembers, 1 / (1 − m) steps, as a share of the training's steps; nil takes `momentum`.
  public var momentumShare: Double?
  /// The hidden width of the head, which is left out after training.
  public var headDimensions: Int

  /// The defaults, those of ``MCTOptions``.
  public init() {
    let standard = MCTOptions()
    (temperature, queueSize) = (standard.objective.temperature, standard.objective.queueSize)
    (momentum, headDimensions) = (standard.objective.momentum, standard.headDimensions)
  }

  private var options: MCTOptions {
    var options = MCTOptions.ofImagesAlone
    (options.objective.temperature, options.objective.queueSize) = (temperature, queueSize)
    (options.objective.momentum, options.headDimensions) = (momentum, headDimensions)
    options.momentumShare = momentumShare
    return options
  }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] { options.requirements }
  /// Pictures.
  public func needs(of data: AlignedData) -> [MethodNeed] { [.images(data)] }
  /// Pictures.
  public func indispensable(in data: AlignedData) -> [Int] { options.indispensable(in: data) }
  /// The queue.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] {
    options.blocks(key: Self.key, dimensions, data)
  }
  /// A queue that is never full.
  public func remarks(on training: TrainingLength) -> [String] { options.remarks(on: training, key: Self.key) }
  /// Those of its form of ``MCT``.
  public func similarities(batch: Int) -> Double { options.similarities(batch: batch) }
  /// Its halves are apart.
  public var indivisibility: String? { nil }
  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { options.make(&parts) }
}
