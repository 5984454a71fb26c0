import Diagnostics
import Foundation

/// Captions or instances as COCO publishes them: `captions_train2017.json`, `instances_val2014.json` and so on.
struct COCOAnnotations {
  /// Each picture's file by its number.
  private(set) var files: [Int: String] = [:]
  /// Each picture's captions by its number.
  private(set) var captions: [Int: [String]] = [:]
  /// Each picture's categories by its number, each once.
  private(set) var categories: [Int: Set<Int>] = [:]
  /// The categories' names by their numbers.
  private(set) var categoryNames: [Int: String] = [:]

  /// What a file is read for.
  enum Kind: String {
    /// Captions.
    case captions
    /// The categories of marked objects.
    case instances
  }

  /// Reads a file's bytes.
  ///
  /// - Throws: `UserError` where it is cut, is no JSON, or another file.
  init(_ bytes: [UInt8], kind: Kind, source: String) throws(UserError) {
    var scanner = JSONScanner(bytes, source: source)
    var (files, captions, categories, names): ([Int: String], [Int: [String]], [Int: Set<Int>], [Int: String]) =
      ([:], [:], [:], [:])
    var found: Set<String> = []
    try scanner.object { (scanner: inout JSONScanner, key: String) throws(UserError) in
      found.insert(key)
      switch key {
      case "images":
        try scanner.list { (scanner: inout JSONScanner) throws(UserError) in
          let (number, name) = try Self.named(&scanner, "file_name")
          if let number, let name { files[number] = name }
        }
      case "categories":
        try scanner.list { (scanner: inout JSONScanner) throws(UserError) in
          let (number, name) = try Self.named(&scanner, "name")
          if let number, let name { names[number] = name }
        }
      case "annotations":
        try scanner.list { (scanner: inout JSONScanner) throws(UserError) in
          var (picture, caption, category): (Int?, String?, Int?)
          try scanner.object { (scanner: inout JSONScanner, key: String) throws(UserError) in
            switch key {
            case "image_id": picture = try scanner.integer()
            case "caption": caption = try scanner.string()
            case "category_id": category = try scanner.integer()
            default: try scanner.skip()
            }
          }
          guard let picture else { return }
          if let caption { captions[picture, default: []].append(caption) }
          if let category { categories[picture, default: []].insert(category) }
        }
      default: try scanner.skip()
      }
    }
    try scanner.end()
    let needed = ["images", "annotations"] + (kind == .instances ? ["categories"] : [])
    let isWhole = kind == .captions ? !captions.isEmpty : !names.isEmpty && !categories.isEmpty
    let missing = needed.first { !found.contains($0) }
    guard missing == nil, isWhole, !files.isEmpty else {
      throw UserError(
        .data,
        "is no file of COCO's \(kind.rawValue): "
          + (missing.map { "it has no `\($0)`" } ?? "none of it is \(kind.rawValue)"),
        at: source, mend: "take a file whose name begins with \(kind.rawValue)_")
    }
    (self.files, self.captions, self.categories, categoryNames) = (files, captions, categories, names)
  }

  /// The number and the name of an entry.
  private static func named(
    _ scanner: inout JSONScanner, _ nameKey: String
  ) throws(UserError) -> (number: Int?, name: String?) {
    var (number, name): (Int?, String?)
    try scanner.object { (scanner: inout JSONScanner, key: String) throws(UserError) in
      switch key {
      case "id": number = try scanner.integer()
      case nameKey: name = try scanner.string()
      default: try scanner.skip()
      }
    }
    return (number, name)
  }
}

/// The categories of instances as tags.
struct COCOTags {
  /// The categories' names, in the order of their numbers.
  let names: [String]
  /// Each picture's tags, ascending, by its number.
  let ofPictures: [Int: [Int]]

  /// Joins files of instances, of which all must have the same categories.
  ///
  /// - Throws: `UserError` where they have not.
  init(_ files: [(annotations: COCOAnnotations, source: String)]) throws(UserError) {
    let numbers = files.first?.annotations.categoryNames.keys.sorted() ?? []
    names = numbers.map { files[0].annotations.categoryNames[$0] ?? "" }
    let places = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, $0) })
    var tags: [Int: [Int]] = [:]
    for (annotations, source) in files {
      guard annotations.categoryNames == files[0].annotations.categoryNames else {
        throw UserError(
          .data, "has other categories than \(files[0].source)", at: source, mend: "take files of one release")
      }
      for (picture, categories) in annotations.categories {
        var own: [Int] = []
        for category in categories {
          guard let place = places[category] else {
            throw UserError(.data, "names category \(category), which it has not", at: source, mend: "fetch it again")
          }
          own.append(place)
        }
        tags[picture] = own.sorted()
      }
    }
    ofPictures = tags
  }
}
