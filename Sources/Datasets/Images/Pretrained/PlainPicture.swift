import CImageCodecs
import Diagnostics

/// A picture as its file stores it: not turned, its alpha channel apart, and with the knowledge whether its colours were
/// chosen from few.
struct PlainPicture {
  let width, height: Int
  let kind: PixelKind
  let pixels: [UInt8]

  /// Decodes a PNG, JPEG or WebP file.
  ///
  /// - Throws: `UserError` where it is none of them, or damaged.
  init(_ bytes: [UInt8], place: String) throws(UserError) {
    guard ImageFile.Format(of: bytes) == .png else {
      let stored = try ImageFile.stored(bytes, place: place).picture
      (width, height, kind, pixels) = (stored.width, stored.height, .rgb, stored.pixels)
      return
    }
    let header = try ImageFile.header(of: bytes, place: place)
    let size = header.isTransposed ? (header.height, header.width) : (header.width, header.height)
    (width, height) = size
    var message = ic_message()
    var status = ic_good
    let rgba = [UInt8](unsafeUninitializedCapacity: 4 * size.0 * size.1) { target, count in
      target.initialize(repeating: 0)
      status = ic_png_decode_rgba(
        bytes, bytes.count, UInt32(size.0), UInt32(size.1), target.baseAddress!, &message)
      count = 4 * size.0 * size.1
    }
    guard status == ic_good else { throw ImageFile.fault(status, .png, message, place) }
    // The header chunk has the bits of a channel and the kind of colours behind width and height.
    let (bits, colours) = (bytes[24], bytes[25])
    if colours == 4 || colours == 6 {
      (kind, pixels) = (.rgba, rgba)
    } else {
      kind = colours == 3 || (colours == 0 && bits == 1) ? .chosenColours : .rgb
      pixels = stride(from: 0, to: rgba.count, by: 4).flatMap { rgba[$0..<$0 + 3] }
    }
  }
}
