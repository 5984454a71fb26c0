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
    let (header, start) = try Self.header(of: data, name: name)
    metadata = header.metadata
    for entry in header.entries {
      let values = data.withUnsafeBytes {
        entry.type.values(in: $0.part(start + entry.range.lowerBound..<start + entry.range.upperBound))
      }
      guard let values else {
        throw Self.fault("array '\(entry.name)' holds truth values that are neither 0 nor 1", name)
      }
      arrays[entry.name] = NumericArray(shape: entry.shape, values: values)
    }
  }

  private static func fault(_ what: String, _ name: String) -> UserError {
    UserError(.data, what, at: name, mend: "the file is damaged or of another format; write it again")
  }

  /// The header, and where the arrays' bytes begin.
  private static func header(
    of data: Data, name: String
  ) throws(UserError) -> (header: SafetensorsHeader, start: Int) {
    guard data.count >= 8 else { throw fault("is too short for a safetensors file", name) }
    let length = data.withUnsafeBytes { $0.littleEndian(at: 0, as: UInt64.self) }
    guard length <= UInt64(data.count - 8) else { throw fault("has a header of \(length) bytes, beyond its end", name) }
    guard length <= longestHeader else { throw fault("has a header of \(length) bytes, too long to be one", name) }
    let start = 8 + Int(length)
    let bytes = data.withUnsafeBytes { Array($0.part(8..<start)) }
    return (try SafetensorsHeader(bytes, dataCount: data.count - start, place: name), start)
  }

  /// How single-precision numbers are stored.
  public enum FloatStorage: String, Sendable {
    /// As they are.
    case float32 = "F32"
    /// In half precision, rounded to the nearest.
    case float16 = "F16"
    /// As bfloat16, rounded to the nearest.
    case bfloat16 = "BF16"

    fileprivate var type: ElementType {
      switch self {
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      }
    }
  }

  /// How all single-precision numbers of a file are stored; `float32` where some are stored otherwise than others.
  ///
  /// - Throws: a `UserError` of kind `data` where the bytes are no such file.
  public static func floatStorage(of data: Data, name: String) throws(UserError) -> FloatStorage {
    let header = try header(of: data, name: name).header
    let types = Set(header.entries.map(\.type)).intersection([.float32, .float16, .bfloat16, .float64])
    return types.count == 1 ? types.first.flatMap { FloatStorage(rawValue: $0.rawValue) } ?? .float32 : .float32
  }

  /// The file's bytes: keys sorted, arrays of wide elements first so that each is aligned to its element.
  ///
  /// - Parameter storage: how single-precision numbers are stored.
  public func encoded(_ storage: FloatStorage = .float32) -> Data {
    precondition(arrays["__metadata__"] == nil, "SafetensorsFile: an array cannot be named __metadata__")
    let order = arrays.map { entry -> (name: String, array: NumericArray, type: ElementType) in
      let own = ElementType(of: entry.value.values)
      return (entry.key, entry.value, own == .float32 ? storage.type : own)
    }
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
    for (_, array, type) in order {
      switch (array.values, type) {
      case (.float32(let values), .float16): for value in values { data.append(littleEndian: halfBits(value)) }
      case (.float32(let values), .bfloat16): for value in values { data.append(littleEndian: bfloat16Bits(value)) }
      default: data.append(littleEndian: array.values)
      }
    }
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
