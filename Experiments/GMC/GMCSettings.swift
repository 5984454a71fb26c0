import Datasets
import Diagnostics
import Encoders
import Evaluation
import Objectives
import Recipes
import Runs
import Training

/// Everything a GMC recipe can set.
public struct GMCSettings: ExperimentSettings {
  /// What is learned from.
  public var data = DataSettings()
  /// The networks.
  public var model = ModelSettings()
  /// The objective.
  public var method = MethodSettings()
  /// The training.
  public var training = TrainingOptions()
  /// The evaluation.
  public var evaluation = EvaluationSettings()

  /// The defaults.
  public init() {}

  /// The data set and its options.
  public struct DataSettings: Codable, Equatable, Sendable {
    /// The data sets there are.
    public enum Set: String, Codable, CaseIterable, Sendable {
      /// Emoji pictures, captions and tags.
      case emoji
      /// Written, spoken and drawn digits.
      case digits
      /// A folder of one's own.
      case folder
    }

    /// The data set.
    public var set = Set.emoji
    /// The modalities to use, in their order; nil takes all.
    public var modalities: [String]?
    /// The options of `emoji`.
    public var emoji = EmojiDataset.Options()
    /// The options of `digits`.
    public var digits = DigitsDataset.Options()
    /// The options of `folder`.
    public var folder = FolderSource()

    /// The defaults.
    public init() {}
  }

  /// The networks' sizes.
  public struct ModelSettings: Codable, Equatable, Sendable {
    /// How images are encoded.
    public typealias ImageEncoder = TrunkOptions.ImageEncoder

    /// The width of every encoder's output, before the shared head.
    public var commonDimensions = 64
    /// The width of a representation.
    public var latentDimensions = 64
    /// The hidden widths of the shared head.
    public var headDimensions = [512, 512]
    /// Whether one head serves all modalities and the joint encoder.
    public var sharedHead = true
    /// How images are encoded.
    public var imageEncoder = ImageEncoder.convolutional
    /// The widths of the ResNet's stages.
    public var imageWidths = [24, 48, 96]
    /// The ResNet's blocks a stage.
    public var imageBlocks = 1
    /// The width of the text transformer.
    public var textDimensions = 64
    /// The layers of the text transformer.
    public var textLayers = 2
    /// The heads of the text transformer.
    public var textHeads = 4
    /// The dropout of the text transformer.
    public var textDropout = 0.0
    /// The hidden widths for vectors without structure.
    public var vectorDimensions = [512, 512]
    /// The hidden widths for sets of tags.
    public var tagDimensions = [128]

    /// The defaults.
    public init() {}

    /// The sizes of the trunks.
    var trunk: TrunkOptions {
      var options = TrunkOptions()
      (options.imageEncoder, options.imageWidths, options.imageBlocks) = (imageEncoder, imageWidths, imageBlocks)
      (options.textDimensions, options.textLayers) = (textDimensions, textLayers)
      (options.textHeads, options.textDropout) = (textHeads, textDropout)
      (options.vectorDimensions, options.tagDimensions) = (vectorDimensions, tagDimensions)
      return options
    }
  }

  /// The objective.
  public struct MethodSettings: Codable, Equatable, Sendable {
    /// What is trained.
    public enum Objective: String, Codable, CaseIterable, Sendable {
      /// Geometric multimodal contrast.
      case gmc
      /// The baseline: the joint encoder is trained with a classifier, and missing modalities are zeros.
      case fusion
    }

    /// What is trained.
    public var objective = Objective.gmc
    /// τ, which divides the similarities.
    public var temperature = 0.1
    /// What a representation is contrasted with.
    public var negatives = GMC.Negatives.all
    /// For `fusion`, the probability that a training observation lacks a modality.
    public var modalityDropout = 0.0

    /// The defaults.
    public init() {}
  }

  /// What is measured.
  public struct EvaluationSettings: Codable, Equatable, Sendable {
    /// The side that is reported.
    public var side = EvaluationSide.test
    /// The labellings whose classes are recognised, the first also for retrieval by label and figures; nil takes all.
    public var labellings: [String]?
    /// The classifier on frozen representations.
    public var probe = PerceptronProbe.Options()
    /// How retrieval decides on a hit.
    public var retrieval = RetrievalMatch.observation
    /// Delaunay component analysis of complete representations and each modality's.
    public var delaunay = DelaunaySettings()
    /// The observations that figures show.
    public var shownObservations = 1_000

    /// The defaults.
    public init() {}
  }

  /// How representations of complete observations and of single modalities are compared by their Delaunay graph.
  public struct DelaunaySettings: Codable, Equatable, Sendable {
    /// Whether they are.
    public var enabled = true
    /// The observations taken, evenly spread over the reported side, at most half of it; time grows with their square.
    public var observations = 1_000
    /// The random directions in which neighbours are looked for from every point, each also reversed.
    public var rays = 500
    /// The least number of points of a component.
    public var smallest = 10

    /// The defaults.
    public init() {}
  }

  /// Checks that the numbers make sense.
  func validate() throws(UserError) {
    try check("data.emoji", data.emoji.validate)
    try check("data.digits", data.digits.validate)
    try check("data.folder", data.folder.validate)
    let widths: [(String, [Int])] = [
      ("commonDimensions", [model.commonDimensions]), ("latentDimensions", [model.latentDimensions]),
      ("headDimensions", model.headDimensions), ("imageWidths", model.imageWidths),
      ("imageBlocks", [model.imageBlocks]), ("textDimensions", [model.textDimensions]),
      ("textLayers", [model.textLayers]), ("textHeads", [model.textHeads]),
      ("vectorDimensions", model.vectorDimensions), ("tagDimensions", model.tagDimensions),
    ]
    for (key, values) in widths {
      try require(values.allSatisfy { (1...65_536).contains($0) }, "model.\(key)", "must be 1 to 65536")
    }
    try require(!model.imageWidths.isEmpty, "model.imageWidths", "must name at least one stage")
    try require(
      model.textDimensions % model.textHeads == 0, "model.textHeads",
      "must divide model.textDimensions (\(model.textDimensions))")
    try require((0..<1).contains(model.textDropout), "model.textDropout", "must be in 0..<1")
    try require(method.temperature > 0 && method.temperature.isFinite, "method.temperature", "must be positive")
    try require((0..<1).contains(method.modalityDropout), "method.modalityDropout", "must be in 0..<1")
    try training.validate(section: "training")
    try check("evaluation.probe", evaluation.probe.validate)
    try require(
      (2...DelaunayGraph.mostPoints / 2).contains(evaluation.delaunay.observations), "evaluation.delaunay.observations",
      "must be 2 to \(DelaunayGraph.mostPoints / 2)")
    try require((1...100_000).contains(evaluation.delaunay.rays), "evaluation.delaunay.rays", "must be 1 to 100000")
    try require(
      (2...evaluation.delaunay.observations).contains(evaluation.delaunay.smallest), "evaluation.delaunay.smallest",
      "must be 2 to evaluation.delaunay.observations (\(evaluation.delaunay.observations))")
    try require(evaluation.shownObservations > 0, "evaluation.shownObservations", "must be positive")
  }
}
