import CFreeType
import CHarfBuzz
import Diagnostics

/// A colour font with bitmap glyphs, shaped by HarfBuzz and drawn by FreeType. One thread may use it at a time.
final class EmojiFont {
  private var library: FT_Library?
  private var face: FT_Face?
  private let font: OpaquePointer
  private let buffer: OpaquePointer

  /// Opens a font with colour bitmaps.
  init(file: String) throws(UserError) {
    let mend = "install the Debian package fonts-noto-color-emoji or set fontFile"
    var library: FT_Library?
    guard FT_Init_FreeType(&library) == 0, library != nil else {
      throw UserError(.inputOutput, "FreeType cannot start", mend: "check that libfreetype6 is installed")
    }
    var face: FT_Face?
    guard FT_New_Face(library, file, 0, &face) == 0, let opened = face else {
      FT_Done_FreeType(library)
      throw UserError(.data, "not a font that FreeType can read", at: file, mend: mend)
    }
    guard opened.pointee.num_fixed_sizes > 0, FT_Select_Size(opened, 0) == 0 else {
      FT_Done_Face(opened)
      FT_Done_FreeType(library)
      throw UserError(.data, "the font has no bitmaps", at: file, mend: mend)
    }
    self.library = library
    self.face = opened
    let blob = hb_blob_create_from_file(file)
    let shapes = hb_face_create(blob, 0)
    font = hb_font_create(shapes)
    hb_face_destroy(shapes)
    hb_blob_destroy(blob)
    buffer = hb_buffer_create()
  }

  deinit {
    hb_buffer_destroy(buffer)
    hb_font_destroy(font)
    FT_Done_Face(face)
    FT_Done_FreeType(library)
  }

  /// The one glyph that a sequence of code points is drawn as, or nil where it takes several or the font lacks it.
  func glyph(for scalars: [UInt32]) -> UInt32? {
    hb_buffer_clear_contents(buffer)
    hb_buffer_set_flags(buffer, HB_BUFFER_FLAG_REMOVE_DEFAULT_IGNORABLES)
    hb_buffer_add_utf32(buffer, scalars, Int32(scalars.count), 0, Int32(scalars.count))
    hb_buffer_guess_segment_properties(buffer)
    hb_shape(font, buffer, nil, 0)
    var count: UInt32 = 0
    guard let glyphs = hb_buffer_get_glyph_infos(buffer, &count), count == 1, glyphs[0].codepoint != 0 else {
      return nil
    }
    return glyphs[0].codepoint
  }

  /// The glyph on a white square, averaged by area to `size` × `size` pixels: `[size, size, 3]`, or nil where it has
  /// no colour bitmap.
  ///
  /// The average is of the sRGB values as they are stored.
  func picture(of glyph: UInt32, size: Int) -> [UInt8]? {
    guard let face, FT_Load_Glyph(face, glyph, Int32(FT_LOAD_COLOR)) == 0 else { return nil }
    let bitmap = face.pointee.glyph.pointee.bitmap
    let (width, height, pitch) = (Int(bitmap.width), Int(bitmap.rows), Int(bitmap.pitch))
    guard bitmap.pixel_mode == UInt8(FT_PIXEL_MODE_BGRA.rawValue), width > 0, height > 0, pitch >= 4 * width,
      let source = bitmap.buffer
    else { return nil }
    let side = max(width, height)
    let (left, top) = ((side - width) / 2, (side - height) / 2)
    var square = [Float](repeating: 255, count: side * side * 3)
    for y in 0..<height {
      for x in 0..<width {
        // The colours are multiplied by their opacity already.
        let pixel = source + y * pitch + 4 * x
        let white = 255 - Float(pixel[3])
        let place = ((y + top) * side + x + left) * 3
        square[place] = Float(pixel[2]) + white
        square[place + 1] = Float(pixel[1]) + white
        square[place + 2] = Float(pixel[0]) + white
      }
    }
    return AreaAverage(from: side, to: size).average(square).map { UInt8(min(255, max(0, $0.rounded()))) }
  }
}

/// Reduces a square picture of three channels: each new pixel is the mean of the area it covers.
struct AreaAverage {
  private let source: Int
  private let target: Int
  private let spans: [(first: Int, weights: [Float])]

  init(from source: Int, to target: Int) {
    precondition(source > 0 && target > 0, "AreaAverage: from \(source) to \(target) pixels")
    self.source = source
    self.target = target
    let scale = Double(source) / Double(target)
    spans = (0..<target).map { index in
      let (low, high) = (Double(index) * scale, Double(index + 1) * scale)
      let first = Int(low)
      let last = min(source - 1, Int(high.rounded(.up)) - 1)
      let weights = (first...last).map { Float((min(high, Double($0 + 1)) - max(low, Double($0))) / scale) }
      return (first, weights)
    }
  }

  /// The reduced picture, `[target, target, 3]`.
  func average(_ pixels: [Float]) -> [Float] {
    precondition(pixels.count == source * source * 3, "AreaAverage: \(pixels.count) values for side \(source)")
    let row = target * 3
    var narrow = [Float](repeating: 0, count: source * row)
    for y in 0..<source {
      for (x, span) in spans.enumerated() {
        for (offset, weight) in span.weights.enumerated() {
          let from = (y * source + span.first + offset) * 3
          for channel in 0..<3 { narrow[y * row + x * 3 + channel] += weight * pixels[from + channel] }
        }
      }
    }
    var result = [Float](repeating: 0, count: target * row)
    for (y, span) in spans.enumerated() {
      for (offset, weight) in span.weights.enumerated() {
        let from = (span.first + offset) * row
        for x in 0..<row { result[y * row + x] += weight * narrow[from + x] }
      }
    }
    return result
  }
}
