import Diagnostics
import Foundation
import StrictYAML

/// A first `dataset.yaml`, written by looking at a folder's table and files.
public struct FolderDraft: Sendable {
  /// The text of the file.
  public let text: String
  /// Where the file belongs.
  public let file: URL
  /// What a reader should look at, one sentence each.
  public let remarks: [String]

  /// Looks at a folder.
  ///
  /// - Parameter table: the table's name; nil: the one CSV or TSV file that there is.
  /// - Throws: `UserError` where there is a `dataset.yaml` already, or no table or several, or nothing to learn from.
  public init(folder: URL, table: String? = nil) throws(UserError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw UserError(.inputOutput, "there is no such folder", at: folder.relativePath)
    }
    file = folder.appendingPathComponent(FolderDataset.descriptionFile)
    try Self.refuseToOverwrite(file)
    let files = FolderFiles(folder)
    let name = try Self.table(in: files, named: table)
    let path = folder.appendingPathComponent(name)
    let bytes = try TableFile.decoded(
      try FolderTable.contents(of: path, limit: 1 << 30), place: path.relativePath)
    let delimiter = Self.delimiter(of: bytes, isTabbed: name.lowercased().hasSuffix(".tsv"))
    let content = try TableFile(bytes, delimiter: delimiter, place: path.relativePath)
    guard !content.rows.isEmpty else {
      throw UserError(.data, "the table has no rows", at: path.relativePath)
    }
    var draft = Draft(table: content, files: files, delimiter: delimiter)
    draft.look()
    remarks = draft.remarks
    guard !draft.modalities.isEmpty else {
      throw UserError(
        .data,
        "no column holds pictures, recordings, texts, tags or numbers, and no array has \(content.rows.count) rows",
        at: path.relativePath, mend: "check the paths in the table")
    }
    text = draft.text(table: name, delimiter: delimiter)
  }

  /// Writes the file, unless one is there.
  ///
  /// - Throws: `UserError` where there is one or it cannot be written.
  public func write() throws(UserError) {
    try Self.refuseToOverwrite(file)
    try AtomicFile.write(text, to: file)
  }

  private static func refuseToOverwrite(_ file: URL) throws(UserError) {
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    throw UserError(.data, "there is one already", at: file.relativePath, mend: "rename or remove it first")
  }

  private static func table(in files: FolderFiles, named name: String?) throws(UserError) -> String {
    let tables = files.files(endings: FolderFiles.tableEndings)
    if let name {
      guard files.files.contains(name) else {
        throw UserError(
          .inputOutput, "there is no table `\(name)`", at: files.folder.relativePath,
          mend: nearestName(to: name, among: tables).map { "did you mean `\($0)`?" })
      }
      return name
    }
    guard let first = tables.first else {
      throw UserError(
        .data, "there is no .csv or .tsv file", at: files.folder.relativePath,
        mend: "write a table with a row for each observation")
    }
    guard tables.count == 1 else {
      throw UserError(
        .usage, "there are several tables: \(tables.joined(separator: ", "))", at: files.folder.relativePath,
        mend: "choose one with --table")
    }
    return first
  }

  /// The delimiter that the first line has most of.
  private static func delimiter(of bytes: [UInt8], isTabbed: Bool) -> Character {
    let header = bytes.prefix { $0 != 10 && $0 != 13 }
    let counts = [",", "\t", ";", "|"].map { (character: Character) in
      (character, header.count { $0 == character.asciiValue })
    }
    let standard: Character = isTabbed ? "\t" : ","
    let best = counts.max { $0.1 < $1.1 }
    guard let best, best.1 > 0, !counts.contains(where: { $0.0 == standard && $0.1 == best.1 }) else { return standard }
    return best.0
  }

  /// The modalities and keys while they are found.
  private struct Draft {
    let table: TableFile
    let files: FolderFiles
    var modalities: [(name: String, line: String, remark: String)] = []
    var labels: [String] = []
    var split: String?
    var identifier: String?
    var remarks: [String] = []
    let delimiter: Character

    init(table: TableFile, files: FolderFiles, delimiter: Character) {
      (self.table, self.files, self.delimiter) = (table, files, delimiter)
    }

    mutating func look() {
      var (numbers, commaNumbers): ([String], [String]) = ([], [])
      for (index, column) in table.columns.enumerated() {
        let values = table.rows.map { FolderTable.trimmed($0.cells[index]) }
        let empty = values.count { $0.isEmpty }
        let note = empty > 0 ? ", \(empty) of \(values.count) are empty" : ""
        switch ColumnGuess(name: column, values: values, files: files, delimiter: delimiter) {
        case .image(let folder, let found):
          add(
            column, ["kind: image"] + place(folder) + ["size: 64"],
            "\(found) of \(values.count - empty) files exist\(note)")
        case .video(let folder, let found):
          add(
            column, ["kind: video"] + place(folder) + ["frames: 8", "size: 32"],
            "\(found) of \(values.count - empty) clips exist\(note)")
        case .audio(let folder, let found):
          add(column, ["kind: audio"] + place(folder), "\(found) of \(values.count - empty) files exist\(note)")
        case .series(let folder, let found):
          add(column, ["kind: series"] + place(folder), "\(found) of \(values.count - empty) files exist\(note)")
        case .text: add(column, ["kind: text"], "such as: \(Self.short(values.first { !$0.isEmpty } ?? ""))\(note)")
        case .tags(let separator):
          add(
            column, ["kind: tags", "separator: \(JSONValue.quoted(separator))"], "tags between `\(separator)`\(note)")
        case .number(let hasComma): if hasComma { commaNumbers.append(column) } else { numbers.append(column) }
        case .label: labels.append(column)
        case .split where split == nil: split = column
        case .identifier where identifier == nil: identifier = column
        case .split, .identifier: remarks.append("column `\(column)` is not used")
        case .empty: remarks.append("column `\(column)` is empty and not used")
        }
      }
      let groups: [(names: [String], decimal: String?)] = [(numbers, nil), (commaNumbers, ",")]
      for (names, decimal) in groups where !names.isEmpty {
        let columns = JSONValue.list(names.map(JSONValue.text)).yaml
        add(
          names.count == 1 ? names[0] : "numbers",
          ["kind: numbers", "columns: \(columns)"] + (decimal.map { ["decimal: \(JSONValue.quoted($0))"] } ?? []),
          "standardised", column: nil)
      }
      lookAtArrays()
      lookAtSeries()
      if modalities.count == 1 { remarks.append("there is one modality only, and contrast needs two") }
    }

    /// Arrays with as many rows as the table.
    private mutating func lookAtArrays() {
      let names = files.files.filter { name in
        name.hasSuffix(".npy") || name.contains("-idx") || name.hasSuffix(".idx")
      }
      for file in names {
        do throws(UserError) {
          let array = try FolderArray(files.folder.appendingPathComponent(file))
          guard array.count == table.rows.count else {
            remarks.append("\(file) has \(array.count) rows and the table \(table.rows.count), so it is not used")
            continue
          }
          let name = String(file.prefix { $0 != "." })
          add(
            name, ["kind: array", "file: \(JSONValue.text(file).yaml)"],
            "\(array.rowShape.map(String.init).joined(separator: " × ")) numbers a row", column: nil)
        } catch {
          remarks.append("not used: \(error)")
        }
      }
    }

    /// Files of sktime's format with as many series as the table has rows.
    private mutating func lookAtSeries() {
      for file in files.files(endings: ["ts"]) {
        do throws(UserError) {
          let found = try FolderSeries(files.folder.appendingPathComponent(file)).items
          guard found.count == table.rows.count else {
            remarks.append(
              "\(file) has \(found.count) series and the table \(table.rows.count) rows, so it is not used")
            continue
          }
          add(
            String(file.prefix { $0 != "." }), ["kind: series", "file: \(JSONValue.text(file).yaml)"],
            "up to \(found.longest) steps of \(found.channels) numbers", column: nil)
        } catch {
          remarks.append("not used: \(error)")
        }
      }
    }

    private func place(_ folder: String) -> [String] {
      folder.isEmpty ? [] : ["folder: \(JSONValue.text(folder).yaml)"]
    }

    private mutating func add(_ name: String, _ parts: [String], _ remark: String) {
      add(name, parts, remark, column: name)
    }

    /// Adds a modality under a name that one may have; the column is said where it has another.
    private mutating func add(_ name: String, _ parts: [String], _ remark: String, column: String?) {
      var plain = String(name.lowercased().map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "-" })
      while modalities.contains(where: { $0.name == plain }) { plain += "-2" }
      var parts = parts
      if let column, column != plain { parts.insert("column: \(JSONValue.text(column).yaml)", at: 1) }
      modalities.append((plain, "{ \(parts.joined(separator: ", ")) }", remark))
    }

    private static func short(_ text: String) -> String {
      let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
      return line.count > 40 ? line.prefix(39) + "…" : line
    }

    func text(table name: String, delimiter: Character) -> String {
      var lines = [
        "# A first guess; `concord data describe` shows what comes of it.", "table: \(JSONValue.text(name).yaml)",
      ]
      let standard: Character = name.lowercased().hasSuffix(".tsv") ? "\t" : ","
      if delimiter != standard { lines.append("delimiter: \(JSONValue.quoted(String(delimiter)))") }
      if let identifier { lines.append("identifier: \(JSONValue.text(identifier).yaml)") }
      lines.append("modalities:")
      for modality in modalities {
        lines.append("  \(JSONValue.text(modality.name).yaml): \(modality.line)  # \(modality.remark)")
      }
      if labels.isEmpty {
        lines.append("# labels: [column]  # classes, for evaluation; none was found")
      } else {
        lines.append("labels: \(JSONValue.list(labels.map(JSONValue.text)).yaml)")
      }
      if let split {
        lines.append("split: { column: \(JSONValue.text(split).yaml) }")
      } else {
        lines.append("split: { validationFraction: 0.1, testFraction: 0.2, seed: 0 }")
      }
      lines.append(
        "missing: omitted  # what of an observation without one of its modalities: allowed, omitted, refused")
      lines.append("broken: refused  # what of an item that cannot be read: refused, omitted (counts as missing)")
      return lines.joined(separator: "\n") + "\n"
    }
  }
}
