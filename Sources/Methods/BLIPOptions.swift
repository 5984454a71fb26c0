import Datasets
import Encoders
import Options

/// BLIP (Li et al., ICML 2022): a contrast of pictures and texts, matching of pairs, and writing of texts from pictures, with
/// one text transformer for all three; see ``BLIP``.
///
/// The text transformer is the method's own: `model.textDimensions`, `textLayers`, `textHeads`, `textDropout`,
/// `embeddingDeviation` and `positionDeviation` say its sizes, `causalText` and `textReadout` are not used.
public struct BLIPOptions: MethodOptions {
  /// How much each term counts; 0 leaves it out.
  public struct Weights: Codable, Equatable, Sendable {
    /// Of the contrast of pictures and texts.
    public var contrast = 1.0
    /// Of matching.
    public var matching = 1.0
    /// Of writing.
    public var language = 1.0

    /// All terms alike.
    public init() {}
  }

  /// `blip`
  public static var key: String { "blip" }
  /// In a few words.
  public static var summary: String {
    "contrast against a twin, matching of pairs, and writing, by one text transformer"
  }
  /// The publication.
  public static var source: String { "Li et al. (BLIP), ICML 2022; Li et al. (ALBEF), NeurIPS 2021" }
  /// The file.
  public static var file: String? { #fileID }

  /// How much each term counts.
  public var weights = Weights()
  /// τ of the contrast, its first value.
  public var temperature = 0.07
  /// Where the learnt τ is kept.
  public var temperatureRange = [0.001, 0.5]
  /// α, the share of the contrast's targets that the momentum twin gives.
  public var alpha = 0.4
  /// The share of the training over which α rises from 0.
  public var alphaWarmup = 0.1
  /// The number of keys in each queue.
  public var queueSize = 1024
  /// m, how much of its parameters the momentum twin keeps in a step.
  public var momentum = 0.995
  /// What the twin remembers, 1 / (1 − m) steps, as a share of the training's steps; nil takes `momentum`.
  public var momentumShare: Double?
  /// The share of the training before matching begins to count.
  public var matchingStart = 0.0
  /// ε of writing, the share of a word's target that is spread over the vocabulary.
  public var labelSmoothing = 0.1
  /// Whether captions are filtered and written before the training, and how.
  public var capFilt = CapFiltOptions()

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .notNegative("weights.contrast", weights.contrast), .notNegative("weights.matching", weights.matching),
      .notNegative("weights.language", weights.language),
      OptionRequirement(
        "weights", weights.contrast + weights.matching + weights.language > 0, "must leave at least one term"),
      OptionRequirement(
        "matchingStart", matchingStart == 0 || weights.contrast + weights.language > 0,
        "must be 0 where matching alone counts"),
      .positive("temperature", temperature),
      OptionRequirement(
        "temperatureRange",
        temperatureRange.count == 2 && temperatureRange[0] > 0 && temperatureRange[0] <= temperatureRange[1]
          && temperatureRange[1] <= 100, "must be two numbers in order, above 0 and at most 100"),
      .share("alpha", alpha), .share("alphaWarmup", alphaWarmup), .share("matchingStart", matchingStart),
      .count("queueSize", queueSize, atMost: (1 << 24) - 1),
      OptionRequirement("momentum", (0...1).contains(momentum), "must be in 0...1"),
      OptionRequirement(
        "momentumShare", momentumShare.map { $0 > 0 && $0 <= 1 } ?? true, "must be above 0 and at most 1"),
      OptionRequirement("labelSmoothing", (0..<1).contains(labelSmoothing), "must be in 0..<1"),
      OptionRequirement(
        "capFilt.isOn", !capFilt.isOn || weights.matching > 0 && weights.language > 0,
        "needs matching and writing, one of which has the weight 0"),
    ] + capFilt.requirements.map { $0.within("capFilt") }
  }

  /// Pictures and captions of one vocabulary, and nothing else.
  public func needs(of data: AlignedData) -> [MethodNeed] {
    let other = data.modalities.indices.first { place in
      if case .image = data.modalities[place].kind { false } else { !data.isCaption(place) }
    }
    return [
      .images(data), .captions(data),
      MethodNeed(
        "one vocabulary of captions", data.captions.count < 2 || data.vocabulary.isShared,
        at: "model.sharesTextEncoder",
        message: "must be true for \(Self.key), which reads captions of all modalities by one transformer",
        mend: "set it to true"),
      MethodNeed(
        "pictures and captions alone", other == nil, at: "data.modalities",
        message: "\(Self.key) knows images and captions only, not \(other.map { data.modalities[$0].name } ?? "")",
        mend: "name images and captions, or take another method"),
      MethodNeed(
        "captions of one modality", !capFilt.isOn || data.captions.count < 2, at: "data.modalities",
        message: "names \(data.captions.count) modalities of captions, of which method.blip.capFilt takes one",
        mend: "name one of \(data.captions.map { data.modalities[$0].name }.joined(separator: ", "))"),
    ]
  }

  /// A text transformer that begins from random numbers.
  public func needs(of data: AlignedData, model: EncoderOptions, start: StartOptions) -> [MethodNeed] {
    [
      MethodNeed(
        "a text transformer", model.textEncoder == .transformer, at: "model.textEncoder",
        message: "must be transformer for \(Self.key), whose texts are read by a transformer of its own",
        mend: "set it to transformer"),
      MethodNeed(
        "a text transformer of its own", start.from == nil || !start.takesTexts(of: data.modalities), at: "init.take",
        message: "names texts, but the text transformer of \(Self.key) begins from random numbers",
        mend: "set init.take=image"),
    ]
  }

  /// The queues.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] {
    let count = 1 + data.captions.count
    return [
      MemoryBlock(
        "method.blip.queueSize", "\(count) queues of \(queueSize) × \(dimensions)",
        Double(queueSize) * Double(count * (dimensions + 1)))
    ]
  }

  /// A queue that is never full.
  public func remarks(on training: TrainingLength) -> [String] {
    guard usesTwin, queueSize > training.steps * training.batchSize else { return [] }
    return [
      "The queue is never full: method.blip.queueSize is \(queueSize), and the training has \(training.text) of "
        + "\(training.batchSize) observations; the other keys stay random."
    ]
  }

  /// Whether the contrast is computed: for itself, or to draw negatives by.
  var usesTwin: Bool { weights.contrast > 0 || weights.matching > 0 }

  /// Pictures and texts are read and captions written row by row; matching, which chooses its pairs among the whole batch,
  /// reads them in the loss, undivided.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { BLIP(self, &parts) }
}
