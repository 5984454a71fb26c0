import Diagnostics
import Foundation
import Interchange
import Kernels
import Options

/// The multimodal handwritten digits (MHD) of GMC's unsupervised experiment, from its authors' files after a conversion to
/// NumPy's format.
///
/// | modality | kind |
/// | --- | --- |
/// | `image` | 28 × 28 × 1 in 0…1 |
/// | `sound` | 32 frames × 128 mel bands in 0…1 |
/// | `trajectory` | 100 values of x, then of y, in 0…1 |
/// | `label` | one-hot of 10 |
///
/// Training and validation are drawn from the training file, test is the test file.
public struct MHDDataset: Codable, Equatable, Sendable {
  /// The folder with `mhd_train.npz` and `mhd_test.npz`, below the data root.
  public var folder = "mhd"
  /// The folder above it; nil: `$CONCORD_DATA`, else `./data`.
  public var dataRoot: String?
  /// The share of the training file for validation.
  public var validationFraction = 0.1
  /// Selects the observations for validation.
  public var splitSeed: UInt64 = 0
  /// The most observations of each file that are used, the first ones; nil takes all.
  public var most: Int?
  /// Whether the label is a modality.
  public var withLabel = true

  /// The published files.
  public init() {}

  private static let parts = ["train", "test"]
  private static let modalities: [(modality: Modality, shape: [Int])] = [
    (Modality(name: "image", kind: .image(height: 28, width: 28, channels: 1)), [1, 28, 28]),
    (Modality(name: "sound", kind: .spectrogram(frames: 32, bands: 128)), [1, 32, 128]),
    (Modality(name: "trajectory", kind: .vector(count: 200)), [200]),
  ]
  private static let mend = "convert the authors' files as `concord help data` says"
  /// The most bytes of a file: sixteen times the published training file.
  private static let largest = 1 << 34
  /// How far rounding may lead out of 0…1.
  private static let tolerance: Float = 1e-3

  private static func fileName(_ part: String) -> String { "mhd_\(part).npz" }

  private func file(_ part: String) -> URL {
    DataRoot.url(named: dataRoot).appendingPathComponent(folder).appendingPathComponent(Self.fileName(part))
  }

  private func located() throws(UserError) -> [URL] {
    let files = Self.parts.map(file)
    guard let missing = files.first(where: { !FileManager.default.fileExists(atPath: $0.path) }) else { return files }
    let original = missing.deletingPathExtension().appendingPathExtension("pt")
    let isOriginal = FileManager.default.fileExists(atPath: original.path)
    throw UserError(
      .data,
      isOriginal
        ? "\(original.lastPathComponent) is a pickle of PyTorch, which runs code when it is opened"
        : "\(missing.lastPathComponent) is missing in \(missing.deletingLastPathComponent().path)", at: "mhd",
      mend: Self.mend)
  }

  /// What a file holds: the items of each modality, one after another, and the classes.
  private struct Content {
    let items: [[Float]]
    let classes: [Int32]
  }

  private func content(of file: URL, _ hash: inout SHA256) throws(UserError) -> Content {
    let place = file.path
    func refused(_ what: String) -> UserError { UserError(.data, what, at: place, mend: Self.mend) }
    let data = try RegularFile.contents(of: file, limit: Self.largest)
    data.withUnsafeBytes { hash.update($0) }
    let arrays = try NumpyArchive(data: data, name: place, limit: Self.largest).arrays
    guard let label = arrays["label"], let labels = label.integers, label.shape.count == 1, labels.count > 1 else {
      throw refused("has no list of whole numbers under `label`")
    }
    guard Set(labels) == Set(0..<10) else { throw refused("has not the ten classes 0 to 9 under `label`") }
    let used = min(most ?? labels.count, labels.count)
    var items: [[Float]] = []
    for (modality, shape) in Self.modalities {
      guard let array = arrays[modality.name] else { throw refused("has no array `\(modality.name)`") }
      guard array.shape == [labels.count] + shape, var values = array.floats else {
        throw refused(
          "has `\(modality.name)` of shape \(array.shape)\(array.floats == nil ? " and whole numbers" : ""), "
            + "not fractions of shape \([labels.count] + shape)")
      }
      if used < labels.count { values.removeLast((labels.count - used) * modality.kind.elementCount) }
      // What is not a number is in no range.
      let range = -Self.tolerance...1 + Self.tolerance
      guard values.allSatisfy({ range.contains($0) }) else {
        throw refused("has a number of `\(modality.name)` outside 0 to 1")
      }
      items.append(values)
    }
    return Content(items: items, classes: labels.prefix(used).map { Int32($0) })
  }

  private func split(_ name: String, _ content: Content, file: String, rows: [Int]) -> MultimodalSplit {
    let places = rows.map { Int32($0) }
    // The sides of a file share its items.
    var columns = zip(Self.modalities, content.items).map {
      ModalityColumn(modality: $0.modality, items: .numbers($1), rows: places)
    }
    let classes = rows.map { content.classes[$0] }
    if withLabel {
      let oneHot = (0..<100).map { Float($0 / 10 == $0 % 10 ? 1 : 0) }
      columns.append(
        ModalityColumn(
          modality: Modality(name: "label", kind: .label(count: 10)), items: .numbers(oneHot), rows: classes))
    }
    return MultimodalSplit(
      name: name, columns: columns, labels: ["digit": classes], identifiers: rows.map { "mhd-\(file)-\($0)" })
  }
}

extension MHDDataset: PublishedFiles {
  /// `mhd`
  public static var key: String { "mhd" }
  /// In a few words.
  public static var summary: String { "MHD, GMC's own digits: written, drawn and spoken" }

  /// The converted files.
  public func absence(dataRoot root: URL?) -> String? {
    Self.parts.compactMap { absent(folder, [Self.fileName($0)], dataRoot: root) }.first
  }

  /// Checks that the numbers make sense.
  public func validate() throws(UserError) {
    guard validationFraction > 0, validationFraction < 1 else {
      throw UserError(.data, "cannot be \(validationFraction)", at: "validationFraction", mend: "give 0.1")
    }
    if let most, most < 2 { throw UserError(.data, "cannot be \(most)", at: "most", mend: "give at least 2, or null") }
  }

  /// Reads both files, which takes about 4 GB of memory for those of the authors.
  public func dataset() throws(UserError) -> MultimodalDataset {
    try validate()
    let files = try located()
    var hash = SHA256()
    let (training, test) = (try content(of: files[0], &hash), try content(of: files[1], &hash))
    let count = training.classes.count
    let held = Int((validationFraction * Double(count)).rounded())
    guard held > 0, held < count else {
      throw UserError(
        .data, "the split \([count - held, held]) leaves a side without observations", at: "validationFraction",
        mend: "give it another value")
    }
    var stream = RandomStream(seed: splitSeed, name: "mhd/split")
    let order = stream.permutation(of: count)
    return MultimodalDataset(
      name: "mhd", train: split("train", training, file: "train", rows: order[held...].sorted()),
      validation: split("validation", training, file: "train", rows: order[..<held].sorted()),
      test: split("test", test, file: "test", rows: Array(test.classes.indices)),
      classNames: ["digit": (0..<10).map(String.init)], checksum: hash.hexDigest,
      provenance: DatasetProvenance(
        sources: [
          .init(
            name: "Multimodal Handwritten Digits (MHD), converted",
            publisher: "GitHub miguelsvasco/multimodal-handwritten-digits", licence: "none stated")
        ],
        notes: [
          "validation is \(held) observations of the training file, drawn with seed \(splitSeed)",
          "the publisher states no checksum; that of the converted files is in the manifest",
        ] + (most.map { ["of each file the first \($0) observations at most"] } ?? [])))
  }
}
