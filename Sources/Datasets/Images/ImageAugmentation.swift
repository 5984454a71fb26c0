import Diagnostics
import Kernels

/// Random views of images as MoCo v2 makes them (Chen et al., 2020): crop, flip, colour jitter, grey, blur.
///
/// Brightness, contrast, saturation and hue are changed in random order, each as torchvision defines it. A view depends
/// on its own place in the stream alone, so neither threads nor the rest of the batch change it.
///
/// *Deviation*: blur is up to 1 pixel. The 2 pixels at 224 × 224 would be 0.3 at 32 × 32, which is none, and 2 pixels of
/// a small image would take most of what it shows.
public struct ImageAugmentation: Sendable {
  /// Probabilities and ranges.
  public struct Options: Codable, Equatable, Sendable {
    /// The least share of the image's area that a crop has; the most is all.
    public var minimumArea = 0.2
    /// The greatest ratio of a crop's longer side to its shorter one.
    public var maximumAspect = 4.0 / 3
    /// The probability of a mirror image.
    public var flipProbability = 0.5
    /// The probability that colours are changed.
    public var jitterProbability = 0.8
    /// Brightness is multiplied by 1 ± this.
    public var brightness = 0.4
    /// Contrast is multiplied by 1 ± this.
    public var contrast = 0.4
    /// Saturation is multiplied by 1 ± this.
    public var saturation = 0.4
    /// The hue is turned by ± this share of the circle.
    public var hue = 0.1
    /// The probability that colours are taken away.
    public var greyProbability = 0.2
    /// The probability of blur.
    public var blurProbability = 0.5
    /// The least standard deviation of the blur in pixels.
    public var minimumBlur = 0.1
    /// The greatest one.
    public var maximumBlur = 1.0

    /// MoCo v2's values, but for the blur.
    public init() {}

    /// Checks that the numbers make sense.
    ///
    /// - Throws: an error whose place is the option.
    public func validate() throws(UserError) {
      func require(_ holds: Bool, _ key: String, _ what: String) throws(UserError) {
        if !holds { throw UserError(.data, what, at: key) }
      }
      for (key, value) in [
        ("flipProbability", flipProbability), ("jitterProbability", jitterProbability),
        ("greyProbability", greyProbability), ("blurProbability", blurProbability), ("brightness", brightness),
        ("contrast", contrast), ("saturation", saturation),
      ] { try require((0...1).contains(value), key, "must be in 0...1") }
      try require(minimumArea > 0 && minimumArea <= 1, "minimumArea", "must be above 0 and at most 1")
      try require((1...100).contains(maximumAspect), "maximumAspect", "must be 1 to 100")
      try require((0...0.5).contains(hue), "hue", "must be in 0...0.5")
      try require(minimumBlur > 0 && minimumBlur <= maximumBlur, "minimumBlur", "must be above 0, up to maximumBlur")
      try require(maximumBlur <= 100, "maximumBlur", "must be at most 100")
    }
  }

  /// The settings in use.
  public let options: Options
  private let kernel: ImageViews

  /// Creates the augmentation of images of one size, with one or three channels.
  public init(_ options: Options = Options(), height: Int, width: Int, channels: Int) {
    precondition(
      height > 0 && width > 0 && (channels == 1 || channels == 3),
      "ImageAugmentation: images of \(height) × \(width) with \(channels) channels")
    self.options = options
    kernel = ImageViews(
      ImageViews.Settings(
        area: Float(options.minimumArea)...1, aspect: 1 / Float(options.maximumAspect)...Float(options.maximumAspect),
        flip: Float(options.flipProbability), jitter: Float(options.jitterProbability),
        brightness: Float(options.brightness), contrast: Float(options.contrast),
        saturation: Float(options.saturation), hue: Float(options.hue), grey: Float(options.greyProbability),
        blur: Float(options.blurProbability), deviation: Float(options.minimumBlur)...Float(options.maximumBlur)),
      height: height, width: width, channels: channels)
  }

  /// Views of some images, one after another, in 0…1 as the images are.
  ///
  /// - Parameters:
  ///   - images: all images, row-major with channels last.
  ///   - rows: those to make views of.
  ///   - keepsSide: for each of `rows` whether it is never flipped; nil for none.
  ///   - stream: what happens to view i is decided by 64 numbers of its own; they are all taken.
  public func views(
    of images: [Float], rows: [Int32], keepsSide: [Bool]? = nil, stream: inout RandomStream
  ) -> [Float] {
    let size = kernel.elementCount
    precondition(
      rows.allSatisfy { $0 >= 0 && (Int($0) + 1) * size <= images.count }
        && keepsSide.map { $0.count == rows.count } ?? true,
      "ImageAugmentation: rows outside \(images.count / size) images, or \(keepsSide?.count ?? 0) sides of \(rows.count)"
    )
    let position = stream.take(rows.count * Int(ImageViews.draws))
    return [Float](unsafeUninitializedCapacity: rows.count * size) { views, count in
      guard let base = views.baseAddress else { return }
      let isDone = kernel.write(
        key: stream.key, position: position, images: images, rows: rows, keepsSide: keepsSide, to: base,
        count: rows.count)
      precondition(isDone, "ImageAugmentation: out of memory")
      count = rows.count * size
    }
  }
}
