/// The sizes of a batch normalisation on channels-last images, and what belongs to its formula.
///
/// Shapes: input and output are `[batch, height, width, channels]`; a matrix `[batch, channels]` has height and
/// width 1.
public struct BatchNormalisationShape: Hashable, Sendable {
  /// The number of images.
  public let batch: Int
  /// The height of an image.
  public let height: Int
  /// The width of an image.
  public let width: Int
  /// The channels, each normalised over all the rest.
  public let channels: Int
  /// ε, added to the variance before its square root.
  public let epsilon: Float
  /// Whether a rectifier, max(0, ·), follows in the same pass.
  public let rectified: Bool

  /// Creates a shape; all sizes are positive.
  public init(
    batch: Int, height: Int = 1, width: Int = 1, channels: Int, epsilon: Float = 1e-5, rectified: Bool = false
  ) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
    self.epsilon = epsilon
    self.rectified = rectified
    precondition(
      min(batch, height, width, channels) > 0 && epsilon >= 0,
      "BatchNormalisation: sizes must be positive and epsilon not negative, not \(self)")
  }

  /// The number of values of input and output.
  public var count: Int { batch * height * width * channels }
}

extension BatchNormalisationShape: CustomStringConvertible {
  /// The sizes, then ε.
  public var description: String {
    "[\(batch), \(height), \(width), \(channels)], epsilon \(epsilon)\(rectified ? ", rectified" : "")"
  }
}
