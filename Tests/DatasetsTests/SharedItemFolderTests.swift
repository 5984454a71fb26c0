import Datasets
import Foundation
import Options
import SampleFolders
import Testing

/// A table with several captions a picture, and a picture under two names.
@Suite struct SharedItemFolderTests {
  @Test func rowsShareThePictureOfTheirFileAndOfAnEqualOne() throws {
    try withTemporaryFolder { folder in
      let images = folder.appending(path: "images")
      try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
      for (name, level) in [("a", UInt8(20)), ("b", 200), ("copy of a", 20), ("c", 90), ("d", 140)] {
        try SampleFiles.jpeg(width: 16, height: 16, pixels: [UInt8](repeating: level, count: 768))
          .write(to: images.appending(path: "\(name).jpg"))
      }
      var lines = ["file,caption,side"]
      for (file, side) in [
        ("a", "test"), ("b", "test"), ("copy of a", "test"), ("c", "train"), ("d", "validation"), ("gone", "train"),
      ] {
        for word in ["a", "the"] { lines.append("\(file).jpg,\(word) thing,\(side)") }
      }
      try Data(lines.joined(separator: "\n").utf8).write(to: folder.appending(path: "table.csv"))
      try Data(
        """
        table: table.csv
        modalities:
          image: { kind: image, column: file, folder: images, size: 8 }
          caption: { kind: text, length: 5 }
        split: { column: side }
        broken: omitted
        """.utf8
      ).write(to: folder.appending(path: "dataset.yaml"))
      let cache = DatasetCache(folder: folder.appending(path: "cache"))
      for _ in 0..<2 {
        // The second time from the cache.
        let set = try FolderDataset.load(folder: folder, cache: cache)
        let data = try AlignedData(set, options: DataOptions())
        let pictures = data.itemNumbers(of: 0, in: .test)
        #expect(pictures.map { $0 == pictures[0] } == [true, true, false, false, true, true])
        let captions = data.itemNumbers(of: 1, in: .test)
        #expect(captions.map { $0 == captions[0] } == [true, false, true, false, true, false])
        #expect(Set(set.test.families).count == 2 && set.train.count == 2)
        #expect(data.trainingItemNumbers(of: 0, at: [1, 0])?[0] == data.trainingItemNumbers(of: 0, at: [0])?[0])
      }
    }
  }
}
