/// What a file is by its first bytes, whatever its name says.
public enum FileContent {
  private struct Mark {
    let bytes: [UInt8]
    var offset = 0
    let name: String

    init(_ text: String, at offset: Int = 0, _ name: String) { self.init(Array(text.utf8), at: offset, name) }
    init(_ bytes: [UInt8], at offset: Int = 0, _ name: String) {
      (self.bytes, self.offset, self.name) = (bytes, offset, name)
    }
  }

  private static let marks: [Mark] = [
    Mark("RIFF", "a RIFF file"), Mark("fLaC", "FLAC"), Mark("FORM", "AIFF"), Mark(".snd", "a Sun AU file"),
    Mark("caff", "a Core Audio file"), Mark("ID3", "MP3"), Mark([0xff, 0xfb], "MP3"), Mark([0xff, 0xf3], "MP3"),
    Mark([0xff, 0xfa], "MP3"), Mark([0xff, 0xf1], "AAC"), Mark([0xff, 0xf9], "AAC"), Mark("#!AMR", "AMR"),
    Mark("MThd", "MIDI"), Mark([0x30, 0x26, 0xb2, 0x75], "WMA or WMV"),
    Mark([0x1a, 0x45, 0xdf, 0xa3], "Matroska or WebM"),
    Mark("wvpk", "WavPack"), Mark("MAC ", "Monkey's Audio"), Mark([0x89, 0x50, 0x4e, 0x47], "a PNG picture"),
    Mark([0xff, 0xd8, 0xff], "a JPEG picture"), Mark("GIF8", "a GIF picture"), Mark("BM", "a BMP picture"),
    Mark([0x49, 0x49, 0x2a, 0], "a TIFF picture"), Mark([0x4d, 0x4d, 0, 0x2a], "a TIFF picture"),
    Mark("%PDF", "PDF"), Mark([0x50, 0x4b, 3, 4], "a zip archive"), Mark([0x1f, 0x8b], "gzip"),
    Mark("version https://git-lfs", "a pointer of Git LFS, not the file itself"),
  ]

  /// The name of what the bytes are, with an article where one is needed; nil for what is not known.
  public static func name(of bytes: [UInt8]) -> String? {
    if bytes.isEmpty { return "empty" }
    func text(_ range: Range<Int>) -> String? {
      bytes.count >= range.upperBound ? String(decoding: bytes[range], as: UTF8.self) : nil
    }
    if bytes.starts(with: "RIFF".utf8) {
      switch text(8..<12) {
      case "WAVE": return "WAV"
      case "WEBP": return "a WebP picture"
      case "AVI ": return "AVI"
      default: return "a RIFF file"
      }
    }
    if bytes.starts(with: "OggS".utf8) { return ogg(bytes) }
    if text(4..<8) == "ftyp" {
      switch text(8..<12) {
      case "heic", "heix", "mif1": return "a HEIC picture"
      case "avif": return "an AVIF picture"
      case "M4A ", "M4B ": return "M4A (AAC)"
      default: return "MP4"
      }
    }
    if let mark = marks.first(where: { mark in
      mark.bytes.count + mark.offset <= bytes.count && bytes[mark.offset...].starts(with: mark.bytes)
    }) {
      return mark.name
    }
    let head = String(decoding: bytes.prefix(256), as: UTF8.self).lowercased()
    if head.contains("<!doctype html") || head.contains("<html") { return "a web page" }
    if head.contains("<svg") { return "an SVG picture" }
    if bytes.allSatisfy({ $0 == 0 }) { return "nothing but zeros" }
    if bytes.prefix(256).allSatisfy({ (32..<127).contains($0) || [9, 10, 13].contains($0) }) { return "text" }
    return nil
  }

  /// The codec of an Ogg stream, which its first packet names.
  private static func ogg(_ bytes: [UInt8]) -> String {
    guard bytes.count > 26, bytes.count > 27 + Int(bytes[26]) else { return "Ogg" }
    let packet = bytes[(27 + Int(bytes[26]))...]
    if packet.starts(with: [1] + Array("vorbis".utf8)) { return "Ogg Vorbis" }
    if packet.starts(with: "OpusHead".utf8) { return "Ogg Opus" }
    if packet.starts(with: "Speex".utf8) { return "Ogg Speex" }
    if packet.starts(with: [0x7f] + Array("FLAC".utf8)) { return "Ogg FLAC" }
    if packet.starts(with: [0x80] + Array("theora".utf8)) { return "Ogg Theora" }
    return "Ogg"
  }
}
