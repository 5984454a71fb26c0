import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives
import Training

/// The networks with what they are trained for: the symmetric contrast of images with each modality of captions.
struct FDTModel: DecayExceptions {
  let encoder: ImageTextEncoder
  let settings: FDTSettings
  let vocabulary: CaptionVocabulary

  init(settings: FDTSettings, image: ModalityKind, vocabulary: CaptionVocabulary, stream: inout RandomStream) {
    self.settings = settings
    self.vocabulary = vocabulary
    encoder = ImageTextEncoder(
      Self.options(settings, image: image, vocabulary: vocabulary), stream: &stream)
    if settings.model.freezesPatches, let transformer = encoder.image as? VisionTransformer {
      for (_, parameter) in transformer.patch.parameters { parameter.isTrainable = false }
    }
    clampScale()
  }

  private static func options(
    _ settings: FDTSettings, image: ModalityKind, vocabulary: CaptionVocabulary
  ) -> ImageTextEncoder.Options {
    guard case .image(let height, let width, let channels) = image else {
      preconditionFailure("FDTModel: \(image) is no kind of image")
    }
    let model = settings.model
    var options = ImageTextEncoder.Options()
    (options.image.imageSize, options.image.imageWidth) = (height, width == height ? nil : width)
    (options.image.patchSize, options.image.channels) = (model.patchSize, channels)
    (options.image.dimensions, options.image.layers) = (model.imageDimensions, model.imageLayers)
    (options.image.heads, options.image.dropout) = (model.imageHeads, Float(model.imageDropout))
    if model.imageEncoder == .resnet {
      options.residual = .init(
        channels: channels, widths: model.residualWidths, blocksPerStage: model.residualBlocks)
    }
    (options.text.vocabulary, options.text.length) = (vocabulary.count, vocabulary.length)
    (options.text.dimensions, options.text.layers) = (model.textDimensions, model.textLayers)
    (options.text.heads, options.text.dropout) = (model.textHeads, Float(model.textDropout))
    options.text.isCausal = model.causalText
    options.dimensions = model.dimensions
    options.normalisesPatches = model.normalisesPatches
    let method = settings.method
    switch method.head {
    case .codebook:
      options.codebook = .init(
        codes: method.codes, dimensions: model.dimensions, temperature: Float(method.temperature.start),
        pooling: method.pooling, attention: method.attention, padding: method.padding)
    case .projection: break
    case .control: options.controlCodes = method.codes
    }
    return options
  }

  var parts: [ModulePart] { encoder.parts }

  var weightDecays: [String: Double] {
    guard encoder.tokens != nil, let decay = settings.method.codebookDecay else { return [:] }
    return ["tokens.codebook": decay]
  }

  /// The numbers that training can change.
  var trainedParameterCount: Int {
    parameters.reduce(-encoder.idleParameterCount) { $0 + ($1.parameter.isTrainable ? $1.parameter.count : 0) }
  }

  /// The temperature of the codebook at a step.
  func temperature(step: Int) -> Float { Float(settings.method.temperature.temperature(step: step)) }

  /// Brings the logarithm of the scale into its range, as the official code does before and after each step.
  func clampScale() {
    encoder.clampScale(to: settings.method.logScaleRange[0]...settings.method.logScaleRange[1])
  }

  /// Images of 0…1 as the network takes them, in ±1.
  static func centred(_ images: Tensor) -> Tensor { images * 2 - 1 }

  /// The loss of a batch of images with their texts in each modality of captions, the mean over the modalities.
  ///
  /// - Parameter use: told the weights of images and texts on the codes.
  func loss(
    images: Tensor, texts: [ImageTextEncoder.Texts], step: Int, use: CodeUse? = nil, in pass: ForwardPass
  ) -> LossTerms {
    clampScale()
    let temperature = temperature(step: step)
    let image = encoder.encode(images: Self.centred(images), temperature: temperature, in: pass)
    if let attention = image.attention { use?.add(attention) }
    var terms: [(String, Tensor)] = []
    for (caption, texts) in zip(vocabulary.captions, texts) {
      let text = encoder.encode(
        texts: texts.tokens, batch: texts.count, isReal: texts.isReal, temperature: temperature, in: pass)
      if let attention = text.attention { use?.add(attention) }
      let loss = clipLoss(
        image.feature, text.feature, logScale: encoder.logScale.tensor,
        sharing: settings.method.sparesRepeatedTexts ? texts.repetitions : nil)
      terms.append((caption.name, loss * (1 / Float(vocabulary.captions.count))))
    }
    if settings.method.orthogonality > 0, let tokens = encoder.tokens {
      terms.append(("orthogonality", tokens.orthogonalityPenalty() * Float(settings.method.orthogonality)))
    }
    return LossTerms(summing: terms)
  }
}
