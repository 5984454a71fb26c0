import Diagnostics
import Foundation
import Options

/// Drawings of the Open Clip Art Library with titles and keywords, as noisy as the web's.
///
/// | modality | kind | from |
/// | --- | --- | --- |
/// | `image` | `imageSize` × `imageSize` × 3 in 0…1, over white, made square with white | the SVG, drawn by librsvg |
/// | `caption` | tokens, see ``SubwordTokeniser`` | the title, or the words of the file name, by ``Captions`` |
/// | `tags` | multi-hot | the keywords with `minimumTagUses` uses or more |
///
/// The rules that make captions of titles are those of `ClipartRules`; the data card counts what each of them drops. Copies
/// of a drawing, drawings that look or are called the same, and those of a numbered series are a family and stay on one
/// side of the split.
public struct ClipartSource: DrawnSource {
  /// Which captions the training side has, and which drawings; the other sides are always those of `cleaned`.
  public enum Captions: String, Codable, CaseIterable, Sendable {
    /// By the rules, and only the drawings that they keep.
    case cleaned
    /// The titles as they stand, a file's name where there is none, of the same drawings.
    case raw
    /// The same, and of all drawings: the rules drop none but copies.
    case all
  }

  /// `clipart`
  public static var key: String { "clipart" }
  /// In a few words.
  public static var summary: String {
    "drawings of the Open Clip Art Library with titles and keywords, noisy as the web's"
  }

  /// The folder of the drawings.
  public var folder = "/usr/share/openclipart/svg"
  /// The side of the pictures in pixels.
  public var imageSize = 64
  /// The captions of the training side.
  public var captions = Captions.cleaned
  /// How many drawings of a numbered series are kept.
  public var seriesLimit = 3
  /// On how many drawings a title may stand before it is taken for that of a collection.
  public var titleLimit = 5
  /// How many drawings with the same caption are kept.
  public var captionLimit = 5
  /// The number of tokens of a caption, begin and end included; nil takes as many as the longest training caption has.
  public var captionLength: Int?
  /// The greatest number of different tokens.
  public var vocabularySize = 8_192
  /// In how many families of training drawings a keyword must occur to be a tag.
  public var minimumTagUses = 8
  /// The folds that families are divided into, each the test side of one seed; 1 for a test side by its share.
  public var folds = 5
  /// The share of families for validation.
  public var validationFraction = 0.1
  /// The share of families for test.
  public var testFraction = 0.2
  /// Selects the split.
  public var splitSeed: UInt64 = 0

  /// The defaults.
  public init() {}

  /// What the values must be.
  public var requirements: [OptionRequirement] {
    [
      OptionRequirement("folder", !folder.isEmpty, "must name a folder"),
      .count("imageSize", imageSize, atLeast: 8, atMost: 512), .count("seriesLimit", seriesLimit),
      .count("titleLimit", titleLimit), .count("captionLimit", captionLimit),
      .count("captionLength", captionLength ?? 3, atLeast: 3, atMost: 1024),
      SubwordTokeniser.requirement(vocabularySize: vocabularySize),
      .count("minimumTagUses", minimumTagUses),
      .count("folds", folds, atMost: 100), .share("validationFraction", validationFraction),
      .share("testFraction", testFraction),
      OptionRequirement(
        "testFraction", validationFraction > 0 && testFraction > 0 && validationFraction + testFraction < 1,
        "must be positive, as `validationFraction`, and below 1 together with it"),
    ]
  }

  /// The packages, of which the folder's may be another.
  public func absence(dataRoot: URL?) -> String? {
    DebianPackage.missing([(.clipart, folder == ClipartSource().folder), (.librsvg, true)])
  }

  /// Draws the pictures, or takes them from the cache.
  public func load(_ request: DataRequest) throws(UserError) -> MultimodalDataset {
    try ClipartDataset(self, cache: DatasetCache(folder: request.cacheFolder)).dataset(fold: request.fold)
  }
}
