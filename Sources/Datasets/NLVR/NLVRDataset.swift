import Diagnostics
import Foundation
import Kernels
import Options

/// NLVR's boxes: pictures of three boxes with several objects, each with a sentence that is true of it.
///
/// | modality | kind | from |
/// | --- | --- | --- |
/// | `image` | 25 × 100 × 3 in 0…1 | the published picture at a quarter of its size |
/// | `caption` | tokens, see ``SubwordTokeniser`` | the sentence |
/// | `objects` | multi-hot of nine | the kinds of objects, a colour and a shape, from the structured representation |
/// | `regions` | three boxes: place and pixels | cut out of the picture, where `regionSize` is given |
///
/// An example has six pictures, one for each order of its boxes, and a sentence belongs to up to four examples; all
/// pictures of a sentence, and of sentences that differ in case or final punctuation alone, are on one side. The labelling
/// `scene` tells the towers, where all objects are squares, from the others.
public enum NLVRDataset {
  /// How the data set is made.
  public struct Options: Codable, Equatable, Sendable {
    /// The folder with `nlvr-captions`; nil: `$CONCORD_DATA`, else `./data`.
    public var dataRoot: String?
    /// The number of tokens of a caption, begin and end included; nil takes as many as the longest training sentence has.
    public var captionLength: Int?
    /// The greatest number of different tokens.
    public var vocabularySize = 8_192
    /// How often a piece of a word must occur in the training sentences to be a token.
    public var minimumPieceCount = 2
    /// How many orders of the boxes there are of each training example.
    public var permutations = 6
    /// The share of sentences for validation.
    public var validationFraction = 0.1
    /// The share of sentences for test.
    public var testFraction = 0.2
    /// Selects the split.
    public var splitSeed: UInt64 = 0
    /// The side in pixels of the three boxes of a picture as `regions`; nil makes none.
    public var regionSize: Int?

    /// Creates the default options.
    public init() {}

    /// Checks that the numbers make sense.
    ///
    /// - Throws: an error whose place is the option.
    public func validate() throws(UserError) {
      func require(_ holds: Bool, _ key: String, _ what: String) throws(UserError) {
        if !holds { throw UserError(.data, what, at: key) }
      }
      try require(captionLength.map { (3...1024).contains($0) } ?? true, "captionLength", "must be 3 to 1024")
      let sizes = SubwordTokeniser.vocabularySizes
      try require(
        sizes.contains(vocabularySize), "vocabularySize", "must be \(sizes.lowerBound) to \(sizes.upperBound)")
      try require((1...1_000_000).contains(minimumPieceCount), "minimumPieceCount", "must be 1 to 1000000")
      try require((1...6).contains(permutations), "permutations", "must be 1 to 6")
      try require(regionSize.map { (1...100).contains($0) } ?? true, "regionSize", "must be 1 to 100")
      try require(validationFraction > 0 && validationFraction < 1, "validationFraction", "must be in 0..<1 and not 0")
      try require(
        testFraction > 0 && validationFraction + testFraction < 1, "testFraction",
        "must be positive and below 1 together with validationFraction")
    }
  }

  /// The kinds of objects.
  public static let kinds = ["black", "blue", "yellow"].flatMap { colour in
    ["circle", "square", "triangle"].map { "\(colour) \($0)" }
  }

  /// Loads the data set.
  ///
  /// - Throws: `UserError` where an option is out of range or a file is missing, damaged or does not fit.
  public static func load(_ options: Options, fold: DataFold? = nil) throws(UserError) -> MultimodalDataset {
    try options.validate()
    let content = try NLVRFiles(root: DataRoot.url(named: options.dataRoot)).read()
    let rows = content.rows
    let shape = content.pictures.shape
    guard options.regionSize == nil || shape[2] == NLVRScene.aspect * shape[1] else {
      throw UserError(
        .data, "pictures of \(shape[1]) × \(shape[2]) are not four times as wide as high, so their boxes are not known",
        at: "regionSize", mend: "leave it out")
    }
    let sentences = rows.map { normal($0.caption) }
    let sides = sides(of: sentences, options, fold)
    let members = (0..<3).map { side in
      rows.indices.filter { sides[sentences[$0]] == side && (side > 0 || rows[$0].permutation < options.permutations) }
    }
    guard members.allSatisfy({ !$0.isEmpty }) else {
      throw UserError(
        .data, "the split \(members.map(\.count)) leaves a side without pictures", at: "testFraction",
        mend: "give validationFraction and testFraction other values")
    }
    var seen: Set<String> = []
    let training = members[0].filter { seen.insert(sentences[$0]).inserted }.map { rows[$0].caption }
    let tokeniser = SubwordTokeniser(
      texts: training, vocabularySize: options.vocabularySize, minimumCount: options.minimumPieceCount)
    let length = options.captionLength ?? tokeniser.length(holding: training)
    let splits = zip(["train", "validation", "test"], members).map { name, members in
      split(name, members, content, tokeniser: tokeniser, length: length, regionSize: options.regionSize)
    }
    let notes = [
      "split by sentence, seed \(options.splitSeed)\(fold.map { ", \($0.text)" } ?? ""): \(Set(sentences).count) sentences, "
        + "\(Set(rows.map(\.example)).count) examples, training pictures in \(options.permutations) orders each",
      content.isReference
        ? "the files are those that Concord's results are from"
        : "the files are not those that Concord's results are from: another packing or selection",
    ]
    return MultimodalDataset(
      name: "nlvr", train: splits[0], validation: splits[1], test: splits[2],
      classNames: ["scene": ["tower", "scattered"]], checksum: content.checksum, tokenisers: ["caption": tokeniser],
      tagNames: ["objects": kinds],
      provenance: DatasetProvenance(sources: [NLVRFiles.source], notes: notes))
  }

  /// A sentence in lower case without white space and punctuation at its ends.
  static func normal(_ caption: String) -> String {
    caption.lowercased().trimmingCharacters(in: .whitespacesAndNewlines.union(.punctuationCharacters))
  }

  /// The side of each sentence: training (0), validation (1) or test (2).
  private static func sides(of sentences: [String], _ options: Options, _ fold: DataFold?) -> [String: Int] {
    let ordered = Set(sentences).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    if let fold {
      let sides = FamilySplit.sides(
        families: Array(ordered.indices), names: ordered,
        strata: ordered.map { _ in FamilySplit.Stratum(group: 0, subgroup: 0) },
        fractions: (options.validationFraction, options.testFraction), seed: options.splitSeed, dataset: "nlvr",
        fold: fold)
      return Dictionary(uniqueKeysWithValues: zip(ordered, sides))
    }
    var stream = RandomStream(seed: options.splitSeed, name: "nlvr/split")
    let order = stream.permutation(of: ordered.count)
    let tests = Int((options.testFraction * Double(ordered.count)).rounded())
    let validations = Int((options.validationFraction * Double(ordered.count)).rounded())
    var sides: [String: Int] = [:]
    for (place, index) in order.enumerated() {
      sides[ordered[index]] = place < tests ? 2 : place < tests + validations ? 1 : 0
    }
    return sides
  }

  private static func split(
    _ name: String, _ members: [Int], _ content: NLVRFiles.Content, tokeniser: SubwordTokeniser, length: Int,
    regionSize: Int?
  ) -> MultimodalSplit {
    let rows = members.map { content.rows[$0] }
    let shape = content.pictures.shape
    let size = shape[1] * shape[2] * shape[3]
    let pixels = members.flatMap { member in
      let start = content.pictures.offset + member * size
      return content.pictures.bytes[start..<start + size]
    }
    let own = members.indices.map { Int32($0) }
    // A sentence is one item, however many pictures it belongs to.
    var items: [String: Int32] = [:]
    var captions: [String] = []
    let captionRows = rows.map { row -> Int32 in
      let key = normal(row.caption)
      if let item = items[key] { return item }
      items[key] = Int32(captions.count)
      captions.append(row.caption)
      return Int32(captions.count - 1)
    }
    let objects = rows.map { row in kinds.map { row.tags.contains($0) ? Float(1) : 0 } }
    return MultimodalSplit(
      name: name,
      columns: [
        ModalityColumn(
          modality: Modality(name: "image", kind: .image(height: shape[1], width: shape[2], channels: shape[3])),
          bytes: pixels, rows: own),
        ModalityColumn(
          modality: Modality(name: "caption", kind: .tokens(length: length, vocabulary: tokeniser.vocabularyCount)),
          items: .tokens(tokeniser.encode(captions, length: length)), rows: captionRows),
        ModalityColumn(
          modality: Modality(name: "objects", kind: .tags(count: kinds.count)), items: .numbers(objects.flatMap { $0 }),
          rows: own),
      ]
        + (regionSize.map { side in
          [
            ModalityColumn(
              modality: Modality(
                name: "regions", kind: .regions(count: NLVRScene.boxes, features: 3 * side * side, classes: 0)),
              items: .numbers(regions(of: pixels, height: shape[1], count: members.count, side: side)), rows: own)
          ]
        } ?? []),
      labels: [
        "scene": rows.map { row in row.tags.contains { $0.hasSuffix("circle") || $0.hasSuffix("triangle") } ? 1 : 0 }
      ],
      identifiers: rows.map { "\($0.example)-\($0.permutation)" },
      texts: ["caption": captionRows.map { captions[Int($0)] }], families: rows.map { normal($0.caption) })
  }
}

extension NLVRDataset {
  /// The three boxes of pictures that are four times as wide as high, brought to `side` × `side` pixels, each the mean of
  /// sixteen places.
  private static func regions(of pixels: [UInt8], height: Int, count: Int, side: Int) -> [Float] {
    let (width, places) = (height * NLVRScene.aspect, 4)
    let scale = Double(height) / Double(side)
    let values = ByteValues.values
    var found: [Float] = []
    found.reserveCapacity(count * NLVRScene.boxes * (ModalityKind.regionHead + 3 * side * side))
    for picture in 0..<count {
      for box in 0..<NLVRScene.boxes {
        found.append(1)
        found += NLVRScene.place(of: box)
        let left = Double(box) * NLVRScene.pitch / NLVRScene.side * Double(height)
        for row in 0..<side {
          for column in 0..<side {
            var sums = (red: Float(0), green: Float(0), blue: Float(0))
            for i in 0..<places {
              let y = min(height - 1, Int((Double(row) + (Double(i) + 0.5) / Double(places)) * scale))
              for j in 0..<places {
                let x = min(width - 1, Int(left + (Double(column) + (Double(j) + 0.5) / Double(places)) * scale))
                let start = ((picture * height + y) * width + x) * 3
                sums.red += values[Int(pixels[start])]
                sums.green += values[Int(pixels[start + 1])]
                sums.blue += values[Int(pixels[start + 2])]
              }
            }
            let share = 1 / Float(places * places)
            found += [sums.red * share, sums.green * share, sums.blue * share]
          }
        }
      }
    }
    return found
  }
}

extension NLVRDataset.Options: PublishedFiles, DrawnSource {
  /// `nlvr`
  public static var key: String { "nlvr" }
  /// In a few words.
  public static var summary: String { "NLVR: pictures of boxes with true sentences" }

  /// A test side by its share, where nothing else is said.
  public var folds: Int { 1 }

  /// The files.
  public func absence(dataRoot root: URL?) -> String? {
    absent("nlvr-captions", [NLVRFiles.tableName], dataRoot: root)
  }

  /// Reads the published pictures and sentences.
  public func dataset() throws(UserError) -> MultimodalDataset { try NLVRDataset.load(self) }

  /// Reads the files from its own data root or the request's.
  public func load(_ request: DataRequest) throws(UserError) -> MultimodalDataset {
    var options = self
    options.dataRoot = dataRoot ?? request.dataRoot?.path
    return try NLVRDataset.load(options, fold: request.fold)
  }
}
