import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import SampleFolders
import Testing

@Suite struct PictureFilesTests {
  private func withShapes(_ count: Int, _ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let set = folder.appendingPathComponent("set")
      try SampleFolder.writeShapes(to: set, count: count)
      try body(set)
    }
  }

  private func load(_ folder: URL, streams: Bool?) throws -> MultimodalDataset {
    var options = FolderDataset.Options()
    options.streams = streams
    let cache = DatasetCache(folder: folder.deletingLastPathComponent().appendingPathComponent("cache"))
    return try FolderDataset.load(folder: folder, options: options, cache: cache)
  }

  private func images(_ folder: URL) throws -> [URL] {
    let images = folder.appendingPathComponent("images")
    return try FileManager.default.contentsOfDirectory(atPath: images.path).sorted().map {
      images.appendingPathComponent($0)
    }
  }

  @Test func aFolderThatIsStreamedHasTheSameItems() throws {
    try withShapes(36) { folder in
      let (held, streamed) = (try load(folder, streams: nil), try load(folder, streams: true))
      #expect(held.train.column(of: "picture").stream == nil && held.train.column(of: "picture").bytes != nil)
      #expect(held.checksum == streamed.checksum)
      for (one, other) in [
        (held.train, streamed.train), (held.validation, streamed.validation), (held.test, streamed.test),
      ] {
        let rows = Array((0..<one.count).reversed()) + [0, 0]
        #expect(other.column(of: "picture").stream != nil && one.count == other.count)
        #expect(try one.readItems(of: "picture", at: rows) == other.readItems(of: "picture", at: rows))
        #expect(one.items(of: "caption", at: rows) == other.items(of: "caption", at: rows))
        #expect(one.labels == other.labels && one.texts == other.texts)
      }
      #expect(
        streamed.provenance.notes.contains(
          "the files of `picture` are decoded when they are needed, not held in memory"))
      // Once more from the cache, which knows which files are good.
      #expect(try load(folder, streams: true).train.count == held.train.count)
    }
  }

  @Test func anObservationWithoutAPictureGetsZeros() throws {
    try withShapes(24) { folder in
      let table = folder.appendingPathComponent("captions.csv")
      let text = try String(contentsOf: table, encoding: .utf8)
      try Data((text + ",\"a red disc, without a picture\",red,disc\r\n").utf8).write(to: table)
      let description = folder.appendingPathComponent("dataset.yaml")
      let lines = try String(contentsOf: description, encoding: .utf8) + "\nmissing: allowed\n"
      try Data(lines.utf8).write(to: description)
      let (held, streamed) = (try load(folder, streams: false), try load(folder, streams: true))
      var absent = 0
      for (one, other) in [
        (held.train, streamed.train), (held.validation, streamed.validation), (held.test, streamed.test),
      ] {
        #expect(
          try one.readItems(of: "picture", at: 0..<one.count) == other.readItems(of: "picture", at: 0..<one.count))
        absent += other.column(of: "picture").absentCount
      }
      #expect(absent == 1)
    }
  }

  @Test func whatIsPreparedIsTheSameAndMemoryIsBounded() throws {
    try withShapes(40) { folder in
      let form = PictureForm(ImageResize(side: 12))
      let pictures = PictureFiles(try images(folder).map { .file($0) }, form: form)
      let plain = PictureFiles(pictures.places, form: form)
      var stream = RandomStream(seed: 1, name: "batches")
      var next = (0..<8).map { _ in stream.below(40) }
      for _ in 0..<30 {
        let batch = next
        next = (0..<8).map { _ in stream.below(40) }
        pictures.prepare(next)
        for _ in 0..<2 { #expect(try pictures.items(at: batch) == plain.items(at: batch)) }
        // The batch at work, the next, and the one before.
        #expect(pictures.heldCount <= 24 && plain.heldCount <= 8)
      }
    }
  }

  @Test func aBoundOnMemoryBoundsWhatIsMadeAhead() throws {
    try withShapes(40) { folder in
      let form = PictureForm(ImageResize(side: 12))
      let pictures = PictureFiles(try images(folder).map { .file($0) }, form: form, memory: 3 * form.elementCount)
      pictures.prepare(Array(0..<40))
      for _ in 0..<200 where pictures.heldCount < 3 { usleep(5_000) }
      #expect(pictures.heldCount == 3)
    }
  }

  @Test func aFileThatChangedOrIsDamagedIsNamed() throws {
    try withShapes(24) { folder in
      let set = try load(folder, streams: true)
      let pictures = try #require(set.train.column(of: "picture").stream as? PictureFiles)
      guard case .file(let file, _) = pictures.places[0] else { return }
      try FileManager.default.removeItem(at: file)
      try FileManager.default.copyItem(at: try images(folder)[3], to: file)
      pictures.prepare([0, 1])
      let error = #expect(throws: UserError.self) { try pictures.items(at: [1, 0]) }
      #expect(error?.place == file.relativePath)
      #expect(error?.what == "is not the file that it was when the data set was read")
      try Data("no picture".utf8).write(to: file)
      let damaged = PictureFiles([.file(file)], form: pictures.form)
      #expect(throws: UserError.self) { try damaged.check(0) }
      // A set with such a file is refused when it is read, as one in memory is.
      #expect(throws: UserError.self) { try load(folder, streams: true) }
    }
  }
}
