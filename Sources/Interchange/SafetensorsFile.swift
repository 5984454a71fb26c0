import Diagnostics
import Foundation

/// Named arrays and a string map, in the safetensors format.
///
/// The file is the header's length in 8 bytes, a JSON header, and the arrays' bytes without gaps, all little-endian.
/// Types that `NumericArray` lacks are widened without loss: F16 and BF16 to float32, I8, I16 and U16 to int32, U32 to
/// int64. Equal content gives equal bytes.
public struct SafetensorsFile: Equatable, Sendable {
  /// The string map under `__metadata__`.
  public var metadata: [String: String]
  /// The arrays by name.
  public var arrays: [String: NumericArray]

  /// The longest header that is read, in bytes.
  private static let longestHeader = 100_000_000

  /// Creates content to be written.
  public init(arrays: [String: NumericArray] = [:], metadata: [String: String] = [:]) {
    self.arrays = arrays
    self.metadata = metadata
  }

  /// Reads a file.
  ///
  /// - Throws: a `UserError` of kind `inputOutput` where the file cannot be read, `data` where its content is wrong.
  public init(readingFrom url: URL) throws(UserError) {
    try self.init(data: RegularFile.contents(of: url), name: url.path)
  }

  /// Reads a file's bytes; errors call them by `name`.
  ///
  /// - Throws: a `UserError` of kind `data`.
  public init(data: Data, name: String = "safetensors data") throws(UserError) {
    self.init()
    func fault(_ what: String) -> UserError {
      UserError(.data, what, at: name, mend: "the file is damaged or of another format; write it again")
    }
    guard data.count >= 8 else { throw fault("is too short for a safetensors file") }
    let length = data.withUnsafeBytes { $0.littleEndian(at: 0, as: UInt64.self) }
    guard length <= UInt64(data.count - 8) else { throw fault("has a header of \(length) bytes, beyond its end") }
    guard length <= Self.longestHeader else { throw fault("has a header of \(length) bytes, too long to be one") }
    let start = 8 + Int(length)
    let headerBytes = data.withUnsafeBytes { Array($0.part(8..<start)) }
    let header = try SafetensorsHeader(headerBytes, dataCount: data.count - start, place: name)
    metadata = header.metadata
    for entry in header.entries {
      let values = data.withUnsafeBytes {
        entry.type.values(in: $0.part(start + entry.range.lowerBound..<start + entry.range.upperBound))
      }
      guard let values else { throw fault("array '\(entry.name)' holds truth values that are neither 0 nor 1") }
      arrays[entry.name] = NumericArray(shape: entry.shape, values: values)
    }
  }

  /// The file's bytes: keys sorted, arrays of wide elements first so that each is aligned to its element.
  public func encoded() -> Data {
    precondition(arrays["__metadata__"] == nil, "SafetensorsFile: an array cannot be named __metadata__")
    let order = arrays.map { (name: $0.key, array: $0.value, type: ElementType(of: $0.value.values)) }
      .sorted { ($1.type.byteCount, $0.name) < ($0.type.byteCount, $1.name) }
    var members: [String: String] = [:]
    var offset = 0
    for (name, array, type) in order {
      let end = offset + array.count * type.byteCount
      let shape = array.shape.map(String.init).joined(separator: ",")
      members[name] = #"{"dtype":"\#(type.rawValue)","shape":[\#(shape)],"data_offsets":[\#(offset),\#(end)]}"#
      offset = end
    }
    if !metadata.isEmpty { members["__metadata__"] = jsonObject(metadata.mapValues { jsonString($0) }) }
    var header = jsonObject(members)
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)

    var data = Data(capacity: 8 + header.utf8.count + offset)
    data.append(littleEndian: UInt64(header.utf8.count))
    data.append(contentsOf: header.utf8)
    for (_, array, _) in order { data.append(littleEndian: array.values) }
    return data
  }

  /// Writes the file atomically.
  ///
  /// - Throws: a `UserError` of kind `inputOutput`.
  public func write(to url: URL) throws(UserError) {
    try AtomicFile.write(encoded(), to: url)
  }
}

/// An object of JSON texts, its keys sorted.
private func jsonObject(_ members: [String: String]) -> String {
  let keys = members.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  return "{" + keys.map { "\(jsonString($0)):\(members[$0] ?? "null")" }.joined(separator: ",") + "}"
}

/// A string in JSON; only what must be escaped is.
private func jsonString(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\u{0}"..<"\u{20}":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
