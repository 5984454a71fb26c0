import Datasets
import Diagnostics
import Kernels
import Layers
import Options

/// The encoders' kinds and sizes, one encoder for each modality: the section `model` of every recipe.
public struct EncoderOptions: Codable, Equatable, Sendable {
  /// How pictures are encoded.
  public enum ImageEncoder: String, Codable, CaseIterable, Sendable {
    /// A vision transformer; the class token stands for the picture, patches are its parts.
    case vit
    /// A residual network; the mean over its last feature map stands for the picture, the map's places are its parts.
    case resnet
    /// A residual network of bottleneck blocks for large pictures, with a stem that makes them a quarter as wide and high;
    /// widths of 64, 128, 256 and 512 are ResNet-50.
    case resnet50
    /// Two convolutions of stride 2 with swish, flattened: the official one of GMC's pictures.
    case strided
    /// Two convolutions with pooling and a dense layer, as tutorials have it.
    case pooled

    /// Whether it is a residual network, whose norms look at the batch.
    package var isResidual: Bool { self == .resnet || self == .resnet50 }
  }

  /// How captions are encoded.
  public enum TextEncoder: String, Codable, CaseIterable, Sendable {
    /// A transformer.
    case transformer
    /// A recurrent network, as tutorials have it; its last state stands for the caption.
    case lstm
  }

  /// How series are encoded.
  public enum SeriesEncoder: String, Codable, CaseIterable, Sendable {
    /// Gated recurrent layers.
    case gru
    /// Causal convolutions along time with growing dilation, in residual blocks.
    case convolution
    /// A transformer; positions are sines and cosines.
    case transformer
  }

  /// How videos are encoded, whose frames each pass the encoder of pictures.
  public enum VideoEncoder: String, Codable, CaseIterable, Sendable {
    /// The mean over the frames, whatever their order.
    case mean
    /// A transformer over the frames; positions are sines and cosines, and the mean over its steps stands for the video.
    case transformer
  }

  /// What stands for a series.
  public enum SeriesReadout: String, Codable, CaseIterable, Sendable {
    /// The last step that is real.
    case last
    /// The mean over the real steps.
    case mean
    /// All steps side by side, padding among them, as in GMC's supervised experiment.
    case all
  }

  /// How pictures are encoded.
  public var imageEncoder = ImageEncoder.vit
  /// The side of a patch of `vit`.
  public var patchSize = 4
  /// The width of `vit` and `pooled`.
  public var imageDimensions = 96
  /// The layers of `vit`.
  public var imageLayers = 3
  /// The heads of `vit`.
  public var imageHeads = 3
  /// The dropout of `vit`.
  public var imageDropout = 0.0
  /// Whether the patch embedding of `vit` stays as it begins.
  public var freezesPatches = false
  /// Whether the patches of `vit` pass its last norm, as the class token does.
  public var normalisesPatches = true
  /// The widths of the stages of `resnet`.
  public var imageWidths = [24, 48, 96]
  /// The widths of the two convolutions of `strided`.
  public var stridedWidths = [64, 128]
  /// The blocks a stage of `resnet`.
  public var imageBlocks = 1
  /// The parts of a batch that batch norm of `resnet` treats each by itself, as devices would.
  public var normalisationGroups = 1
  /// How captions are encoded.
  public var textEncoder = TextEncoder.transformer
  /// The width of the text encoder.
  public var textDimensions = 96
  /// The layers of the text transformer.
  public var textLayers = 2
  /// The heads of the text transformer.
  public var textHeads = 3
  /// The dropout of the text transformer.
  public var textDropout = 0.0
  /// Whether a token of a text sees only those before it.
  public var causalText = false
  /// What stands for a caption in the text transformer: the begin token (`first`), the last token, or the mean.
  public var textReadout = TextTransformer.Readout.mean
  /// Whether all modalities of captions share one encoder.
  public var sharesTextEncoder = true
  /// The deviation that the vectors of tokens begin with.
  public var embeddingDeviation = 0.02
  /// The deviation that the vectors of positions in a text begin with.
  public var positionDeviation = 0.02
  /// How series are encoded.
  public var seriesEncoder = SeriesEncoder.gru
  /// The width of the series encoder.
  public var seriesDimensions = 64
  /// The layers or blocks of the series encoder; the dilation of block i of convolutions is 2^i.
  public var seriesLayers = 1
  /// The heads of the series transformer.
  public var seriesHeads = 4
  /// The steps of a convolution's kernel.
  public var seriesKernel = 3
  /// The dropout of the series transformer.
  public var seriesDropout = 0.0
  /// What stands for a series: its last step, the mean over its steps, or all steps side by side.
  public var seriesReadout = SeriesReadout.last
  /// How videos are encoded, whose frames each pass the encoder of pictures: the mean over them, or a transformer.
  public var videoEncoder = VideoEncoder.transformer
  /// The width of the transformer over frames.
  public var videoDimensions = 96
  /// The layers of the transformer over frames.
  public var videoLayers = 1
  /// The heads of the transformer over frames.
  public var videoHeads = 3
  /// The dropout of the transformer over frames.
  public var videoDropout = 0.0
  /// The widths for vectors without structure.
  public var vectorDimensions = [256, 256]
  /// The widths for sets of tags.
  public var tagDimensions = [128]
  /// d, the width of a representation.
  public var dimensions = 96

  /// Small networks.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .widths("patchSize", [patchSize]), .widths("imageDimensions", [imageDimensions]),
      .widths("imageHeads", [imageHeads]), .widths("imageWidths", imageWidths),
      .widths("stridedWidths", stridedWidths), .widths("imageBlocks", [imageBlocks]),
      .widths("normalisationGroups", [normalisationGroups]),
      .widths("textDimensions", [textDimensions]), .widths("textHeads", [textHeads]),
      .widths("seriesDimensions", [seriesDimensions]), .widths("seriesHeads", [seriesHeads]),
      .widths("seriesKernel", [seriesKernel]), .count("seriesLayers", seriesLayers, atLeast: 1, atMost: 16),
      OptionRequirement(
        "seriesHeads", seriesDimensions % max(seriesHeads, 1) == 0,
        "must divide model.seriesDimensions (\(seriesDimensions))"),
      .share("seriesDropout", seriesDropout),
      .widths("videoDimensions", [videoDimensions]), .widths("videoHeads", [videoHeads]),
      .count("videoLayers", videoLayers, atLeast: 1, atMost: 1_000), .share("videoDropout", videoDropout),
      OptionRequirement(
        "videoHeads", videoDimensions % max(videoHeads, 1) == 0,
        "must divide model.videoDimensions (\(videoDimensions))"),
      .widths("vectorDimensions", vectorDimensions), .widths("tagDimensions", tagDimensions),
      .widths("dimensions", [dimensions]),
      .count("imageLayers", imageLayers, atLeast: 0, atMost: 1_000),
      .count("textLayers", textLayers, atLeast: 0, atMost: 1_000),
      OptionRequirement("imageWidths", !imageWidths.isEmpty, "must name at least one stage"),
      OptionRequirement(
        "imageWidths",
        imageEncoder != .resnet50 || imageWidths.count <= BottleneckResNet.blocksOfResNet50.count,
        "must name at most \(BottleneckResNet.blocksOfResNet50.count) stages of resnet50"),
      OptionRequirement("stridedWidths", stridedWidths.count == 2, "must name two widths"),
      OptionRequirement("vectorDimensions", !vectorDimensions.isEmpty, "must name at least one width"),
      OptionRequirement("tagDimensions", !tagDimensions.isEmpty, "must name at least one width"),
      OptionRequirement(
        "imageHeads", imageDimensions % max(imageHeads, 1) == 0,
        "must divide model.imageDimensions (\(imageDimensions))"),
      OptionRequirement(
        "textHeads", textDimensions % max(textHeads, 1) == 0, "must divide model.textDimensions (\(textDimensions))"),
      .share("imageDropout", imageDropout), .share("textDropout", textDropout),
      .notNegative("embeddingDeviation", embeddingDeviation), .notNegative("positionDeviation", positionDeviation),
    ]
  }

  /// Checks that encoders of these sizes fit some modalities.
  ///
  /// - Throws: an error whose place is the recipe's key.
  public func check(_ modalities: [Modality]) throws(UserError) {
    let least = 4
    for modality in modalities {
      switch modality.kind {
      case .image(let height, let width, let channels), .video(_, let height, let width, let channels):
        if imageEncoder == .vit, height % patchSize != 0 || width % patchSize != 0 {
          throw UserError(
            .data, "patches of \(patchSize) do not fill images of \(height) × \(width)", at: "model.patchSize",
            mend: "give a number that divides both")
        }
        if [.strided, .pooled].contains(imageEncoder), min(height, width) < least {
          throw UserError(
            .data, "\(modality.name) of \(height) × \(width) pixels is too small to be halved twice",
            at: "model.imageEncoder", mend: "take resnet, or pictures of at least \(least) × \(least)")
        }
        guard [1, 3].contains(channels) || imageEncoder == .strided || imageEncoder.isResidual else {
          throw UserError(.data, "\(modality.name) has \(channels) channels, not 1 or 3", at: "data.modalities")
        }
      case .spectrogram(let frames, _) where frames < least:
        throw UserError(
          .data, "\(modality.name) of \(frames) frames is too short to be halved twice", at: "data.modalities",
          mend: "make it at least \(least) frames long")
      default: break
      }
    }
  }

  /// The encoder for a kind of modality.
  public func encoder(for kind: ModalityKind, stream: inout RandomStream) -> any ModalityEncoder {
    switch kind {
    case .image(let height, let width, let channels):
      imageEncoder(height: height, width: width, channels: channels, stream: &stream)
    case .video(_, let height, let width, let channels):
      videoEncoder(height: height, width: width, channels: channels, stream: &stream)
    case .tokens(let length, let vocabulary): textEncoder(length: length, vocabulary: vocabulary, stream: &stream)
    case .spectrogram(let frames, let bands): LayeredEncoder.spectrogram(frames: frames, bands: bands, &stream)
    case .series(let length, let channels): seriesEncoder(length: length, channels: channels, stream: &stream)
    case .regions(_, let features, _):
      RegionEncoder(features: features, widths: vectorDimensions, stream: &stream)
    case .vector(let count): LayeredEncoder.perceptron([count] + vectorDimensions, .silu, &stream)
    case .tags(let count): LayeredEncoder.perceptron([count] + tagDimensions, .relu, &stream)
    // A class enters as it is, one-hot.
    case .label(let count): LayeredEncoder(layers: Sequential(), width: count)
    }
  }
}
