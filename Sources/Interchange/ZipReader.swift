import CZlib
import Diagnostics
import Foundation

/// Reads the directory of a zip archive of stored and deflated entries.
struct ZipReader {
  /// One entry, its bytes checked to lie in the file.
  struct Entry {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    /// Where its own header begins.
    let start: Int
    /// Where the packed bytes of the member stand.
    let range: Range<Int>
    let size: Int
  }

  /// The entries in the directory's order.
  private(set) var entries: [Entry] = []

  /// Deflate cannot shrink bytes further than this, so a larger size is a lie.
  private static let largestRatio = 1032

  /// Reads the directory.
  ///
  /// - Throws: a `UserError` of kind `data`.
  init(_ data: Data, place: String) throws(UserError) {
    func fault(_ what: String) -> UserError {
      UserError(.data, what, at: place, mend: "the file is damaged or of another format; write it again")
    }
    let end = data.withUnsafeBytes { Self.endRecord(in: $0) }
    guard let end else { throw fault("is not a zip archive, or its end is missing") }
    let (count, length, offset) = data.withUnsafeBytes {
      (
        Int($0.littleEndian(at: end + 10, as: UInt16.self)), Int($0.littleEndian(at: end + 12, as: UInt32.self)),
        Int($0.littleEndian(at: end + 16, as: UInt32.self))
      )
    }
    guard offset != Int(UInt32.max), length != Int(UInt32.max), count != Int(UInt16.max) else {
      throw UserError(
        .data, "is a ZIP64 archive", at: place, mend: "split it below 4 GiB and 65 535 arrays, or write safetensors")
    }
    guard offset + length <= end, count * 46 <= length else { throw fault("has its directory beyond its end") }
    var names: Set<String> = []
    var position = offset
    for _ in 0..<count {
      guard position + 46 <= offset + length else { throw fault("has a directory that is cut short") }
      let (entry, next, what) = data.withUnsafeBytes { Self.entry(at: position, in: $0, directory: offset) }
      if let what { throw fault(what) }
      guard let entry, next <= offset + length else { throw fault("has a directory that is cut short") }
      if !names.insert(entry.name).inserted { throw fault("holds '\(entry.name)' twice") }
      entries.append(entry)
      position = next
    }
    guard position == offset + length, position == end else {
      throw fault("has bytes in its directory that say nothing")
    }
    // Entries that share bytes would unpack a small file to any size.
    var used = 0
    for entry in entries.sorted(by: { $0.start < $1.start }) {
      guard entry.start >= used else { throw fault("has entries that overlap") }
      used = entry.range.upperBound
    }
  }

  /// Where the record at the archive's end begins; a comment may follow it.
  private static func endRecord(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 22 else { return nil }
    for position in stride(from: bytes.count - 22, through: max(0, bytes.count - 22 - 65_535), by: -1)
    where bytes.littleEndian(at: position, as: UInt32.self) == 0x0605_4B50 {
      if position + 22 + Int(bytes.littleEndian(at: position + 20, as: UInt16.self)) == bytes.count { return position }
    }
    return nil
  }

  /// One entry of the directory, where the next begins, and what is wrong.
  private static func entry(
    at position: Int, in bytes: UnsafeRawBufferPointer, directory: Int
  ) -> (entry: Entry?, next: Int, what: String?) {
    func short(_ offset: Int) -> Int { Int(bytes.littleEndian(at: offset, as: UInt16.self)) }
    func long(_ offset: Int) -> Int { Int(bytes.littleEndian(at: offset, as: UInt32.self)) }
    guard long(position) == 0x0201_4B50 else { return (nil, 0, "has a damaged directory") }
    let nameEnd = position + 46 + short(position + 28)
    let next = nameEnd + short(position + 30) + short(position + 32)
    guard next <= bytes.count else { return (nil, 0, "has a directory that is cut short") }
    guard let name = String(validating: bytes.part(position + 46..<nameEnd), as: UTF8.self) else {
      return (nil, 0, "has a name that is not UTF-8")
    }
    let method = short(position + 10)
    if short(position + 8) & 1 != 0 { return (nil, 0, "holds '\(name)', which is encrypted") }
    guard method == 0 || method == 8 else { return (nil, 0, "holds '\(name)', packed by the unknown method \(method)") }
    let (packed, size, local) = (long(position + 20), long(position + 24), long(position + 42))
    if [packed, size, local].contains(Int(UInt32.max)) { return (nil, 0, "holds '\(name)', of 4 GiB or more") }
    guard local + 30 <= directory, long(local) == 0x0403_4B50 else {
      return (nil, 0, "holds '\(name)', whose bytes are not in the file")
    }
    let start = local + 30 + short(local + 26) + short(local + 28)
    guard start + packed <= directory else { return (nil, 0, "holds '\(name)', whose bytes are not in the file") }
    guard bytes.part(local + 30..<local + 30 + short(local + 26)).elementsEqual(bytes.part(position + 46..<nameEnd)),
      short(local + 8) == method
    else { return (nil, 0, "holds '\(name)', which its own header calls otherwise") }
    guard method == 8 ? size <= packed * largestRatio : size == packed else {
      return (nil, 0, "holds '\(name)', whose sizes contradict each other")
    }
    let entry = Entry(
      name: name, isDeflated: method == 8, checksum: UInt32(long(position + 16)), start: local,
      range: start..<start + packed, size: size)
    return (entry, next, nil)
  }
}

extension ZipReader.Entry {
  /// The entry's content, inflated and checked.
  ///
  /// - Throws: a `UserError` of kind `data` where it does not unpack to its size and checksum.
  func content(of archive: Data, place: String) throws(UserError) -> Data {
    let packed = archive.subdata(in: archive.startIndex + range.lowerBound..<archive.startIndex + range.upperBound)
    guard let content = isDeflated ? inflate(packed) : packed, Interchange.checksum(content) == checksum else {
      throw UserError(
        .data, "holds '\(name)', which does not unpack to its size and checksum", at: place,
        mend: "the file is damaged; write it again")
    }
    return content
  }

  /// The inflated bytes, or `nil` where they are not raw deflate of exactly the entry's size.
  private func inflate(_ packed: Data) -> Data? {
    var stream = z_stream()
    let raw = -MAX_WBITS
    guard inflateInit2_(&stream, raw, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    // The size is what the archive says, so memory is taken as the bytes come.
    var content = Data()
    var block = [UInt8](repeating: 0, count: 1 << 16)
    let status = packed.withUnsafeBytes { source in
      stream.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
      stream.avail_in = UInt32(source.count)
      var status = Z_OK
      while status == Z_OK, content.count <= size {
        status = block.withUnsafeMutableBufferPointer { target in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          return CZlib.inflate(&stream, Z_NO_FLUSH)
        }
        content.append(contentsOf: block[..<(block.count - Int(stream.avail_out))])
      }
      return status
    }
    return status == Z_STREAM_END && content.count == size && stream.avail_in == 0 ? content : nil
  }
}
