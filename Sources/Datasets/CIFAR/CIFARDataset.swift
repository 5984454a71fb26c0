import Diagnostics
import Foundation
import Kernels
import Options

/// CIFAR-10 (Krizhevsky, 2009) from its binary files: small photographs in ten classes, without captions.
///
/// | modality | kind |
/// | --- | --- |
/// | `image` | 32 × 32 × 3 in 0…1 |
///
/// Training and validation come from the five training files, each class's share drawn at random; test is the test file.
public enum CIFARDataset {
  /// How the data set is made.
  public struct Options: Codable, Equatable, Sendable {
    /// The folder with the six `.bin` files, below the data root.
    public var folder = "cifar-10-batches-bin"
    /// The folder above it; nil: `$CONCORD_DATA`, else `./data`.
    public var dataRoot: String?
    /// The images of each file: 10,000 as published; another number only for an excerpt of one's own.
    public var imagesPerFile = 10_000
    /// The share of the training images for validation.
    public var validationFraction = 0.1
    /// Selects the validation images.
    public var splitSeed: UInt64 = 0

    /// The published files.
    public init() {}

    /// Checks that the numbers make sense.
    ///
    /// - Throws: an error whose place is the option.
    public func validate() throws(UserError) {
      guard (1...100_000).contains(imagesPerFile) else {
        throw UserError(.data, "cannot be \(imagesPerFile)", at: "imagesPerFile", mend: "give 10000")
      }
      guard validationFraction > 0, validationFraction < 1 else {
        throw UserError(.data, "cannot be \(validationFraction)", at: "validationFraction", mend: "give 0.1")
      }
    }
  }

  /// The names of the classes, by their numbers in the files.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  /// The files, that of the test images last.
  static let fileNames = (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"]
  private static let pixels = 1024
  private static let recordSize = 1 + 3 * pixels

  /// Loads the files, which takes about 0.9 GB of memory.
  ///
  /// - Throws: `UserError` naming the first file that is missing or has not the published size, or holds no class.
  public static func load(_ options: Options) throws(UserError) -> MultimodalDataset {
    try options.validate()
    let folder = DataRoot.url(named: options.dataRoot).appendingPathComponent(options.folder)
    let files = fileNames.map { folder.appendingPathComponent($0) }
    // What is missing is told before anything is read.
    if let missing = files.first(where: { !FileManager.default.fileExists(atPath: $0.path) }) {
      throw UserError(
        .data, "\(missing.lastPathComponent) of CIFAR-10 is missing in \(folder.path)", at: "cifar",
        mend: "unpack cifar-10-binary.tar.gz of cs.toronto.edu/~kriz/cifar.html under the data root, which --data-root "
          + "or CONCORD_DATA names")
    }
    var hash = SHA256()
    var training: [UInt8] = []
    training.reserveCapacity(5 * options.imagesPerFile * recordSize)
    var test: [UInt8] = []
    for file in files {
      let bytes = try contents(of: file, images: options.imagesPerFile)
      bytes.withUnsafeBytes { hash.update($0) }
      if file == files.last { test = bytes } else { training += bytes }
    }
    let sides = sides(of: training, options)
    guard sides.allSatisfy({ !$0.isEmpty }) else {
      throw UserError(
        .data, "the split \(sides.map(\.count)) leaves a side without images", at: "validationFraction",
        mend: "give it another value")
    }
    let all = Array(0..<test.count / recordSize)
    return MultimodalDataset(
      name: "cifar", train: split("train", training, sides[0], "train"),
      validation: split("validation", training, sides[1], "train"), test: split("test", test, all, "test"),
      classNames: ["class": classNames], checksum: hash.hexDigest,
      provenance: DatasetProvenance(
        sources: [
          .init(
            name: "CIFAR-10 (Krizhevsky, 2009), binary version", publisher: "cs.toronto.edu/~kriz/cifar.html",
            licence: "none stated")
        ],
        notes: [
          "validation is \(sides[1].count) of the training images, drawn by class with seed \(options.splitSeed)",
          "files are checked by their published size; their checksum is in the manifest",
        ] + (options.imagesPerFile == 10_000 ? [] : ["an excerpt of \(options.imagesPerFile) images a file"])))
  }

  private static func contents(of file: URL, images: Int) throws(UserError) -> [UInt8] {
    let size = images * recordSize
    let bytes = try DataFile.contents(of: file, limit: max(size, 1 << 20))
    guard bytes.count == size else {
      throw UserError(
        .data, "\(bytes.count) bytes instead of the published \(size)", at: file.path, mend: "fetch the file again")
    }
    for record in 0..<images where Int(bytes[record * recordSize]) >= classNames.count {
      throw UserError(
        .data, "image \(record) has class \(bytes[record * recordSize]), but there are \(classNames.count)",
        at: file.path, mend: "fetch the file again")
    }
    return bytes
  }

  /// The records for training and for validation, each class in proportion.
  private static func sides(of records: [UInt8], _ options: Options) -> [[Int]] {
    var sides: [[Int]] = [[], []]
    let all = Array(0..<records.count / recordSize)
    for (label, members) in Dictionary(grouping: all, by: { records[$0 * recordSize] }).sorted(by: { $0.key < $1.key })
    {
      var stream = RandomStream(seed: options.splitSeed, name: "cifar/split/\(label)")
      let order = stream.permutation(of: members.count).map { members[$0] }
      let held = Int((Double(members.count) * options.validationFraction).rounded())
      sides[1] += order.prefix(held)
      sides[0] += order.dropFirst(held)
    }
    return sides.map { $0.sorted() }
  }

  private static func split(
    _ name: String, _ records: [UInt8], _ members: [Int], _ origin: String
  ) -> MultimodalSplit {
    let size = 3 * pixels
    let values = [UInt8](unsafeUninitializedCapacity: members.count * size) { values, count in
      // The files hold whole planes; activations are channels last.
      for (place, member) in members.enumerated() {
        for pixel in 0..<pixels {
          for channel in 0..<3 {
            let byte = records[member * recordSize + 1 + channel * pixels + pixel]
            values.initializeElement(at: place * size + pixel * 3 + channel, to: byte)
          }
        }
      }
      count = members.count * size
    }
    return MultimodalSplit(
      name: name,
      columns: [
        ModalityColumn(
          modality: Modality(name: "image", kind: .image(height: 32, width: 32, channels: 3)), bytes: values,
          rows: members.indices.map { Int32($0) })
      ],
      labels: ["class": members.map { Int32(records[$0 * recordSize]) }],
      identifiers: members.map { "cifar-\(origin)-\($0)" })
  }
}

extension CIFARDataset.Options: PublishedFiles {
  /// `cifar`
  public static var key: String { "cifar" }
  /// In a few words.
  public static var summary: String { "CIFAR-10: pictures with classes" }

  /// The files.
  public func absence(dataRoot root: URL?) -> String? { absent(folder, CIFARDataset.fileNames, dataRoot: root) }

  /// Reads the published files.
  public func dataset() throws(UserError) -> MultimodalDataset { try CIFARDataset.load(self) }
}
