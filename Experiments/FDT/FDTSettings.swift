import Autograd
import Datasets
import Diagnostics
import Evaluation
import Objectives
import Recipes
import Runs
import Training

/// Everything an FDT recipe can set.
public struct FDTSettings: ExperimentSettings {
  /// What is learned from.
  public var data = DataSettings()
  /// The networks.
  public var model = ModelSettings()
  /// The head and the objective.
  public var method = MethodSettings()
  /// How training images are changed.
  public var augmentation = AugmentationSettings()
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
      /// Emoji pictures with English and Korean names.
      case emoji
      /// NLVR's boxes with sentences.
      case nlvr
      /// A folder of one's own.
      case folder
      /// Pictures with captions in WebDataset's tar shards.
      case shards
    }

    /// The data set.
    public var set = Set.emoji
    /// The captions to use, by modality; nil takes all. Each is contrasted with the images by itself.
    public var captions: [String]?
    /// The options of `emoji`.
    public var emoji = EmojiDataset.Options()
    /// The options of `nlvr`.
    public var nlvr = NLVRDataset.Options()
    /// The options of `folder`.
    public var folder = FolderSettings()
    /// The options of `shards`.
    public var shards = ShardOptions()

    /// The defaults.
    public init() {}
  }

  /// The networks' sizes.
  public struct ModelSettings: Codable, Equatable, Sendable {
    /// How images are encoded.
    public enum ImageEncoder: String, Codable, CaseIterable, Sendable {
      /// A vision transformer, whose patches are the tokens.
      case vit
      /// A residual network, the places of whose last feature map are the tokens.
      case resnet
    }

    /// How images are encoded.
    public var imageEncoder = ImageEncoder.vit
    /// The side of a patch.
    public var patchSize = 4
    /// The width of the vision transformer.
    public var imageDimensions = 96
    /// Its layers.
    public var imageLayers = 3
    /// Its heads.
    public var imageHeads = 3
    /// Its dropout.
    public var imageDropout = 0.0
    /// Whether the patch embedding stays as it begins.
    public var freezesPatches = false
    /// Whether patches pass the last norm before the codebook.
    public var normalisesPatches = false
    /// The widths of the residual network's stages.
    public var residualWidths = [24, 48, 96]
    /// The residual network's blocks a stage.
    public var residualBlocks = 1
    /// The width of the text transformer.
    public var textDimensions = 96
    /// Its layers.
    public var textLayers = 2
    /// Its heads.
    public var textHeads = 3
    /// Its dropout.
    public var textDropout = 0.0
    /// Whether a token of a text sees only those before it.
    public var causalText = true
    /// d, the width of features, queries and codes.
    public var dimensions = 96

    /// The defaults.
    public init() {}
  }

  /// The head and the objective.
  public struct MethodSettings: Codable, Equatable, Sendable {
    /// What makes features of tokens.
    public enum Head: String, Codable, CaseIterable, Sendable {
      /// FDT's codebook.
      case codebook
      /// CLIP's projections.
      case projection
      /// Projections with as many parameters as the codebook's head.
      case control
    }

    /// What makes features of tokens.
    public var head = Head.codebook
    /// C, the number of codes; a control is as large as a head with so many.
    public var codes = 1024
    /// T, which divides the scores.
    public var temperature = TemperatureSchedule()
    /// How scores are pooled over tokens.
    public var pooling = FiniteDiscreteTokens.Pooling.max
    /// How pooled scores become weights.
    public var attention = FiniteDiscreteTokens.Attention.sparsemax
    /// What padded tokens do.
    public var padding = TokenPadding.zero
    /// The weight of the penalty on codes that are not orthogonal.
    public var orthogonality = 0.0
    /// The codebook's weight decay; nil takes the training's.
    public var codebookDecay: Double?
    /// Between which values the logarithm of the scale is kept.
    public var logScaleRange = [
      ImageTextEncoder.officialScaleRange.lowerBound, ImageTextEncoder.officialScaleRange.upperBound,
    ]
    /// Whether texts that are the same are no negatives of each other.
    public var sparesRepeatedTexts = false

    /// The defaults.
    public init() {}
  }

  /// How training images are changed.
  public struct AugmentationSettings: Codable, Equatable, Sendable {
    /// Whether they are.
    public var isOn = false
    /// How.
    public var image = ImageAugmentation.Options()

    /// The defaults.
    public init() {}
  }

  /// What is measured.
  public struct EvaluationSettings: Codable, Equatable, Sendable {
    /// The side that is reported.
    public var side = EvaluationSide.test
    /// A file of prompts for zero-shot classification; nil takes the data set's own.
    public var prompts: String?
    /// The ridge penalty of linear probes, relative to the features' scatter.
    public var ridge = 1e-2
    /// The observations of the validation side that are measured after each epoch, for the log; 0 for none.
    public var trackedObservations = 256
    /// The fewest kinds of objects of the pictures that completeness is also reported for by themselves.
    public var fewestObjects = 4
    /// The number of concepts, codes or clusters, whose purity is measured; 0 for none.
    public var concepts = 128
    /// The examples of each concept.
    public var examplesPerConcept = 10
    /// The codes that are drawn with their patches and words.
    public var shownCodes = 16
    /// The observations that figures show.
    public var shownObservations = 1_000

    /// The defaults.
    public init() {}
  }
}
