import Datasets
import Objectives
import Options

/// Alignment by hard codes: the parts of every modality are replaced by codes of one shared codebook, and CLIP's loss is
/// taken between the means of the codes; see ``VectorQuantisation``. It stands beside ``FDTOptions``, whose codes are mixed.
public struct VectorQuantisedOptions: MethodOptions {
  /// Where codes come from.
  public enum Codes: String, Codable, CaseIterable, Sendable {
    /// A table that is trained by its gradient (van den Oord et al., NeurIPS 2017).
    case gradient
    /// A table of moving averages of what the codes stand for (the same paper, appendix).
    case averages
    /// The same averages, into which the other modalities of an observation are mixed (CMG, Xia et al., NeurIPS 2023).
    ///
    /// *Deviation*: there the items have common time steps, and a part is mixed with those of its step; here with the mean
    /// of the other modalities' parts, half and half. CMG's commitment to the other modalities' codes falls away likewise.
    case crossModal
    /// No table: a few numbers are rounded (FSQ, Mentzer et al., ICLR 2024).
    case scalar
  }

  /// `vq`
  public static var key: String { "vq" }
  /// In a few words.
  public static var summary: String { "a hard code for each part, of a codebook that all modalities share" }
  /// The publication.
  public static var source: String { "van den Oord et al., NeurIPS 2017; Xia et al., NeurIPS 2023" }
  /// The file.
  public static var file: String? { #fileID }

  /// Where codes come from.
  public var codebook = Codes.averages
  /// K, the number of codes; `scalar` has the product of its levels.
  public var codes = 1024
  /// The levels of each number of `scalar`.
  public var levels = [8, 5, 5, 5]
  /// How a gradient passes the choice of a code.
  public var gradient = VectorQuantisation.Gradient.straightThrough
  /// What the distance of parts to their codes is multiplied by.
  public var commitment = 0.25
  /// γ of the averages.
  public var decay = 0.99
  /// After how many steps without use a code is moved to a part of the batch, with averages; 0 moves none.
  public var resetAfter = 100
  /// What code matching between modalities is multiplied by.
  public var matching = 0.0
  /// τ of the contrast, its first value.
  public var temperature = 0.07
  /// Between which values the logarithm of 1/τ is kept.
  public var logScaleRange = [0.0, LearntScale.officialMost]
  /// Which pairs of modalities are contrasted.
  public var pairs = ContrastedPairs.all

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .count("codes", codes, atLeast: 2, atMost: 1_048_576), .notNegative("commitment", commitment),
      OptionRequirement(
        "levels",
        (1...16).contains(levels.count) && levels.allSatisfy { (3...64).contains($0) }
          && levels.reduce(1.0) { $0 * Double($1) } <= 1_048_576,
        "must be 1 to 16 numbers of 3 to 64, whose product is "
          + "at most 1048576"),
      OptionRequirement("decay", (0..<1).contains(decay), "must be in 0..<1"),
      .count("resetAfter", resetAfter, atLeast: 0, atMost: 1_000_000), .notNegative("matching", matching),
      OptionRequirement("matching", matching == 0 || codebook != .scalar, "must be 0 where there is no table of codes"),
      .positive("temperature", temperature), .logScaleRange("logScaleRange", logScaleRange),
    ]
  }

  /// The codebook.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] {
    codebook == .scalar
      ? []
      : [
        MemoryBlock("method.vq.codes", "a codebook of \(codes) × \(dimensions)", 4 * Double(codes) * Double(dimensions))
      ]
  }

  /// A pair that an observation does not have is left out.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// The pairs.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] { pairs.places(of: data.modalities) }

  /// Rows are taken some at a time where there are many.
  public func similarities(batch: Int) -> Double { LossByRows.held(rows: batch, columns: batch) }

  /// Items are quantised row by row; the codebook moves after the step by the parts of the whole batch.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { VectorQuantised(self, &parts) }
}
