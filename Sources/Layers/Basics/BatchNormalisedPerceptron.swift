import Autograd
import Graphs
import Kernels

/// Dense layers with batch norm and ReLU between them, and a last dense layer without a bias: the expander of VICReg
/// (Bardes et al., 2022), which Barlow Twins has, too.
///
/// Shapes: `[batch, widths.first]` → `[batch, widths.last]`.
public struct BatchNormalisedPerceptron: Layer {
  /// The dense layers.
  public let layers: [Linear]
  /// What normalises and rectifies the output of each but the last.
  public let norms: [BatchNorm]

  /// Creates layers from the widths of input, hidden layers and output.
  public init(widths: [Int], stream: inout RandomStream) {
    precondition(widths.count >= 2, "BatchNormalisedPerceptron: widths \(widths) name no layer")
    var layers: [Linear] = []
    for (input, output) in zip(widths, widths.dropFirst()) {
      layers.append(Linear(input, output, bias: layers.count + 2 < widths.count, stream: &stream))
    }
    self.layers = layers
    norms = widths.dropFirst().dropLast().map { BatchNorm($0, rectified: true) }
  }

  /// The layers under their numbers.
  public var parts: [ModulePart] {
    layers.enumerated().map { .module("\($0.offset)", $0.element) }
      + norms.enumerated().map { .module("norm.\($0.offset)", $0.element) }
  }

  /// Applies the layers in order; batch norm takes the batch's statistics in training and the running ones in evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    let hidden = zip(layers, norms).reduce(input) { values, layer in layer.1(layer.0(values), in: pass) }
    return layers[layers.count - 1](hidden)
  }

  /// The layers in order.
  public func described(_ input: GraphValue) -> GraphValue {
    let hidden = zip(layers, norms).reduce(input) { values, layer in layer.1.described(layer.0.described(values)) }
    return layers[layers.count - 1].described(hidden)
  }
}
