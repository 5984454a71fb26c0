import Autograd
import Graphs
import Kernels

/// A ResNet for small images: a 3×3 stem without pooling, stages of basic blocks, and the mean over the last map.
///
/// Shapes: `[batch, height, width, channels]` → `[batch, last width]`. Every stage but the first halves the image.
public struct ResNet: Layer {
  /// The first convolution.
  public let stem: Conv2d
  /// The norm behind the first convolution, with ReLU.
  public let stemNorm: BatchNorm
  /// The blocks of all stages.
  public let blocks: [ResidualBlock]
  /// The width of what comes out.
  public let outputDimensions: Int

  /// Creates a network whose stages have the given widths and as many blocks each.
  ///
  /// - Parameter groups: the parts of a training batch that are normalised each by itself.
  public init(
    channels: Int = 3, widths: [Int], blocksPerStage: Int = 2, groups: Int = 1, stream: inout RandomStream
  ) {
    precondition(!widths.isEmpty && blocksPerStage > 0, "ResNet: widths \(widths), \(blocksPerStage) blocks a stage")
    stem = Conv2d(channels, widths[0], kernel: 3, padding: 1, bias: false, stream: &stream)
    stemNorm = BatchNorm(widths[0], rectified: true, groups: groups)
    var blocks: [ResidualBlock] = []
    var width = widths[0]
    for (stage, next) in widths.enumerated() {
      for block in 0..<blocksPerStage {
        let stride = stage > 0 && block == 0 ? 2 : 1
        blocks.append(ResidualBlock(width, next, stride: stride, groups: groups, stream: &stream))
        width = next
      }
    }
    self.blocks = blocks
    outputDimensions = width
  }

  /// Stem and blocks.
  public var parts: [ModulePart] {
    [.module("stem", stem), .module("stemNorm", stemNorm)]
      + blocks.enumerated().map { .module("blocks.\($0.offset)", $0.element) }
  }

  /// The feature map before the mean, `[batch, height′, width′, last width]`.
  public func featureMap(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    if pass.isTraining, ArithmeticPrecision.rounds { return trained(on: RoundedImages(input), in: pass).widened() }
    return blocks.reduce(stemNorm(stem(input), in: pass)) { $1($0, in: pass) }
  }

  /// The mean over the feature map.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    if pass.isTraining, ArithmeticPrecision.rounds {
      return trained(on: RoundedImages(input), in: pass).globallyAveraged()
    }
    return featureMap(input, in: pass).globallyAveraged()
  }

  /// The feature map before the mean, as operators.
  public func describedMap(_ input: GraphValue) -> GraphValue {
    blocks.reduce(stemNorm.described(stem.described(input))) { $1.described($0) }
  }

  /// The mean over the feature map, as operators.
  public func described(_ input: GraphValue) -> GraphValue { describedMap(input).globallyAveraged() }

  /// The feature map in training, handed on in bfloat16 from convolution to convolution.
  private func trained(on input: RoundedImages, in pass: ForwardPass) -> RoundedImages {
    blocks.reduce(stemNorm.trained(on: stem(input), in: pass)) { $1.trained(on: $0, in: pass) }
  }
}
