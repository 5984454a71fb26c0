import CImageCodecs
import Diagnostics

/// Drawings in Scalable Vector Graphics, drawn by librsvg, which is loaded when the first one is drawn.
///
/// Files that a drawing names are not read, and what grows without end (entities, references) is refused by the library.
/// Writing in a drawing is set in the machine's fonts.
public enum SVGFile {
  /// The largest file that is drawn, in bytes.
  public static let largestFile = 1 << 25
  /// The sides that pictures may have, in pixels.
  public static let sides = 1...4096

  /// Refuses a machine that cannot draw.
  ///
  /// - Throws: `UserError` that names the package to install.
  public static func requireLibrary() throws(UserError) {
    var message = ic_message()
    guard ic_svg_library(&message) == ic_good else { throw missing(message) }
  }

  /// Whether SVG can be drawn here.
  public static var isAvailable: Bool { (try? requireLibrary()) != nil }

  /// A square picture with the drawing in its middle over white, its proportions kept.
  ///
  /// - Throws: `UserError` where the library is missing, or the drawing damaged, empty or too large.
  public static func square(_ bytes: [UInt8], side: Int, place: String) throws(UserError) -> ImageFile {
    precondition(sides.contains(side), "SVGFile.square: a side of \(side)")
    guard bytes.count <= largestFile else {
      throw UserError(
        .data, "\(bytes.count) bytes of SVG; at most \(largestFile) are drawn", at: place, mend: "make it smaller")
    }
    var message = ic_message()
    var status = ic_good
    let pixels = [UInt8](unsafeUninitializedCapacity: 3 * side * side) { target, count in
      target.initialize(repeating: 255)
      status = ic_svg_draw(bytes, bytes.count, UInt32(side), target.baseAddress!, &message)
      count = 3 * side * side
    }
    switch status {
    case ic_good: return ImageFile(width: side, height: side, pixels: pixels)
    case ic_missing: throw missing(message)
    case ic_no_memory:
      throw UserError(.inputOutput, "there is not enough memory for the SVG", at: place)
    default:
      throw UserError(.data, "the SVG is damaged: \(text(message))", at: place, mend: "replace or remove it")
    }
  }

  private static func missing(_ message: ic_message) -> UserError {
    UserError(
      .data, "SVG cannot be drawn: \(text(message))", mend: "install librsvg: sudo apt-get install librsvg2-2")
  }

  private static func text(_ message: ic_message) -> String {
    var text = message.text
    return withUnsafeBytes(of: &text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
