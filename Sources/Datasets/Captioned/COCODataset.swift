import Diagnostics
import Foundation
import Kernels
import Options

/// COCO (Lin et al., 2014; captions: Chen et al., 2015): photographs with five captions each, and the categories of their
/// objects as tags.
///
/// Modalities are `image`, `caption` and, with `categories`, `tags`; see ``CaptionedPictures``. Pictures stay in
/// their files until a batch needs them.
public struct COCODataset: PublishedFiles {
  /// The splits that figures are published for.
  public enum Split: String, Codable, CaseIterable, Sendable {
    /// Karpathy's: 113,287, 5,000 and 5,000 pictures of 2014.
    case karpathy
    /// The release of 2017: test is `val2017`, validation is drawn from `train2017`.
    case release2017
    /// The release of 2014: test is from `val2014`, validation is drawn from `train2014`.
    case release2014
  }

  /// `coco`
  public static var key: String { "coco" }
  /// In a few words.
  public static var summary: String { "COCO: photographs with five captions each, categories as tags" }

  /// The folder with `annotations`, `train2014` and so on, below the data root.
  public var folder = "coco"
  /// The folder above it; nil: `$CONCORD_DATA`, else `./data`.
  public var dataRoot: String?
  /// The split.
  public var split = Split.karpathy
  /// The file of Karpathy's split, in the folder.
  public var karpathyFile = "dataset_coco.json"
  /// Whether Karpathy's `restval` is for training, as in every published figure.
  public var withRestval = true
  /// Whether the categories of instances are tags, for which their files are needed.
  public var categories = true
  /// Which of a picture's captions training sees.
  public var trainingCaptions = TrainingCaptions.drawn
  /// The most training pictures, the first; nil for all.
  public var trainingCount: Int?
  /// The validation pictures: the first of the split's, or as many drawn from training; nil for all, or 5,000 drawn.
  public var validationCount: Int?
  /// The most test pictures, the first; nil for all: 1,000 is the usual smaller test.
  public var testCount: Int?
  /// Selects the validation pictures where they are drawn.
  public var splitSeed: UInt64 = 0
  /// The side of the pictures in pixels.
  public var imageSize = 224
  /// The number of tokens of a caption, begin and end included.
  public var captionLength = 32
  /// The greatest number of different tokens.
  public var vocabularySize = 16_384
  /// How often a piece must occur in the training captions.
  public var minimumPieceCount = 5

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      OptionRequirement("folder", !folder.isEmpty, "must name a folder"),
      .count("trainingCount", trainingCount ?? 2, atLeast: 2, atMost: 1_000_000),
      .count("validationCount", validationCount ?? 2, atLeast: 2, atMost: 100_000),
      .count("testCount", testCount ?? 2, atLeast: 2, atMost: 100_000),
    ] + form.requirements
  }

  static let source = DatasetProvenance.Source(
    name: "COCO (Lin et al., 2014) with captions (Chen et al., 2015)", publisher: "cocodataset.org",
    licence: "annotations CC BY 4.0; pictures are Flickr's, each under its own")

  /// Reads the annotations; pictures are only looked for.
  ///
  /// - Throws: `UserError` naming the first file that is missing, cut or another.
  public func dataset() throws(UserError) -> MultimodalDataset { try lists().dataset(form) }

  /// Reads the annotations, and learns no pieces of words.
  public func identity(_ request: DataRequest) throws(UserError) -> DataIdentity {
    try under(request).lists().identity
  }

  /// The captions.
  public func absence(dataRoot root: URL?) -> String? {
    let file =
      switch split {
      case .karpathy: karpathyFile
      case .release2014: "annotations/captions_train2014.json"
      case .release2017: "annotations/captions_train2017.json"
      }
    return absent(folder, [file], dataRoot: root)
  }

  private var form: CaptionedForm {
    CaptionedForm(
      imageSize: imageSize, captionLength: captionLength, vocabularySize: vocabularySize,
      minimumPieceCount: minimumPieceCount, trainingCaptions: trainingCaptions)
  }

  private func lists() throws(UserError) -> CaptionedPictures {
    let root = DataRoot.url(named: dataRoot).appendingPathComponent(folder, isDirectory: true)
    var files = AnnotationFiles(folder: root, publisher: "cocodataset.org")
    var (sides, notes): ([[CaptionedPicture]], [String])
    let tags: COCOTags?
    switch split {
    case .karpathy:
      let karpathy = try KarpathyFile(try files.read(karpathyFile), set: "coco", source: files.place(karpathyFile))
      tags = try readTags(["train2014", "val2014"], &files)
      sides = try karpathy.sides(
        in: "", withRest: withRestval, tags: tags?.ofPictures, source: files.place(karpathyFile))
      notes = ["Karpathy's split" + (withRestval ? ", restval in training" : ", without restval")]
      if let validationCount { sides[1] = Array(sides[1].prefix(validationCount)) }
    case .release2014, .release2017:
      let year = split == .release2017 ? "2017" : "2014"
      tags = try readTags(["train\(year)", "val\(year)"], &files)
      let training = try pictures("train\(year)", tags, &files)
      let count = validationCount ?? min(5_000, training.count / 2)
      var stream = RandomStream(seed: splitSeed, name: "coco/split")
      let held = Set(stream.permutation(of: training.count).prefix(count))
      sides = [
        training.indices.filter { !held.contains($0) }.map { training[$0] },
        training.indices.filter { held.contains($0) }.map { training[$0] }, try pictures("val\(year)", tags, &files),
      ]
      notes = ["test is val\(year), validation \(held.count) pictures of train\(year), drawn with seed \(splitSeed)"]
    }
    if let trainingCount { sides[0] = Array(sides[0].prefix(trainingCount)) }
    if let testCount { sides[2] = Array(sides[2].prefix(testCount)) }
    return CaptionedPictures(
      name: "coco", folder: root, sides: sides, tagNames: tags?.names, checksum: files.checksum(sides),
      source: Self.source, notes: notes
    )
  }

  private func readTags(_ parts: [String], _ files: inout AnnotationFiles) throws(UserError) -> COCOTags? {
    guard categories else { return nil }
    var read: [(annotations: COCOAnnotations, source: String)] = []
    for part in parts {
      let name = "annotations/instances_\(part).json"
      let bytes = try files.read(name, mend: "or set data.coco.categories=false")
      read.append((try COCOAnnotations(bytes, kind: .instances, source: files.place(name)), files.place(name)))
    }
    return try COCOTags(read)
  }

  /// The pictures of a part of a release, in the order of their numbers.
  private func pictures(
    _ part: String, _ tags: COCOTags?, _ files: inout AnnotationFiles
  ) throws(UserError) -> [CaptionedPicture] {
    let name = "annotations/captions_\(part).json"
    let annotations = try COCOAnnotations(try files.read(name), kind: .captions, source: files.place(name))
    return annotations.files.sorted { $0.key < $1.key }.map { number, file in
      CaptionedPicture(
        file: "\(part)/\(file)", identifier: file, captions: annotations.captions[number] ?? [],
        tags: tags.map { $0.ofPictures[number] ?? [] })
    }
  }
}
