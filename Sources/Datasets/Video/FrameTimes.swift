/// Which frames of a clip stand at evenly spaced moments.
enum FrameTimes {
  /// The frames that are shown in the middle of each of `count` equally long parts of a clip, in order; one may stand
  /// several times where there are few.
  ///
  ///     moment_i = (i + ½) / count · (d_1 + … + d_n)
  ///
  /// - Parameter durations: how long each frame is shown, above 0.
  static func frames(_ count: Int, of durations: [Double]) -> [Int] {
    precondition(count > 0 && !durations.isEmpty, "FrameTimes: \(count) of \(durations.count) frames")
    var ends: [Double] = []
    var sum = 0.0
    for duration in durations {
      sum += duration
      ends.append(sum)
    }
    var frame = 0
    return (0..<count).map { part in
      let moment = (Double(part) + 0.5) / Double(count) * sum
      // Moments ascend, so the search goes on where it stood.
      while frame < ends.count - 1, ends[frame] <= moment { frame += 1 }
      return frame
    }
  }
}

/// The canvas of a clip whose frames are drawn one over the other, RGBA with straight opacity.
struct FrameCanvas {
  /// A part of the canvas.
  struct Area: Equatable, Sendable {
    var left, top, width, height: Int
  }

  /// The width in pixels.
  let width: Int
  /// The height in pixels.
  let height: Int
  private(set) var pixels: [UInt8]

  /// The most pixels of a canvas.
  static let mostPixels = 1 << 24

  /// Begins transparent.
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    pixels = [UInt8](repeating: 0, count: 4 * width * height)
  }

  /// The bytes of an area that lies on the canvas, row by row.
  func copy(_ area: Area) -> [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity(4 * area.width * area.height)
    for y in area.top..<area.top + area.height {
      let start = 4 * (y * width + area.left)
      rows += pixels[start..<start + 4 * area.width]
    }
    return rows
  }

  /// Puts back what ``copy(_:)`` took; nil makes the area transparent.
  mutating func restore(_ area: Area, _ rows: [UInt8]?) {
    for row in 0..<area.height {
      let start = 4 * ((row + area.top) * width + area.left)
      for i in 0..<4 * area.width { pixels[start + i] = rows.map { $0[4 * row * area.width + i] } ?? 0 }
    }
  }

  /// Replaces a pixel.
  mutating func set(_ x: Int, _ y: Int, _ red: UInt8, _ green: UInt8, _ blue: UInt8, _ alpha: UInt8 = 255) {
    let place = 4 * (y * width + x)
    (pixels[place], pixels[place + 1], pixels[place + 2], pixels[place + 3]) = (red, green, blue, alpha)
  }

  /// Puts a pixel over the one that is there (Porter & Duff, 1984, on straight opacity):
  ///
  ///     α = α_new + α_old (1 − α_new),   c = (c_new α_new + c_old α_old (1 − α_new)) / α
  ///
  /// So a half-opaque pixel over nothing stays as it is. Programs that mix all four channels alike make it a quarter opaque,
  /// which is not PNG's rule.
  mutating func blend(_ x: Int, _ y: Int, _ color: ArraySlice<UInt8>) {
    let (first, place) = (color.startIndex, 4 * (y * width + x))
    let alpha = Int(color[first + 3])
    guard alpha > 0 else { return }
    let below = Int(pixels[place + 3]) * (255 - alpha)
    let sum = 255 * alpha + below
    for channel in 0..<3 {
      let mixed = Int(color[first + channel]) * 255 * alpha + Int(pixels[place + channel]) * below
      pixels[place + channel] = UInt8((mixed + sum / 2) / sum)
    }
    pixels[place + 3] = UInt8((sum + 127) / 255)
  }

  /// The canvas over white.
  var picture: ImageFile {
    var rgb = [UInt8](repeating: 255, count: 3 * width * height)
    for place in 0..<width * height {
      let alpha = Int(pixels[4 * place + 3])
      for channel in 0..<3 {
        rgb[3 * place + channel] = UInt8((Int(pixels[4 * place + channel]) * alpha + 255 * (255 - alpha) + 127) / 255)
      }
    }
    return ImageFile(width: width, height: height, pixels: rgb)
  }
}
