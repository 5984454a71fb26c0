import Datasets
import Diagnostics
import Foundation
import Kernels

/// Shards of pictures with captions in WebDataset's form, made for benchmarks.
enum GeneratedShards {
  /// How many different pictures there are; the others repeat them under other captions, since reading one again costs
  /// what reading another does.
  static let differentPictures = 256

  private static let words = [
    "red", "green", "blue", "dark", "light", "warm", "cold", "soft", "left", "right", "upper", "lower", "field", "sky",
    "sea", "hill",
  ]

  /// Six words, another choice of them for each number below 16⁶; near numbers have few in common.
  static func caption(_ index: Int) -> String {
    // An odd factor permutes the numbers below a power of two.
    let number = index * 0x9e_3779 & 0xff_ffff
    return "a " + (0..<6).map { words[number >> (4 * $0) & 15] }.joined(separator: " ")
  }

  /// Writes shards of JPEGs of ``ReadingBenchmark/picture(width:height:_:)`` and captions of six words.
  ///
  /// - Returns: the mean size of a picture's file in bytes.
  /// - Throws: `UserError` where they cannot be written.
  static func write(to folder: URL, count: Int, shardSize: Int, side: Int) throws(UserError) -> Int {
    var stream = RandomStream(seed: 0, name: "benchmark/shards")
    var pictures: [Data] = []
    for _ in 0..<min(count, differentPictures) {
      pictures.append(try ReadingBenchmark.picture(width: side, height: side, &stream).encoded())
    }
    var sum = 0
    for (number, first) in stride(from: 0, to: count, by: shardSize).enumerated() {
      var shard = ShardWriter()
      for index in first..<min(first + shardSize, count) {
        let picture = pictures[index % pictures.count]
        sum += picture.count
        shard.add("\(index).jpg", picture)
        shard.add("\(index).txt", Data(caption(index).utf8))
      }
      let name = String(100_000 + number).dropFirst()
      try AtomicFile.write(shard.finished, to: folder.appendingPathComponent("\(name).tar"))
    }
    return sum / max(1, count)
  }
}
