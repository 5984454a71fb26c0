import Autograd
import Datasets
import Graphs
import Kernels
import Layers

/// CLIP (Radford et al., ICML 2021): a vision transformer and a causal text transformer, both pre-norm, projected into one
/// space.
///
///     picture  x = [class; patches] + positions;  x = blocks(norm(x));  z = norm(x₀) W
///     text     x = table[tokens] + positions;     x = blocks(x);        z = norm(x)_end W
public struct CLIPModel: Module {
  /// What the model is.
  public let configuration: CLIPConfiguration
  /// The image encoder.
  public let image: CLIPPictureTower
  /// What brings its class token into the common space, without a bias.
  public let imageProjection: Linear
  /// The text encoder.
  public let text: CLIPTextTower
  /// What brings its end token into the common space, without a bias.
  public let textProjection: Linear
  /// The logarithm of what multiplies cosines.
  public let logScale: Parameter
  /// What is added to logits, of a model that was trained with one; such a model judges every pair by itself.
  public let logitBias: Float?

  /// Both encoders and the scale.
  public var parts: [ModulePart] {
    [
      .module("image", image), .module("image.projection", imageProjection), .module("text", text),
      .module("text.projection", textProjection), .parameter("logScale", logScale),
    ]
  }

  /// Representations of pictures, not normalised.
  ///
  /// Shapes: `[batch, side, side, 3]`, normalised as the model wants it → `[batch, dimensions]`.
  public func images(_ pictures: Tensor, in pass: ForwardPass = .evaluation) -> Tensor {
    imageProjection(image.representation(pictures, in: pass))
  }

  /// Representations of texts, not normalised.
  ///
  /// Shapes: `batch · length` tokens → `[batch, dimensions]`.
  public func texts(_ tokens: [Int32], batch: Int, in pass: ForwardPass = .evaluation) -> Tensor {
    textProjection(text.ends(tokens, batch: batch, in: pass))
  }

  /// Representations of pictures as operators, not normalised: `[batch, 3, side, side]` → `[batch, dimensions]`.
  public func describedImages(_ pictures: GraphValue) -> GraphValue {
    imageProjection.described(image.describedRepresentation(pictures))
  }

  /// Representations of texts as operators, not normalised: `[batch, length]` tokens → `[batch, dimensions]`.
  public func describedTexts(_ tokens: GraphValue) -> GraphValue {
    textProjection.described(text.describedEnds(tokens))
  }
}
