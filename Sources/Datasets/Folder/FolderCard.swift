import Diagnostics
import Foundation

/// A folder's data set described by plain values: counts, what was left out, sizes of the sources and some samples.
public struct FolderCard: Codable, Equatable, Sendable {
  /// What one observation has of one modality, in a few words.
  public struct Sample: Codable, Equatable, Sendable {
    /// The modality.
    public let modality: String
    /// The observation's identifier.
    public let observation: String
    /// What the observation has, in a few words.
    public let value: String
  }

  /// The data set's counts, modalities, classes and provenance.
  public let dataset: DatasetCard
  /// The sizes of the files of each modality of files, such as `320 × 240 to 640 × 480 pixels`.
  public let sizes: [String: String]
  /// Some training observations of each modality.
  public let samples: [Sample]

  private static let samplesEach = 2
  private static let longestSample = 80

  /// Describes the data set of a folder.
  ///
  /// - Throws: `UserError` as `FolderDataset.load` does.
  public init(
    folder: URL, options: FolderDataset.Options = .init(), cache: DatasetCache = DatasetCache()
  ) throws(UserError) {
    let reading = try FolderDataset.read(folder: folder, options: options, cache: cache)
    dataset = reading.dataset.card
    var sizes: [String: String] = [:]
    var samples: [Sample] = []
    for pool in reading.pools {
      sizes[pool.modality.name] = Self.range(pool, rows: reading.sides.flatMap { $0 })
      let present = reading.sides[0].indices.filter { pool.isPresent(row: reading.sides[0][$0]) }
      for index in present.prefix(Self.samplesEach) {
        let text = pool.shown[reading.sides[0][index]].split(whereSeparator: \.isNewline).joined(separator: " ")
        samples.append(
          Sample(
            modality: pool.modality.name, observation: reading.dataset.train.identifiers[index],
            value: text.count > Self.longestSample ? text.prefix(Self.longestSample - 1) + "…" : text))
      }
    }
    self.sizes = sizes
    self.samples = samples
  }

  private static func range(_ pool: FolderPool, rows: [Int]) -> String? {
    let sizes = rows.filter { pool.isPresent(row: $0) && !pool.sizes.isEmpty }.map { pool.sizes[Int(pool.rows[$0])] }
    let ordered = sizes.sorted { Int64($0.x) * Int64($0.y) < Int64($1.x) * Int64($1.y) }
    guard let first = ordered.first, let last = ordered.last else { return nil }
    switch pool.modality.kind {
    case .audio:
      let lengths = sizes.map(\.y)
      let rates = Set(sizes.map(\.x)).sorted().map { "\($0)" }.joined(separator: ", ")
      return "\(lengths.min() ?? 0) to \(lengths.max() ?? 0) ms at \(rates) Hz"
    case .video:
      let (frames, lengths) = (sizes.map(\.x), sizes.map(\.y).filter { $0 > 0 })
      let text = "\(frames.min() ?? 0) to \(frames.max() ?? 0) frames"
      return lengths.isEmpty ? text : "\(text), \(lengths.min() ?? 0) to \(lengths.max() ?? 0) ms where they say so"
    case .series:
      let lengths = sizes.map(\.x)
      return "\(lengths.min() ?? 0) to \(lengths.max() ?? 0) steps of \(first.y)"
    default:
      return first == last
        ? "\(first.x) × \(first.y) pixels" : "\(first.x) × \(first.y) to \(last.x) × \(last.y) pixels"
    }
  }
}

extension FolderCard: CustomStringConvertible {
  /// Several lines: those of the data set's card, then the sizes, samples and classes.
  public var description: String {
    var lines = ["\(dataset)"]
    for (name, size) in sizes.sorted(by: { $0.key < $1.key }) { lines.append("files of \(name): \(size)") }
    for labelling in dataset.labellings {
      let names = labelling.classes.prefix(20).joined(separator: ", ")
      let more = labelling.classes.count > 20 ? ", … (\(labelling.classes.count - 20) more)" : ""
      lines.append("classes of \(labelling.name): \(names)\(more)")
    }
    for sample in samples { lines.append("sample \(sample.modality), \(sample.observation): \(sample.value)") }
    return lines.joined(separator: "\n")
  }
}
