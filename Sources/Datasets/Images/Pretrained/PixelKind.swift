/// What the channels of a picture are, which decides how it is resized.
package enum PixelKind: Sendable {
  /// Light alone.
  case grey
  /// Light and opacity.
  case greyAlpha
  /// Red, green and blue.
  case rgb
  /// Red, green, blue and opacity.
  case rgba
  /// Cyan, magenta, yellow and black.
  case cmyk
  /// Red, green and blue of a palette, or black and white: colours between two do not exist.
  case chosenColours

  /// The number of channels.
  package var channels: Int {
    switch self {
    case .grey: 1
    case .greyAlpha: 2
    case .rgb, .chosenColours: 3
    case .rgba, .cmyk: 4
    }
  }
}
