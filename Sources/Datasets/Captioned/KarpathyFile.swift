import Diagnostics
import Foundation

/// Captions and split of a set in the form of Karpathy and Fei-Fei (CVPR 2015): `dataset_coco.json`,
/// `dataset_flickr30k.json`, `dataset_flickr8k.json`.
///
/// The split is that of nearly every published figure of retrieval: of COCO 113,287 pictures (with `restval`), 5,000 and
/// 5,000, of Flickr30k 29,000, 1,014 and 1,000.
struct KarpathyFile {
  /// A picture of the file.
  struct Entry {
    var folder = ""
    var name = ""
    var split = ""
    var captions: [String] = []
    /// COCO's number of the picture; nil in other sets.
    var number: Int?
  }

  /// The pictures in their order.
  private(set) var entries: [Entry] = []

  /// Reads the file's bytes.
  ///
  /// - Parameters:
  ///   - set: what the file must say that it is of, such as `coco`.
  ///   - source: what errors call the file.
  /// - Throws: `UserError` where it is cut, is no JSON, or another file.
  init(_ bytes: [UInt8], set: String, source: String) throws(UserError) {
    var scanner = JSONScanner(bytes, source: source)
    var entries: [Entry] = []
    var found: String?
    var hasImages = false
    try scanner.object { (scanner: inout JSONScanner, key: String) throws(UserError) in
      switch key {
      case "images":
        hasImages = true
        try scanner.list { (scanner: inout JSONScanner) throws(UserError) in entries.append(try Self.entry(&scanner)) }
      case "dataset": found = try scanner.string()
      default: try scanner.skip()
      }
    }
    try scanner.end()
    guard hasImages, let found else {
      throw UserError(
        .data, "has no `\(hasImages ? "dataset" : "images")`, so it is no file of Karpathy's splits", at: source,
        mend: "take dataset_\(set).json")
    }
    guard found == set else {
      throw UserError(.data, "is of the set `\(found)`, not of `\(set)`", at: source, mend: "take dataset_\(set).json")
    }
    if let entry = entries.first(where: { $0.name.isEmpty || $0.split.isEmpty }) {
      throw UserError(
        .data, "a picture has no `\(entry.name.isEmpty ? "filename" : "split")`", at: source,
        mend: "take dataset_\(set).json")
    }
    self.entries = entries
  }

  private static func entry(_ scanner: inout JSONScanner) throws(UserError) -> Entry {
    var entry = Entry()
    try scanner.object { (scanner: inout JSONScanner, key: String) throws(UserError) in
      switch key {
      case "filepath": entry.folder = try scanner.string()
      case "filename": entry.name = try scanner.string()
      case "split": entry.split = try scanner.string()
      case "cocoid": entry.number = try scanner.integer()
      case "sentences":
        try scanner.list { (scanner: inout JSONScanner) throws(UserError) in
          try scanner.object { (scanner: inout JSONScanner, key: String) throws(UserError) in
            if key == "raw" { entry.captions.append(try scanner.string()) } else { try scanner.skip() }
          }
        }
      default: try scanner.skip()
      }
    }
    return entry
  }

  /// The pictures of training, validation and test.
  ///
  /// - Parameters:
  ///   - folder: what goes before a picture's own folder and name.
  ///   - withRest: whether COCO's `restval` is for training, as in every published figure, or is left out.
  ///   - tags: the tags of a picture by its number; nil without tags.
  /// - Throws: `UserError` where a picture is of another split.
  func sides(
    in folder: String, withRest: Bool, tags: [Int: [Int]]? = nil, source: String
  ) throws(UserError) -> [[CaptionedPicture]] {
    var sides = [[CaptionedPicture]](repeating: [], count: 3)
    for entry in entries {
      let side: Int
      switch entry.split {
      case "train": side = 0
      case "restval":
        guard withRest else { continue }
        side = 0
      case "val": side = 1
      case "test": side = 2
      default:
        throw UserError(
          .data, "`\(entry.name)` is of the split `\(entry.split)`, which is none", at: source, mend: "fetch it again")
      }
      let file = [folder, entry.folder, entry.name].filter { !$0.isEmpty }.joined(separator: "/")
      sides[side].append(
        CaptionedPicture(
          file: file, identifier: entry.name, captions: entry.captions,
          tags: tags.map { tags in entry.number.flatMap { tags[$0] } ?? [] }))
    }
    return sides
  }
}
