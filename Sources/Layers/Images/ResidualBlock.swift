import Autograd
import Graphs
import Kernels

/// The basic residual block of ResNet (He et al., 2016): two 3×3 convolutions with batch norm around a shortcut.
///
///     y = relu(BN(conv(relu(BN(conv x)))) + shortcut(x))
///
/// The shortcut is the identity, or a 1×1 convolution with batch norm where stride or width change.
public struct ResidualBlock: Layer {
  /// The first convolution, which takes the stride.
  public let first: Conv2d
  /// The norm behind the first convolution, with ReLU.
  public let firstNorm: BatchNorm
  /// The second convolution.
  public let second: Conv2d
  /// The norm behind the second convolution.
  public let secondNorm: BatchNorm
  /// The convolution of the shortcut, where sizes change.
  public let shortcut: Conv2d?
  /// The norm of the shortcut.
  public let shortcutNorm: BatchNorm?

  /// Creates a block whose norms divide a training batch into groups.
  public init(
    _ inputChannels: Int, _ outputChannels: Int, stride: Int = 1, groups: Int = 1, stream: inout RandomStream
  ) {
    first = Conv2d(
      inputChannels, outputChannels, kernel: 3, stride: stride, padding: 1, bias: false, stream: &stream)
    firstNorm = BatchNorm(outputChannels, rectified: true, groups: groups)
    second = Conv2d(outputChannels, outputChannels, kernel: 3, padding: 1, bias: false, stream: &stream)
    secondNorm = BatchNorm(outputChannels, groups: groups)
    let changes = stride > 1 || inputChannels != outputChannels
    shortcut =
      changes
      ? Conv2d(inputChannels, outputChannels, kernel: 1, stride: stride, bias: false, stream: &stream) : nil
    shortcutNorm = changes ? BatchNorm(outputChannels, groups: groups) : nil
  }

  /// Convolutions and norms.
  public var parts: [ModulePart] {
    let main: [ModulePart] = [
      .module("first", first), .module("firstNorm", firstNorm), .module("second", second),
      .module("secondNorm", secondNorm),
    ]
    guard let shortcut, let shortcutNorm else { return main }
    return main + [.module("shortcut", shortcut), .module("shortcutNorm", shortcutNorm)]
  }

  /// Applies the block in training, where the norms' running statistics move.
  func trained<Map: FeatureMap>(on input: Map, in pass: ForwardPass) -> Map {
    let main = second(firstNorm.trained(on: first(input), in: pass))
    guard let shortcut, let shortcutNorm else {
      return secondNorm.trained(on: main, adding: input, rectified: true, in: pass)
    }
    let branch = shortcutNorm.trained(on: shortcut(input), in: pass)
    return secondNorm.trained(on: main, adding: branch, rectified: true, in: pass)
  }

  /// Applies the block.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    let main = secondNorm(second(firstNorm(first(input), in: pass)), in: pass)
    guard let shortcut, let shortcutNorm else { return main.addingRectified(input) }
    return main.addingRectified(shortcutNorm(shortcut(input), in: pass))
  }

  /// Both branches and their sum.
  public func described(_ input: GraphValue) -> GraphValue {
    let main = secondNorm.described(second.described(firstNorm.described(first.described(input))))
    guard let shortcut, let shortcutNorm else { return (main + input).relu() }
    return (main + shortcutNorm.described(shortcut.described(input))).relu()
  }
}
