import CImageCodecs
import Diagnostics
import Foundation

/// A picture to be written as JPEG.
public struct JPEGFile: Sendable {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int
  /// The values, `[height, width, 3]`.
  public let pixels: [UInt8]

  /// Creates a picture of RGB pixels.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      (1...65_500).contains(width) && (1...65_500).contains(height) && pixels.count == 3 * width * height,
      "JPEGFile: \(pixels.count) bytes for \(width) × \(height) pixels")
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  /// The file's bytes.
  ///
  /// - Parameter quality: libjpeg's, 1 to 100.
  /// - Throws: `UserError` where there is not enough memory.
  public func encoded(quality: Int = 90) throws(UserError) -> Data {
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    guard ic_jpeg_encode(pixels, UInt32(width), UInt32(height), Int32(quality), &bytes, &count) == ic_good, let bytes
    else {
      throw UserError(.inputOutput, "a JPEG of \(width) × \(height) pixels cannot be made: not enough memory")
    }
    defer { ic_free(bytes) }
    return Data(bytes: bytes, count: count)
  }
}
