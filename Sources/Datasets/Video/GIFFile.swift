import Diagnostics

/// A GIF, still or animated (CompuServe, GIF89a, 1990): its frames, and how they are drawn one over the other.
///
/// Local and global colours, interlaced rows, transparency and all disposals are read. A frame without a duration is shown for
/// a tenth of a second, as browsers do; what stands beyond the canvas is not drawn.
struct GIFFile {
  /// One frame as the file describes it.
  struct Frame {
    /// Where it stands; it may reach beyond the canvas.
    var area: FrameCanvas.Area
    /// How long it is shown, in hundredths of a second.
    var delay: Int
    /// What happens to its area before the next one: 2 clears it, 3 brings back what was there before the frame, which is
    /// nothing for the first; else it stays.
    var disposal: Int
    /// The colour that is not drawn.
    var transparent: Int?
    /// Where the colours stand, three bytes each.
    var colors: Range<Int>
    /// Whether rows come in four passes.
    var isInterlaced: Bool
    /// Where the size of codes stands, followed by blocks of codes.
    var data: Int
    /// The bytes of codes.
    var dataCount: Int
  }

  /// The width of the canvas.
  let width: Int
  /// The height of the canvas.
  let height: Int
  /// The frames in order, at least one.
  let frames: [Frame]
  private let bytes: [UInt8]
  private let place: String

  /// Whether a file begins as a GIF does.
  static func begins(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: "GIF87a".utf8) || bytes.starts(with: "GIF89a".utf8)
  }

  /// Reads everything but the pixels.
  ///
  /// - Throws: `UserError` where it is no GIF, is cut short, or claims what its bytes cannot hold.
  init(_ bytes: [UInt8], place: String) throws(UserError) {
    var cursor = Cursor(bytes: bytes, place: place, position: 6)
    guard Self.begins(bytes) else { throw cursor.fault("it is no GIF") }
    (width, height) = (try cursor.word(), try cursor.word())
    guard width > 0, height > 0, width * height <= FrameCanvas.mostPixels else {
      throw UserError(
        .data, "frames of \(width) × \(height) pixels; at most \(FrameCanvas.mostPixels) can be read", at: place,
        mend: "make it smaller")
    }
    let flags = try cursor.byte()
    _ = try cursor.take(2)
    let global = try flags & 0x80 != 0 ? cursor.take(3 << (flags & 7 + 1)) : nil
    var frames: [Frame] = []
    var control: (delay: Int, disposal: Int, transparent: Int?) = (0, 0, nil)
    reading: while true {
      switch try cursor.byte() {
      case 0x3b: break reading
      case 0x21:
        guard try cursor.byte() == 0xf9 else {
          _ = try cursor.blocks()
          continue
        }
        guard try cursor.byte() == 4 else { throw cursor.fault("a description of a frame has another length") }
        let packed = try cursor.byte()
        let delay = try cursor.word()
        let transparent = try cursor.byte()
        control = (delay, packed >> 2 & 7, packed & 1 != 0 ? transparent : nil)
        _ = try cursor.blocks()
      case 0x2c:
        let area = FrameCanvas.Area(
          left: try cursor.word(), top: try cursor.word(), width: try cursor.word(), height: try cursor.word())
        let packed = try cursor.byte()
        let local = try packed & 0x80 != 0 ? cursor.take(3 << (packed & 7 + 1)) : nil
        guard let colors = local ?? global else { throw cursor.fault("frame \(frames.count + 1) has no colours") }
        let data = cursor.position
        guard (1...8).contains(try cursor.byte()) else {
          throw cursor.fault("frame \(frames.count + 1) has codes of no size")
        }
        let count = try cursor.blocks()
        let frame = Frame(
          area: area, delay: control.delay, disposal: control.disposal, transparent: control.transparent,
          colors: colors, isInterlaced: packed & 0x40 != 0, data: data, dataCount: count)
        guard area.width > 0, area.height > 0, area.width * area.height <= FrameCanvas.mostPixels,
          area.width * area.height <= LZWDecoder.mostPixels(ofBytes: count)
        else {
          throw cursor.fault(
            "frame \(frames.count + 1) claims \(area.width) × \(area.height) pixels, and has \(count) bytes")
        }
        frames.append(frame)
        control = (0, 0, nil)
      default: throw cursor.fault("it has a block of no known kind")
      }
    }
    guard !frames.isEmpty else { throw cursor.fault("it has no frame") }
    (self.frames, self.bytes, self.place) = (frames, bytes, place)
  }

  /// How long each frame is shown, in seconds.
  var durations: [Double] { frames.map { Double($0.delay == 0 ? 10 : $0.delay) / 100 } }

  /// Draws the frames up to the last of some.
  ///
  /// - Parameters:
  ///   - wanted: the numbers of frames, ascending.
  ///   - each: takes each of them, with its number.
  /// - Throws: `UserError` where a frame up to there is damaged.
  func draw(_ wanted: [Int], each: (Int, ImageFile) -> Void) throws(UserError) {
    var canvas = FrameCanvas(width: width, height: height)
    var rest = wanted[...]
    var last: (area: FrameCanvas.Area, disposal: Int, before: [UInt8]?)?
    for (number, frame) in frames.enumerated() {
      guard let next = rest.first else { return }
      if let last {
        if last.disposal == 2 { canvas.restore(last.area, nil) }
        if last.disposal == 3 { canvas.restore(last.area, last.before) }
      }
      let area = visible(frame.area)
      last = (area, frame.disposal, frame.disposal == 3 ? canvas.copy(area) : nil)
      try draw(frame, number, on: &canvas)
      if next == number {
        each(number, canvas.picture)
        rest = rest.drop { $0 == number }
      }
    }
  }

  /// The part of an area that lies on the canvas.
  private func visible(_ area: FrameCanvas.Area) -> FrameCanvas.Area {
    let (left, top) = (min(area.left, width), min(area.top, height))
    return FrameCanvas.Area(
      left: left, top: top, width: min(area.left + area.width, width) - left,
      height: min(area.top + area.height, height) - top)
  }

  private func draw(_ frame: Frame, _ number: Int, on canvas: inout FrameCanvas) throws(UserError) {
    let area = frame.area
    func fault(_ what: String) -> UserError {
      UserError(.data, "the GIF is damaged: frame \(number + 1) \(what)", at: place, mend: "replace or remove it")
    }
    guard let indices = LZWDecoder.pixels(bytes, at: frame.data, count: area.width * area.height) else {
      throw fault("is cut short or has a code that means nothing")
    }
    let rows = frame.isInterlaced ? Self.interlaced(area.height) : Array(0..<area.height)
    let count = frame.colors.count / 3
    for (stored, row) in rows.enumerated() {
      let y = row + area.top
      guard y < height else { continue }
      for column in 0..<min(area.width, max(0, width - area.left)) {
        let index = Int(indices[stored * area.width + column])
        guard index != frame.transparent else { continue }
        guard index < count else { throw fault("has colour \(index) of \(count)") }
        let color = frame.colors.lowerBound + 3 * index
        canvas.set(column + area.left, y, bytes[color], bytes[color + 1], bytes[color + 2])
      }
    }
  }

  /// The rows in the order in which an interlaced frame has them.
  static func interlaced(_ height: Int) -> [Int] {
    [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { Array(stride(from: $0.0, to: height, by: $0.1)) }
  }

  /// Reads bytes one after another.
  private struct Cursor {
    let bytes: [UInt8]
    let place: String
    var position: Int

    func fault(_ what: String) -> UserError {
      UserError(.data, "the GIF is damaged: \(what)", at: place, mend: "replace or remove it")
    }

    mutating func take(_ count: Int) throws(UserError) -> Range<Int> {
      guard count <= bytes.count - position else { throw fault("the file is cut short") }
      defer { position += count }
      return position..<position + count
    }

    mutating func byte() throws(UserError) -> Int { Int(bytes[try take(1).lowerBound]) }

    mutating func word() throws(UserError) -> Int { try byte() | (try byte()) << 8 }

    /// Passes blocks up to the empty one; the bytes in them.
    mutating func blocks() throws(UserError) -> Int {
      var sum = 0
      while true {
        let count = try byte()
        if count == 0 { return sum }
        sum += count
        _ = try take(count)
      }
    }
  }
}

/// GIF's variant of LZW (Welch, 1984): codes of growing length, least significant bit first, in blocks of up to 255 bytes.
enum LZWDecoder {
  private static let mostCodes = 4096

  /// The most pixels that codes of so many bytes can stand for: a code has two bits or more, and stands for at most all that
  /// the table is long.
  static func mostPixels(ofBytes count: Int) -> Int { 4 * count * mostCodes }

  /// Decodes pixels; nil where a code means nothing or there are too few.
  ///
  /// - Parameters:
  ///   - start: where the size of the first codes stands, followed by blocks up to an empty one, all within `bytes`.
  ///   - count: the pixels to decode; what follows them is not looked at.
  static func pixels(_ bytes: [UInt8], at start: Int, count: Int) -> [UInt8]? {
    let size = Int(bytes[start])
    let (clear, end) = (1 << size, 1 << size + 1)
    var prefixes = [Int](repeating: -1, count: mostCodes)
    var suffixes = [UInt8](repeating: 0, count: mostCodes)
    var lengths = [Int](repeating: 0, count: mostCodes)
    for code in 0..<clear { (suffixes[code], lengths[code]) = (UInt8(truncatingIfNeeded: code), 1) }
    var (width, next, last) = (size + 1, end + 1, -1)
    var (position, left) = (start + 1, 0)
    var (bits, bitCount) = (0, 0)
    var pixels = [UInt8](repeating: 0, count: count)
    var written = 0
    while written < count {
      while bitCount < width {
        if left == 0 {
          left = Int(bytes[position])
          position += 1
          guard left > 0 else { return nil }
        }
        bits |= Int(bytes[position]) << bitCount
        (position, left, bitCount) = (position + 1, left - 1, bitCount + 8)
      }
      let code = bits & (1 << width - 1)
      (bits, bitCount) = (bits >> width, bitCount - width)
      if code == clear {
        (width, next, last) = (size + 1, end + 1, -1)
        continue
      }
      guard code != end, last >= 0 ? code <= next && code < mostCodes : code < clear else { return nil }
      if last >= 0, next < mostCodes {
        // A code that is not there yet stands for the last one followed by its own first pixel.
        var first = code < next ? code : last
        while prefixes[first] >= 0 { first = prefixes[first] }
        (prefixes[next], suffixes[next], lengths[next]) = (last, suffixes[first], lengths[last] + 1)
        next += 1
        if next == 1 << width, width < 12 { width += 1 }
      } else if code >= next {
        return nil
      }
      let length = lengths[code]
      var (place, part) = (written + length - 1, code)
      while part >= 0 {
        if place < count { pixels[place] = suffixes[part] }
        (place, part) = (place - 1, prefixes[part])
      }
      written += length
      last = code
    }
    return pixels
  }
}
