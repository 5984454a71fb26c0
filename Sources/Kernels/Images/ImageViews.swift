import CKernels

/// Makes views of images: crop and bilinear resize, flip, colour jitter, grey, blur.
package struct ImageViews: Sendable {
  /// How views are made; probabilities in 0…1.
  package struct Settings: Sendable {
    /// The share of an image's area that a crop has.
    package var area: ClosedRange<Float>
    /// The width of a crop in units of its height.
    package var aspect: ClosedRange<Float>
    /// The probability of a flip.
    package var flip: Float
    /// The probability of the jitter of colours.
    package var jitter: Float
    /// What brightness is changed by at most, as a share.
    package var brightness: Float
    /// What contrast is changed by at most, as a share.
    package var contrast: Float
    /// What saturation is changed by at most, as a share.
    package var saturation: Float
    /// What the hue is changed by at most, in turns.
    package var hue: Float
    /// The probability that a view is grey.
    package var grey: Float
    /// The probability of a blur.
    package var blur: Float
    /// The standard deviation of the blur in pixels.
    package var deviation: ClosedRange<Float>

    /// Describes views.
    package init(
      area: ClosedRange<Float>, aspect: ClosedRange<Float>, flip: Float, jitter: Float, brightness: Float,
      contrast: Float, saturation: Float, hue: Float, grey: Float, blur: Float, deviation: ClosedRange<Float>
    ) {
      self.area = area
      self.aspect = aspect
      self.flip = flip
      self.jitter = jitter
      self.brightness = brightness
      self.contrast = contrast
      self.saturation = saturation
      self.hue = hue
      self.grey = grey
      self.blur = blur
      self.deviation = deviation
    }
  }

  /// The random numbers that a view takes from its stream, whatever becomes of it.
  package static let draws = UInt64(CK_AUGMENT_DRAWS)

  /// The numbers of one image.
  package var elementCount: Int { kernel.height * kernel.width * kernel.channels }
  private let kernel: ck_augmentation

  /// Creates the maker of views of images of one size, with one or three channels.
  package init(_ settings: Settings, height: Int, width: Int, channels: Int) {
    kernel = ck_augmentation(
      height: height, width: width, channels: channels, scale_low: settings.area.lowerBound,
      scale_high: settings.area.upperBound, aspect_low: settings.aspect.lowerBound,
      aspect_high: settings.aspect.upperBound, flip: settings.flip, jitter: settings.jitter,
      brightness: settings.brightness, contrast: settings.contrast, saturation: settings.saturation,
      hue: settings.hue, grey: settings.grey, blur: settings.blur, deviation_low: settings.deviation.lowerBound,
      deviation_high: settings.deviation.upperBound)
  }

  /// Writes a view of each named image, `[height, width, channels]` in 0…1.
  ///
  /// View i uses the numbers from `position + i · draws` on; an image whose `keepsSide` is set is not flipped.
  ///
  /// - Returns: false where memory was short.
  package func write(
    key: UInt64, position: UInt64, images: UnsafePointer<Float>, rows: UnsafePointer<Int32>,
    keepsSide: UnsafePointer<Bool>?, to views: UnsafeMutablePointer<Float>, count: Int
  ) -> Bool {
    var kernel = kernel
    return ck_augment_images(&kernel, key, position, images, rows, keepsSide, views, count)
  }
}
