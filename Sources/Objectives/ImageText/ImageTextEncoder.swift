import Autograd
import Foundation
import Kernels
import Layers

/// An image network and a text transformer whose features share a space: CLIP (Radford et al., 2021), or with a codebook
/// FDT (Chen et al., 2023).
///
/// Without a codebook the image's vector (the class token) and the text's last token are projected, linearly and without
/// bias, or as a control by a perceptron as large as a codebook's head. With a codebook the image's parts and the text's
/// tokens are grounded in it; the projections stay, unused, as they do in the official code.
public struct ImageTextEncoder: Module {
  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// The image transformer, unless a residual network takes its place.
    public var image = VisionTransformer.Options()
    /// The residual network, where there is one.
    public var residual: Residual?
    /// The text transformer.
    public var text = TextTransformer.Options()
    /// The width of the shared space without a codebook.
    public var dimensions = 128
    /// The codebook, where there is one.
    public var codebook: FiniteDiscreteTokens.Options?
    /// The number of codes of the head that the control is as large as, where the projections are one.
    public var controlCodes: Int?
    /// Whether patches pass the last norm before the codebook; in the official code they do not.
    public var normalisesPatches = true

    /// A small CLIP.
    public init() {}

    /// The sizes of a residual network.
    public struct Residual: Codable, Equatable, Sendable {
      /// The channels of an image.
      public var channels = 3
      /// The width of each stage.
      public var widths = [24, 48, 96]
      /// The blocks of each stage.
      public var blocksPerStage = 1

      /// A small network.
      public init() {}

      /// Creates sizes.
      public init(channels: Int, widths: [Int], blocksPerStage: Int) {
        (self.channels, self.widths, self.blocksPerStage) = (channels, widths, blocksPerStage)
      }
    }
  }

  /// What a text is made of where its features are computed.
  public struct Texts {
    /// The tokens of all texts, one after another, of equal length.
    public let tokens: [Int32]
    /// The number of texts.
    public let count: Int
    /// For each token whether it is one.
    public let isReal: [Bool]

    /// Takes texts that are padded with token 0.
    public init(_ tokens: [Int32], count: Int) {
      self.tokens = tokens
      self.count = count
      isReal = tokens.map { $0 != 0 }
    }
  }

  /// The names under which the head knows its modalities.
  private enum Modality {
    static let image = "image"
    static let text = "text"
  }

  /// The range of the scale's logarithm in the official code: from 3, and so that exp is at most 100.
  public static let officialScaleRange: ClosedRange<Double> = 3...4.605170185988092

  /// The settings in use.
  public let options: Options
  /// The image network.
  public let image: any PartwiseImageEncoder
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
  /// The control's projection, where there is one.
  public let control: SharedPerceptron?

  /// Creates the networks.
  public init(_ options: Options = Options(), stream: inout RandomStream) {
    precondition(
      options.codebook == nil || options.controlCodes == nil, "ImageTextEncoder: a codebook and a control at once")
    self.options = options
    if let residual = options.residual {
      image = ResNet(
        channels: residual.channels, widths: residual.widths, blocksPerStage: residual.blocksPerStage, stream: &stream)
    } else {
      image = VisionTransformer(options.image, stream: &stream)
    }
    text = TextTransformer(options.text, stream: &stream)
    imageProjection = Linear(image.outputDimensions, options.dimensions, bias: false, stream: &stream)
    textProjection = Linear(options.text.dimensions, options.dimensions, bias: false, stream: &stream)
    logScale = Parameter(Tensor(Float(log(1 / 0.07))))
    let widths = [(Modality.image, image.outputDimensions), (Modality.text, options.text.dimensions)]
    var head: FiniteDiscreteTokens?
    if let codebook = options.codebook {
      head = FiniteDiscreteTokens(modalities: widths, options: codebook, stream: &stream)
    }
    tokens = head
    var perceptron: SharedPerceptron?
    if let codes = options.controlCodes {
      perceptron = SharedPerceptron(modalities: widths, codes: codes, dimensions: options.dimensions, stream: &stream)
    }
    control = perceptron
  }

  /// Networks, projections, scale, codebook and control.
  public var parts: [ModulePart] {
    [
      .module("image", image), .module("text", text), .module("imageProjection", imageProjection),
      .module("textProjection", textProjection), .parameter("logScale", logScale),
    ] + (tokens.map { [.module("tokens", $0)] } ?? []) + (control.map { [.module("control", $0)] } ?? [])
  }

  /// The parameters that no loss reaches: the projections beside a codebook or a control.
  public var idleParameterCount: Int {
    tokens == nil && control == nil ? 0 : imageProjection.parameterCount + textProjection.parameterCount
  }

  /// The features of images, rows of length 1, and their weights on the codes where there is a codebook.
  ///
  /// `temperature` is the codebook's in this step, where a schedule gives it.
  ///
  /// Shapes: `[batch, height, width, channels]` → `[batch, d]`, `[batch, codes]`.
  public func encode(
    images: Tensor, temperature: Float? = nil, in pass: ForwardPass
  ) -> (feature: Tensor, attention: Tensor?) {
    let found = parts(of: images, in: pass)
    guard let tokens else {
      let feature = control.map { $0(found.classToken, modality: Modality.image) } ?? imageProjection(found.classToken)
      return (feature.l2Normalised(), nil)
    }
    let grounding = tokens(found.patches, modality: Modality.image, temperature: temperature)
    return (grounding.feature.l2Normalised(), grounding.attention)
  }

  /// The features of texts, rows of length 1, and their weights on the codes where there is a codebook.
  public func encode(
    texts: [Int32], batch: Int, isReal: [Bool]? = nil, temperature: Float? = nil, in pass: ForwardPass
  ) -> (feature: Tensor, attention: Tensor?) {
    let found = text(texts, batch: batch, isReal: isReal, in: pass)
    guard let tokens else {
      let last = TextTransformer.read(found, .last, isReal: isReal)
      return ((control.map { $0(last, modality: Modality.text) } ?? textProjection(last)).l2Normalised(), nil)
    }
    let grounding = tokens(found, modality: Modality.text, isReal: isReal, temperature: temperature)
    return (grounding.feature.l2Normalised(), grounding.attention)
  }

  /// An image's vector and the parts that a codebook is given.
  public func parts(of images: Tensor, in pass: ForwardPass) -> VisionTransformer.Tokens {
    image.tokens(images, normalised: tokens == nil || options.normalisesPatches, in: pass)
  }

  /// What each part of each image has to do with some codes, ⟨q, E[c]⟩ / √d; the parts themselves without a codebook.
  ///
  /// Shapes: `[batch, height, width, channels]` → `[batch, parts, codes]` or `[batch, parts, width]`.
  public func partScores(images: Tensor, codes: [Int]) -> Tensor {
    let parts = parts(of: images, in: .evaluation).patches
    return tokens.map { codeScores($0.queries(parts, modality: Modality.image), $0, codes) } ?? parts
  }

  /// What each token of each text has to do with some codes; the tokens behind the last norm without a codebook.
  ///
  /// Shapes: `[batch, length]` tokens → `[batch, length, codes]` or `[batch, length, width]`.
  public func partScores(texts: Texts, codes: [Int]) -> Tensor {
    let found = text(texts.tokens, batch: texts.count, isReal: texts.isReal, in: .evaluation)
    return tokens.map { codeScores($0.queries(found, modality: Modality.text), $0, codes) } ?? found
  }

  private func codeScores(_ queries: Tensor, _ tokens: FiniteDiscreteTokens, _ codes: [Int]) -> Tensor {
    let chosen = tokens.codebook.value.gatheringRows(codes.map(Int32.init))
    return queries.multiplied(by: chosen, otherTransposed: true) * (1 / Float(chosen.shape[1]).squareRoot())
  }

  /// Brings the scale's logarithm back into a range, as the official code does before and after each step.
  public func clampScale(to range: ClosedRange<Double>) {
    let value = Double(logScale.value.scalar)
    let nearest = min(max(value, range.lowerBound), range.upperBound)
    if nearest != value { logScale.assign(Tensor(Float(nearest))) }
  }

  /// The symmetric cross-entropy of a batch of pairs.
  public func loss(images: Tensor, texts: [Int32], isReal: [Bool]? = nil, in pass: ForwardPass) -> Tensor {
    let batch = images.shape[0]
    return clipLoss(
      encode(images: images, in: pass).feature, encode(texts: texts, batch: batch, isReal: isReal, in: pass).feature,
      logScale: logScale.tensor)
  }
}
