import Datasets
import Encoders
import Objectives
import Options

/// DeCLIP (Li et al., ICLR 2022): CLIP's contrast between two views of a picture and two of its caption, and beside it what
/// either side tells of itself and what captions like this one tell of the picture; with a codebook as its head it is the
/// second host of FDT (Chen et al., CVPR 2023).
///
///     loss = w_contrast · ¼ Σ_{i,j} ½ (CE(s · I_i T_jᵀ) + CE(s · T_j I_iᵀ))        i, j = 1, 2
///          + w_neighbours · ¼ Σ_{i,j} CE(s · I_i N(T_j)ᵀ)
///          + w_pictures · simSiam(I_1, I_2) + w_words · mean over hidden tokens of −log p(token)
///
/// | symbol | meaning |
/// | --- | --- |
/// | I_1, I_2 | features of two random views of a picture, of length 1 |
/// | T_1, T_2 | features of the caption with hidden tokens, and of a changed one, of length 1 |
/// | N(T) | the feature of an earlier caption that is nearest to T, from a queue; constant |
/// | s | the learnt scale |
/// | CE | the cross-entropy of each row with its own column |
///
/// The first caption's view is the one with hidden tokens, which its word features are to tell; so T_1 is no whole caption.
/// Source: the official code (github.com/Sense-GVT/DeCLIP, `declip.py`, `declip_solver.py`), whose weights are the
/// defaults, and with a codebook FDT's (`declip_fdt.py`), where FDT features take the place of the projected ones in every
/// term but that of words, which reads the text encoder's tokens in both. `Papers/FDT.md` has the deviations.
public struct DeCLIPOptions: MethodOptions {
  /// What makes features of what encoders find.
  public enum Head: String, Codable, CaseIterable, Sendable {
    /// A linear map of each encoder's vector, as in DeCLIP.
    case linear
    /// FDT's codebook, in which all parts are grounded.
    case codebook
  }

  /// How much each term counts; a term of weight 0 is left out with its parts.
  public struct Weights: Codable, Equatable, Sendable {
    /// That of pictures and captions, each in two views.
    public var contrast = 0.4
    /// That of pictures and the nearest earlier captions.
    public var neighbours = 0.2
    /// That of two views of a picture (SimSiam).
    public var pictures = 0.2
    /// That of hidden tokens.
    public var words = 0.2

    /// The official weights.
    public init() {}
  }

  /// `declip`
  public static var key: String { "declip" }
  /// In a few words.
  public static var summary: String {
    "two views of picture and caption, neighbours, hidden words; linear or with FDT's codebook"
  }
  /// The publication.
  public static var source: String { "Li et al., ICLR 2022; codebook: Chen et al., CVPR 2023" }
  /// The file.
  public static var file: String? { #fileID }

  /// What makes features of what encoders find.
  public var head = Head.linear
  /// FDT's codebook, where it is the head.
  public var codebook = CodebookOptions()
  /// How much each term counts.
  public var weights = Weights()
  /// The features of earlier captions of each language, two of each, that neighbours are looked for among.
  public var queueSize = 65_536
  /// The probability that a token of a caption is hidden.
  public var hiddenShare = 0.15
  /// The width of the three layers that project views of pictures before they are compared with each other.
  public var projectorDimensions = 1024
  /// The hidden width of what predicts one view's projection from the other's.
  public var predictorDimensions = 512
  /// τ of the contrast, its first value.
  public var temperature = 0.07
  /// Between which values the logarithm of 1/τ is kept.
  public var logScaleRange = [LearntScale.officialLeastOfFDT, LearntScale.officialMost]

  /// The official settings.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    var all = codebook.requirements.map { $0.within("codebook") }
    all += [
      .notNegative("weights.contrast", weights.contrast), .notNegative("weights.neighbours", weights.neighbours),
      .notNegative("weights.pictures", weights.pictures), .notNegative("weights.words", weights.words),
      OptionRequirement(
        "weights.contrast", weights.contrast + weights.neighbours > 0, "must be positive where that of neighbours is 0"),
      .count("queueSize", queueSize, atMost: 1 << 23), .share("hiddenShare", hiddenShare),
      .widths("projectorDimensions", [projectorDimensions]), .widths("predictorDimensions", [predictorDimensions]),
      .positive("temperature", temperature), .logScaleRange("logScaleRange", logScaleRange),
    ]
    return all
  }

  /// Pictures and captions, and where tokens are hidden one that no text has, which an imported model's vocabulary lacks.
  public func needs(of data: AlignedData) -> [MethodNeed] {
    [
      .images(data), .captions(data),
      MethodNeed(
        "a token that stands for hidden ones", hiddenShare == 0 || data.imported?.captions == nil,
        at: "method.declip.hiddenShare", message: "hides tokens, and the imported model's vocabulary has none for that",
        mend: "set method.declip.hiddenShare and method.declip.weights.words to 0, or init.take to image"),
    ]
  }

  /// A term that an observation lacks the items for is left out.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// Pictures with the captions of each language.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] { Self.pairs(of: data) }

  /// Pictures with the captions of each language.
  static func pairs(of data: AlignedData) -> [(first: Int, second: Int)] {
    data.image.map { image in data.captions.map { (image, $0) } } ?? []
  }

  /// A temperature of codes that never falls, and a queue that is never full.
  public func remarks(on training: TrainingLength) -> [String] {
    let codes = head == .codebook ? codebook.remarks(on: training, in: "method.declip.codebook") : []
    // Two features of a caption enter in each step.
    guard weights.neighbours > 0, 2 * training.batchSize * training.steps < queueSize else { return codes }
    return codes + [
      "The queue never fills: method.declip.queueSize is \(queueSize), and the training has \(training.text) with "
        + "\(2 * training.batchSize) features of captions each."
    ]
  }

  /// The codebook, the queues, and the similarities of a batch with a queue.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] {
    var blocks: [MemoryBlock] = []
    if head == .codebook { blocks.append(codebook.block(dimensions: dimensions, in: "method.declip.codebook")) }
    if weights.neighbours > 0 {
      let count = data.captions.count
      blocks.append(
        MemoryBlock(
          "method.declip.queueSize", "\(count) \(count == 1 ? "queue" : "queues") of \(queueSize) × \(dimensions)",
          Double(count) * Double(queueSize) * Double(dimensions + 1)))
    }
    return blocks
  }

  /// Rows are taken some at a time where there are many.
  public func similarities(batch: Int) -> Double { LossByRows.held(rows: batch, columns: batch) }

  /// Words are hidden beforehand, and the heads of pictures with their batch norm belong to the loss.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { DeCLIP(self, &parts) }
}
