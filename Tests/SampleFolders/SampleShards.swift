import Foundation
import Kernels

/// WebDataset shards of small pictures with captions.
public enum SampleShards {
  /// Writes shards of JPEGs of one colour each with noise, 8 × 8 pixels and more, with captions that name their numbers.
  public static func write(to folder: URL, count: Int, shardSize: Int = 16) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var stream = RandomStream(seed: 0, name: "sample/shards")
    for first in stride(from: 0, to: count, by: shardSize) {
      var shard = Data()
      for index in first..<min(first + shardSize, count) {
        let (width, height) = (8 + stream.below(24), 8 + stream.below(24))
        let colour = (0..<3).map { _ in 40 + stream.below(160) }
        let pixels = (0..<width * height * 3).map { UInt8(colour[$0 % 3] + stream.below(40)) }
        add("\(index).jpg", SampleFiles.jpeg(width: width, height: height, pixels: pixels), to: &shard)
        add("\(index).txt", Data("picture \(index) of colour \(colour[0] / 40)".utf8), to: &shard)
      }
      shard.append(Data(count: 1024))
      try shard.write(to: folder.appending(path: "shard-\(1_000_000 + first).tar"))
    }
  }

  /// Adds a file in ustar form.
  private static func add(_ name: String, _ content: Data, to shard: inout Data) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) { header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8) }
    func octal(_ value: Int, _ digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put(octal(content.count, 11), at: 124)
    put("        0", at: 148)
    put("ustar", at: 257)
    put("00", at: 263)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6), at: 148)
    header[154] = 0
    shard.append(contentsOf: header)
    shard.append(content)
    shard.append(Data(count: (512 - content.count % 512) % 512))
  }
}
