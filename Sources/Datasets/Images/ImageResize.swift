/// Pictures brought to a fixed size, mostly a square.
public struct ImageResize: Codable, Equatable, Sendable {
  /// How a picture of other proportions gets those of the result.
  public enum Fit: String, Codable, CaseIterable, Sendable {
    /// The largest middle part of the result's proportions is kept: for a square result the middle square.
    case crop
    /// White is added on both sides where the picture is too short.
    case pad
    /// Width and height are scaled each by its own factor.
    case stretch
  }

  /// The height of the result in pixels.
  public let height: Int
  /// The width of the result in pixels.
  public let width: Int
  /// How a picture of other proportions gets those of the result.
  public let fit: Fit
  /// The channels of the result: 3, or 1 for the luma `0.299 R + 0.587 G + 0.114 B` (BT.601).
  public let channels: Int

  /// Creates a resize to a square; channels are 1 or 3.
  public init(side: Int, fit: Fit = .crop, channels: Int = 3) {
    self.init(height: side, width: side, fit: fit, channels: channels)
  }

  /// Creates a resize to any size; channels are 1 or 3.
  public init(height: Int, width: Int, fit: Fit = .crop, channels: Int = 3) {
    precondition(
      height > 0 && width > 0 && (channels == 1 || channels == 3),
      "ImageResize: \(height) × \(width), \(channels) channels")
    self.height = height
    self.width = width
    self.fit = fit
    self.channels = channels
  }

  private enum CodingKeys: CodingKey { case height, width, fit, channels }

  /// Reads a resize.
  ///
  /// - Throws: `DecodingError` where there is no such size.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    height = try container.decode(Int.self, forKey: .height)
    width = try container.decode(Int.self, forKey: .width)
    fit = try container.decode(Fit.self, forKey: .fit)
    channels = try container.decode(Int.self, forKey: .channels)
    guard (1...1 << 14).contains(height), (1...1 << 14).contains(width), [1, 3].contains(channels) else {
      throw DecodingError.dataCorruptedError(forKey: .height, in: container, debugDescription: "no such picture")
    }
  }

  /// The shorter side of the result in pixels.
  public var side: Int { min(height, width) }

  /// How many numbers a result has.
  public var elementCount: Int { height * width * channels }

  /// The picture in its new size, `[height, width, channels]`.
  ///
  /// Each result pixel is the mean of the source under a triangle of half-width `max(1, scale)` source pixels, where
  /// `scale` is source by result: it averages areas where a picture shrinks, so that nothing aliases, and interpolates
  /// linearly where it grows. At the borders the triangle is cut and normalised again.
  public func callAsFunction(_ image: ImageFile) -> [UInt8] {
    let (columns, rows) = (Double(image.width), Double(image.height))
    let (horizontal, vertical): (Weights, Weights)
    let isWide = columns * Double(height) >= rows * Double(width)
    var (across, down) = (width, height)
    switch fit {
    case .stretch:
      horizontal = Weights(from: 0, length: columns, of: image.width, to: width)
      vertical = Weights(from: 0, length: rows, of: image.height, to: height)
    case .crop:
      let keptColumns = isWide ? rows * Double(width) / Double(height) : columns
      let keptRows = isWide ? rows : columns * Double(height) / Double(width)
      horizontal = Weights(from: (columns - keptColumns) / 2, length: keptColumns, of: image.width, to: width)
      vertical = Weights(from: (rows - keptRows) / 2, length: keptRows, of: image.height, to: height)
    case .pad:
      if isWide {
        down = max(1, Int((rows / columns * Double(width)).rounded()))
      } else {
        across = max(1, Int((columns / rows * Double(height)).rounded()))
      }
      horizontal = Weights(from: 0, length: columns, of: image.width, to: across)
      vertical = Weights(from: 0, length: rows, of: image.height, to: down)
    }
    let (left, top) = ((width - across) / 2, (height - down) / 2)
    let small = Self.scaled(image, horizontal, vertical)
    var result = [UInt8](repeating: 255, count: elementCount)
    for y in 0..<down {
      for x in 0..<across {
        let source = 3 * (y * across + x)
        let target = channels * ((y + top) * width + x + left)
        if channels == 3 {
          for channel in 0..<3 { result[target + channel] = Self.byte(small[source + channel]) }
        } else {
          result[target] = Self.byte(0.299 * small[source] + 0.587 * small[source + 1] + 0.114 * small[source + 2])
        }
      }
    }
    return result
  }

  private static func byte(_ value: Float) -> UInt8 { UInt8(max(0, min(255, value.rounded()))) }

  /// Along one axis, which source pixels each result pixel is made of and with which weights.
  private struct Weights {
    let starts: [Int]
    let values: [[Float]]

    /// - Parameters:
    ///   - start: where the part that is used begins, in source pixels.
    ///   - length: the length of that part.
    ///   - source: the number of source pixels.
    ///   - count: the number of result pixels.
    init(from start: Double, length: Double, of source: Int, to count: Int) {
      let scale = length / Double(count)
      let half = max(1, scale)
      var starts: [Int] = []
      var values: [[Float]] = []
      for index in 0..<count {
        let centre = start + (Double(index) + 0.5) * scale
        let first = max(0, Int((centre - half).rounded(.down)))
        let last = min(source - 1, Int((centre + half).rounded(.up)))
        let weights = (first...last).map { max(0, 1 - abs(Double($0) + 0.5 - centre) / half) }
        let sum = weights.reduce(0, +)
        starts.append(first)
        values.append(weights.map { Float($0 / sum) })
      }
      self.starts = starts
      self.values = values
    }
  }

  /// First along rows, then along columns, `[height, width, 3]`.
  private static func scaled(_ image: ImageFile, _ horizontal: Weights, _ vertical: Weights) -> [Float] {
    let (width, height) = (horizontal.starts.count, vertical.starts.count)
    // Only rows that some result pixel is made of are scaled.
    let first = vertical.starts.first ?? 0
    let last = zip(vertical.starts, vertical.values).map { $0 + $1.count }.max() ?? 0
    var narrow = [Float](repeating: 0, count: (last - first) * width * 3)
    image.pixels.withUnsafeBufferPointer { pixels in
      for y in first..<last {
        for x in 0..<width {
          var (red, green, blue) = (Float(0), Float(0), Float(0))
          var source = 3 * (y * image.width + horizontal.starts[x])
          for weight in horizontal.values[x] {
            red += weight * Float(pixels[source])
            green += weight * Float(pixels[source + 1])
            blue += weight * Float(pixels[source + 2])
            source += 3
          }
          let target = 3 * ((y - first) * width + x)
          narrow[target] = red
          narrow[target + 1] = green
          narrow[target + 2] = blue
        }
      }
    }
    var result = [Float](repeating: 0, count: height * width * 3)
    for y in 0..<height {
      for (offset, weight) in vertical.values[y].enumerated() {
        let source = (vertical.starts[y] + offset - first) * width * 3
        for i in 0..<width * 3 { result[y * width * 3 + i] += weight * narrow[source + i] }
      }
    }
    return result
  }
}
