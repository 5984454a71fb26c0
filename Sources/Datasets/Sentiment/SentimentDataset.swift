import Diagnostics
import Foundation
import Interchange
import Options

/// CMU-MOSI and CMU-MOSEI (Zadeh et al., 2016 and 2018) as aligned features: what is said, how it sounds and how it looks,
/// step by step, with the sentiment of the utterance.
///
/// | modality | kind |
/// | --- | --- |
/// | `text`, `audio`, `vision` | series; steps that are zeros throughout are padding, which stands in front |
/// | `sentiment` | one number in −3 … 3, for `data.target` |
///
/// The labelling `polarity` has the classes negative and positive; an utterance of sentiment 0 has none.
public struct SentimentDataset: Codable, Equatable, Sendable {
  /// The features of which set.
  public enum Scenario: String, Codable, CaseIterable, Sendable {
    /// CMU-MOSI.
    case mosi
    /// CMU-MOSEI.
    case mosei

    /// The file's name, as the conversion of the published pickle writes it.
    var file: String { self == .mosi ? "mosi.npz" : "mosei_senti.npz" }
    /// The channels of text, audio and vision.
    var channels: [Int] { self == .mosi ? [300, 5, 20] : [300, 74, 35] }
  }

  /// Where the numbers come from.
  public enum Source: String, Codable, CaseIterable, Sendable {
    /// The converted features.
    case files
    /// Made-up series whose best scores are known; they are neither MOSI nor MOSEI.
    case generated
  }

  /// What the made-up vision carries.
  public enum Form: String, Codable, CaseIterable, Sendable {
    /// Nothing: half of the sentiment is in the text, half in the audio.
    case complementary
    /// The whole sentiment, beside the halves of text and audio.
    case redundant
  }

  /// The features of which set.
  public var scenario = Scenario.mosi
  /// Where the numbers come from.
  public var source = Source.files
  /// The folder below the data root.
  public var folder = "cmu-sentiment"
  /// The folder above it; nil: `$CONCORD_DATA`, else `./data`.
  public var dataRoot: String?
  /// What the made-up vision carries.
  public var form = Form.complementary
  /// The made-up utterances for training.
  public var trainingCount = 1_284
  /// The made-up utterances for validation.
  public var validationCount = 229
  /// The made-up utterances for test.
  public var testCount = 686
  /// Selects the made-up utterances.
  public var generationSeed: UInt64 = 0

  /// The defaults.
  public init() {}

  static let modalities = ["text", "audio", "vision"]
  static let target = "sentiment"

  private var url: URL {
    DataRoot.url(named: dataRoot).appendingPathComponent(folder).appendingPathComponent(scenario.file)
  }

  private func contents() throws(UserError) -> Data {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw UserError(
        .data, "\(scenario.file) is missing in \(url.deletingLastPathComponent().path)", at: "sentiment",
        mend: "convert the published features as `concord help data` says")
    }
    return try RegularFile.contents(of: url, limit: 1 << 33)
  }

  private func files() throws(UserError) -> MultimodalDataset {
    let data = try contents()
    let archive = try NumpyArchive(data: data, name: url.path, limit: 1 << 33)
    var splits: [MultimodalSplit] = []
    for (file, side) in [("train", "train"), ("valid", "validation"), ("test", "test")] {
      splits.append(try split(file, named: side, of: archive))
    }
    return Self.dataset(
      named: scenario.rawValue, splits, checksum: SHA256.hexDigest(of: data),
      provenance: DatasetProvenance(
        sources: [
          .init(
            name: scenario == .mosi ? "CMU-MOSI" : "CMU-MOSEI", publisher: "Carnegie Mellon University",
            licence: "terms of their own")
        ]))
  }

  private func split(
    _ side: String, named name: String, of archive: NumpyArchive
  ) throws(UserError) -> MultimodalSplit {
    let place = url.path
    func array(_ key: String) throws(UserError) -> (values: [Float], shape: [Int]) {
      guard let array = archive.arrays["\(side)_\(key)"] else {
        throw UserError(
          .data, "has no array \(side)_\(key)", at: place, mend: "convert the published features again")
      }
      let numbers = FolderArray.numbers(of: array)
      let values = numbers.floats(0..<numbers.count)
      guard values.allSatisfy(\.isFinite) else {
        throw UserError(
          .data, "\(side)_\(key) has a number that is not finite", at: place, mend: "set it to 0 in the conversion")
      }
      return (values, array.shape)
    }
    let labels = try array("labels")
    let count = labels.values.count
    guard labels.shape.first == count, count > 1, labels.values.allSatisfy({ abs($0) < 3.001 }) else {
      throw UserError(
        .data, "\(side)_labels of shape \(labels.shape) is no list of sentiments in -3 to 3", at: place,
        mend: "convert the published features again")
    }
    var (series, steps): ([(values: [Float], channels: Int)], Int?) = ([], nil)
    for (modality, channels) in zip(Self.modalities, scenario.channels) {
      let found = try array(modality)
      guard found.shape.count == 3, found.shape[0] == count, found.shape[1] == steps ?? found.shape[1],
        found.shape[1] > 0
      else {
        throw UserError(
          .data,
          "\(side)_\(modality) has shape \(found.shape), not [\(count), \(steps.map(String.init) ?? "steps"), …]",
          at: place, mend: "take the aligned features")
      }
      guard found.shape[2] == channels else {
        let other = Scenario.allCases.first { $0 != scenario && $0.channels.contains(found.shape[2]) }
        throw UserError(
          .data, "\(side)_\(modality) has \(found.shape[2]) numbers a step, and \(scenario.rawValue) \(channels)",
          at: place, mend: other.map { "these may be the features of \($0.rawValue)" } ?? "take the published features")
      }
      steps = found.shape[1]
      series.append((found.values, channels))
    }
    return Self.split(named: name, series: series, steps: steps ?? 0, sentiments: labels.values)
  }

  /// A side from its series and sentiments.
  static func split(
    named name: String, series: [(values: [Float], channels: Int)], steps: Int, sentiments: [Float]
  ) -> MultimodalSplit {
    let rows = sentiments.indices.map { Int32($0) }
    var columns = zip(modalities, series).map { modality, series in
      var items: [Float] = []
      items.reserveCapacity(series.values.count / series.channels * (1 + series.channels))
      for step in 0..<series.values.count / series.channels {
        let numbers = series.values[step * series.channels..<(step + 1) * series.channels]
        items.append(numbers.contains { $0 != 0 } ? 1 : 0)
        items += numbers
      }
      return ModalityColumn(
        modality: Modality(name: modality, kind: .series(length: steps, channels: series.channels)),
        items: .numbers(items), rows: rows)
    }
    columns.append(
      ModalityColumn(
        modality: Modality(name: target, kind: .vector(count: 1)), items: .numbers(sentiments), rows: rows))
    return MultimodalSplit(
      name: name, columns: columns, labels: ["polarity": sentiments.map { $0 == 0 ? -1 : $0 > 0 ? 1 : 0 }])
  }

  /// A data set of three sides.
  static func dataset(
    named name: String, _ splits: [MultimodalSplit], checksum: String, provenance: DatasetProvenance
  ) -> MultimodalDataset {
    MultimodalDataset(
      name: name, train: splits[0], validation: splits[1], test: splits[2],
      classNames: ["polarity": ["negative", "positive"]], checksum: checksum, provenance: provenance)
  }
}

extension SentimentDataset: PublishedFiles {
  /// `sentiment`
  public static var key: String { "sentiment" }
  /// In a few words.
  public static var summary: String { "features of CMU-MOSI and CMU-MOSEI: words, sound and faces over time" }

  /// The converted features.
  public func absence(dataRoot root: URL?) -> String? {
    source == .generated ? nil : absent(folder, [scenario.file], dataRoot: root)
  }

  /// Checks that the numbers make sense.
  public func validate() throws(UserError) {
    for (key, count) in [
      ("trainingCount", trainingCount), ("validationCount", validationCount), ("testCount", testCount),
    ] where !(2...1_000_000).contains(count) {
      throw UserError(.data, "cannot be \(count)", at: key, mend: "give 2 to 1000000")
    }
  }

  /// Reads or makes the utterances.
  public func dataset() throws(UserError) -> MultimodalDataset {
    try validate()
    return source == .generated ? generated() : try files()
  }
}
