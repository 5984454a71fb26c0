import CImageCodecs
import Diagnostics

/// A picture read from a PNG, JPEG or WebP file, as RGB, transparent parts over white, turned as EXIF says.
public struct ImageFile: Equatable, Sendable {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int
  /// The colours, `[height, width, 3]`.
  public let pixels: [UInt8]

  /// The most pixels that are decoded; a header that claims more is refused before memory is taken.
  public static let mostPixels = 1 << 26

  /// Creates a picture of `3 · width · height` bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && pixels.count == 3 * width * height,
      "ImageFile: \(pixels.count) bytes for \(width) × \(height) pixels of RGB")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The form of the file.
  public enum Format: Sendable {
    /// Portable Network Graphics.
    case png
    /// The JPEG interchange format.
    case jpeg
    /// WebP, which Debian's package libwebp7 decodes.
    case webp

    /// What messages call it.
    var name: String {
      switch self {
      case .png: "PNG"
      case .jpeg: "JPEG"
      case .webp: "WebP"
      }
    }

    /// The form that the first bytes tell, or nil.
    public init?(of bytes: some Sequence<UInt8>) {
      let start = Array(bytes.prefix(12))
      if start.prefix(8) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] {
        self = .png
      } else if start.starts(with: [0xff, 0xd8, 0xff]) {
        self = .jpeg
      } else if start.starts(with: "RIFF".utf8), start.dropFirst(8).elementsEqual("WEBP".utf8) {
        self = .webp
      } else {
        return nil
      }
    }
  }

  /// What a file's header says of the picture, turned as EXIF says.
  public struct Header: Equatable, Sendable {
    /// The width in pixels.
    public let width: Int
    /// The height in pixels.
    public let height: Int
    /// EXIF's orientation, 1 to 8.
    let orientation: Int
    let format: Format

    /// Whether rows become columns.
    var isTransposed: Bool { orientation > 4 }
  }

  /// Reads the header alone.
  ///
  /// - Throws: `UserError` where it is neither PNG, JPEG nor WebP, is damaged, or has more than `mostPixels`.
  public static func header(of bytes: [UInt8], place: String) throws(UserError) -> Header {
    guard let format = Format(of: bytes) else {
      throw UserError(.data, "neither PNG, JPEG nor WebP", at: place, mend: "save it as one of them")
    }
    guard format != .webp || ic_webp_is_there() != 0 else {
      throw UserError(
        .data, "WebP is read by the library libwebp, which is not there", at: place,
        mend: "install the Debian package libwebp7, or save it as PNG or JPEG")
    }
    var header = ic_header()
    var message = ic_message()
    let status =
      switch format {
      case .png: ic_png_header(bytes, bytes.count, &header, &message)
      case .jpeg: ic_jpeg_header(bytes, bytes.count, &header, &message)
      case .webp: ic_webp_header(bytes, bytes.count, &header, &message)
      }
    guard status == ic_good else { throw fault(status, format, message, place) }
    let (width, height) = (Int(header.width), Int(header.height))
    guard width > 0, height > 0, width.multipliedReportingOverflow(by: height).partialValue <= mostPixels else {
      throw UserError(
        .data, "\(width) × \(height) pixels; at most \(mostPixels) can be read", at: place, mend: "make it smaller")
    }
    // Deflate packs at most 1032 bytes of eight pixels into one, so a file with fewer has not what it claims.
    guard format == .webp || width * height / (8 * 1032) <= bytes.count else {
      throw UserError(
        .data, "\(width) × \(height) pixels are claimed, more than \(bytes.count) bytes can hold", at: place,
        mend: "replace or remove it")
    }
    let orientation = Int(header.orientation)
    return Header(
      width: orientation > 4 ? height : width, height: orientation > 4 ? width : height, orientation: orientation,
      format: format)
  }

  /// Decodes a picture.
  ///
  /// - Parameter side: where given, a JPEG may be decoded 2, 4 or 8 times smaller (which averages areas), as long as its
  ///   shorter side stays twice as long as `side` or longer.
  /// - Throws: `UserError` as `header(of:place:)` does, and where the picture is damaged or cut short.
  public init(_ bytes: [UInt8], place: String, atLeast side: Int? = nil) throws(UserError) {
    let (stored, orientation) = try Self.stored(bytes, place: place, atLeast: side)
    self = stored.turned(orientation)
  }

  /// The picture as it is stored, not turned, and EXIF's orientation.
  static func stored(
    _ bytes: [UInt8], place: String, atLeast side: Int? = nil
  ) throws(UserError) -> (picture: ImageFile, orientation: Int) {
    let header = try header(of: bytes, place: place)
    let (columns, rows) = header.isTransposed ? (header.height, header.width) : (header.width, header.height)
    var shrink = 1
    if header.format == .jpeg, let side {
      while shrink < 8, min(columns, rows) / (2 * shrink) >= 2 * side { shrink *= 2 }
    }
    let (width, height) = ((columns + shrink - 1) / shrink, (rows + shrink - 1) / shrink)
    var message = ic_message()
    var status = ic_good
    let pixels = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { target, count in
      target.initialize(repeating: 0)
      let rgb = target.baseAddress!
      status =
        switch header.format {
        case .png: ic_png_decode(bytes, bytes.count, UInt32(columns), UInt32(rows), rgb, &message)
        case .jpeg: ic_jpeg_decode(bytes, bytes.count, UInt32(columns), UInt32(rows), UInt32(shrink), rgb, &message)
        case .webp: ic_webp_decode(bytes, bytes.count, UInt32(columns), UInt32(rows), rgb, &message)
        }
      count = 3 * width * height
    }
    guard status == ic_good else { throw fault(status, header.format, message, place) }
    return (Self(width: width, height: height, pixels: pixels), header.orientation)
  }

  /// The picture turned and mirrored so that it stands upright.
  private func turned(_ orientation: Int) -> ImageFile {
    guard orientation > 1 else { return self }
    let (newWidth, newHeight) = orientation > 4 ? (height, width) : (width, height)
    var turned = [UInt8](repeating: 0, count: pixels.count)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let (column, row) =
          switch orientation {
          case 2: (width - 1 - x, y)
          case 3: (width - 1 - x, height - 1 - y)
          case 4: (x, height - 1 - y)
          case 5: (y, x)
          case 6: (y, height - 1 - x)
          case 7: (width - 1 - y, height - 1 - x)
          default: (width - 1 - y, x)
          }
        let (source, target) = (3 * (row * width + column), 3 * (y * newWidth + x))
        for channel in 0..<3 { turned[target + channel] = pixels[source + channel] }
      }
    }
    return ImageFile(width: newWidth, height: newHeight, pixels: turned)
  }

  static func fault(
    _ status: ic_status, _ format: Format, _ message: ic_message, _ place: String
  ) -> UserError {
    var text = message.text
    let reason = withUnsafeBytes(of: &text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let name = format.name
    guard status != ic_no_memory else {
      return UserError(.inputOutput, "there is not enough memory for the \(name)", at: place)
    }
    return UserError(.data, "the \(name) is damaged: \(reason)", at: place, mend: "replace or remove it")
  }
}
