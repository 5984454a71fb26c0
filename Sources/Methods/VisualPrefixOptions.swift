import Datasets
import Encoders
import Options

/// A picture's parts as a prefix of a small causal transformer, which answers questions about it: LLaVA's form (Liu et al.,
/// NeurIPS 2023; its projector of two layers: Liu et al., CVPR 2024); see ``VisualPrefix``.
public struct VisualPrefixOptions: CaptionedPictureOptions {
  /// What brings the parts of pictures to the decoder's width.
  public enum Projector: String, Codable, CaseIterable, Sendable {
    /// One dense layer.
    case linear
    /// Two dense layers with GELU between them.
    case perceptron
  }

  /// The sizes of the decoder.
  public struct Decoder: Codable, Equatable, Sendable {
    /// d, the width of a position.
    public var dimensions = 192
    /// The number of blocks.
    public var layers = 4
    /// The heads of each attention.
    public var heads = 4
    /// The width of a perceptron as a multiple of d.
    public var ratio = 4
    /// The probability of dropout on residual branches.
    public var dropout = 0.1
    /// Whether the vectors of tokens are the weights of their scores, too.
    public var tiesOutput = true

    /// Sizes for short answers.
    public init() {}

    /// What the numbers must be.
    var requirements: [OptionRequirement] {
      [
        .count("dimensions", dimensions, atMost: 8_192), .count("layers", layers, atMost: 64),
        .count("heads", heads, atMost: 256), .count("ratio", ratio, atMost: 16), .share("dropout", dropout),
        OptionRequirement(
          "heads", heads < 1 || dimensions % heads == 0, "must divide dimensions (\(dimensions))"),
      ]
    }
  }

  /// `prefix`
  public static var key: String { "prefix" }
  /// In a few words.
  public static var summary: String {
    "a picture as a prefix of a causal transformer, which answers questions about it"
  }
  /// The publication.
  public static var source: String { "Liu et al. (LLaVA), NeurIPS 2023 and CVPR 2024" }
  /// The file.
  public static var file: String? { #fileID }
  /// Sentences that people called false are asked about.
  public static var acceptsFalsePairs: Bool { true }

  /// The modality of captions whose language is spoken; the first where it is empty.
  public var captions = ""
  /// What brings the parts of pictures to the decoder's width.
  public var projector = Projector.perceptron
  /// The network that answers.
  public var decoder = Decoder()
  /// The share of the training in which the decoder learns the language from texts alone, in the place of a pretrained one.
  public var languageShare = 0.2
  /// The share of the training after it in which the projector alone learns captions.
  public var alignmentShare = 0.2
  /// The share of questions that are asked without their picture afterwards, so that the control which knows the question alone is
  /// a trained one.
  public var blankShare = 0.1
  /// The most tokens of a question; more where a template or a sentence needs more.
  public var questionLength = 32

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    decoder.requirements.map { $0.within("decoder") } + [
      .share("languageShare", languageShare), .share("alignmentShare", alignmentShare),
      OptionRequirement(
        "alignmentShare", languageShare + alignmentShare < 1,
        "must be below 1 together with languageShare (\(languageShare))"),
      .share("blankShare", blankShare), .count("questionLength", questionLength, atMost: 1_024),
    ]
  }

  /// Pictures, and captions that are read by the data's own vocabulary.
  public func needs(of data: AlignedData) -> [MethodNeed] {
    captionNeeds(of: data, to: "answer by", done: "answered")
  }

  /// The decoder.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] {
    let width = Double(decoder.dimensions)
    let vocabulary = place(in: data).map { place -> Double in
      guard case .tokens(_, let count) = data.modalities[place].kind else { return 0 }
      return Double(count)
    }
    return [
      MemoryBlock(
        "method.prefix.decoder.dimensions", "\(decoder.layers) layers of width \(decoder.dimensions)",
        5 * Double(decoder.layers) * Double(4 + 2 * decoder.ratio) * width * width),
      MemoryBlock(
        "method.prefix.decoder.dimensions", "a vocabulary of \(Int(vocabulary ?? 0)) × \(decoder.dimensions)",
        (decoder.tiesOutput ? 5 : 10) * (vocabulary ?? 0) * width),
    ]
  }

  /// Stages that no step is left for.
  public func remarks(on training: TrainingLength) -> [String] {
    let stages = VisualPrefixStages(self, steps: training.steps)
    return [
      ("languageShare", languageShare, stages.languageEnd),
      ("alignmentShare", alignmentShare, stages.alignmentEnd - stages.languageEnd),
    ].filter { $0.1 > 0 && $0.2 == 0 }.map {
      "A stage has no step: method.prefix.\($0.0) is \($0.1), and the training has \(training.text)."
    }
  }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { VisualPrefix(self, &parts) }
}

/// What is learnt at which step.
package struct VisualPrefixStages: Equatable {
  /// What a step teaches.
  package enum Stage: String, CaseIterable {
    /// The decoder learns texts without pictures.
    case language
    /// The projector learns captions, the decoder stays.
    case alignment
    /// Projector and decoder learn answers.
    case questions
  }

  /// The first step that is no longer of the language.
  package let languageEnd: Int
  /// The first step of questions.
  package let alignmentEnd: Int

  /// Divides the steps of a training; where there is none all are of questions.
  package init(_ options: VisualPrefixOptions, steps: Int?) {
    func end(_ share: Double) -> Int { Int((share * Double(steps ?? 0)).rounded()) }
    languageEnd = end(options.languageShare)
    alignmentEnd = end(options.languageShare + options.alignmentShare)
  }

  /// What a step teaches.
  package subscript(step: Int) -> Stage {
    step < languageEnd ? .language : step < alignmentEnd ? .alignment : .questions
  }
}
