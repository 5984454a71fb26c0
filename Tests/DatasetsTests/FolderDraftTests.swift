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
