import Autograd
import Graphs
import Kernels

/// The bottleneck block of ResNet (He et al., 2016): 1×1, 3×3 and 1×1 convolutions with batch norm around a shortcut; the
/// 3×3 one takes the stride.
struct BottleneckBlock: Layer {
  private let convolutions: [Conv2d]
  private let norms: [BatchNorm]
  private let shortcut: Conv2d?
  private let shortcutNorm: BatchNorm?

  /// Creates a block from `channels` to four times `width`, whose norms divide a training batch into groups.
  init(_ channels: Int, width: Int, stride: Int, groups: Int, stream: inout RandomStream) {
    let output = 4 * width
    convolutions = [
      Conv2d(channels, width, kernel: 1, bias: false, stream: &stream),
      Conv2d(width, width, kernel: 3, stride: stride, padding: 1, bias: false, stream: &stream),
      Conv2d(width, output, kernel: 1, bias: false, stream: &stream),
    ]
    norms = [
      BatchNorm(width, rectified: true, groups: groups), BatchNorm(width, rectified: true, groups: groups),
      BatchNorm(output, groups: groups),
    ]
    let changes = stride > 1 || channels != output
    shortcut =
      changes ? Conv2d(channels, output, kernel: 1, stride: stride, bias: false, stream: &stream) : nil
    shortcutNorm = changes ? BatchNorm(output, groups: groups) : nil
  }

  var parts: [ModulePart] {
    let main = zip(convolutions, norms).enumerated().flatMap { index, layers in
      [ModulePart.module("convolutions.\(index)", layers.0), .module("norms.\(index)", layers.1)]
    }
    guard let shortcut, let shortcutNorm else { return main }
    return main + [.module("shortcut", shortcut), .module("shortcutNorm", shortcutNorm)]
  }

  /// Applies the block in training, where the norms' running statistics move.
  func trained<Map: FeatureMap>(on input: Map, in pass: ForwardPass) -> Map {
    let inner = zip(convolutions, norms).dropLast().reduce(input) { $1.1.trained(on: $1.0($0), in: pass) }
    let branch = shortcut.flatMap { shortcut in shortcutNorm?.trained(on: shortcut(input), in: pass) } ?? input
    return norms[2].trained(on: convolutions[2](inner), adding: branch, rectified: true, in: pass)
  }

  func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    let main = zip(convolutions, norms).reduce(input) { $1.1($1.0($0), in: pass) }
    guard let shortcut, let shortcutNorm else { return main.addingRectified(input) }
    return main.addingRectified(shortcutNorm(shortcut(input), in: pass))
  }

  func described(_ input: GraphValue) -> GraphValue {
    let main = zip(convolutions, norms).reduce(input) { $1.1.described($1.0.described($0)) }
    guard let shortcut, let shortcutNorm else { return (main + input).relu() }
    return (main + shortcutNorm.described(shortcut.described(input))).relu()
  }
}

/// A ResNet of bottleneck blocks for large images (He et al., 2016, table 1): a 7×7 stem of stride 2, maximum pooling,
/// stages, and the mean over the last map.
///
/// Shapes: `[batch, height, width, channels]` → `[batch, 4 · last width]`, which is 2048 for ResNet-50.
public struct BottleneckResNet: Layer {
  private let stem: Conv2d
  private let stemNorm: BatchNorm
  private let blocks: [BottleneckBlock]
  /// The width of what comes out.
  public let outputDimensions: Int

  /// The blocks of ResNet-50's stages.
  public static let blocksOfResNet50 = [3, 4, 6, 3]

  /// Creates a network; widths of 64, 128, 256 and 512 with 3, 4, 6 and 3 blocks are ResNet-50.
  ///
  /// - Parameters:
  ///   - widths: the widths within the blocks of each stage; a block comes out four times as wide.
  ///   - counts: the blocks of each stage.
  ///   - groups: the parts of a training batch that are normalised each by itself.
  public init(
    channels: Int = 3, widths: [Int] = [64, 128, 256, 512], blocks counts: [Int] = Self.blocksOfResNet50,
    groups: Int = 1, stream: inout RandomStream
  ) {
    precondition(
      !widths.isEmpty && counts.count == widths.count && counts.allSatisfy { $0 > 0 },
      "Bottleneck ResNet: \(counts) blocks for the widths \(widths)")
    stem = Conv2d(channels, widths[0], kernel: 7, stride: 2, padding: 3, bias: false, stream: &stream)
    stemNorm = BatchNorm(widths[0], rectified: true, groups: groups)
    var (blocks, input): ([BottleneckBlock], Int) = ([], widths[0])
    for (stage, (width, count)) in zip(widths, counts).enumerated() {
      for block in 0..<count {
        let stride = stage > 0 && block == 0 ? 2 : 1
        blocks.append(BottleneckBlock(input, width: width, stride: stride, groups: groups, stream: &stream))
        input = 4 * width
      }
    }
    self.blocks = blocks
    outputDimensions = input
  }

  /// Stem and blocks.
  public var parts: [ModulePart] {
    [.module("stem", stem), .module("stemNorm", stemNorm)]
      + blocks.enumerated().map { .module("blocks.\($0.offset)", $0.element) }
  }

  /// The feature map before the mean, `[batch, height′, width′, 4 · last width]`.
  public func featureMap(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    blocks.reduce(stemmed(input, in: pass)) { $1($0, in: pass) }
  }

  private func stemmed(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    stemNorm(stem(input), in: pass).maxPooled(window: 3, stride: 2, padding: 1)
  }

  /// The mean over the feature map.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    guard pass.isTraining, ArithmeticPrecision.rounds else { return featureMap(input, in: pass).globallyAveraged() }
    // As the ResNet for small images does it: maps go on in bfloat16 from convolution to convolution.
    return blocks.reduce(RoundedImages(stemmed(input, in: pass))) { $1.trained(on: $0, in: pass) }.globallyAveraged()
  }

  /// The feature map before the mean, as operators.
  public func describedMap(_ input: GraphValue) -> GraphValue {
    let pooled = stemNorm.described(stem.described(input)).maxPooled(window: 3, stride: 2, padding: 1)
    return blocks.reduce(pooled) { $1.described($0) }
  }

  /// The mean over the feature map, as operators.
  public func described(_ input: GraphValue) -> GraphValue { describedMap(input).globallyAveraged() }
}
