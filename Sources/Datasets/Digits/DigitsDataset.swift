import Diagnostics
import Foundation
import Kernels
import Options

/// Handwritten, spoken and pen-drawn digits, paired by class: an image, a sound, a trajectory and optionally the label.
///
/// It stands in for the multimodal handwritten digits of GMC. Items of a class are paired at random, so what the
/// modalities share is the class and nothing else.
///
/// | modality | kind | from |
/// | --- | --- | --- |
/// | `image` | 28 × 28 × 1 in 0…1 | MNIST |
/// | `sound` | 32 frames × 128 mel bands, see ``LogMelSpectrogram``; each band standardised by the training items | FSDD |
/// | `trajectory` | 100 points (x, y) in −1…1, see ``PenTrajectory`` | pendigits |
/// | `label` | one-hot of 10 | |
///
/// Training and validation pairs come from the sources' training items, of which each class's tenth is held out for
/// validation; test pairs from their test items (takes 0 to 4 of FSDD, other writers of pendigits).
public enum DigitsDataset {
  /// What the data set is made of.
  public struct Options: Codable, Equatable, Sendable {
    /// Where the items come from.
    public enum Source: String, Codable, CaseIterable, Sendable {
      /// The published files under the data root.
      case files
      /// Made-up prototypes with noise, see `generated`.
      case generated
    }

    /// Where the items come from.
    public var source = Source.files
    /// The folder with `digits-mnist`, `digits-fsdd` and `digits-pendigits`; nil: `$CONCORD_DATA`, else `./data`.
    public var dataRoot: String?
    /// The number of training pairs.
    public var trainingPairs = 20_000
    /// The number of validation pairs.
    public var validationPairs = 2_000
    /// The number of test pairs.
    public var testPairs = 5_000
    /// Selects the held-out items and the pairs.
    public var pairSeed: UInt64 = 0
    /// Whether the label is a modality.
    public var withLabel = true

    /// Creates the default options.
    public init() {}

    /// Reads options; an absent key keeps its default.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      func value<Value: Decodable>(_ key: CodingKeys, _ standard: Value) throws -> Value {
        try container.decodeIfPresent(Value.self, forKey: key) ?? standard
      }
      source = try value(.source, source)
      dataRoot = try container.decodeIfPresent(String.self, forKey: .dataRoot)
      trainingPairs = try value(.trainingPairs, trainingPairs)
      validationPairs = try value(.validationPairs, validationPairs)
      testPairs = try value(.testPairs, testPairs)
      pairSeed = try value(.pairSeed, pairSeed)
      withLabel = try value(.withLabel, withLabel)
    }

    /// Checks that the numbers make sense.
    ///
    /// - Throws: an error whose place is the option.
    public func validate() throws(UserError) {
      let counts = [
        ("trainingPairs", trainingPairs), ("validationPairs", validationPairs), ("testPairs", testPairs),
      ]
      for (name, count) in counts where !(1...1_000_000).contains(count) {
        throw UserError(.data, "cannot be \(count)", at: name, mend: "give 1 to 1000000")
      }
    }
  }

  /// Loads the data set that the options describe; the files are prepared anew each time, which takes a second or two.
  ///
  /// - Throws: `UserError` naming the first file that is missing or wrong and where it is published.
  public static func load(_ options: Options) throws(UserError) -> MultimodalDataset {
    try options.validate()
    if options.source == .generated { return try generated(options) }
    let root = DataRoot.url(named: options.dataRoot)
    let (pools, checksum) = try DigitsFiles(root: root).pools()
    return dataset(
      pools: pools, options: options, checksum: checksum,
      provenance: DatasetProvenance(sources: DigitsFiles.sources, notes: pairingNotes(options)))
  }

  /// Looks whether every published file is there, without reading any.
  ///
  /// - Throws: `UserError` naming the first file that is missing and where it is published.
  public static func locateFiles(in dataRoot: URL) throws(UserError) {
    _ = try DigitsFiles(root: dataRoot).located()
  }

  static func pairingNotes(_ options: Options) -> [String] {
    [
      "items are paired at random within their class (pair seed \(options.pairSeed))",
      "validation pairs use a tenth of each class's training items, which no training pair uses",
    ]
  }

  /// Draws the pairs of each split and gathers the items they use.
  static func dataset(
    pools: [DigitPool], options: Options, checksum: String, provenance: DatasetProvenance
  ) -> MultimodalDataset {
    let sides = pools.map { pool in pool.sides(seed: options.pairSeed) }
    let names = ["train", "validation", "test"]
    let counts = [options.trainingPairs, options.validationPairs, options.testPairs]
    var splits: [MultimodalSplit] = []
    for (side, name) in names.enumerated() {
      let pairs = DigitPairs(
        candidates: sides.map { $0[side] }, count: counts[side],
        stream: RandomStream(seed: options.pairSeed, name: "digits/pairs/\(name)"))
      var columns = zip(pools, pairs.picks).map { pool, picks in pool.column(picks) }
      if options.withLabel { columns.append(labelColumn(pairs.classes)) }
      let identifiers = (0..<counts[side]).map { i in
        zip(pools, pairs.picks).map { pool, picks in pool.identifier(picks[i]) }.joined(separator: " ")
      }
      // Each item is in several pairs, recordings in the most, since there are the fewest of them.
      let sound = pools.firstIndex { $0.modality.name == "sound" }
      let families = sound.map { sound in pairs.picks[sound].map { pools[sound].identifier($0) } }
      splits.append(
        MultimodalSplit(
          name: name, columns: columns, labels: ["digit": pairs.classes], identifiers: identifiers, families: families))
    }
    return MultimodalDataset(
      name: "digits", train: splits[0], validation: splits[1], test: splits[2],
      classNames: ["digit": (0..<10).map(String.init)], checksum: checksum, provenance: provenance)
  }

  private static func labelColumn(_ classes: [Int32]) -> ModalityColumn {
    let rows = (0..<100).map { Float($0 / 10 == $0 % 10 ? 1 : 0) }
    return ModalityColumn(
      modality: Modality(name: "label", kind: .label(count: 10)), items: .numbers(rows), rows: classes)
  }
}

extension DigitsDataset.Options: PublishedFiles {
  /// `digits`
  public static var key: String { "digits" }
  /// In a few words.
  public static var summary: String { "written, spoken and drawn digits of published files, paired by class" }

  /// The files, where they are not generated.
  public func absence(dataRoot root: URL?) -> String? {
    guard source == .files else { return nil }
    do {
      try DigitsDataset.locateFiles(in: DataRoot.url(named: dataRoot ?? root?.path))
      return nil
    } catch {
      return "digits under the data root: concord help data"
    }
  }

  /// Pairs the published files' items.
  public func dataset() throws(UserError) -> MultimodalDataset { try DigitsDataset.load(self) }
}
