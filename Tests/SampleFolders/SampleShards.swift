import Datasets
import Foundation
import Kernels

/// WebDataset shards of small pictures with captions.
public enum SampleShards {
  /// Writes shards of JPEGs of one colour each with noise, 8 × 8 pixels and more, with captions that name their numbers.
  public static func write(to folder: URL, count: Int, shardSize: Int = 16) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var stream = RandomStream(seed: 0, name: "sample/shards")
    for first in stride(from: 0, to: count, by: shardSize) {
      var shard = ShardWriter()
      for index in first..<min(first + shardSize, count) {
        let (width, height) = (8 + stream.below(24), 8 + stream.below(24))
        let colour = (0..<3).map { _ in 40 + stream.below(160) }
        let pixels = (0..<width * height * 3).map { UInt8(colour[$0 % 3] + stream.below(40)) }
        shard.add("\(index).jpg", SampleFiles.jpeg(width: width, height: height, pixels: pixels))
        shard.add("\(index).txt", Data("picture \(index) of colour \(colour[0] / 40)".utf8))
      }
      try shard.finished.write(to: folder.appending(path: "shard-\(1_000_000 + first).tar"))
    }
  }
}
