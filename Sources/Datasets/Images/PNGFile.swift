import CImageCodecs
import Diagnostics
import Foundation

/// A picture to be written as PNG, 8 bits a channel.
public struct PNGFile: Sendable {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int
  /// 1 for grey, 3 for RGB.
  public let channels: Int
  /// The values, `[height, width, channels]`.
  public let pixels: [UInt8]

  /// Creates a picture; channels are 1 or 3.
  public init(width: Int, height: Int, channels: Int = 3, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && (channels == 1 || channels == 3) && pixels.count == width * height * channels,
      "PNGFile: \(pixels.count) bytes for \(width) × \(height) pixels of \(channels) channels")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// The file's bytes.
  ///
  /// - Throws: `UserError` where there is not enough memory.
  public func encoded() throws(UserError) -> Data {
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    var message = ic_message()
    let status = ic_png_encode(pixels, UInt32(width), UInt32(height), UInt32(channels), &bytes, &count, &message)
    guard status == ic_good, let bytes else {
      throw UserError(.inputOutput, "a PNG of \(width) × \(height) pixels cannot be made: not enough memory")
    }
    defer { ic_free(bytes) }
    return Data(bytes: bytes, count: count)
  }

  /// Writes the file atomically.
  ///
  /// - Throws: `UserError` of kind `inputOutput`.
  public func write(to url: URL) throws(UserError) {
    try AtomicFile.write(encoded(), to: url)
  }
}
