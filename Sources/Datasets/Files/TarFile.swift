import Diagnostics
import Foundation

/// The table of contents of a tar file: ustar, with the long names of GNU tar and of pax.
///
/// The contents stay on disk; ``contents(of:)`` reads one file's.
public struct TarFile: Sendable {
  /// A regular file inside.
  public struct Entry: Equatable, Sendable {
    /// The path of the file.
    public let name: String
    /// Where the bytes of the file begin.
    public let offset: UInt64
    /// The number of bytes.
    public let size: Int
  }

  /// The file.
  public let file: URL
  /// The regular files inside, in order.
  public let entries: [Entry]

  /// Reads the headers.
  ///
  /// - Throws: `UserError` where the file cannot be read, is no tar file or is cut short.
  public init(file: URL) throws(UserError) {
    self.file = file
    var reader = try TarReader(file: file)
    var entries: [Entry] = []
    while let entry = try reader.next() { entries.append(entry) }
    self.entries = entries
  }

  /// The bytes of a file inside.
  ///
  /// - Throws: `UserError` where they cannot be read.
  public func contents(of entry: Entry) throws(UserError) -> [UInt8] {
    try Self.bytes(of: file, at: entry.offset, count: entry.size)
  }

  static func bytes(of file: URL, at offset: UInt64, count: Int) throws(UserError) -> [UInt8] {
    guard let handle = try? FileHandle(forReadingFrom: file) else {
      throw UserError(.inputOutput, "cannot be read", at: file.path, mend: "check that it exists and may be read")
    }
    defer { try? handle.close() }
    guard (try? handle.seek(toOffset: offset)) != nil, let data = try? handle.read(upToCount: count),
      data.count == count
    else {
      // An empty file inside gives no data at all.
      if count == 0 { return [] }
      throw UserError(.data, "\(count) bytes from \(offset) on cannot be read", at: file.path)
    }
    return [UInt8](data)
  }
}

/// Walks over the headers of a tar file.
private struct TarReader {
  private let file: URL
  private let handle: FileHandle
  private let length: UInt64
  private var position: UInt64 = 0

  init(file: URL) throws(UserError) {
    guard let handle = try? FileHandle(forReadingFrom: file), let length = try? handle.seekToEnd() else {
      throw UserError(.inputOutput, "cannot be read", at: file.path, mend: "check that it exists and may be read")
    }
    (self.file, self.handle, self.length) = (file, handle, length)
  }

  /// The next regular file; nil at the end.
  mutating func next() throws(UserError) -> TarFile.Entry? {
    var longName: String?
    while let header = try header() {
      let start = position
      let size = try size(in: header)
      let padded = (UInt64(size) + 511) / 512 * 512
      guard start + padded <= length else { throw fail("is cut short") }
      position = start + padded
      switch header[156] {
      case UInt8(ascii: "L"):
        longName = String(decoding: try read(size, at: start).prefix { $0 != 0 }, as: UTF8.self)
      case UInt8(ascii: "x"):
        longName = Self.path(inPax: try read(size, at: start)) ?? longName
      case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
        return TarFile.Entry(name: longName ?? Self.name(in: header), offset: start, size: size)
      default:
        longName = nil
      }
    }
    return nil
  }

  /// The next header with its checksum tested; nil at the empty blocks that mark the end.
  private mutating func header() throws(UserError) -> [UInt8]? {
    guard position + 512 <= length else {
      throw fail(position == length && length > 0 ? "has no mark of its end, so it may be cut short" : "is cut short")
    }
    let block = try read(512, at: position)
    position += 512
    if block.allSatisfy({ $0 == 0 }) { return nil }
    let stated = Self.octal(block[148..<156])
    let sum = block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    guard stated == sum else { throw fail("the header at byte \(position - 512) is not a tar header") }
    return block
  }

  private func size(in header: [UInt8]) throws(UserError) -> Int {
    let field = header[124..<136]
    // GNU tar writes sizes of 8 GB and more as big-endian numbers with the first bit set.
    if header[124] & 0x80 != 0 {
      let value = field.dropFirst(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard value < UInt64(Int.max) / 2 else { throw fail("a size at byte \(position - 512) is out of range") }
      return Int(value)
    }
    guard let value = Self.octal(field) else { throw fail("a size at byte \(position - 512) is not a number") }
    return value
  }

  private func read(_ count: Int, at offset: UInt64) throws(UserError) -> [UInt8] {
    guard (try? handle.seek(toOffset: offset)) != nil, let data = try? handle.read(upToCount: count),
      data.count == count
    else {
      if count == 0 { return [] }
      throw fail("cannot be read at byte \(offset)")
    }
    return [UInt8](data)
  }

  private func fail(_ what: String) -> UserError {
    UserError(.data, "the tar file \(what)", at: file.path, mend: "fetch or make it again")
  }

  private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.drop { $0 == 32 || $0 == 0 }.prefix { (48...55).contains($0) }
    guard digits.count <= 20, field[digits.endIndex...].allSatisfy({ $0 == 32 || $0 == 0 }) else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 - 48) }
  }

  private static func name(in header: [UInt8]) -> String {
    func text(_ range: Range<Int>) -> String { String(decoding: header[range].prefix { $0 != 0 }, as: UTF8.self) }
    let prefix = header[257..<262].elementsEqual("ustar".utf8) && header[262] == 0 ? text(345..<500) : ""
    return prefix.isEmpty ? text(0..<100) : "\(prefix)/\(text(0..<100))"
  }

  /// The path among the records `length key=value\n` of a pax header.
  private static func path(inPax bytes: [UInt8]) -> String? {
    var rest = bytes[...]
    while let space = rest.firstIndex(of: 32), let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
      length > space - rest.startIndex + 1, length <= rest.count
    {
      let record = rest[(space + 1)..<(rest.startIndex + length)]
      rest = rest[(rest.startIndex + length)...]
      if record.starts(with: "path=".utf8) {
        return String(decoding: record.dropFirst(5).dropLast(), as: UTF8.self)
      }
    }
    return nil
  }
}
