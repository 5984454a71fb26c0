import Datasets
import Diagnostics
import Foundation
import Testing

struct DatasetCacheTests {
  private let key = SHA256.hexDigest(of: [1])

  @Test func readsWhatItWroteAndNothingDamaged() throws {
    try withTemporaryFolder { folder in
      let cache = DatasetCache(folder: folder.appendingPathComponent("new/cache"))
      #expect(cache.read(name: "x", key: key) == nil)
      #expect(cache.write(Data([1, 2, 3]), name: "x", key: key) == nil)
      #expect(cache.read(name: "x", key: key).map { [UInt8]($0) } == [1, 2, 3])
      let file = cache.file(name: "x", key: key)
      for position in [0, 20, 60, 106] {
        let whole = try Data(contentsOf: file)
        var bytes = [UInt8](whole)
        bytes[position] ^= 1
        try Data(bytes).write(to: file)
        #expect(cache.read(name: "x", key: key) == nil, "a flipped bit at \(position)")
        try whole.write(to: file)
      }
      try Data([UInt8](Data(contentsOf: file)).dropLast()).write(to: file)
      #expect(cache.read(name: "x", key: key) == nil)
      try Data([1]).write(to: file)
      #expect(cache.read(name: "x", key: key) == nil)
    }
  }

  @Test func doesNotTakeAnotherEntrysFile() throws {
    try withTemporaryFolder { folder in
      let cache = DatasetCache(folder: folder)
      #expect(cache.write(Data([9]), name: "x", key: key) == nil)
      let other = String(key.prefix(16)) + String(repeating: "0", count: 48)
      #expect(cache.file(name: "x", key: other) == cache.file(name: "x", key: key))
      #expect(cache.read(name: "x", key: other) == nil)
    }
  }

  @Test func onlyNotesAFolderThatCannotBeWritten() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      let note = DatasetCache(folder: file).write(Data([1]), name: "x", key: key)
      #expect(note?.contains(file.path) == true)
    }
  }

  @Test func findsItsFolderInTheEnvironment() {
    let chosen = DatasetCache(environment: ["CONCORD_CACHE": "/a", "XDG_CACHE_HOME": "/b"])
    #expect(chosen.folder.path == "/a")
    #expect(DatasetCache(environment: ["CONCORD_CACHE": "", "XDG_CACHE_HOME": "/b"]).folder.path == "/b/concord")
    #expect(DatasetCache(environment: [:]).folder.path.hasSuffix(".cache/concord"))
  }
}

/// Runs a test in a folder of its own, which is removed at the end.
func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}
