/// The sizes of a 2-D convolution on channels-last images.
///
/// Shapes: the input is `[batch, height, width, channels]`, the weights are
/// `[filters, kernelHeight, kernelWidth, channels]`, the output is `[batch, outputHeight, outputWidth, filters]`.
public struct ConvolutionShape: Hashable, Sendable {
  /// The number of images.
  public let batch: Int
  /// The height of an input image.
  public let height: Int
  /// The width of an input image.
  public let width: Int
  /// The channels of the input.
  public let channels: Int
  /// The channels of the output.
  public let filters: Int
  /// The height of the kernel.
  public let kernelHeight: Int
  /// The width of the kernel.
  public let kernelWidth: Int
  /// Rows from one position of the kernel to the next.
  public let strideHeight: Int
  /// Columns from one position of the kernel to the next.
  public let strideWidth: Int
  /// The zeros around each image.
  public let padding: ImagePadding

  /// Creates a shape; all sizes are positive and the kernel fits into the padded image.
  public init(
    batch: Int, height: Int, width: Int, channels: Int, filters: Int, kernelHeight: Int, kernelWidth: Int,
    strideHeight: Int = 1, strideWidth: Int = 1, padding: ImagePadding = .none
  ) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
    self.filters = filters
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.padding = padding
    precondition(
      min(batch, height, width, channels, filters) > 0 && min(kernelHeight, kernelWidth, strideHeight, strideWidth) > 0,
      "Convolution: every size must be positive, not \(self)")
    precondition(
      kernelHeight <= height + padding.top + padding.bottom && kernelWidth <= width + padding.left + padding.right,
      "Convolution: the kernel does not fit into the padded image of \(self)")
  }

  /// The height of an output image.
  public var outputHeight: Int { (height + padding.top + padding.bottom - kernelHeight) / strideHeight + 1 }
  /// The width of an output image.
  public var outputWidth: Int { (width + padding.left + padding.right - kernelWidth) / strideWidth + 1 }
  /// The number of values of the input.
  public var inputCount: Int { batch * height * width * channels }
  /// The number of values of the weights.
  public var weightCount: Int { filters * kernelHeight * kernelWidth * channels }
  /// The number of values of the output.
  public var outputCount: Int { batch * outputHeight * outputWidth * filters }
  /// The multiplications and additions of one pass, padding counted in; a pair of them is one.
  public var multiplyAdds: Int { outputCount * kernelHeight * kernelWidth * channels }
}

extension ConvolutionShape: CustomStringConvertible {
  /// The sizes in the order batch, image, kernel, stride, padding.
  public var description: String {
    "[\(batch), \(height), \(width), \(channels)] * [\(filters), \(kernelHeight), \(kernelWidth), \(channels)], "
      + "stride \(strideHeight) × \(strideWidth), padding top \(padding.top), bottom \(padding.bottom), "
      + "left \(padding.left), right \(padding.right)"
  }
}
