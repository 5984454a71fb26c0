import Foundation

/// Animated pictures, written for tests byte by byte.
public enum SampleClips {
  /// A frame of a GIF: the numbers of colours, row by row.
  public struct GIFFrame {
    /// Where the frame stands.
    public var left = 0
    /// Where the frame stands.
    public var top = 0
    /// The width in pixels.
    public var width: Int
    /// The numbers of colours, row by row.
    public var pixels: [UInt8]
    /// Hundredths of a second.
    public var delay = 10
    /// What happens to it before the next one.
    public var disposal = 1
    /// The number of the colour that is not drawn.
    public var transparent: UInt8?
    /// Colours of its own, a power of two of them.
    public var colors: [[UInt8]]?
    /// Whether rows stand in four passes.
    public var isInterlaced = false

    /// Describes a frame.
    public init(width: Int, pixels: [UInt8]) { (self.width, self.pixels) = (width, pixels) }
  }

  /// A GIF of frames with a common table of colours, a power of two of them.
  public static func gif(width: Int, height: Int, colors: [[UInt8]], frames: [GIFFrame]) -> [UInt8] {
    func word(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
    func exponent(_ count: Int) -> Int { max(1, (count - 1).bitWidth - (count - 1).leadingZeroBitCount) }
    func table(_ colors: [[UInt8]]) -> [UInt8] {
      let count = 1 << exponent(colors.count)
      return colors.flatMap { $0 } + [UInt8](repeating: 0, count: 3 * (count - colors.count))
    }
    var file = Array("GIF89a".utf8) + word(width) + word(height)
    file +=
      [colors.isEmpty ? 0 : UInt8(0x80 | exponent(colors.count) - 1), 0, 0] + (colors.isEmpty ? [] : table(colors))
    file += [0x21, 0xff, 11] + Array("NETSCAPE2.0".utf8) + [3, 1, 0, 0, 0]
    for frame in frames {
      file += [0x21, 0xf9, 4, UInt8(frame.disposal << 2 | (frame.transparent == nil ? 0 : 1))]
      file += word(frame.delay) + [frame.transparent ?? 0, 0]
      let height = frame.pixels.count / frame.width
      file += [0x2c] + word(frame.left) + word(frame.top) + word(frame.width) + word(height)
      let own = frame.colors ?? []
      file.append(
        (own.isEmpty ? 0 : UInt8(0x80 | exponent(own.count) - 1)) | (frame.isInterlaced ? 0x40 : 0))
      file += own.isEmpty ? [] : table(own)
      let order =
        frame.isInterlaced
        ? [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { Array(stride(from: $0.0, to: height, by: $0.1)) }
        : Array(0..<height)
      let pixels = order.flatMap { frame.pixels[$0 * frame.width..<($0 + 1) * frame.width] }
      let size = max(2, exponent(max(own.count, colors.count, 2)))
      file.append(UInt8(size))
      let codes = lzw(pixels, size: size)
      for start in stride(from: 0, to: codes.count, by: 255) {
        let part = codes[start..<min(start + 255, codes.count)]
        file += [UInt8(part.count)] + part
      }
      file.append(0)
    }
    return file + [0x3b]
  }

  /// GIF's codes of pixels, with a table that is filled and begun anew.
  private static func lzw(_ pixels: [UInt8], size: Int) -> [UInt8] {
    let (clear, end) = (1 << size, 1 << size + 1)
    var (bytes, bits, bitCount): ([UInt8], Int, Int) = ([], 0, 0)
    var (width, next): (Int, Int) = (size + 1, end + 1)
    var table: [Int: Int] = [:]
    func put(_ code: Int) {
      bits |= code << bitCount
      bitCount += width
      while bitCount >= 8 {
        bytes.append(UInt8(bits & 255))
        (bits, bitCount) = (bits >> 8, bitCount - 8)
      }
    }
    put(clear)
    var run = -1
    for pixel in pixels {
      guard run >= 0 else {
        run = Int(pixel)
        continue
      }
      if let known = table[run << 8 | Int(pixel)] {
        run = known
        continue
      }
      put(run)
      if next < 4096 {
        table[run << 8 | Int(pixel)] = next
        if next == 1 << width { width += 1 }
        next += 1
      } else {
        put(clear)
        (width, next, table) = (size + 1, end + 1, [:])
      }
      run = Int(pixel)
    }
    if run >= 0 { put(run) }
    put(end)
    if bitCount > 0 { bytes.append(UInt8(bits & 255)) }
    return bytes
  }

  /// A frame of an animated PNG: RGBA, row by row.
  public struct PNGFrame {
    /// Where the frame stands.
    public var left = 0
    /// Where the frame stands.
    public var top = 0
    /// The width in pixels.
    public var width: Int
    /// The colours, row by row.
    public var pixels: [UInt8]
    /// Milliseconds.
    public var delay = 100
    /// What happens to it before the next one.
    public var disposal = 0
    /// Whether it is put over what is there.
    public var isBlended = false

    /// Describes a frame.
    public init(width: Int, pixels: [UInt8]) { (self.width, self.pixels) = (width, pixels) }
  }

  /// An animated PNG.
  ///
  /// - Parameter still: the picture of viewers without animation, which is no frame then; nil for the first frame.
  public static func apng(width: Int, height: Int, frames: [PNGFrame], still: [UInt8]? = nil) -> [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    file += chunk("IHDR", big(width) + big(height) + [8, 6, 0, 0, 0]) + chunk("acTL", big(frames.count) + big(0))
    if let still { file += chunk("IDAT", packed(still, width: width)) }
    var sequence = 0
    for (number, frame) in frames.enumerated() {
      var control = big(sequence) + big(frame.width) + big(frame.pixels.count / 4 / frame.width)
      control += big(frame.left) + big(frame.top)
      control += [UInt8(frame.delay >> 8), UInt8(frame.delay & 255), 0x03, 0xe8]
      file += chunk("fcTL", control + [UInt8(frame.disposal), frame.isBlended ? 1 : 0])
      sequence += 1
      let data = packed(frame.pixels, width: frame.width)
      if number == 0, still == nil {
        file += chunk("IDAT", data)
        continue
      }
      // In two parts, as a frame may be.
      for part in [data.prefix(data.count / 2), data.suffix(data.count - data.count / 2)] {
        file += chunk("fdAT", big(sequence) + part)
        sequence += 1
      }
    }
    return file + chunk("IEND", [])
  }

  private static func big(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

  /// A chunk of a PNG, with its checksum.
  public static func chunk(_ kind: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(kind.utf8) + content
    var remainder = UInt32.max
    for byte in body {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return big(content.count) + body + big(Int(~remainder))
  }

  /// Rows of RGBA as they are, each with the filter 0, in blocks that are stored and not compressed.
  private static func packed(_ pixels: [UInt8], width: Int) -> [UInt8] {
    var rows: [UInt8] = []
    for start in stride(from: 0, to: pixels.count, by: 4 * width) { rows += [0] + pixels[start..<start + 4 * width] }
    var (data, a, b): ([UInt8], Int, Int) = ([0x78, 0x01], 1, 0)
    for start in stride(from: 0, to: rows.count, by: 60_000) {
      let part = rows[start..<min(start + 60_000, rows.count)]
      let (low, high) = (UInt8(part.count & 255), UInt8(part.count >> 8))
      data += [start + part.count == rows.count ? 1 : 0, low, high, ~low, ~high] + part
    }
    for byte in rows {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return data + big(b << 16 | a)
  }

  /// A disc that moves by `step` pixels a frame and comes back on the other side, light on dark: whichever way it goes, each
  /// frame by itself, and all of them without their order, look the same.
  ///
  /// - Returns: for each frame grey values in 0…255, row by row.
  public static func disc(side: Int, frames: Int, x: Int, y: Int, step: Int) -> [[UInt8]] {
    (0..<frames).map { frame in
      let column = ((x + frame * step) % side + side) % side
      return (0..<side * side).map { index in
        let (dx, dy) = (abs(index % side - column), abs(index / side - y))
        let (across, down) = (min(dx, side - dx), min(dy, side - dy))
        return across * across + down * down <= 2 ? 230 : 20
      }
    }
  }

  /// The disc's frames as a GIF of 256 greys.
  public static func gif(_ frames: [[UInt8]], side: Int) -> [UInt8] {
    gif(
      width: side, height: side, colors: (0..<256).map { [UInt8](repeating: UInt8($0), count: 3) },
      frames: frames.map { GIFFrame(width: side, pixels: $0) })
  }

  /// The disc's frames as an animated PNG.
  public static func apng(_ frames: [[UInt8]], side: Int) -> [UInt8] {
    apng(
      width: side, height: side,
      frames: frames.map { PNGFrame(width: side, pixels: $0.flatMap { [$0, $0, $0, 255] }) })
  }
}
