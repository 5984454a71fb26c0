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

  /// Writes shards of JPEGs of ``ReadingBenchmark/picture(width:height:_:)`` and captions of five words.
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
        let caption = (0..<5).map { words[(index * (2 * $0 + 3) + index / words.count * $0) % words.count] }
        shard.add("\(index).txt", Data("a \(caption.joined(separator: " "))".utf8))
      }
      let name = String(100_000 + number).dropFirst()
      try AtomicFile.write(shard.finished, to: folder.appendingPathComponent("\(name).tar"))
    }
    return sum / max(1, count)
  }
}

/// Puts files one after another into a tar archive (POSIX.1-1988, ustar).
struct ShardWriter {
  private var content = Data()

  /// The archive with its end.
  var finished: Data { content + Data(count: 1024) }

  /// Adds a file.
  ///
  /// - Returns: where its bytes begin.
  @discardableResult mutating func add(_ name: String, _ bytes: Data) -> UInt64 {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) { header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8) }
    func octal(_ value: Int, _ digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put(octal(bytes.count, 11), at: 124)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    // The sum is that of the header with white space in the sum's own place.
    put(octal(header.reduce(0) { $0 + Int($1) }, 6), at: 148)
    header[154] = 0
    content.append(contentsOf: header)
    let start = UInt64(content.count)
    content.append(bytes)
    content.append(Data(count: (512 - bytes.count % 512) % 512))
    return start
  }
}
