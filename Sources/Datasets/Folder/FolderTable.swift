import Diagnostics
import Foundation

/// A folder's table with the places of its rows, for errors.
struct FolderTable {
  /// The data set's folder.
  let folder: URL
  /// The table's path as errors name it.
  let place: String
  /// The table.
  let table: TableFile
  /// The digest of the table's bytes.
  let digest: String

  /// Reads the table that a description names.
  init(folder: URL, description: FolderDescription) throws(UserError) {
    self.folder = folder
    let file = FolderTable.file(description.table, in: folder)
    place = file.relativePath
    let bytes = try FolderTable.contents(of: file, limit: 1 << 30)
    digest = SHA256.hexDigest(of: bytes)
    table = try TableFile(
      bytes.starts(with: [0x1f, 0x8b]) ? DataFile.contents(of: file, limit: 1 << 30) : bytes,
      delimiter: description.delimiter, place: place)
    guard !table.rows.isEmpty else {
      throw UserError(.data, "the table has no rows", at: place, mend: "each row below the header is an observation")
    }
  }

  /// The number of rows.
  var count: Int { table.rows.count }

  /// Where a row stands: its line in the file and its number, which differ.
  func place(ofRow row: Int) -> String { "\(place):\(table.rows[row].line) (row \(row + 1))" }

  /// The position of a column that `dataset.yaml` names.
  func index(of column: FolderDescription.Name) throws(UserError) -> Int {
    if let index = table.index(of: column.text) { return index }
    let near = nearestName(to: column.text, among: table.columns).map { "did you mean `\($0)`?" }
    throw UserError(
      .data, "\(place) has no column `\(column.text)`", at: column.place,
      mend: near ?? "its columns are \(table.columns.prefix(20).joined(separator: ", "))")
  }

  /// The cells of a column without white space around them; empty where there is nothing.
  func cells(of column: FolderDescription.Name) throws(UserError) -> [String] {
    let index = try index(of: column)
    return table.rows.map { Self.trimmed($0.cells[index]) }
  }

  /// Text without white space around it.
  static func trimmed(_ text: String) -> String {
    guard text.first?.isWhitespace == true || text.last?.isWhitespace == true else { return text }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A file by its path from a folder; an absolute path stands for itself.
  static func file(_ path: String, in folder: URL) -> URL {
    path.hasPrefix("/") ? URL(fileURLWithPath: path) : folder.appendingPathComponent(path)
  }

  /// The bytes of a plain file of a data set, which errors name as the user did.
  static func contents(of file: URL, limit: Int) throws(UserError) -> [UInt8] {
    [UInt8](try RegularFile.contents(of: file, limit: limit, place: file.relativePath))
  }
}
