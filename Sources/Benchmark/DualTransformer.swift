import Autograd
import Kernels
import Layers

/// CLIP's vision and text transformers in their published form (Radford et al., 2021, section 2.4 and table 20): square
/// patches without bias, a norm before the first block, the class token behind the last norm, a causal text transformer
/// read at its last token, projections without bias, and a learnt scale.
///
/// The perceptrons have the exact GELU; the published ones approximate it by x · σ(1.702 x).
package struct DualTransformer: Module {
  /// Sizes.
  package struct Sizes {
    package var imageSize = 224
    package var patchSize = 32
    package var imageDimensions = 768
    package var imageLayers = 12
    package var imageHeads = 12
    package var vocabulary = 49_408
    package var length = 77
    package var textDimensions = 512
    package var textLayers = 12
    package var textHeads = 8
    package var shared = 512

    package init() {}

    /// The places of the vision transformer: a class token and the patches.
    package var imageTokens: Int { 1 + (imageSize / patchSize) * (imageSize / patchSize) }
  }

  /// What sees pictures.
  struct PictureTower: Module {
    private let sizes: Sizes
    private let patch: Linear
    private let classToken: Parameter
    private let positions: Parameter
    private let before: LayerNorm
    private let transformer: Transformer
    private let projection: Linear

    init(_ sizes: Sizes, stream: inout RandomStream) {
      self.sizes = sizes
      let width = sizes.imageDimensions
      patch = Linear(3 * sizes.patchSize * sizes.patchSize, width, bias: false, stream: &stream)
      classToken = Parameter(Initialiser.normal([1, 1, width], deviation: 0.02, &stream))
      positions = Parameter(Initialiser.normal([1, sizes.imageTokens, width], deviation: 0.02, &stream))
      before = LayerNorm(width)
      transformer = Transformer(
        layers: sizes.imageLayers, dimensions: width, heads: sizes.imageHeads, stream: &stream)
      projection = Linear(width, sizes.shared, bias: false, stream: &stream)
    }

    var parts: [ModulePart] {
      [
        .module("patch", patch), .parameter("classToken", classToken), .parameter("positions", positions),
        .module("before", before), .module("transformer", transformer), .module("projection", projection),
      ]
    }

    /// `[batch, height, width, 3]` → rows of length 1, `[batch, shared]`.
    func callAsFunction(_ images: Tensor, in pass: ForwardPass) -> Tensor {
      let (batch, size) = (images.shape[0], sizes.patchSize)
      let grid = sizes.imageSize / size
      let patches = images.reshaped(to: [batch, grid, size, grid, 3 * size]).transposed([0, 1, 3, 2, 4])
        .reshaped(to: [batch, grid * grid, 3 * size * size])
      let first = classToken.tensor + Tensor(repeating: 0, shape: [batch, 1, sizes.imageDimensions])
      // As in an imported model, 8-bit integers do not serve the embedding of patches.
      let embedded =
        Tensor.concatenated([first, ReducedInference.withoutIntegers { patch(patches) }], axis: 1) + positions.tensor
      let stream = transformer.residualStream(before(embedded), in: pass)
      return projection(transformer.norm(stream.selecting(0, axis: 1))).l2Normalised()
    }
  }

  /// What reads texts.
  struct TextTower: Module {
    private let sizes: Sizes
    private let text: TextTransformer
    private let projection: Linear

    init(_ sizes: Sizes, stream: inout RandomStream) {
      self.sizes = sizes
      var options = TextTransformer.Options()
      (options.vocabulary, options.length) = (sizes.vocabulary, sizes.length)
      (options.dimensions, options.layers, options.heads) = (sizes.textDimensions, sizes.textLayers, sizes.textHeads)
      text = TextTransformer(options, embeddingDeviation: 0.02, positionDeviation: 0.01, stream: &stream)
      projection = Linear(sizes.textDimensions, sizes.shared, bias: false, stream: &stream)
    }

    var parts: [ModulePart] { [.module("transformer", text), .module("projection", projection)] }

    /// Tokens of `batch` texts, one after another → rows of length 1, `[batch, shared]`.
    func callAsFunction(_ texts: [Int32], batch: Int, in pass: ForwardPass) -> Tensor {
      let embedded = text.embedding(texts).reshaped(to: [batch, sizes.length, sizes.textDimensions])
      let stream = text.transformer.residualStream(
        embedded + text.positions.tensor, mask: AttentionMask(isCausal: true), in: pass)
      return projection(text.transformer.norm(stream.selecting(sizes.length - 1, axis: 1))).l2Normalised()
    }
  }

  let pictures: PictureTower
  let texts: TextTower
  /// The logarithm of what multiplies similarities.
  let logScale: Parameter

  package init(_ sizes: Sizes, stream: inout RandomStream) {
    pictures = PictureTower(sizes, stream: &stream)
    texts = TextTower(sizes, stream: &stream)
    logScale = Parameter(Tensor(Float(2.6592600)))  // −ln 0.07
  }

  package var parts: [ModulePart] {
    [.module("pictures", pictures), .module("texts", texts), .parameter("logScale", logScale)]
  }
}
