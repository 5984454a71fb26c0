import CImageCodecs
import CZlib
import Diagnostics

/// A PNG, still or animated (W3C, PNG, third edition, section 11.3.4): its frames, and how they are drawn one over the other.
///
/// The picture that viewers without animation show is a frame only where the file says so. A frame without a duration is
/// shown for a hundredth of a second.
struct APNGFile {
  /// One frame as the file describes it.
  struct Frame {
    /// Where it stands, on the canvas.
    var area: FrameCanvas.Area
    /// How long it is shown, in seconds.
    var duration: Double
    /// What happens to its area before the next one: 1 clears it, 2 brings back what was there before the frame, which is
    /// nothing for the first; 0 leaves it.
    var disposal: Int
    /// Whether it is put over what is there; else it replaces it.
    var isBlended: Bool
    /// Where its compressed pixels stand.
    var data: [Range<Int>]
  }

  /// The width of the canvas.
  let width: Int
  /// The height of the canvas.
  let height: Int
  /// The frames in order, at least one.
  let frames: [Frame]
  private let bytes: [UInt8]
  private let place: String
  /// The content of the header, and whole chunks of colours and opacity.
  private let header: Range<Int>
  private let colors: [Range<Int>]

  private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Reads everything but the pixels.
  ///
  /// - Throws: `UserError` where it is no PNG, is cut short, or its frames contradict each other.
  init(_ bytes: [UInt8], place: String) throws(UserError) {
    func fault(_ what: String) -> UserError {
      UserError(.data, "the PNG is damaged: \(what)", at: place, mend: "replace or remove it")
    }
    guard bytes.starts(with: Self.signature) else { throw fault("it is no PNG") }
    func number(_ position: Int, _ count: Int = 4) -> Int {
      bytes[position..<position + count].reduce(0) { $0 << 8 | Int($1) }
    }
    var position = Self.signature.count
    var (header, colors): (Range<Int>?, [Range<Int>]) = (nil, [])
    var (size, count, sequence): ((width: Int, height: Int), Int?, Int) = ((0, 0), nil, 0)
    var (frames, still): ([Frame], [Range<Int>]) = ([], [])
    while true {
      guard position <= bytes.count - 12 else { throw fault("the file is cut short") }
      let length = number(position)
      guard length <= bytes.count - position - 12 else { throw fault("the file is cut short") }
      let content = position + 8..<position + 8 + length
      let kind = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
      let isOurs = ["IHDR", "PLTE", "tRNS", "acTL", "fcTL", "fdAT", "IDAT", "IEND"].contains(kind)
      guard !isOurs || Self.checksum(bytes[position + 4..<content.upperBound]) == UInt32(number(content.upperBound))
      else { throw fault("a chunk \(kind) has another checksum") }
      guard (kind == "IHDR") == (header == nil) else { throw fault("the header does not come first") }
      switch kind {
      case "IHDR":
        guard length == 13 else { throw fault("the header has another length") }
        header = content
        size = (number(content.lowerBound), number(content.lowerBound + 4))
        guard size.width > 0, size.height > 0, size.width <= FrameCanvas.mostPixels,
          size.width * size.height <= FrameCanvas.mostPixels
        else {
          throw UserError(
            .data, "frames of \(size.width) × \(size.height) pixels; at most \(FrameCanvas.mostPixels) can be read",
            at: place, mend: "make it smaller")
        }
      case "PLTE", "tRNS": colors.append(position..<content.upperBound + 4)
      case "acTL":
        guard length == 8, count == nil, still.isEmpty else {
          throw fault("its number of frames stands in a wrong place")
        }
        count = number(content.lowerBound)
      case "fcTL" where count != nil:
        guard length == 26, number(content.lowerBound) == sequence, frames.last?.data.isEmpty != true else {
          throw fault("frame \(frames.count + 1) is out of order")
        }
        sequence += 1
        frames.append(Self.frame(number, at: content.lowerBound))
        guard let area = frames.last?.area, area.width > 0, area.height > 0, area.left + area.width <= size.width,
          area.top + area.height <= size.height, frames.last?.disposal ?? 3 < 3
        else { throw fault("frame \(frames.count) stands beyond the canvas") }
      case "fdAT" where count != nil:
        guard length >= 4, number(content.lowerBound) == sequence, !frames.isEmpty, !still.isEmpty else {
          throw fault("frame \(frames.count) is out of order")
        }
        sequence += 1
        frames[frames.count - 1].data.append(content.lowerBound + 4..<content.upperBound)
      case "IDAT":
        still.append(content)
        guard frames.count < 2 else { throw fault("frame \(frames.count) is out of order") }
        // The format wants a first frame that is the still picture, too, to be all of it.
        if let first = frames.first {
          guard first.area == .init(left: 0, top: 0, width: size.width, height: size.height),
            first.data.count == still.count - 1
          else { throw fault("frame 1 is not the whole picture") }
          frames[0].data.append(content)
        }
      default: break
      }
      position = content.upperBound + 4
      if kind == "IEND" { break }
    }
    guard let header, !still.isEmpty else { throw fault("it has no pixels") }
    if let count {
      guard frames.count == count, count > 0, frames.allSatisfy({ !$0.data.isEmpty }) else {
        throw fault("it has \(frames.count) frames, and \(count) are claimed")
      }
    } else {
      frames = [
        Frame(
          area: .init(left: 0, top: 0, width: size.width, height: size.height), duration: 1, disposal: 0,
          isBlended: false, data: still)
      ]
    }
    for (index, frame) in frames.enumerated() {
      // Deflate packs at most 1032 bytes of eight pixels into one, so a frame with fewer has not what it claims.
      let (area, sum) = (frame.area, frame.data.reduce(0) { $0 + $1.count })
      guard area.width * area.height / (8 * 1032) <= sum else {
        throw fault("frame \(index + 1) claims \(area.width) × \(area.height) pixels, and has \(sum) bytes")
      }
    }
    (width, height) = size
    (self.frames, self.bytes, self.place, self.header, self.colors) = (frames, bytes, place, header, colors)
  }

  private static func frame(_ number: (Int, Int) -> Int, at start: Int) -> Frame {
    let (numerator, denominator) = (number(start + 20, 2), number(start + 22, 2))
    return Frame(
      area: .init(
        left: number(start + 12, 4), top: number(start + 16, 4), width: number(start + 4, 4),
        height: number(start + 8, 4)),
      duration: numerator == 0 ? 0.01 : Double(numerator) / Double(denominator == 0 ? 100 : denominator),
      disposal: number(start + 24, 1), isBlended: number(start + 25, 1) == 1, data: [])
  }

  /// How long each frame is shown, in seconds.
  var durations: [Double] { frames.map(\.duration) }

  /// Draws the frames up to the last of some.
  ///
  /// - Parameters:
  ///   - wanted: the numbers of frames, ascending.
  ///   - each: takes each of them, with its number.
  /// - Throws: `UserError` where a frame up to there is damaged.
  func draw(_ wanted: [Int], each: (Int, ImageFile) -> Void) throws(UserError) {
    var canvas = FrameCanvas(width: width, height: height)
    var rest = wanted[...]
    var last: (area: FrameCanvas.Area, before: [UInt8]?)?
    for (number, frame) in frames.enumerated() {
      guard let next = rest.first else { return }
      if let last { canvas.restore(last.area, last.before) }
      switch frame.disposal {
      case 1: last = (frame.area, nil)
      // There is nothing to bring back before the first frame.
      case 2: last = (frame.area, number == 0 ? nil : canvas.copy(frame.area))
      default: last = nil
      }
      let pixels = try pixels(of: frame, number)
      let area = frame.area
      for y in 0..<area.height {
        for x in 0..<area.width {
          let color = pixels[4 * (y * area.width + x)..<4 * (y * area.width + x + 1)]
          if frame.isBlended {
            canvas.blend(x + area.left, y + area.top, color)
          } else {
            let first = color.startIndex
            canvas.set(x + area.left, y + area.top, color[first], color[first + 1], color[first + 2], color[first + 3])
          }
        }
      }
      if next == number {
        each(number, canvas.picture)
        rest = rest.drop { $0 == number }
      }
    }
  }

  /// The pixels of a frame, RGBA: those of a PNG with its size, the file's colours and the frame's data.
  private func pixels(of frame: Frame, _ number: Int) throws(UserError) -> [UInt8] {
    func big(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    func chunk(_ kind: String, _ content: [UInt8]) -> [UInt8] {
      let body = Array(kind.utf8) + content
      return big(content.count) + body + big(Int(Self.checksum(body[...])))
    }
    var file = Self.signature
    let (width, height) = (frame.area.width, frame.area.height)
    file += chunk("IHDR", big(width) + big(height) + bytes[header.lowerBound + 8..<header.upperBound])
    for color in colors { file += bytes[color] }
    for data in frame.data { file += chunk("IDAT", Array(bytes[data])) }
    file += chunk("IEND", [])
    var message = ic_message()
    var status = ic_good
    let pixels = [UInt8](unsafeUninitializedCapacity: 4 * width * height) { target, count in
      target.initialize(repeating: 0)
      guard let rgba = target.baseAddress else { return }
      status = ic_png_decode_rgba(file, file.count, UInt32(width), UInt32(height), rgba, &message)
      count = 4 * width * height
    }
    guard status == ic_good else {
      let fault = ImageFile.fault(status, .png, message, place)
      throw UserError(fault.kind, "\(fault.what), in frame \(number + 1)", at: place, mend: fault.mend)
    }
    return pixels
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBufferPointer { UInt32(crc32_z(0, $0.baseAddress, $0.count)) }
  }
}
