import Datasets
import Layers
import Objectives
import Recipes
import Runs
import Training

/// Everything an MCT recipe can set.
public struct MCTSettings: ExperimentSettings {
  /// What is learned from.
  public var data = DataSettings()
  /// How views are made.
  public var augmentation = AugmentationSettings()
  /// The networks.
  public var model = ModelSettings()
  /// The objective.
  public var method = MCT.Options()
  /// The training.
  public var training = TrainingOptions()
  /// The evaluation.
  public var evaluation = EvaluationSettings()

  /// The defaults.
  public init() {}

  /// The data set, its options, and which of its modalities play which part.
  public struct DataSettings: Codable, Equatable, Sendable {
    /// The data sets there are.
    public enum Set: String, Codable, CaseIterable, Sendable {
      /// Emoji pictures, captions and tags.
      case emoji
      /// Photographs in ten classes, without captions and tags.
      case cifar
      /// A folder of one's own.
      case folder
    }

    /// The data set.
    public var set = Set.emoji
    /// The modality of images.
    public var image = "image"
    /// The modalities of captions: the first is the one evaluated, the others stand for it in training now and then.
    public var captions = ["caption-en", "caption-ko"]
    /// The modality of tags, used where the data set has it; empty for none.
    public var tags = "tags"
    /// Whether training observations get the tags of others, as a control.
    public var shufflesTags = false
    /// The options of `emoji`.
    public var emoji = EmojiDataset.Options()
    /// The options of `cifar`.
    public var cifar = CIFARDataset.Options()
    /// The options of `folder`.
    public var folder = FolderSource()

    /// The defaults.
    public init() {}

    /// The modalities that play a part.
    var modalities: [String] { [image] + captions + (tags.isEmpty ? [] : [tags]) }
  }

  /// How the two views of an observation are made.
  public struct AugmentationSettings: Codable, Equatable, Sendable {
    /// That of images.
    public var image = ImageAugmentation.Options()
    /// The names of classes, in any labelling, whose images are never flipped.
    public var neverFlipped: [String] = []
    /// That of captions.
    public var caption = CaptionAugmentation.Options()

    /// The defaults.
    public init() {}
  }

  /// The networks' sizes.
  public struct ModelSettings: Codable, Equatable, Sendable {
    /// What lies behind an encoder.
    public enum Head: String, Codable, CaseIterable, Sendable {
      /// Two dense layers with ReLU, as in MoCo v2.
      case perceptron
      /// One dense layer, as in MoCo v1.
      case linear
    }

    /// The widths of the ResNet's stages.
    public var imageWidths = [16, 32, 64]
    /// The ResNet's blocks a stage.
    public var imageBlocks = 1
    /// The parts of a batch that batch norm treats each by itself, as devices would.
    public var normalisationGroups = 8
    /// Whether keys are computed in another order than queries, so that no part holds a query and its key by design.
    public var shufflesKeys = true
    /// The width of the text transformer.
    public var textDimensions = 64
    /// The layers of the text transformer.
    public var textLayers = 2
    /// The heads of the text transformer's attention.
    public var textHeads = 4
    /// The dropout of the text transformer.
    public var textDropout = 0.1
    /// What stands for a caption: the begin token (`first`), the last token, or the mean.
    public var textReadout = TextTransformer.Readout.mean
    /// What lies behind the encoders.
    public var head = Head.perceptron
    /// The hidden width of `perceptron`.
    public var headDimensions = 128

    /// The defaults.
    public init() {}
  }

  /// What is measured.
  public struct EvaluationSettings: Codable, Equatable, Sendable {
    /// Which epoch's networks are evaluated.
    public enum Selection: String, Codable, CaseIterable, Sendable {
      /// That of best nearest neighbours on the validation side.
      case neighbours
      /// That of the best linear probe on the validation side.
      case linearProbe
      /// That of the best mean of linear probe and retrieval on the validation side, or of the one that there is.
      case probeAndRetrieval
      /// That of best retrieval between images and captions on the validation side.
      case retrieval
      /// The last.
      case last
    }

    /// The side that is reported.
    public var side = EvaluationSide.test
    /// The labellings that are recognised, the first also by zero-shot, selection and figures; nil takes all, that of most
    /// classes first.
    public var labellings: [String]?
    /// Which epoch's networks are evaluated.
    public var selection = Selection.neighbours
    /// The epochs between two looks at the validation side.
    public var everyEpochs = 5
    /// The neighbours that vote.
    public var neighbours = 20
    /// τ of their votes.
    public var neighbourTemperature = 0.1
    /// The ridge penalties of the linear probe, of which the validation side chooses one.
    public var penalties = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
    /// The observations that figures show.
    public var shownObservations = 1_000
    /// The observations that figures show with their neighbours and with what retrieval finds for them.
    public var examples = 8

    /// The defaults.
    public init() {}
  }
}
