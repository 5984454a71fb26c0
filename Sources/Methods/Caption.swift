import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Objectives
import Options
import TextGeneration

/// A long short-term memory writes the captions of pictures, which it sees as a whole or, before each word, in regions; see
/// ``RecurrentCaptioner`` and ``SoftAttention``.
///
///     L = mean over tokens of −ln p(token | tokens before, picture) + λ mean_{b, i} (1 − Σ_t α_ti)²
///
/// The second term is of attention alone.
///
/// *Deviation*: the encoder is trained with the same rate as the decoder unless `init.freeze` holds it.
public struct CaptionOptions: CaptionedPictureOptions {
  /// `caption`
  public static var key: String { "caption" }
  /// In a few words.
  public static var summary: String { "a recurrent network writes captions, with or without attention to regions" }
  /// The publication.
  public static var source: String { "Vinyals et al., CVPR 2015; attention: Xu et al., ICML 2015" }
  /// The file.
  public static var file: String? { #fileID }

  /// The modality of captions that is written; the first where it is empty.
  public var captions = ""
  /// The network that writes.
  public var decoder = RecurrentCaptioner.Options()
  /// λ, what the unevenness of attention is multiplied by.
  public var attentionPenalty = 1.0
  /// ε, the share of a target that is spread over all tokens.
  public var labelSmoothing = 0.0

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    decoder.requirements.map { $0.within("decoder") } + [
      .notNegative("attentionPenalty", attentionPenalty), .share("labelSmoothing", labelSmoothing),
    ]
  }

  /// Pictures, and captions that are read by the data's own vocabulary.
  public func needs(of data: AlignedData) -> [MethodNeed] { captionNeeds(of: data, to: "write", done: "written") }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { Captioner(self, &parts) }
}

/// See ``CaptionOptions``.
struct Captioner: CaptioningMethod {
  let encoders: EncoderSet?
  let describedModality: Int
  private let options: CaptionOptions
  private let source: EncoderSet
  private let place: Int
  private let names: (picture: String, caption: String)
  private let decoder: RecurrentCaptioner

  init(_ options: CaptionOptions, _ parts: inout MethodParts) {
    guard let image = parts.data.image, let place = options.place(in: parts.data),
      case .tokens(_, let vocabulary) = parts.data.modalities[place].kind
    else { preconditionFailure("Captioner: no pictures with captions") }
    (self.options, self.place, describedModality) = (options, place, image)
    source = parts.encoders.encoding(only: [image])
    encoders = source
    names = (parts.data.modalities[image].name, parts.data.modalities[place].name)
    decoder = RecurrentCaptioner(
      options.decoder, vocabulary: vocabulary, pictureDimensions: parts.encoders.widths[image], stream: &parts.stream)
  }

  var writtenModalities: [Int] { [place] }

  var parts: [ModulePart] { [.module("decoder", decoder)] }

  var notes: [String] {
    let look =
      switch options.decoder.look {
      case .whole: "seen as a whole before the first word"
      case .regions: "looked at in regions before each word"
      }
    return ["\(names.caption) is written, \(names.picture) is \(look)."]
  }

  var warnings: [String] {
    options.decoder.look == .regions && source.start?.patchSize(of: source.modalities) == nil
      && [.strided, .pooled].contains(source.options.imageEncoder)
      ? ["An encoder that sees pictures as a whole has a single region, so that attention has nothing to choose."] : []
  }

  private func encoding(_ pictures: ModalityInput, in pass: ForwardPass) -> Encoding {
    source.encoding(of: describedModality, pictures, in: pass)
  }

  /// The states behind the words, at the captions' place, and where they looked, at the pictures'.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let inputs = try batch.inputs()
    let seen = encoding(inputs[describedModality], in: pass)
    let steps = CaptionSteps(try batch.texts(of: place)).rows(batch.range)
    let found = decoder.states(behind: steps.words, whole: seen.vector, regions: seen.parts, in: pass)
    var representations = [Tensor?](repeating: nil, count: inputs.count)
    representations[place] = found.states
    representations[describedModality] = found.attention
    return representations
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    guard let states = representations[place] else { return LossTerms(summing: [("words", Tensor(0))]) }
    let steps = CaptionSteps(try batch.texts(of: place))
    let words = TokenCrossEntropy.loss(
      of: states.reshaped(to: [steps.labels.count, states.shape[2]]), weight: decoder.outputWeight,
      bias: decoder.outputBiases, labels: steps.labels, smoothing: Float(options.labelSmoothing))
    guard let attention = representations[describedModality] else { return LossTerms(summing: [("words", words)]) }
    let penalty = SoftAttention.penalty(attention, steps: steps.counts).value * Float(options.attentionPenalty)
    return LossTerms(summing: [("words", words), ("attention", penalty)])
  }

  func captions(
    for pictures: ModalityInput, in place: Int, banned: Set<Int32>, options: DecodingOptions,
    using stream: inout RandomStream
  ) -> [WrittenText] {
    let writer = TextWriter(
      begin: SubwordTokeniser.begin, end: SubwordTokeniser.end, banned: banned.union([SubwordTokeniser.padding]))
    return Tape.withoutRecording {
      let seen = encoding(pictures, in: .evaluation)
      return writer.write(
        rows: seen.vector.shape[0], from: decoder.state(whole: seen.vector, regions: seen.parts), by: decoder,
        options: options, using: &stream)
    }
  }

  func tokenLogLikelihoods(
    of captions: ModalityInput, in place: Int, given pictures: ModalityInput
  ) -> [[Double]] {
    Tape.withoutRecording {
      let (seen, steps) = (encoding(pictures, in: .evaluation), CaptionSteps(captions))
      let states = decoder.states(behind: steps.words, whole: seen.vector, regions: seen.parts, in: .evaluation).states
      return steps.logLikelihoods(
        states.reshaped(to: [steps.labels.count, states.shape[2]])
          .linear(weight: decoder.outputWeight, bias: decoder.outputBiases))
    }
  }

  func attention(of captions: ModalityInput, in place: Int, given pictures: ModalityInput) -> Tensor? {
    Tape.withoutRecording {
      let (seen, steps) = (encoding(pictures, in: .evaluation), CaptionSteps(captions))
      let found = decoder.states(behind: steps.words, whole: seen.vector, regions: seen.parts, in: .evaluation)
      return found.attention.map { SoftAttention.penalty($0, steps: steps.counts).attention }
    }
  }

  /// The picture as the decoder begins with it: as a whole, or the mean of its regions; captions have none.
  func representation(of members: [MemberInput]) -> Tensor? {
    guard members.count == 1, members[0].place == describedModality else { return nil }
    let seen = encoding(members[0].input, in: .evaluation)
    return options.decoder.look == .whole ? seen.vector : seen.parts.mean(axis: 1)
  }

  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    guard place == describedModality else {
      throw UserError(
        .data, "captions are written, not encoded, so that they are not written as operators of ONNX",
        at: "method.name", mend: "export the pictures' encoder by --part image")
    }
    let seen = source.described(place, input)
    return options.decoder.look == .whole ? seen.vector : seen.parts.mean(axes: [1])
  }

  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    representation(of: [MemberInput(place, input)])
  }
}
