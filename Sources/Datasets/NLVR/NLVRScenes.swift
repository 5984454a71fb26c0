import Diagnostics
import Foundation
import Kernels
import Options

/// NLVR with its structured representations: boxes of objects as true regions, and sentences that people called true or false
/// of them (Suhr et al., ACL 2017).
///
/// | modality | kind | from |
/// | --- | --- | --- |
/// | `image` | height × 4 height × 3 in 0…1 | drawn from the structured representation |
/// | `regions` | three boxes: place, pixels, shares of 28 classes | the same |
/// | `caption` | tokens, see ``SubwordTokeniser`` | the sentence |
/// | `objects` | multi-hot of nine | the colours and shapes that are there |
///
/// The sides are the data's own: `train/train.json`, `dev/dev.json` for validation, `test/test.json`. A class of a box is a
/// colour, shape and size, or `nothing` for an empty box; shares are of its objects.
///
/// - Note: *Deviation*: pictures are drawn here, as the published ones were, since those come in six orders of the boxes
///   without saying which.
public struct NLVRScenes: Codable, Equatable, Sendable {
  /// Which sentences are taken.
  public enum Statements: String, Codable, CaseIterable, Sendable {
    /// Those that are true of their picture: pairs for every method.
    case onlyTrue
    /// All: only methods that know false pairs from true ones may train on them.
    case all
  }

  /// The folder with `train`, `dev` and `test`, below the data root.
  public var folder = "nlvr"
  /// The folder above it; nil: `$CONCORD_DATA`, else `./data`.
  public var dataRoot: String?
  /// Which sentences are taken.
  public var statements = Statements.onlyTrue
  /// The height of a picture in pixels, a quarter of its width.
  public var imageHeight = 24
  /// The side of a region's pixels.
  public var regionSize = 8
  /// How many orders of the boxes there are of each training example; other sides have the given one.
  public var permutations = 1
  /// The number of tokens of a caption, begin and end included; nil takes as many as the longest training sentence has.
  public var captionLength: Int?
  /// The greatest number of different tokens.
  public var vocabularySize = 8_192
  /// How often a piece of a word must occur in the training sentences to be a token.
  public var minimumPieceCount = 2
  /// The most examples of each side that are used, the first ones; nil takes all.
  public var most: Int?

  /// The defaults.
  public init() {}

  /// Checks that the numbers make sense.
  ///
  /// - Throws: an error whose place is the option.
  public func validate() throws(UserError) {
    func require(_ range: ClosedRange<Int>, _ value: Int?, _ key: String) throws(UserError) {
      if let value, !range.contains(value) {
        throw UserError(.data, "must be \(range.lowerBound) to \(range.upperBound)", at: key)
      }
    }
    try require(4...400, imageHeight, "imageHeight")
    try require(1...100, regionSize, "regionSize")
    try require(1...6, permutations, "permutations")
    try require(3...1024, captionLength, "captionLength")
    try require(SubwordTokeniser.vocabularySizes, vocabularySize, "vocabularySize")
    try require(1...1_000_000, minimumPieceCount, "minimumPieceCount")
    try require(1...10_000_000, most, "most")
  }
}

extension NLVRScenes: PublishedFiles {
  /// `nlvrScenes`
  public static var key: String { "nlvrScenes" }
  /// In a few words.
  public static var summary: String { "NLVR: boxes of objects as true regions, sentences called true or false" }

  private static let sides = [("train", "train"), ("validation", "dev"), ("test", "test")]

  private func file(of side: String) -> String { "\(side)/\(side).json" }

  /// The files.
  public func absence(dataRoot root: URL?) -> String? {
    absent(folder, Self.sides.map { file(of: $0.1) }, dataRoot: root)
  }

  /// Reads the published sentences and scenes.
  public func dataset() throws(UserError) -> MultimodalDataset {
    try validate()
    let base = DataRoot.url(named: dataRoot).appendingPathComponent(folder)
    var (examples, digests, omissions): ([[NLVRExample]], [String], Int) = ([], [], 0)
    for (_, side) in Self.sides {
      let url = base.appendingPathComponent(file(of: side))
      guard FileManager.default.fileExists(atPath: url.path) else {
        throw UserError(
          .data, "\(folder)/\(file(of: side)) of \(NLVRFiles.source.name) is missing under \(base.path)",
          at: Self.key,
          mend: "published: \(NLVRFiles.source.publisher); name the data root by --data-root or CONCORD_DATA")
      }
      let bytes = try DataFile.contents(of: url)
      digests.append(SHA256.hexDigest(of: bytes))
      let all = try NLVRExample.read(bytes, place: url.path)
      let taken = all.filter { statements == .all || $0.isTrue }
      guard !taken.isEmpty else {
        throw UserError(.data, "holds no sentence that is true of its picture", at: url.path)
      }
      omissions += all.count - taken.count
      examples.append(Array(taken.prefix(most ?? taken.count)))
    }
    var seen: Set<String> = []
    let training = examples[0].map(\.sentence).filter { seen.insert(NLVRDataset.normal($0)).inserted }
    let tokeniser = SubwordTokeniser(
      texts: training, vocabularySize: vocabularySize, minimumCount: minimumPieceCount)
    let length = captionLength ?? tokeniser.length(holding: training)
    let splits = Self.sides.indices.map { side in
      split(
        Self.sides[side].0, examples[side], orders: side == 0 ? permutations : 1, tokeniser: tokeniser, length: length)
    }
    return MultimodalDataset(
      name: Self.key, train: splits[0], validation: splits[1], test: splits[2],
      classNames: [MultimodalDataset.statementLabelling: MultimodalDataset.statementClasses],
      checksum: SHA256.hexDigest(of: Array(digests.joined().utf8)), tokenisers: ["caption": tokeniser],
      tagNames: ["objects": NLVRDataset.kinds],
      provenance: DatasetProvenance(
        sources: [NLVRFiles.source],
        omissions: omissions > 0 ? [.init(reason: "sentences that are false of their picture", count: omissions)] : [],
        notes: [
          "pictures and regions are drawn from the structured representations, training pictures in \(permutations) "
            + "\(permutations == 1 ? "order" : "orders") of the boxes"
        ]))
  }

  /// The labels that say how many objects of a kind there are; they are numbers, no classes.
  static func count(of kind: String) -> String { "count of \(kind)" }

  private func split(
    _ name: String, _ examples: [NLVRExample], orders: Int, tokeniser: SubwordTokeniser, length: Int
  ) -> MultimodalSplit {
    let rows = examples.flatMap { example in NLVRScene.orders.prefix(orders).map { (example, $0) } }
    let own = rows.indices.map { Int32($0) }
    // A sentence is one item, however many pictures it belongs to.
    var (items, captions): ([String: Int32], [String]) = ([:], [])
    let captionRows = rows.map { example, _ -> Int32 in
      let key = NLVRDataset.normal(example.sentence)
      if let item = items[key] { return item }
      items[key] = Int32(captions.count)
      captions.append(example.sentence)
      return Int32(captions.count - 1)
    }
    var (pixels, regions, objects): ([UInt8], [Float], [Float]) = ([], [], [])
    var counts = [[Int32]](repeating: [], count: NLVRDataset.kinds.count)
    for (example, order) in rows {
      let scene = example.scene.permuted(order)
      pixels += scene.picture(height: imageHeight).map { UInt8(($0 * 255).rounded()) }
      for box in 0..<NLVRScene.boxes {
        regions.append(1)
        regions += NLVRScene.place(of: box)
        regions += scene.crop(box, side: regionSize)
        regions += scene.shares(of: box)
      }
      let kinds = scene.objects.joined().map { $0.colour * NLVRScene.shapes.count + $0.shape }
      for kind in NLVRDataset.kinds.indices {
        let count = kinds.count { $0 == kind }
        objects.append(count > 0 ? 1 : 0)
        counts[kind].append(Int32(count))
      }
    }
    return MultimodalSplit(
      name: name,
      columns: [
        ModalityColumn(
          modality: Modality(
            name: "image", kind: .image(height: imageHeight, width: imageHeight * NLVRScene.aspect, channels: 3)),
          bytes: pixels, rows: own),
        ModalityColumn(
          modality: Modality(
            name: "regions",
            kind: .regions(
              count: NLVRScene.boxes, features: 3 * regionSize * regionSize, classes: NLVRScene.classes.count)),
          items: .numbers(regions), rows: own),
        ModalityColumn(
          modality: Modality(name: "caption", kind: .tokens(length: length, vocabulary: tokeniser.vocabularyCount)),
          items: .tokens(tokeniser.encode(captions, length: length)), rows: captionRows),
        ModalityColumn(
          modality: Modality(name: "objects", kind: .tags(count: NLVRDataset.kinds.count)), items: .numbers(objects),
          rows: own),
      ],
      labels: Dictionary(
        uniqueKeysWithValues: [(MultimodalDataset.statementLabelling, rows.map { $0.0.isTrue ? 1 : 0 })]
          + zip(NLVRDataset.kinds.map(Self.count(of:)), counts)),
      identifiers: rows.map { example, order in "\(example.identifier)-\(order.map(String.init).joined())" },
      texts: ["caption": captionRows.map { captions[Int($0)] }],
      families: rows.map { NLVRDataset.normal($0.0.sentence) })
  }
}
