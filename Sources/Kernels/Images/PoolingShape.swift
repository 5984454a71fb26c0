/// The sizes of a 2-D pooling on channels-last images.
///
/// Shapes: the input is `[batch, height, width, channels]`, the output is
/// `[batch, outputHeight, outputWidth, channels]`.
public struct PoolingShape: Hashable, Sendable {
  /// How the values under the window become one.
  public enum Reduction: Hashable, Sendable {
    /// The largest value; padding never wins.
    case maximum
    /// The mean; padding counts as zeros or not at all.
    case average(countsPadding: Bool)
  }

  /// How the values under the window become one.
  public let reduction: Reduction
  /// The number of images.
  public let batch: Int
  /// The height of an input image.
  public let height: Int
  /// The width of an input image.
  public let width: Int
  /// The channels of input and output.
  public let channels: Int
  /// The height of the window.
  public let windowHeight: Int
  /// The width of the window.
  public let windowWidth: Int
  /// Rows from one position of the window to the next.
  public let strideHeight: Int
  /// Columns from one position of the window to the next.
  public let strideWidth: Int
  /// What surrounds each image; narrower than the window on each side, so that no window sees padding alone.
  public let padding: ImagePadding

  /// Creates a shape; all sizes are positive and the window fits into the padded image.
  public init(
    _ reduction: Reduction, batch: Int, height: Int, width: Int, channels: Int, windowHeight: Int, windowWidth: Int,
    strideHeight: Int = 1, strideWidth: Int = 1, padding: ImagePadding = .none
  ) {
    self.reduction = reduction
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
    self.windowHeight = windowHeight
    self.windowWidth = windowWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.padding = padding
    precondition(
      min(batch, height, width, channels) > 0 && min(windowHeight, windowWidth, strideHeight, strideWidth) > 0,
      "Pooling: every size must be positive, not \(self)")
    precondition(
      windowHeight <= height + padding.top + padding.bottom && windowWidth <= width + padding.left + padding.right,
      "Pooling: the window does not fit into the padded image of \(self)")
    precondition(
      max(padding.top, padding.bottom) < windowHeight && max(padding.left, padding.right) < windowWidth,
      "Pooling: the padding must be narrower than the window of \(self)")
  }

  /// The mean over each whole image.
  public static func globalAverage(batch: Int, height: Int, width: Int, channels: Int) -> PoolingShape {
    PoolingShape(
      .average(countsPadding: false), batch: batch, height: height, width: width, channels: channels,
      windowHeight: height, windowWidth: width)
  }

  /// The height of an output image.
  public var outputHeight: Int { (height + padding.top + padding.bottom - windowHeight) / strideHeight + 1 }
  /// The width of an output image.
  public var outputWidth: Int { (width + padding.left + padding.right - windowWidth) / strideWidth + 1 }
  /// The number of values of the input.
  public var inputCount: Int { batch * height * width * channels }
  /// The number of values of the output.
  public var outputCount: Int { batch * outputHeight * outputWidth * channels }
}

extension PoolingShape: CustomStringConvertible {
  /// The sizes in the order reduction, image, window, stride, padding.
  public var description: String {
    "\(reduction) of [\(batch), \(height), \(width), \(channels)], window \(windowHeight) × \(windowWidth), "
      + "stride \(strideHeight) × \(strideWidth), padding top \(padding.top), bottom \(padding.bottom), "
      + "left \(padding.left), right \(padding.right)"
  }
}
