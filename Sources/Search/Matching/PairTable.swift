import Datasets
import Diagnostics
import Foundation

/// A table of pictures and the texts that belong to them: CSV, else TSV, with a header.
public struct PairTable: Sendable {
  /// The cells of the pictures' column.
  public let names: [String]
  /// The pictures' files; a relative path starts from the table's folder.
  public let pictures: [URL]
  /// The texts.
  public let texts: [String]
  /// Where each row stands, for errors.
  public let places: [String]

  private static let pictureColumns = ["image", "picture", "file"]
  private static let textColumns = ["text", "caption"]

  /// Reads a table.
  ///
  /// - Throws: `UserError` where it is damaged, lacks a column, or has fewer than two rows.
  public init(_ path: String) throws(UserError) {
    let file = URL(fileURLWithPath: path)
    let bytes = [UInt8](try RegularFile.contents(of: file, limit: 1 << 26, place: path))
    let table = try TableFile(bytes, delimiter: path.lowercased().hasSuffix(".csv") ? "," : "\t", place: path)
    func index(_ names: [String]) throws(UserError) -> Int {
      for name in names { if let index = table.index(of: name) { return index } }
      throw UserError(
        .data, "the header has no column `\(names[0])`", at: "\(path):1",
        mend: "its first line is `image`, a tab, `text`; in a .csv file `image,text`")
    }
    let (picture, text) = (try index(Self.pictureColumns), try index(Self.textColumns))
    guard table.rows.count > 1 else {
      throw UserError(.data, "\(table.rows.count) pairs cannot be compared", at: path, mend: "give at least two rows")
    }
    names = table.rows.map { $0.cells[picture].trimmingCharacters(in: .whitespaces) }
    texts = table.rows.map { $0.cells[text].trimmingCharacters(in: .whitespaces) }
    places = table.rows.map { "\(path):\($0.line)" }
    let folder = file.deletingLastPathComponent()
    pictures = names.map { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : folder.appendingPathComponent($0) }
  }
}
