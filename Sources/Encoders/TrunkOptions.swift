/// The sizes of the trunks of all kinds of modality.
public struct TrunkOptions: Equatable, Sendable {
  /// How images are encoded.
  public enum ImageEncoder: String, Codable, CaseIterable, Sendable {
    /// Two convolutions of width 64 and 128 with swish, as for GMC's official digits.
    case convolutional
    /// A ResNet for small images.
    case resnet
  }

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

  /// Small networks.
  public init() {}
}
