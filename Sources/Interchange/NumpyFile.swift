import Diagnostics
import Foundation

/// One array in NumPy's `.npy` format, versions 1 to 3.
///
/// Big-endian and Fortran-ordered arrays are converted when read; types that `NumericArray` lacks are widened as
/// `SafetensorsFile` widens them. Written files are version 1, little-endian, row-major.
public struct NumpyFile: Equatable, Sendable {
  /// The array.
  public var array: NumericArray

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// The longest header that is read, in bytes; NumPy itself reads no more than 10 000.
  private static let longestHeader = 1 << 16

  /// Creates content to be written.
  public init(_ array: NumericArray) {
    self.array = array
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
  public init(data: Data, name: String = "npy data") throws(UserError) {
    func fault(_ what: String) -> UserError {
      UserError(.data, what, at: name, mend: "the file is damaged or of another format; write it again")
    }
    guard data.count >= 10, data.starts(with: Self.magic) else { throw fault("is not an npy file") }
    let version = data.withUnsafeBytes { $0[6] }
    guard (1...3).contains(version) else { throw fault("has npy version \(version), and 1 to 3 are known") }
    let start = version == 1 ? 10 : 12
    guard data.count >= start else { throw fault("is too short for an npy file") }
    let length = data.withUnsafeBytes {
      version == 1 ? Int($0.littleEndian(at: 8, as: UInt16.self)) : Int($0.littleEndian(at: 8, as: UInt32.self))
    }
    guard length <= data.count - start else { throw fault("has a header of \(length) bytes, beyond its end") }
    guard length <= Self.longestHeader else { throw fault("has a header of \(length) bytes, too long to be one") }
    let headerBytes = data.withUnsafeBytes { Array($0.part(start..<start + length)) }
    let header = try NumpyHeader(headerBytes, place: name)
    let bytes = data.count - start - length
    guard let count = header.shape.elementCount, (header.shape + [header.type.byteCount]).elementCount != nil else {
      throw fault("has the impossible shape \(header.shape)")
    }
    guard count * header.type.byteCount == bytes else {
      throw fault("of shape \(header.shape) needs \(count * header.type.byteCount) bytes of numbers but has \(bytes)")
    }
    let values = data.withUnsafeBytes {
      header.type.values(in: $0.part(start + length..<data.count), bigEndian: header.isBigEndian)
    }
    guard let values else { throw fault("holds truth values that are neither 0 nor 1") }
    array = NumericArray(
      shape: header.shape, values: header.isFortranOrder ? values.rowMajor(fromFortran: header.shape) : values)
  }

  /// The file's bytes; the numbers begin at a multiple of 64.
  public func encoded() -> Data {
    let type = ElementType(of: array.values)
    let order = type.byteCount == 1 ? "|" : "<"
    let shape = array.shape.map(String.init).joined(separator: ", ") + (array.shape.count == 1 ? "," : "")
    var header = "{'descr': '\(order)\(type.numpyCode ?? "")', 'fortran_order': False, 'shape': (\(shape)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    precondition(header.utf8.count <= UInt16.max, "NumpyFile: an array of \(array.shape.count) dimensions")
    var data = Data(capacity: 10 + header.utf8.count + array.count * type.byteCount)
    data.append(contentsOf: Self.magic + [1, 0])
    data.append(littleEndian: UInt16(header.utf8.count))
    data.append(contentsOf: header.utf8)
    data.append(littleEndian: array.values)
    return data
  }

  /// Writes the file atomically.
  ///
  /// - Throws: a `UserError` of kind `inputOutput`.
  public func write(to url: URL) throws(UserError) {
    try AtomicFile.write(encoded(), to: url)
  }
}

extension NumericArray.Values {
  /// Values whose first index runs fastest, reordered so that the last does.
  fileprivate func rowMajor(fromFortran shape: [Int]) -> Self {
    func reorder<Element>(_ source: [Element]) -> [Element] {
      guard shape.count > 1, !source.isEmpty else { return source }
      var strides = [1]
      for extent in shape.dropLast() { strides.append(strides[strides.count - 1] * extent) }
      var index = [Int](repeating: 0, count: shape.count)
      var place = 0
      return source.indices.map { _ in
        let element = source[place]
        for axis in shape.indices.reversed() {
          index[axis] += 1
          place += strides[axis]
          if index[axis] < shape[axis] { break }
          place -= strides[axis] * shape[axis]
          index[axis] = 0
        }
        return element
      }
    }
    return switch self {
    case .float32(let values): .float32(reorder(values))
    case .float64(let values): .float64(reorder(values))
    case .int32(let values): .int32(reorder(values))
    case .int64(let values): .int64(reorder(values))
    case .uint8(let values): .uint8(reorder(values))
    case .bool(let values): .bool(reorder(values))
    }
  }
}
