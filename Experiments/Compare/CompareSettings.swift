import Datasets
import Evaluation
import Objectives
import Recipes
import Runs
import Training

/// Everything a recipe of the comparison can set.
///
/// Data, networks, training and evaluation are the same for every method; what a method adds is in `method`.
public struct CompareSettings: ExperimentSettings {
  /// What is learned from.
  public var data = DataSettings()
  /// The encoders.
  public var model = ModelSettings()
  /// The method and its options.
  public var method = MethodSettings()
  /// How training items are changed.
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
      /// Emoji pictures, captions and tags.
      case emoji
      /// Written, spoken and drawn digits.
      case digits
      /// A folder of one's own.
      case folder
    }

    /// The data set.
    public var set = Set.emoji
    /// The modalities to align, in their order; nil takes all but tags and classes.
    public var modalities: [String]?
    /// The modality of tags, a source of positives for some methods and a probe for all; used where there is one.
    public var tags = "tags"
    /// The options of `emoji`.
    public var emoji = EmojiDataset.Options()
    /// The options of `digits`.
    public var digits = DigitsDataset.Options()
    /// The options of `folder`.
    public var folder = FolderSource()

    /// The defaults.
    public init() {}
  }

  /// The encoders' sizes: one for each modality, and one for all modalities of captions.
  public struct ModelSettings: Codable, Equatable, Sendable {
    /// How images are encoded.
    public enum ImageEncoder: String, Codable, CaseIterable, Sendable {
      /// A vision transformer.
      case vit
      /// A residual network.
      case resnet
      /// Two convolutions with pooling, as tutorials have it.
      case convolutional
    }

    /// How captions are encoded.
    public enum TextEncoder: String, Codable, CaseIterable, Sendable {
      /// A bidirectional transformer; the mean over the words stands for the caption.
      case transformer
      /// A recurrent network, as tutorials have it; its last state stands for the caption.
      case lstm
    }

    /// How images are encoded.
    public var imageEncoder = ImageEncoder.vit
    /// The side of a patch of the vision transformer.
    public var patchSize = 4
    /// The width of the image encoder; of `resnet` that of its last stage, half of it before, and so on.
    public var imageDimensions = 96
    /// The layers of the vision transformer.
    public var imageLayers = 3
    /// Its heads.
    public var imageHeads = 3
    /// How captions are encoded.
    public var textEncoder = TextEncoder.transformer
    /// The width of the text encoder.
    public var textDimensions = 96
    /// The layers of the text transformer.
    public var textLayers = 2
    /// Its heads.
    public var textHeads = 3
    /// The dropout of both transformers.
    public var dropout = 0.0
    /// The hidden widths for vectors without structure.
    public var vectorDimensions = [256, 256]
    /// d, the width of a representation.
    public var dimensions = 96

    /// The defaults.
    public init() {}
  }

  /// How training items are changed.
  public struct AugmentationSettings: Codable, Equatable, Sendable {
    /// Whether the images of methods that contrast modalities are.
    public var isOn = true
    /// How.
    public var image = ImageAugmentation.Options()
    /// How the two views of an image are made for methods that contrast images with images.
    public var view = ImageAugmentation.Options()
    /// How the two views of a caption are made for methods that contrast captions with captions.
    public var caption = CaptionAugmentation.Options()

    /// The defaults.
    public init() {}
  }

  /// What is measured.
  public struct EvaluationSettings: Codable, Equatable, Sendable {
    /// The side that is reported.
    public var side = EvaluationSide.test
    /// The labellings whose classes are recognised, the coarsest first; nil takes all, fewest classes first.
    public var labellings: [String]?
    /// How retrieval decides on a hit.
    public var retrieval = RetrievalMatch.observation
    /// The classifier on frozen representations of GMC's protocol.
    public var probe = PerceptronProbe.Options()
    /// The ridge penalties of linear probes, relative to the features' scatter; validation chooses.
    public var penalties = [1e-3, 1e-2, 1e-1]
    /// The observations that figures show.
    public var shownObservations = 1_000

    /// The defaults.
    public init() {}
  }
}
