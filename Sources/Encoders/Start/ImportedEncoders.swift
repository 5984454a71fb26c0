import Autograd
import Datasets
import Graphs
import Kernels
import Layers
import Pretrained

/// The image encoder of an imported CLIP; it normalises pixels itself.
struct ImportedPictureEncoder: ModalityEncoder {
  let tower: CLIPPictureTower
  let form: PretrainedPictureForm

  var parts: [ModulePart] { tower.parts }
  var width: Int { tower.width }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    let pixels = (input.tensor - Tensor(form.mean)) / Tensor(form.deviation)
    let found = tower.tokens(pixels, in: pass)
    return Encoding(vector: found.classToken, parts: found.patches)
  }

  func described(_ input: GraphValue) -> DescribedEncoding {
    let found = tower.describedTokens(input, mean: form.mean, deviation: form.deviation)
    return DescribedEncoding(vector: found.classToken, parts: found.patches)
  }
}

/// The text encoder of an imported CLIP, for tokens of its own vocabulary.
struct ImportedTextEncoder: ModalityEncoder {
  let tower: CLIPTextTower
  /// The tokens of a text.
  let length: Int

  var parts: [ModulePart] { tower.parts }
  var width: Int { tower.width }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    let (tokens, _, batch) = input.texts
    let found = tower.tokens(tokens, batch: batch, in: pass)
    return Encoding(vector: found.ends, parts: found.tokens, isReal: found.isReal)
  }

  func described(_ input: GraphValue) -> DescribedEncoding {
    let found = tower.describedTokens(input, length: length)
    return DescribedEncoding(vector: found.ends, parts: found.tokens, isReal: found.isReal)
  }
}

/// An imported CLIP as what encoders begin from.
public struct ImportedSource: EncoderSource {
  private let model: PretrainedModel

  /// Takes a model.
  public init(_ model: PretrainedModel) { self.model = model }

  /// A tower with parameters of its own.
  public func encoder(for kind: ModalityKind) -> (any ModalityEncoder)? {
    switch kind {
    case .image:
      ImportedPictureEncoder(tower: model.another().image, form: model.description.configuration.picture)
    case .tokens(let length, _): ImportedTextEncoder(tower: model.another().text, length: length)
    case .video, .spectrogram, .series, .regions, .vector, .tags, .label: nil
    }
  }

  /// The towers have their numbers already.
  public func fill(_ encoder: any ModalityEncoder, named name: String) {}

  /// The tower's own projection.
  public func projection(behind name: String, _ kind: ModalityKind) -> Tensor? {
    switch kind {
    case .image: model.model.imageProjection.weight.value
    case .tokens: model.model.textProjection.weight.value
    case .video, .spectrogram, .series, .regions, .vector, .tags, .label: nil
    }
  }

  /// The model's.
  public var scale: Double? { Double(model.scale) }
  /// The model's.
  public var bias: Double? { model.model.logitBias.map(Double.init) }
  /// The model's.
  public var patchSize: Int? { model.description.configuration.patchSize }
  /// The tower normalises pixels itself.
  public var channelStatistics: (mean: [Float], deviation: [Float])? { nil }
}

/// An imported text encoder alone, for tokens of its own vocabulary, padded by token 0.
struct ImportedSentenceEncoder: ModalityEncoder {
  let model: BERTModel
  /// The tokens of a text.
  let length: Int

  var parts: [ModulePart] { model.parts }
  var width: Int { model.configuration.width }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    let (tokens, isReal, batch) = input.texts
    let found = model(tokens, batch: batch, isReal: isReal)
    return Encoding(vector: found.sentences, parts: found.tokens, isReal: isReal)
  }

  func described(_ input: GraphValue) -> DescribedEncoding {
    let isReal = input.equals(integer: 0).negated
    let found = model.described(input, isReal: isReal, length: length)
    return DescribedEncoding(vector: found.sentences, parts: found.tokens, isReal: isReal)
  }
}

/// An imported text encoder as what encoders of captions begin from.
public struct SentenceSource: EncoderSource {
  private let encoder: SentenceEncoder

  /// Takes an encoder.
  public init(_ encoder: SentenceEncoder) { self.encoder = encoder }

  /// A network with parameters of its own.
  public func encoder(for kind: ModalityKind) -> (any ModalityEncoder)? {
    if case .tokens(let length, _) = kind {
      ImportedSentenceEncoder(model: encoder.another(), length: length)
    } else {
      nil
    }
  }

  /// The network has its numbers already.
  public func fill(_ encoder: any ModalityEncoder, named name: String) {}
  /// Sentences are in no common space.
  public func projection(behind name: String, _ kind: ModalityKind) -> Tensor? { nil }
  /// There is none.
  public var scale: Double? { nil }
  /// There is none.
  public var bias: Double? { nil }
  /// It sees no pictures.
  public var patchSize: Int? { nil }
  /// It sees no pictures.
  public var channelStatistics: (mean: [Float], deviation: [Float])? { nil }
}
