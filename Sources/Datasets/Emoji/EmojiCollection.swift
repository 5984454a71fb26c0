import Diagnostics
import Dispatch
import Foundation

/// Every emoji that can be used, drawn and named: what the cache keeps.
struct EmojiCollection: Codable, Equatable {
  /// The emoji, in the order of `emoji-test.txt`.
  var emoji: [Emoji] = []
  /// For each language, each emoji's name.
  var names: [[String]] = []
  /// Each emoji's keywords in the first language.
  var keywords: [[String]] = []
  /// The skin tones' names in the first language, in lower case.
  var skinTones: [String] = []
  /// What was left out.
  var omissions: [DatasetProvenance.Omission] = []
  /// The pictures one after another, `[emoji, size, size, 3]`.
  var pixels: [UInt8] = []

  private enum CodingKeys: CodingKey { case emoji, names, keywords, skinTones, omissions }

  init() {}

  /// Joins the sources and draws every emoji that has a name in each language and a glyph.
  init(list: [Emoji], annotations: [AnnotationFile], fontFile: String, imageSize: Int) throws(UserError) {
    let named = list.filter { emoji in annotations.allSatisfy { $0.names[emoji.annotationKey] != nil } }
    let pictures = try Self.draw(named, fontFile: fontFile, imageSize: imageSize)
    var unshaped = 0
    for (one, picture) in zip(named, pictures) {
      guard let picture else {
        unshaped += 1
        continue
      }
      emoji.append(one)
      pixels += picture
    }
    let keys = emoji.map(\.annotationKey)
    names = annotations.map { annotation in keys.map { annotation.names[$0] ?? "" } }
    keywords = keys.map { annotations[0].keywords[$0] ?? [] }
    skinTones = (UInt32(0x1f3fb)...0x1f3ff).compactMap { tone in
      annotations[0].names[String(Unicode.Scalar(tone)!)]?.lowercased()
    }
    omissions = [
      .init(reason: "emoji without a name in every language", count: list.count - named.count),
      .init(reason: "emoji that the font does not draw as one colour glyph", count: unshaped),
    ]
  }

  private static func draw(
    _ emoji: [Emoji], fontFile: String, imageSize: Int
  ) throws(UserError) -> [[UInt8]?] {
    var pictures = [[UInt8]?](repeating: nil, count: emoji.count)
    let parts = max(1, min(ProcessInfo.processInfo.activeProcessorCount, 8))
    var failures = [UserError?](repeating: nil, count: parts)
    pictures.withUnsafeMutableBufferPointer { pictures in
      failures.withUnsafeMutableBufferPointer { failures in
        nonisolated(unsafe) let (pictures, failures) = (pictures, failures)
        DispatchQueue.concurrentPerform(iterations: parts) { part in
          do throws(UserError) {
            let font = try EmojiFont(file: fontFile)
            for index in stride(from: part, to: emoji.count, by: parts) {
              pictures[index] = font.glyph(for: emoji[index].scalars).flatMap {
                font.picture(of: $0, size: imageSize)
              }
            }
          } catch {
            failures[part] = error
          }
        }
      }
    }
    if let failure = failures.lazy.compactMap({ $0 }).first { throw failure }
    return pictures
  }

  /// The collection as bytes: the size of the header (eight bytes, little-endian), the header as JSON, the pixels.
  func encoded() throws -> Data {
    let header = try JSONEncoder().encode(self)
    var data = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
    data.append(header)
    data.append(contentsOf: pixels)
    return data
  }

  /// Reads what `encoded` made; nil where the parts do not fit together.
  init?(decoding data: Data, imageSize: Int) {
    let bytes = [UInt8](data)
    guard bytes.count >= 8 else { return nil }
    let size = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard size <= UInt64(bytes.count - 8) else { return nil }
    let end = 8 + Int(size)
    guard var read = try? JSONDecoder().decode(Self.self, from: Data(bytes[8..<end])),
      bytes.count - end == read.emoji.count * imageSize * imageSize * 3,
      !read.names.isEmpty, read.names.allSatisfy({ $0.count == read.emoji.count }),
      read.keywords.count == read.emoji.count,
      read.emoji.allSatisfy({ $0.scalars.allSatisfy { Unicode.Scalar($0) != nil } })
    else { return nil }
    read.pixels = Array(bytes[end...])
    self = read
  }
}
