import Options
import TextGeneration

/// CapFilt (Li et al., ICML 2022): before the training, a filter drops captions that do not match their pictures, and a captioner
/// writes further ones. A section of recipes within that of ``BLIPOptions``.
///
/// The training side is divided at random into a clean part and the others, whose captions are exchanged among each other in a
/// known share, so that what the filter drops can be held against what is wrong.
public struct CapFiltOptions: Codable, Equatable, Sendable {
  /// Whether captions are filtered and written.
  public var isOn = false
  /// The share of the training side that is the clean part.
  public var clean = 0.2
  /// The share of the other captions that are exchanged among each other.
  public var share = 0.4
  /// The probability of a match from which on a caption is kept.
  public var threshold = 0.5
  /// Whether filter and captioner begin from the model of the noisy set; else from random numbers.
  public var tunes = true
  /// The passes of filter and captioner over the clean part.
  public var tuningEpochs = 10
  /// The learning rate of filter and captioner after the warm-up.
  public var tuningRate = 2e-4
  /// Whether models learn from the other sets, too: the clean part, with what is kept, with what is written.
  public var controls = true
  /// How captions are written.
  public var decoding = CapFiltOptions.nucleus

  /// The paper's way of writing.
  private static var nucleus: DecodingOptions {
    var options = DecodingOptions()
    options.strategy = .nucleus
    return options
  }

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      OptionRequirement("clean", clean > 0 && clean < 1, "must be above 0 and below 1"), .share("share", share),
      OptionRequirement("threshold", (0...1).contains(threshold), "must be in 0...1"),
      .count("tuningEpochs", tuningEpochs),
      .positive("tuningRate", tuningRate),
      OptionRequirement(
        "decoding.samples", decoding.samples == 1, "must be 1, since each picture gets one caption",
        mend: "leave it out"),
    ] + decoding.requirements.map { $0.within("decoding") }
  }

  /// Takes just enough of everything to pass through it, for a computation whose bits are recorded.
  package mutating func shorten() {
    tuningEpochs = 1
    decoding.maximumLength = min(decoding.maximumLength, 6)
    decoding.minimumLength = min(decoding.minimumLength, decoding.maximumLength)
  }
}
