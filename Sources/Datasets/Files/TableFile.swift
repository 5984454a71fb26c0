import Diagnostics

/// A table of text cells under a header, read from CSV (RFC 4180) or TSV.
///
/// A cell in double quotes may hold delimiters, line breaks and, doubled, quotes. Lines end with LF, CRLF or CR; a byte
/// order mark is skipped, and one of UTF-16 says that the table is in it, as some spreadsheets save it; lines without any
/// character are skipped where there are several columns. White space around the names of columns does not count; a first
/// column without a name, which pandas writes for its index, is called `index`. Anything else is strict: names that stand
/// twice, rows of another width, and stray quotes but where `|` or a tab stands between cells, are errors with their line.
public struct TableFile: Equatable, Sendable {
  /// One row of cells.
  public struct Row: Equatable, Sendable {
    /// The line at which the row begins, the header's being 1.
    public let line: Int
    /// The cells, as many as there are columns.
    public let cells: [String]
  }

  /// The names of the columns.
  public let columns: [String]
  /// The rows below the header.
  public let rows: [Row]

  /// Reads a table.
  ///
  /// - Parameter delimiter: the character between cells.
  /// - Throws: `UserError` with the line of what is wrong.
  public init(_ bytes: [UInt8], delimiter: Character = ",", place: String) throws(UserError) {
    guard let separator = delimiter.asciiValue, separator != Scanner.quote, separator != 10, separator != 13 else {
      throw UserError(.data, "the delimiter cannot be `\(delimiter)`", at: place, mend: "give a plain character")
    }
    var scanner = Scanner(bytes: try Self.decoded(bytes, place: place), separator: separator, place: place)
    guard let header = try scanner.nextRow() else {
      throw UserError(.data, "the table is empty", at: place, mend: "its first line names the columns")
    }
    var names = header.cells.map(FolderTable.trimmed)
    if names.count > 1, names[0].isEmpty {
      names[0] = Self.indexName
      while names.dropFirst().contains(names[0]) { names[0] += "-2" }
    }
    columns = names
    var places: [String: Int] = [:]
    for (index, name) in columns.enumerated() {
      guard name.contains(where: { !$0.isWhitespace }) else {
        throw UserError(
          .data, "column \(index + 1) of the header has no name", at: "\(place):\(header.line)",
          mend: "the first line names every column")
      }
      if let first = places.updateValue(index, forKey: name) {
        throw UserError(
          .data, "the header names `\(name)` twice, as columns \(first + 1) and \(index + 1)",
          at: "\(place):\(header.line)", mend: "rename one of them")
      }
    }
    var rows: [Row] = []
    while let row = try scanner.nextRow() {
      if row.cells == [""], columns.count > 1 { continue }
      guard row.cells.count == columns.count else {
        throw UserError(
          .data, "row \(rows.count + 1) has \(row.cells.count) cells, but the header \(columns.count)",
          at: "\(place):\(row.line)",
          mend: row.cells.count > columns.count
            ? "put a cell that holds the delimiter into double quotes" : "add what is missing")
      }
      rows.append(row)
    }
    self.rows = rows
  }

  /// What a first column without a name is called.
  private static let indexName = "index"

  /// The bytes in UTF-8, where a mark says that they are UTF-16.
  static func decoded(_ bytes: [UInt8], place: String) throws(UserError) -> [UInt8] {
    let isLittle = bytes.starts(with: [0xff, 0xfe])
    guard isLittle || bytes.starts(with: [0xfe, 0xff]) else { return bytes }
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
      UInt16(bytes[place + (isLittle ? 1 : 0)]) << 8 | UInt16(bytes[place + (isLittle ? 0 : 1)])
    }
    guard bytes.count % 2 == 0, let text = String(validating: units, as: UTF16.self) else {
      throw UserError(.data, "text that is not UTF-16, as its first bytes say", at: place, mend: "save it as UTF-8")
    }
    return Array(text.utf8)
  }

  /// The position of a column, or nil.
  public func index(of column: String) -> Int? { columns.firstIndex(of: column) }

  private struct Scanner {
    static let quote = UInt8(ascii: "\"")

    let bytes: [UInt8]
    let separator: UInt8
    let place: String
    /// Whether a quote inside a cell that does not begin with one is a character like others.
    let allowsQuotes: Bool
    var position: Int
    var line = 1

    init(bytes: [UInt8], separator: UInt8, place: String) {
      self.bytes = bytes
      self.separator = separator
      self.place = place
      allowsQuotes = separator == UInt8(ascii: "|") || separator == 9
      position = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    }

    func fail(_ what: String, line: Int? = nil, mend: String) -> UserError {
      UserError(.data, what, at: "\(place):\(line ?? self.line)", mend: mend)
    }

    /// The next row, or nil at the end of the file.
    mutating func nextRow() throws(UserError) -> Row? {
      guard position < bytes.count else { return nil }
      let start = line
      var cells: [String] = []
      while true {
        cells.append(try nextCell())
        guard position < bytes.count else { break }
        let byte = bytes[position]
        position += 1
        if byte == separator { continue }
        // A cell ends at a delimiter or a line break only.
        if byte == 13, position < bytes.count, bytes[position] == 10 { position += 1 }
        line += 1
        break
      }
      return Row(line: start, cells: cells)
    }

    mutating func nextCell() throws(UserError) -> String {
      guard position < bytes.count, bytes[position] == Self.quote else {
        let start = position
        while position < bytes.count, !isEnd(bytes[position]) {
          guard bytes[position] != Self.quote || allowsQuotes else {
            throw fail(
              "a double quote inside a cell that does not begin with one",
              mend: "put the cell into double quotes and double those inside")
          }
          position += 1
        }
        return try text(bytes[start..<position])
      }
      return try quotedCell()
    }

    mutating func quotedCell() throws(UserError) -> String {
      let start = line
      position += 1
      var content: [UInt8] = []
      while true {
        guard position < bytes.count else {
          throw fail("a quoted cell without an end", line: start, mend: "close it with a double quote")
        }
        let byte = bytes[position]
        position += 1
        if byte == Self.quote {
          guard position < bytes.count, bytes[position] == Self.quote else { break }
          position += 1
        } else if byte == 10 || (byte == 13 && !(position < bytes.count && bytes[position] == 10)) {
          line += 1
        }
        content.append(byte)
      }
      guard position == bytes.count || isEnd(bytes[position]) else {
        throw fail("text after the end of a quoted cell", mend: "double the quotes inside a quoted cell")
      }
      return try text(content[...])
    }

    func isEnd(_ byte: UInt8) -> Bool { byte == separator || byte == 10 || byte == 13 }

    func text(_ content: ArraySlice<UInt8>) throws(UserError) -> String {
      guard !content.contains(0), let text = String(validating: content, as: UTF8.self) else {
        throw fail("text that is not UTF-8", mend: "save the table as UTF-8")
      }
      return text
    }
  }
}
