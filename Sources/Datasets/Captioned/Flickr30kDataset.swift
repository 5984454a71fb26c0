import Diagnostics
import Foundation
import Kernels
import Options

/// Flickr30k (Young et al., 2014): photographs of people with five captions each.
///
/// Modalities are `image` and `caption`; see ``CaptionedPictures``. Pictures stay in their files until a batch needs them.
public struct Flickr30kDataset: PublishedFiles {
  /// `flickr30k`
  public static var key: String { "flickr30k" }
  /// In a few words.
  public static var summary: String { "Flickr30k: photographs with five captions each" }

  /// The folder of captions and pictures, below the data root.
  public var folder = "flickr30k"
  /// The folder above it; nil: `$CONCORD_DATA`, else `./data`.
  public var dataRoot: String?
  /// The pictures' folder, in the folder.
  public var pictures = "flickr30k-images"
  /// The captions' file, in the folder: Karpathy's `.json`, which has the usual split, the original `.token`, or the `.csv`
  /// that came with it elsewhere; of the latter two sides are drawn.
  public var captions = "dataset_flickr30k.json"
  /// Which of a picture's captions training sees.
  public var trainingCaptions = TrainingCaptions.drawn
  /// The most training pictures, the first; nil for all.
  public var trainingCount: Int?
  /// The validation pictures: the first of the split's, or as many drawn; nil for all, or 1,000 drawn.
  public var validationCount: Int?
  /// The test pictures: the first of the split's, or as many drawn; nil for all, or 1,000 drawn.
  public var testCount: Int?
  /// Selects the sides where they are drawn.
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
      OptionRequirement(
        "captions", [".json", ".token", ".csv"].contains { captions.hasSuffix($0) },
        "must name a file that ends with .json, .token or .csv"),
      .count("trainingCount", trainingCount ?? 2, atLeast: 2, atMost: 1_000_000),
      .count("validationCount", validationCount ?? 2, atLeast: 2, atMost: 100_000),
      .count("testCount", testCount ?? 2, atLeast: 2, atMost: 100_000),
    ] + form.requirements
  }

  static let source = DatasetProvenance.Source(
    name: "Flickr30k (Young et al., 2014)", publisher: "shannon.cs.illinois.edu/DenotationGraph",
    licence: "research only; pictures are Flickr's")

  /// Reads the annotations; pictures are only looked for.
  ///
  /// - Throws: `UserError` naming the first file that is missing, cut or another.
  public func dataset() throws(UserError) -> MultimodalDataset { try lists().dataset(form) }

  /// Reads the annotations, and learns no pieces of words.
  public func identity(_ request: DataRequest) throws(UserError) -> DataIdentity {
    try under(request).lists().identity
  }

  /// The captions.
  public func absence(dataRoot root: URL?) -> String? { absent(folder, [captions], dataRoot: root) }

  private var form: CaptionedForm {
    CaptionedForm(
      imageSize: imageSize, captionLength: captionLength, vocabularySize: vocabularySize,
      minimumPieceCount: minimumPieceCount, trainingCaptions: trainingCaptions)
  }

  private func lists() throws(UserError) -> CaptionedPictures {
    let root = DataRoot.url(named: dataRoot).appendingPathComponent(folder, isDirectory: true)
    var files = AnnotationFiles(folder: root, publisher: "shannon.cs.illinois.edu/DenotationGraph")
    let bytes = try files.read(captions)
    var (sides, notes): ([[CaptionedPicture]], [String])
    if captions.hasSuffix(".json") {
      let file = try KarpathyFile(bytes, set: "flickr30k", source: files.place(captions))
      sides = try file.sides(in: pictures, withRest: true, source: files.place(captions))
      notes = ["Karpathy's split"]
      if let validationCount { sides[1] = Array(sides[1].prefix(validationCount)) }
      if let testCount { sides[2] = Array(sides[2].prefix(testCount)) }
    } else {
      let all = try CaptionLines.pictures(
        bytes, isTable: captions.hasSuffix(".csv"), folder: pictures, source: files.place(captions))
      let (validation, test) = (validationCount ?? 1_000, testCount ?? 1_000)
      guard all.count > validation + test else {
        throw UserError(
          .data, "\(all.count) pictures, of which \(validation + test) are held out", at: files.place(captions),
          mend: "give data.flickr30k.validationCount and data.flickr30k.testCount smaller numbers")
      }
      var stream = RandomStream(seed: splitSeed, name: "flickr30k/split")
      let order = stream.permutation(of: all.count)
      let ranges = [validation + test..<all.count, test..<validation + test, 0..<test]
      sides = ranges.map { range in order[range].sorted().map { all[$0] } }
      notes = ["sides drawn with seed \(splitSeed), not Karpathy's split: figures do not compare with published ones"]
    }
    if let trainingCount { sides[0] = Array(sides[0].prefix(trainingCount)) }
    return CaptionedPictures(
      name: "flickr30k", folder: root, sides: sides, tagNames: nil, checksum: files.checksum(sides),
      source: Self.source, notes: notes
    )
  }
}

/// Captions as lines: `results_20130124.token` and `results.csv`.
enum CaptionLines {
  /// The pictures in the order in which they first occur, with their captions.
  ///
  /// A line of the former is `1000092795.jpg#0`, a tab, the caption; of the latter `1000092795.jpg| 0| caption`, below a
  /// header.
  ///
  /// - Throws: `UserError` with the first line that is not so.
  static func pictures(
    _ bytes: [UInt8], isTable: Bool, folder: String, source: String
  ) throws(UserError) -> [CaptionedPicture] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw UserError(.data, "text that is not UTF-8", at: source, mend: "fetch it again")
    }
    var pictures: [CaptionedPicture] = []
    var places: [Substring: Int] = [:]
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() where !(isTable && index == 0) && !line.allSatisfy(\.isWhitespace) {
      guard let (name, caption) = isTable ? cells(line) : fields(line) else {
        throw UserError(
          .data, isTable ? "not `picture| number| caption`" : "not `picture#number`, a tab and a caption",
          at: "\(source):\(index + 1)", mend: "fetch it again, it may be cut short")
      }
      if places[name] == nil {
        places[name] = pictures.count
        pictures.append(CaptionedPicture(file: "\(folder)/\(name)", identifier: String(name)))
      }
      pictures[places[name] ?? 0].captions.append(caption.trimmingCharacters(in: .whitespaces))
    }
    guard !pictures.isEmpty else { throw UserError(.data, "has no captions", at: source, mend: "fetch it again") }
    return pictures
  }

  private static func fields(_ line: Substring) -> (name: Substring, caption: Substring)? {
    guard let tab = line.firstIndex(of: "\t") else { return nil }
    let parts = line[..<tab].split(separator: "#")
    let caption = line[line.index(after: tab)...]
    guard parts.count == 2, Int(parts[1]) != nil, !caption.allSatisfy(\.isWhitespace) else { return nil }
    return (parts[0], caption)
  }

  private static func cells(_ line: Substring) -> (name: Substring, caption: Substring)? {
    let parts = line.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
    // One line of the published file lacks its second bar.
    if parts.count == 2 {
      let rest = parts[1].drop { $0 == " " }
      let number = rest.prefix { $0.isNumber }
      let caption = rest.dropFirst(number.count)
      guard !number.isEmpty, !caption.allSatisfy(\.isWhitespace) else { return nil }
      return (parts[0], caption)
    }
    guard parts.count == 3, Int(parts[1].filter { $0 != " " }) != nil, !parts[0].isEmpty,
      !parts[2].allSatisfy(\.isWhitespace)
    else { return nil }
    return (parts[0], parts[2])
  }
}
