import Datasets
import Diagnostics
import Foundation
import SampleFolders
import Testing

struct FolderDraftTests {
  /// The draft's lines for a table of four columns.
  private func draft(_ column: String, _ values: [String]) throws -> String {
    var text = ""
    try withTemporaryFolder { folder in
      let rows = values.enumerated().map { "row \($0) \($1.count) words of its own,\"\($1)\"" }
      let table = (["story,\"\(column)\""] + rows).joined(separator: "\n")
      try Data(table.utf8).write(to: folder.appendingPathComponent("t.csv"))
      text = try FolderDraft(folder: folder).text
    }
    return text
  }

  @Test(arguments: [
    ("x", ["1.5", "2", "3", "7"], "  x: { kind: numbers, columns: [x] }  # standardised"),
    ("class", ["1", "2", "1", "2"], "labels: [class]"),
    ("photo_id", ["12", "11", "19", "14"], "identifier: photo_id"),
    ("n", ["5", "6", "7", "8"], "identifier: n"),
    ("part", ["train", "val", "Test", ""], "split: { column: part }"),
    ("what", ["owl", "wren", "owl", "owl", "wren", "wren"], "labels: [what]"),
    ("words", ["a|b", "b", "a|b", "b|a"], "  words: { kind: tags, separator: \"|\" }  # tags between `|`"),
    (
      "Caption EN", ["a, b", "b, a", "a, b", ""],
      "  caption-en: { kind: text, column: Caption EN }  # such as: a, b, 1 of 4 are empty"
    ),
  ]) func guessesAColumn(name: String, values: [String], line: String) throws {
    let text = try draft(name, values)
    #expect(text.contains(line + "\n"), "\(text)")
  }

  @Test func whatItWritesCanBeRead() throws {
    try withTemporaryFolder { folder in
      try SampleFolder.writeArrays(to: folder, count: 40)
      try Data([0x93, 0x4e]).write(to: folder.appendingPathComponent("broken.npy"))
      let draft = try FolderDraft(folder: folder)
      #expect(draft.remarks.count == 1 && draft.remarks[0].contains("broken.npy"))
      try draft.write()
      let set = try FolderDataset.load(folder: folder, cache: DatasetCache(folder: folder))
      #expect(Set(set.modalities.map(\.name)) == ["gaze", "motion", "keys"])
      #expect(throws: UserError.self) { try FolderDraft(folder: folder) }
    }
  }

  /// The draft of a table beside 24 pictures, and what is read with it.
  private func read(_ table: Data) throws -> (text: String, set: MultimodalDataset) {
    var read: (String, MultimodalDataset)?
    try withTemporaryFolder { folder in
      try SampleFolder.writePictures(to: folder, count: 24)
      try FileManager.default.removeItem(at: folder.appendingPathComponent("captions.csv"))
      let images = folder.appendingPathComponent("images")
      for (place, name) in try FileManager.default.contentsOfDirectory(atPath: images.path).sorted().enumerated() {
        try FileManager.default.moveItem(
          at: images.appendingPathComponent(name), to: images.appendingPathComponent("\(place).jpg"))
      }
      try table.write(to: folder.appendingPathComponent("t.csv"))
      let draft = try FolderDraft(folder: folder)
      try draft.write()
      read = (draft.text, try FolderDataset.load(folder: folder, cache: DatasetCache(folder: folder)))
    }
    return try #require(read)
  }

  private func table(_ head: String, _ row: (Int) -> String) -> String {
    ([head] + (0..<24).map(row)).joined(separator: "\n") + "\n"
  }

  @Test func aTableAsPandasWritesItIsRead() throws {
    let (text, set) = try read(Data(table(",file,caption") { "\($0),\($0).jpg,a picture of \($0)" }.utf8))
    #expect(text.contains("\nidentifier: index\n"))
    #expect(Set(set.modalities.map(\.name)) == ["file", "caption"])
    #expect(set.train.identifiers.allSatisfy { Int($0) != nil })
  }

  @Test func barsBetweenCellsAreSeen() throws {
    let (text, set) = try read(
      Data(table("image_name| comment_number| comment") { "\($0).jpg| \($0 % 5)| He says \" \($0) \" ." }.utf8))
    #expect(text.contains("\ndelimiter: \"|\"\n"))
    #expect(set.train.texts["comment"]?.allSatisfy { $0.hasPrefix("He says \" ") } == true)
  }

  @Test(arguments: [false, true]) func decimalCommasAreNumbers(isUTF16: Bool) throws {
    let text = table("id;file;caption;size") { "x\($0);\($0).jpg;a picture of \($0);\($0),5" }
    let (draft, set) = try read(isUTF16 ? try #require(text.data(using: .utf16)) : Data(text.utf8))
    #expect(draft.contains("\n  size: { kind: numbers, columns: [size], decimal: \",\" }  # standardised\n"))
    #expect(set.modalities.first { $0.name == "size" }?.kind == .vector(count: 1))
    #expect(!set.provenance.notes.contains { $0.contains("constant") })
  }

  @Test func refusesATableWithNothingToLearnFrom() {
    let error = #expect(throws: UserError.self) {
      try withTemporaryFolder { folder in
        try Data("id,class\n1,a\n2,a\n3,b\n".utf8).write(to: folder.appendingPathComponent("t.csv"))
        _ = try FolderDraft(folder: folder)
      }
    }
    #expect(error?.what.hasPrefix("no column holds pictures") == true)
  }
}
