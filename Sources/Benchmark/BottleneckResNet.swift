import Autograd
import Graphs
import Kernels
import Layers

/// The bottleneck block of ResNet (He et al., 2016): 1×1, 3×3 and 1×1 convolutions with batch norm around a shortcut; the
/// 3×3 one takes the stride.
struct BottleneckBlock: Layer {
  private let convolutions: [Conv2d]
  private let norms: [BatchNorm]
  private let shortcut: Conv2d?
  private let shortcutNorm: BatchNorm?

  /// Creates a block from `channels` to four times `width`.
  init(_ channels: Int, width: Int, stride: Int, stream: inout RandomStream) {
    let output = 4 * width
    convolutions = [
      Conv2d(channels, width, kernel: 1, bias: false, stream: &stream),
      Conv2d(width, width, kernel: 3, stride: stride, padding: 1, bias: false, stream: &stream),
      Conv2d(width, output, kernel: 1, bias: false, stream: &stream),
    ]
    norms = [
      BatchNorm(width, rectified: true), BatchNorm(width, rectified: true), BatchNorm(output),
    ]
    let changes = stride > 1 || channels != output
    shortcut =
      changes ? Conv2d(channels, output, kernel: 1, stride: stride, bias: false, stream: &stream) : nil
    shortcutNorm = changes ? BatchNorm(output) : nil
  }

  var parts: [ModulePart] {
    let main = zip(convolutions, norms).enumerated().flatMap { index, layers in
      [ModulePart.module("convolutions.\(index)", layers.0), .module("norms.\(index)", layers.1)]
    }
    guard let shortcut, let shortcutNorm else { return main }
    return main + [.module("shortcut", shortcut), .module("shortcutNorm", shortcutNorm)]
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
/// four stages, and the mean over the last map.
///
/// Shapes: `[batch, height, width, 3]` → `[batch, 2048]`.
package struct BottleneckResNet: Layer {
  private let stem: Conv2d
  private let stemNorm: BatchNorm
  private let blocks: [BottleneckBlock]

  /// Creates a network; 3, 4, 6 and 3 blocks are ResNet-50.
  package init(blocks counts: [Int] = [3, 4, 6, 3], stream: inout RandomStream) {
    stem = Conv2d(3, 64, kernel: 7, stride: 2, padding: 3, bias: false, stream: &stream)
    stemNorm = BatchNorm(64, rectified: true)
    var (blocks, channels): ([BottleneckBlock], Int) = ([], 64)
    for (stage, count) in counts.enumerated() {
      for block in 0..<count {
        let stride = stage > 0 && block == 0 ? 2 : 1
        blocks.append(BottleneckBlock(channels, width: 64 << stage, stride: stride, stream: &stream))
        channels = 4 * 64 << stage
      }
    }
    self.blocks = blocks
  }

  package var parts: [ModulePart] {
    [.module("stem", stem), .module("stemNorm", stemNorm)]
      + blocks.enumerated().map { .module("blocks.\($0.offset)", $0.element) }
  }

  package func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    let pooled = stemNorm(stem(input), in: pass).maxPooled(window: 3, stride: 2, padding: 1)
    return blocks.reduce(pooled) { $1($0, in: pass) }.globallyAveraged()
  }

  package func described(_ input: GraphValue) -> GraphValue {
    let pooled = stemNorm.described(stem.described(input)).maxPooled(window: 3, stride: 2, padding: 1)
    return blocks.reduce(pooled) { $1.described($0) }.globallyAveraged()
  }
}
