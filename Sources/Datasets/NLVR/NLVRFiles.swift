import Diagnostics
import Foundation

/// NLVR's boxes with their sentences, packed small, under one data root.
///
/// The folder `nlvr-captions` holds `captions.tsv`, with the columns row, split, identifier, permutation, png, caption and
/// tags, and `packed_rgb_h25_w100.idx4-ubyte`, plain or `.gz`: the pictures of its rows, `[rows, 25, 100, 3]`. The rows
/// are the examples whose sentence is true, each with all six orders of its three boxes.
struct NLVRFiles {
  /// One row of the table.
  struct Row: Equatable {
    /// The example, with its split at the source.
    let example: String
    /// The order of the boxes, 0 to 5.
    let permutation: Int
    /// The sentence.
    let caption: String
    /// The kinds of objects and sizes that are there.
    let tags: Set<String>
  }

  /// What the files hold.
  struct Content {
    let rows: [Row]
    let pictures: IDXFile
    let checksum: String
    /// Whether these are the very files that Concord's results are from.
    let isReference: Bool
  }

  static let folder = "nlvr-captions"
  static let tableName = "captions.tsv"
  static let pictureName = "packed_rgb_h25_w100.idx4-ubyte"
  static let columns = ["row", "split", "identifier", "permutation", "png", "caption", "tags"]

  static let source = DatasetProvenance.Source(
    name: "Natural Language for Visual Reasoning, NLVR (Suhr et al. 2017)",
    publisher: "GitHub lil-lab/nlvr, folder nlvr", licence: "CC BY 4.0")

  /// SHA-256 digests of the table and of the pictures, inflated, that Concord's results are from.
  private static let reference = [
    "160a911d3c98804cb9b1cb7da354dd13498d2486986306654dd8d9127c0ee7e8",
    "550f47da02773a0983697110f2f027176755a38dc062da1bf5915b10f72f03bc",
  ]

  let root: URL

  /// Reads both files and checks that they fit.
  ///
  /// - Throws: `UserError` where a file is missing or damaged, naming the line of a table.
  func read() throws(UserError) -> Content {
    let table = try locate([Self.tableName])
    let pictures = try locate([Self.pictureName + ".gz", Self.pictureName])
    let tableBytes = try DataFile.contents(of: table)
    let rows = try Self.rows(in: tableBytes, place: table.path)
    let pictureBytes = try DataFile.contents(of: pictures)
    let array = try IDXFile(contents: pictureBytes, place: pictures.path)
    guard array.shape.count == 4, array.shape[3] == 3, array.shape.allSatisfy({ $0 > 0 }) else {
      throw UserError(
        .data, "the sizes \(array.shape) are not those of colour pictures", at: pictures.path,
        mend: "pack them as [rows, height, width, 3]")
    }
    guard array.shape[0] == rows.count else {
      throw UserError(
        .data, "\(array.shape[0]) pictures for the \(rows.count) rows of \(Self.tableName)", at: pictures.path,
        mend: "make both files from the same examples")
    }
    let digests = [SHA256.hexDigest(of: tableBytes), SHA256.hexDigest(of: pictureBytes)]
    return Content(
      rows: rows, pictures: array, checksum: SHA256.hexDigest(of: Array(digests.joined().utf8)),
      isReference: digests == Self.reference)
  }

  private func locate(_ names: [String]) throws(UserError) -> URL {
    for name in names {
      let file = root.appendingPathComponent(Self.folder).appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: file.path) { return file }
    }
    throw UserError(
      .data, "\(Self.folder)/\(names[0]) of \(Self.source.name) is missing under the data root \(root.path)",
      at: "nlvr",
      mend: "published: \(Self.source.publisher), packed as the README says; name the data root by --data-root or "
        + "CONCORD_DATA")
  }

  /// The rows of the table.
  static func rows(in bytes: [UInt8], place: String) throws(UserError) -> [Row] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw UserError(.data, "is not text in UTF-8", at: place, mend: "fetch the file again")
    }
    let lines = text.split(whereSeparator: \.isNewline)
    guard let head = lines.first, head.split(separator: "\t").map(String.init) == columns else {
      throw UserError(
        .data, "the columns are not \(columns.joined(separator: ", "))", at: "\(place):1",
        mend: "separate them by tabs")
    }
    guard lines.count > 1 else { throw UserError(.data, "the table has no rows", at: place) }
    var rows: [Row] = []
    for (number, line) in lines.enumerated().dropFirst() {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      func fail(_ what: String) -> UserError { UserError(.data, what, at: "\(place):\(number + 1)") }
      guard cells.count == columns.count else { throw fail("\(cells.count) cells instead of \(columns.count)") }
      guard cells[0] == "\(number - 1)" else { throw fail("row `\(cells[0])` stands in place \(number - 1)") }
      guard let permutation = Int(cells[3]), (0..<6).contains(permutation) else {
        throw fail("the permutation `\(cells[3])` is not 0 to 5")
      }
      guard !cells[5].allSatisfy(\.isWhitespace) else { throw fail("the caption is empty") }
      rows.append(
        Row(
          example: "\(cells[1])-\(cells[2])", permutation: permutation, caption: cells[5],
          tags: Set(cells[6].split(separator: "|").map(String.init))))
    }
    return rows
  }
}
