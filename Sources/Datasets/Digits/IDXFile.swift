import Diagnostics
import Foundation

/// An array of bytes in the IDX format of MNIST: `00 00 08 N`, N big-endian sizes, then the values, row-major.
public struct IDXFile: Sendable {
  /// The sizes, slowest first.
  public let shape: [Int]
  /// The whole file; the values begin at `offset`.
  let bytes: [UInt8]
  /// Where the values begin.
  let offset: Int

  /// Reads an array of unsigned bytes.
  ///
  /// - Throws: `UserError` where the header is not IDX's or the sizes do not fit the length.
  public init(contents bytes: [UInt8], place: String) throws(UserError) {
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, bytes[2] == 8 else {
      throw UserError(.data, "not an IDX file of unsigned bytes", at: place, mend: "fetch the file again")
    }
    let offset = 4 + 4 * Int(bytes[3])
    guard bytes[3] > 0, bytes.count >= offset else {
      throw UserError(.data, "the IDX header is cut short", at: place, mend: "fetch the file again")
    }
    let shape = (0..<Int(bytes[3])).map { i in
      bytes[(4 + 4 * i)..<(8 + 4 * i)].reduce(0) { $0 << 8 | Int($1) }
    }
    // Sizes of 0 are left out, so that no reader of an empty array meets a product that overflows.
    var count = 1
    for size in shape where size > 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else {
        throw UserError(.data, "the IDX sizes \(shape) are too large", at: place, mend: "fetch the file again")
      }
      count = product
    }
    if shape.contains(0) { count = 0 }
    guard bytes.count - offset == count else {
      throw UserError(
        .data, "the IDX sizes \(shape) need \(count) bytes, but there are \(bytes.count - offset)", at: place,
        mend: "fetch the file again")
    }
    self.shape = shape
    self.bytes = bytes
    self.offset = offset
  }

  /// The values, row-major.
  public var values: ArraySlice<UInt8> { bytes[offset...] }
}
