import Autograd
import Graphs
import Kernels
import Layers

/// CLIP's image encoder without its projection: `x = [class; patches] + positions;  x = blocks(norm(x));  z = norm(x)`.
public struct CLIPPictureTower: Module {
  /// The side of a picture.
  public let side: Int
  /// The side of a patch.
  public let patchSize: Int
  let patch: Linear
  let classToken: Parameter
  let positions: Parameter
  let norm: LayerNorm
  let transformer: Transformer

  /// Patches, class token, positions, norm and blocks.
  public var parts: [ModulePart] {
    [
      .module("patch", patch), .parameter("classToken", classToken), .parameter("positions", positions),
      .module("norm", norm), .module("transformer", transformer),
    ]
  }

  /// The width of a token.
  public var width: Int { patch.weight.shape[0] }

  /// All tokens before the last norm.
  ///
  /// Shapes: `[batch, side, side, 3]`, normalised as the model wants it → `[batch, 1 + patches, width]`.
  public func residualStream(_ pictures: Tensor, in pass: ForwardPass) -> Tensor {
    let (size, grid) = (patchSize, side / patchSize)
    precondition(
      pictures.rank == 4 && pictures.shape.dropFirst() == [side, side, 3],
      "CLIP: pictures of shape \(pictures.shape) for sides of \(side)")
    let batch = pictures.shape[0]
    let patches = pictures.reshaped(to: [batch, grid, size, grid, size * 3]).transposed([0, 1, 3, 2, 4])
      .reshaped(to: [batch, grid * grid, size * size * 3])
    let first = classToken.tensor + Tensor(repeating: 0, shape: [batch, 1, width])
    // The embedding of patches is no layer that 8-bit integers serve.
    let embedded = ReducedInference.withoutIntegers { patch(patches) }
    let tokens = Tensor.concatenated([first, embedded], axis: 1) + positions.tensor
    return transformer.residualStream(norm(tokens), in: pass)
  }

  /// The class token behind the last norm, `[batch, width]`.
  public func representation(_ pictures: Tensor, in pass: ForwardPass = .evaluation) -> Tensor {
    transformer.norm(residualStream(pictures, in: pass).selecting(0, axis: 1))
  }

  /// Class token and patches behind the last norm, `[batch, width]` and `[batch, patches, width]`.
  public func tokens(_ pictures: Tensor, in pass: ForwardPass) -> VisionTransformer.Tokens {
    let all = transformer.norm(residualStream(pictures, in: pass))
    return VisionTransformer.Tokens(
      classToken: all.selecting(0, axis: 1), patches: all.slice(axis: 1, 1..<all.shape[1]))
  }

  /// The class token behind the last norm as operators: `[batch, 3, side, side]` → `[batch, width]`.
  func describedRepresentation(_ pictures: GraphValue) -> GraphValue {
    let stream = describedStream(pictures, weight: patch.weight.constant, bias: nil)
    return transformer.norm.described(stream.selecting(0, axis: 1))
  }

  /// Class token and patches behind the last norm as operators, of pictures that are not normalised yet: what that does stands
  /// in the embedding of patches.
  public func describedTokens(
    _ pictures: GraphValue, mean: [Float], deviation: [Float]
  ) -> (classToken: GraphValue, patches: GraphValue) {
    let pitch = patchSize * patchSize * 3
    var weight = patch.weight.value.values
    var bias = [Float](repeating: 0, count: width)
    for index in weight.indices {
      let channel = index % pitch % 3
      weight[index] /= deviation[channel]
      bias[index / pitch] -= weight[index] * mean[channel]
    }
    let stream = describedStream(
      pictures, weight: GraphConstant(weight, shape: patch.weight.shape), bias: GraphConstant(bias, shape: [width]))
    let all = transformer.norm.described(stream)
    return (all.selecting(0, axis: 1), all.slice(axis: 1, from: 1))
  }

  private func describedStream(_ pictures: GraphValue, weight: GraphConstant, bias: GraphConstant?) -> GraphValue {
    let tokens = pictures.patches(size: patchSize, channels: 3, weight: weight, bias: bias)
      .prepending(classToken.constant).adding(positions.constant, named: "positions")
    return transformer.describedStream(norm.described(tokens), mask: .none)
  }
}
