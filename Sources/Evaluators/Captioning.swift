import Evaluation
import Methods
import Options
import TextGeneration

/// The captions that a captioning method writes, held against those that people gave, beside three controls: the caption of the
/// training picture whose features are nearest, a caption that is always the same, and the likelihood of the captions where the
/// method sees another picture.
///
/// Words are what is between spaces and signs, in lower case. A picture with several captions is one item with several
/// references; perplexity is over the tokens of all captions, their end among them.
public struct CaptioningEvaluator: Evaluator {
  /// `captioning`
  public static var key: String { "captioning" }
  /// In a few words.
  public static var summary: String {
    "BLEU, CIDEr-D, exact match and perplexity of written captions beside controls, of a captioning method"
  }

  /// How captions are written.
  public var decoding = DecodingOptions()
  /// The most pictures that captions are written for, evenly spread.
  public var pictures = 2_000
  /// The pictures that the figures show; 0 draws none.
  public var shown = 8

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    decoding.requirements.map { $0.within("decoding") } + [
      .count("pictures", pictures, atMost: 10_000_000), .count("shown", shown, atLeast: 0, atMost: 100),
    ]
  }

  /// Takes just enough of everything to pass through it, for a computation whose bits are recorded.
  package mutating func shorten() {
    (pictures, shown, decoding.beams) = (16, min(shown, 2), min(decoding.beams, 2))
    decoding.maximumLength = min(decoding.maximumLength, 6)
    decoding.minimumLength = min(decoding.minimumLength, decoding.maximumLength)
  }

  /// One table for each modality of captions that is written; none where the method writes none.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let method = model.captioner else { return [] }
    return try method.writtenModalities.compactMap { place in
      let several = method.writtenModalities.count > 1
      guard
        let course = try CaptioningCourse(
          options: self, model: model, method: method, place: place, suffix: several ? ", \(model.names[place])" : "")
      else { return nil }
      return try course.table()
    }
  }

  /// How the numbers were made.
  public func notes(on model: FrozenModel) -> [String] {
    guard model.captioner != nil else { return [] }
    return [
      "Captions are written by \(decoding.description). BLEU is unsmoothed and of all captions together; CIDEr-D (0 to 10) "
        + "compares sequences of up to four words, so that captions of one or two words cannot come near 10.",
      "`nearest` has the caption of the training picture whose features, by the same encoder, are nearest; `constant` always "
        + "the most frequent training caption. Perplexity is per token, the end among them; `another picture` has that of the "
        + "captions where the method sees the picture of another observation, and `frequencies` that of how often tokens occur in "
        + "training.",
    ]
  }

  /// Why there are no tables.
  public func absence(on model: FrozenModel) -> String? {
    model.captioner == nil ? "the method writes no captions" : nil
  }
}
