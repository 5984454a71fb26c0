import Diagnostics
import Foundation
import Options

/// Tux Paint's stamps: photographs and drawings with captions in many languages, spoken captions and sounds.
///
/// | modality | kind | from |
/// | --- | --- | --- |
/// | `image` | `imageSize` × `imageSize` × 3 in 0…1, over white, made square with white | PNG, else SVG |
/// | `caption-en`, … | tokens, see ``SubwordTokeniser`` | the text beside the picture, in each of `languages` |
/// | `speech-fr`, … | `frames` × `bands`, see ``LogMelSpectrogram``; each band standardised by the training side | the spoken caption, in each of `speech` |
/// | `sound` | the same | the sound of what is shown; few have one |
/// | `tags` | multi-hot | the names of the folders on the path |
///
/// Every observation has a picture and an English caption; whatever else it lacks, it lacks by nature. Stamps that share a
/// picture, a caption in one of the languages, or a recording are a family and stay on one side of the split.
public struct StampSource: DrawnSource {
  /// `stamps`
  public static var key: String { "stamps" }
  /// In a few words.
  public static var summary: String {
    "Tux Paint's stamps: pictures, captions in 77 languages, spoken captions, sounds; modalities are missing by nature"
  }

  /// The folder of the stamps.
  public var folder = "/usr/share/tuxpaint/stamps"
  /// The side of the pictures in pixels.
  public var imageSize = 48
  /// The captions' languages.
  public var languages = ["en", "ko"]
  /// The languages of spoken captions.
  public var speech = ["fr", "es"]
  /// Whether sounds of what is shown are a modality.
  public var withSound = true
  /// The number of tokens of a caption, begin and end included; nil takes as many as the longest training caption has.
  public var captionLength: Int?
  /// The greatest number of different tokens of a language.
  public var vocabularySize = 8_192
  /// The rate that recordings are brought to, in samples a second.
  public var sampleRate = 16_000
  /// The frames of a spectrogram, which span the whole recording.
  public var frames = 64
  /// The mel bands of a spectrogram.
  public var bands = 64
  /// In how many families of training stamps the name of a folder must occur to be a tag.
  public var minimumTagUses = 4
  /// The folds that families are divided into, each the test side of one seed; 1 for a test side by its share.
  public var folds = 5
  /// The share of stamps for validation.
  public var validationFraction = 0.1
  /// The share of stamps for test.
  public var testFraction = 0.2
  /// Selects the split.
  public var splitSeed: UInt64 = 0

  /// The defaults.
  public init() {}

  /// What the values must be.
  public var requirements: [OptionRequirement] {
    func languages(_ key: String, _ names: [String], isNeeded: Bool) -> OptionRequirement {
      OptionRequirement(
        key, Set(names).count == names.count && !(isNeeded && names.isEmpty), "must name different languages",
        mend: "such as [en]")
    }
    return [
      OptionRequirement("folder", !folder.isEmpty, "must name a folder"),
      .count("imageSize", imageSize, atLeast: 8, atMost: 512),
      languages("languages", self.languages, isNeeded: true), languages("speech", speech, isNeeded: false),
      .count("captionLength", captionLength ?? 3, atLeast: 3, atMost: 1024),
      SubwordTokeniser.requirement(vocabularySize: vocabularySize),
      .count("sampleRate", sampleRate, atLeast: 4000, atMost: 48_000),
      .count("frames", frames, atLeast: 2, atMost: 1024),
      .count("bands", bands, atLeast: 2, atMost: 256), .count("minimumTagUses", minimumTagUses),
      .count("folds", folds, atMost: 100), .share("validationFraction", validationFraction),
      .share("testFraction", testFraction),
      OptionRequirement(
        "testFraction", validationFraction > 0 && testFraction > 0 && validationFraction + testFraction < 1,
        "must be positive, as `validationFraction`, and below 1 together with it"),
    ]
  }

  /// The package, where the folder is the package's.
  public func absence(dataRoot: URL?) -> String? {
    DebianPackage.missing([(.stamps, folder == StampSource().folder), (.librsvg, true)])
  }

  /// Reads the stamps; decoded pictures and recordings are kept in the cache.
  public func load(_ request: DataRequest) throws(UserError) -> MultimodalDataset {
    try StampDataset(self, cache: DatasetCache(folder: request.cacheFolder)).dataset(fold: request.fold)
  }
}
