import Datasets
import Diagnostics
import Foundation
import Interchange
import SampleFolders
import Testing

@Suite struct DataIdentityTests {
  private func withShapes(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let set = folder.appendingPathComponent("set")
      try SampleFolder.writeShapes(to: set, count: 24)
      try body(set)
    }
  }

  private func change(_ file: URL, _ old: String, _ new: String) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    try #require(text.contains(old))
    try Data(text.replacing(old, with: new, maxReplacements: 1).utf8).write(to: file)
  }

  @Test func theChecksumIsThatOfTheLoadedFolder() throws {
    try withShapes { folder in
      let cache = DatasetCache(folder: folder.appendingPathComponent("cache"))
      var options = FolderDataset.Options()
      for modalities in [nil, ["caption"], ["picture"]] {
        options.modalities = modalities
        let loaded = try FolderDataset.load(folder: folder, options: options, cache: cache)
        let identity = try FolderDataset.identity(folder: folder, options: options)
        #expect(identity.checksum == loaded.checksum && identity.name == loaded.name)
      }
    }
  }

  @Test func whatHasChangedIsNamed() throws {
    try withShapes { folder in
      let before = try FolderDataset.identity(folder: folder)
      #expect(before.changes(since: before).isEmpty)
      try change(folder.appending(path: "dataset.yaml"), "labels: [shape]", "labels: [tags]")
      try change(folder.appending(path: "captions.csv"), "number 0", "number nought")
      var now = try FolderDataset.identity(folder: folder)
      #expect(now.changes(since: before) == ["captions.csv, dataset.yaml have changed"])
      let picture = folder.appending(path: "images/red-0.jpg")
      try FileManager.default.removeItem(at: picture)
      try FileManager.default.copyItem(at: folder.appending(path: "images/green-1.jpg"), to: picture)
      let again = try FolderDataset.identity(folder: folder)
      #expect(again.changes(since: now) == ["images/red-0.jpg has changed"])
      now = again
      try change(folder.appending(path: "captions.csv"), "images/blue-2.jpg", "images/yellow-3.jpg")
      #expect(
        try FolderDataset.identity(folder: folder).changes(since: now)
          == ["captions.csv has changed", "images/blue-2.jpg is gone"])
    }
  }

  @Test func anotherFolderUnderTheSamePathIsNamed() throws {
    try withShapes { folder in
      let first = try FolderDataset.identity(folder: folder)
      let other = folder.deletingLastPathComponent().appending(path: "other")
      try FileManager.default.copyItem(at: folder, to: other)
      // A copy is the same data.
      #expect(try FolderDataset.identity(folder: other).changes(since: first).isEmpty)
      try change(other.appending(path: "captions.csv"), "number 0", "number nought")
      let changes = try FolderDataset.identity(folder: other).changes(since: first)
      #expect(changes == ["the folder is \(other.path), not \(folder.path)", "captions.csv has changed"])
    }
  }

  @Test func aPublishedSetIsKnownWithoutItsParts() throws {
    var options = DigitsDataset.Options()
    options.source = .generated
    let identity = try options.identity(DataRequest())
    #expect(identity.checksum == (try options.load(DataRequest()).checksum) && identity.parts.isEmpty)
    #expect(
      identity.changes(since: DataIdentity(name: "digits", checksum: "other"))
        == ["the checksum of digits is another"])
  }
}
