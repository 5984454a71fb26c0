import Diagnostics

/// How a picture becomes the input of a published image encoder: the evaluation transform of CLIP and open_clip with
/// Pillow, bit for bit.
///
/// The shorter side is resized bicubically with antialiasing, the middle square is cut out, colours become RGB, and each
/// channel is normalised. An alpha channel is dropped, whatever is behind it; orientation by EXIF is ignored. Unlike
/// Pillow, which turns them white, pictures of 16-bit grey keep their high byte.
public struct PretrainedPictureForm: Codable, Equatable, Sendable {
  /// The side of the square in pixels.
  public var side: Int
  /// The mean of each channel, for pixels in 0…1.
  public var mean: [Float] = [0.48145466, 0.4578275, 0.40821073]
  /// The standard deviation of each channel.
  public var deviation: [Float] = [0.26862954, 0.26130258, 0.27577711]

  /// Creates the form with CLIP's mean and deviation.
  public init(side: Int) { self.side = side }

  /// The square that a PNG, JPEG or WebP file becomes, `[side, side, 3]`.
  ///
  /// A JPEG of CMYK becomes RGB before it is resized, not behind it.
  ///
  /// - Parameter place: what errors call the file.
  /// - Throws: `UserError` where it is none of them, or damaged.
  package func square(ofFile bytes: [UInt8], place: String) throws(UserError) -> [UInt8] {
    let file = try PlainPicture(bytes, place: place)
    return square(file.pixels, height: file.height, width: file.width, kind: file.kind)
  }

  /// The square that pixels become, `[side, side, 3]`.
  ///
  /// Shapes: `pixels [height, width, channels]` of the kind's channels.
  package func square(_ pixels: [UInt8], height: Int, width: Int, kind: PixelKind) -> [UInt8] {
    let longer = Int(Double(side) * Double(max(width, height)) / Double(min(width, height)))
    let (newWidth, newHeight) = width > height ? (longer, side) : (side, longer)
    let (left, top) = (Self.half(newWidth - side), Self.half(newHeight - side))
    let rows = BicubicResize.Axis(from: height, to: newHeight, part: top..<top + side)
    let columns = BicubicResize.Axis(from: width, to: newWidth, part: left..<left + side)
    let channels = kind.channels
    var pixels = pixels
    switch kind {
    case .chosenColours: pixels = Self.nearest(pixels, rows, columns)
    case .greyAlpha, .rgba:
      let isResized = newWidth != width || newHeight != height
      if isResized { Self.premultiply(&pixels, channels: channels) }
      pixels = BicubicResize.resize(pixels, rows: rows, columns: columns, channels: channels)
      if isResized { Self.divide(&pixels, channels: channels) }
    case .grey, .rgb, .cmyk:
      pixels = BicubicResize.resize(pixels, rows: rows, columns: columns, channels: channels)
    }
    return (0..<side * side).flatMap { place in
      Self.rgb(pixels[place * channels..<(place + 1) * channels], kind)
    }
  }

  /// The normalised pixels of a square.
  ///
  /// Shapes: `[side, side, 3]` → `[side, side, 3]`.
  package func normalised(_ square: [UInt8]) -> [Float] {
    square.enumerated().map { (Float($1) / 255 - mean[$0 % 3]) / deviation[$0 % 3] }
  }

  /// Half of a number, rounded to the nearest even where it is between two.
  private static func half(_ number: Int) -> Int { Int((Double(number) / 2).rounded(.toNearestOrEven)) }

  private static func nearest(_ pixels: [UInt8], _ rows: BicubicResize.Axis, _ columns: BicubicResize.Axis) -> [UInt8] {
    rows.nearest.flatMap { row in
      columns.nearest.flatMap { column in
        let start = (row * columns.old + column) * 3
        return pixels[start..<start + 3]
      }
    }
  }

  /// a · b / 255, rounded.
  private static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
    let product = UInt32(a) * UInt32(b) + 128
    return UInt8((product + (product >> 8)) >> 8)
  }

  private static func premultiply(_ pixels: inout [UInt8], channels: Int) {
    for start in stride(from: 0, to: pixels.count, by: channels) {
      let alpha = pixels[start + channels - 1]
      for channel in 0..<channels - 1 { pixels[start + channel] = product(pixels[start + channel], alpha) }
    }
  }

  private static func divide(_ pixels: inout [UInt8], channels: Int) {
    for start in stride(from: 0, to: pixels.count, by: channels) {
      let alpha = UInt32(pixels[start + channels - 1])
      guard alpha != 0, alpha != 255 else { continue }
      for channel in 0..<channels - 1 {
        pixels[start + channel] = UInt8(min(255, 255 * UInt32(pixels[start + channel]) / alpha))
      }
    }
  }

  private static func rgb(_ pixel: ArraySlice<UInt8>, _ kind: PixelKind) -> [UInt8] {
    let first = pixel.startIndex
    switch kind {
    case .grey, .greyAlpha: return [pixel[first], pixel[first], pixel[first]]
    case .rgb, .rgba, .chosenColours: return [pixel[first], pixel[first + 1], pixel[first + 2]]
    case .cmyk:
      let light = 255 - pixel[first + 3]
      func colour(_ ink: UInt8) -> UInt8 { UInt8(max(0, Int(light) - Int(product(ink, light)))) }
      return pixel.prefix(3).map(colour)
    }
  }
}
