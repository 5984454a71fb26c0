import Datasets
import Diagnostics
import Layers

/// What a published CLIP is, beyond what its weights tell.
public struct CLIPConfiguration: Codable, Equatable, Sendable {
  /// One of both encoders.
  public struct Tower: Codable, Equatable, Sendable, CustomStringConvertible {
    /// The width of a token.
    public var width: Int
    /// The number of blocks.
    public var layers: Int
    /// The heads of each attention.
    public var heads: Int
    /// The hidden width of each perceptron.
    public var hidden: Int
    /// The function within each perceptron.
    public var activation: Activation
    /// ε of every layer norm.
    public var epsilon: Float

    /// The sizes and the activation in a few words.
    public var description: String { "\(layers) blocks of \(width), \(heads) heads, \(activation.rawValue)" }
  }

  /// Which token stands for a text.
  public enum Readout: Codable, Equatable, Sendable {
    /// The first one of the largest number.
    case largest
    /// The first one of this number.
    case token(Int32)
  }

  /// The image encoder.
  public var image: Tower
  /// The side of a square patch.
  public var patchSize: Int
  /// How a picture is brought to the image encoder.
  public var picture: PretrainedPictureForm
  /// The text encoder.
  public var text: Tower
  /// The number of different tokens.
  public var vocabulary: Int
  /// The most tokens of a text.
  public var length: Int
  /// Which token stands for a text.
  public var readout: Readout
  /// The width of the space of both.
  public var dimensions: Int
  /// What was not in the configuration and taken from its format's defaults, or is else worth knowing.
  public var notes: [String] = []

  /// The side of a picture in patches.
  public var grid: Int { picture.side / patchSize }

  /// Checks that patches fill pictures of another side.
  ///
  /// - Throws: `UserError` where they do not.
  func check(side: Int, at place: String) throws(UserError) {
    guard (1...1 << 13).contains(side), side % patchSize == 0 else {
      throw UserError(
        .data, "pictures of \(side) pixels cannot be read by the model, whose patches are of \(patchSize)", at: place,
        mend: "take pictures whose side is a multiple of \(patchSize), such as \(picture.side)")
    }
  }

  /// Checks that sizes fit each other.
  ///
  /// - Throws: `UserError` naming what does not.
  func check(at place: String) throws(UserError) {
    func fault(_ what: String) -> UserError {
      UserError(.data, what, at: place, mend: "take the configuration of the model itself")
    }
    for (name, tower) in [("image", image), ("text", text)] where tower.width % tower.heads != 0 {
      throw fault("the \(name) encoder's width of \(tower.width) is no multiple of its \(tower.heads) heads")
    }
    guard picture.side % patchSize == 0 else {
      throw fault("patches of \(patchSize) do not fill pictures of \(picture.side)")
    }
    guard picture.deviation.allSatisfy({ $0 > 0 }) else { throw fault("a standard deviation is not positive") }
    if case .token(let end) = readout, end < 0 || end >= vocabulary {
      throw fault("the end token \(end) is outside the vocabulary of \(vocabulary)")
    }
  }
}
