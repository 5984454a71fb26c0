import Autograd
import Datasets
import Diagnostics
import Kernels
import Layers

/// What encoders begin from.
public protocol EncoderSource {
  /// An encoder of its own, in place of the recipe's; nil where the recipe's takes its numbers from here.
  func encoder(for kind: ModalityKind) -> (any ModalityEncoder)?

  /// Puts numbers into an encoder of the recipe.
  func fill(_ encoder: any ModalityEncoder, named name: String)

  /// The map behind an encoder into the common space, `[d, width]`, where there is a linear one.
  func projection(behind name: String, _ kind: ModalityKind) -> Tensor?

  /// What cosines are multiplied by before a softmax; nil where nothing is.
  var scale: Double? { get }
  /// What is added then, where it is.
  var bias: Double? { get }

  /// The side of a patch of an encoder of pictures of the source's own; nil where there is none.
  var patchSize: Int? { get }

  /// The mean and deviation of each channel that pictures are standardised by, where the source has its own.
  var channelStatistics: (mean: [Float], deviation: [Float])? { get }
}

/// How encoders begin, and what of them is trained.
public struct EncoderStart {
  /// The section of the recipe.
  public let options: StartOptions
  /// Where numbers come from; nil where all of them come from a checkpoint of the run itself.
  public let source: (any EncoderSource)?

  /// Puts both together.
  public init(_ options: StartOptions, source: (any EncoderSource)?) {
    (self.options, self.source) = (options, source)
  }

  /// An encoder of the source's own for a modality, where it has one.
  func encoder(for modality: Modality) -> (any ModalityEncoder)? {
    options.takes(modality) ? source?.encoder(for: modality.kind) : nil
  }

  /// An encoder with the source's numbers, frozen or with adapters where that is wanted.
  func prepared(
    _ encoder: any ModalityEncoder, named name: String, _ modality: Modality, stream: inout RandomStream
  ) -> any ModalityEncoder {
    guard options.takes(modality) else { return encoder }
    source?.fill(encoder, named: name)
    if options.freezes(modality) { return FrozenEncoder(encoder) }
    return options.adapter == .none ? encoder : AdaptedEncoder(encoder, options: options, stream: &stream)
  }

  /// What cosines are multiplied by, and what is added, as the source has it; nil where not both of its sides are taken.
  func scale(of modalities: [Modality]) -> (factor: Double, bias: Double?)? {
    guard options.takesPictures(of: modalities), options.takesTexts(of: modalities), let source,
      let factor = source.scale
    else { return nil }
    return (factor, source.bias)
  }

  /// The side of a patch of an encoder of pictures that is the source's own.
  public func patchSize(of modalities: [Modality]) -> Int? {
    options.takesPictures(of: modalities) ? source?.patchSize : nil
  }

  /// The map behind a modality's encoder that projections begin with.
  public func projection(behind name: String, _ modality: Modality) -> Tensor? {
    options.takes(modality) ? source?.projection(behind: name, modality.kind) : nil
  }
}
