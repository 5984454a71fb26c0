import Diagnostics

/// How a picture's file becomes an item of a modality of pictures: the way in which a data set makes its own items, so
/// that trained networks see a new picture as they saw those they learnt from.
public struct PictureForm: Codable, Equatable, Sendable, CustomStringConvertible {
  private let resize: ImageResize
  /// Whether a picture is treated as a glyph of the emoji: see ``init(glyphsOfSide:)``.
  private let averagesAreas: Bool
  /// How a published model wants its pictures, of which nothing else is asked then.
  private let pretrained: PretrainedPictureForm?

  /// The longest side that is averaged by area; a longer one is brought to its size as other pictures are.
  private static let longestGlyph = 1024

  /// Brings pictures to their size by a resize.
  public init(_ resize: ImageResize) {
    self.resize = resize
    averagesAreas = false
    pretrained = nil
  }

  /// Brings pictures to the square of a published model, in 0…1, as its own preparation does before it normalises them.
  public init(pretrained form: PretrainedPictureForm) {
    resize = ImageResize(side: form.side)
    averagesAreas = false
    pretrained = form
  }

  /// Brings pictures to a square as the emoji's glyphs are: white is added on both of the shorter sides, then each pixel
  /// is the mean of the area that it covers; a picture that is smaller than the result is interpolated.
  public init(glyphsOfSide side: Int) {
    resize = ImageResize(side: side, fit: .pad)
    averagesAreas = true
    pretrained = nil
  }

  /// Crops pictures to the proportions of a kind of pictures; nil for any other kind, or for 2 or over 3 channels.
  public init?(of kind: ModalityKind) {
    guard case .image(let height, let width, let channels) = kind, [1, 3].contains(channels) else { return nil }
    self.init(ImageResize(height: height, width: width, channels: channels))
  }

  /// The height of an item.
  public var height: Int { resize.height }
  /// The width of an item.
  public var width: Int { resize.width }
  /// The channels of an item: 3, or 1 for grey.
  public var channels: Int { resize.channels }
  /// How many numbers an item has.
  public var elementCount: Int { resize.elementCount }

  /// What is done to a picture, in words.
  public var description: String {
    if pretrained != nil {
      return "cut to the middle square, brought to \(width) × \(height) pixels by bicubic sums, opacity left out"
    }
    let fit =
      switch resize.fit {
      case .crop: height == width ? "cut to the middle square" : "cut to \(width) : \(height) about the middle"
      case .pad: height == width ? "made square with white" : "made \(width) : \(height) with white"
      case .stretch: "stretched to \(width) : \(height)"
      }
    return "transparent parts over white, \(fit), brought to \(width) × \(height) pixels"
      + (channels == 1 ? " of grey" : "")
  }

  /// The item that a PNG, JPEG or WebP file becomes, `[height, width, channels]` in 0…1.
  ///
  /// - Parameter place: what errors call the file.
  /// - Throws: `UserError` where it is neither, or damaged.
  public func pixels(of file: [UInt8], place: String) throws(UserError) -> [Float] {
    try bytes(of: file, place: place).map { Float($0) / 255 }
  }

  /// The item that a file becomes, as bytes.
  ///
  /// - Throws: `UserError` as ``pixels(of:place:)`` does.
  func bytes(of file: [UInt8], place: String) throws(UserError) -> [UInt8] {
    if let pretrained { return try pretrained.square(ofFile: file, place: place) }
    return pixels(of: try ImageFile(file, place: place, atLeast: max(height, width)))
  }

  /// The item that a picture becomes, as bytes.
  func pixels(of image: ImageFile) -> [UInt8] {
    if let pretrained {
      return pretrained.square(image.pixels, height: image.height, width: image.width, kind: .rgb)
    }
    let longer = max(image.width, image.height)
    guard averagesAreas, longer >= resize.side, longer <= Self.longestGlyph else { return resize(image) }
    let (left, top) = ((longer - image.width) / 2, (longer - image.height) / 2)
    var square = [Float](repeating: 255, count: 3 * longer * longer)
    for y in 0..<image.height {
      for i in 0..<3 * image.width {
        square[3 * ((y + top) * longer + left) + i] = Float(image.pixels[3 * y * image.width + i])
      }
    }
    return AreaAverage(from: longer, to: resize.side).average(square).map { UInt8(min(255, max(0, $0.rounded()))) }
  }
}
