import Autograd
import Foundation
import Kernels
import Layers

/// An image and a text transformer whose features share a space: CLIP (Radford et al., 2021), or with a codebook FDT
/// (Chen et al., 2023).
///
/// Without a codebook the class token and the text's last token are projected, linearly and without bias. With one, patches
/// and text tokens are grounded in it; the projections stay, unused, as they do in the official code.
public struct ImageTextEncoder: Module {
  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// The image transformer.
    public var image = VisionTransformer.Options()
    /// The text transformer.
    public var text = TextTransformer.Options()
    /// The width of the shared space without a codebook.
    public var dimensions = 128
    /// The codebook, where there is one.
    public var codebook: FiniteDiscreteTokens.Options?
    /// Whether patches pass the last norm before the codebook; in the official code they do not.
    public var normalisesPatches = true

    /// A small CLIP.
    public init() {}
  }

  /// The names under which the head knows its modalities.
  private enum Modality {
    static let image = "image"
    static let text = "text"
  }

  /// The settings in use.
  public let options: Options
  /// The image transformer.
  public let image: VisionTransformer
  /// The text transformer.
  public let text: TextTransformer
  /// The projection of the class token.
  public let imageProjection: Linear
  /// The projection of the text's last token.
  public let textProjection: Linear
  /// The logarithm of what multiplies similarities, ln(1 / 0.07) at first.
  public let logScale: Parameter
  /// The codebook and its query maps, where there is one.
  public let tokens: FiniteDiscreteTokens?

  /// Creates the networks.
  public init(_ options: Options = Options(), stream: inout RandomStream) {
    self.options = options
    image = VisionTransformer(options.image, stream: &stream)
    text = TextTransformer(options.text, stream: &stream)
    imageProjection = Linear(options.image.dimensions, options.dimensions, bias: false, stream: &stream)
    textProjection = Linear(options.text.dimensions, options.dimensions, bias: false, stream: &stream)
    logScale = Parameter(Tensor(Float(log(1 / 0.07))))
    var head: FiniteDiscreteTokens?
    if let codebook = options.codebook {
      head = FiniteDiscreteTokens(
        modalities: [(Modality.image, options.image.dimensions), (Modality.text, options.text.dimensions)],
        options: codebook, stream: &stream)
    }
    tokens = head
  }

  /// Transformers, projections, scale and codebook.
  public var parts: [ModulePart] {
    [
      .module("image", image), .module("text", text), .module("imageProjection", imageProjection),
      .module("textProjection", textProjection), .parameter("logScale", logScale),
    ] + (tokens.map { [.module("tokens", $0)] } ?? [])
  }

  /// The features of images, rows of length 1, and their weights on the codes where there is a codebook.
  ///
  /// `temperature` is the codebook's in this step, where a schedule gives it.
  ///
  /// Shapes: `[batch, height, width, channels]` → `[batch, d]`, `[batch, codes]`.
  public func encode(
    images: Tensor, temperature: Float? = nil, in pass: ForwardPass
  ) -> (feature: Tensor, attention: Tensor?) {
    let found = image.tokens(images, normalised: tokens == nil || options.normalisesPatches, in: pass)
    guard let tokens else { return (imageProjection(found.classToken).l2Normalised(), nil) }
    let grounding = tokens(found.patches, modality: Modality.image, temperature: temperature)
    return (grounding.feature.l2Normalised(), grounding.attention)
  }

  /// The features of texts, rows of length 1, and their weights on the codes where there is a codebook.
  public func encode(
    texts: [Int32], batch: Int, isReal: [Bool]? = nil, temperature: Float? = nil, in pass: ForwardPass
  ) -> (feature: Tensor, attention: Tensor?) {
    let found = text(texts, batch: batch, isReal: isReal, in: pass)
    guard let tokens else {
      return (textProjection(TextTransformer.read(found, .last, isReal: isReal)).l2Normalised(), nil)
    }
    let grounding = tokens(found, modality: Modality.text, isReal: isReal, temperature: temperature)
    return (grounding.feature.l2Normalised(), grounding.attention)
  }

  /// The symmetric cross-entropy of a batch of pairs.
  public func loss(images: Tensor, texts: [Int32], isReal: [Bool]? = nil, in pass: ForwardPass) -> Tensor {
    let batch = images.shape[0]
    return clipLoss(
      encode(images: images, in: pass).feature, encode(texts: texts, batch: batch, isReal: isReal, in: pass).feature,
      logScale: logScale.tensor)
  }
}
