import Datasets
import Diagnostics
import Foundation
import SampleFolders
import Testing

struct ImageFileTests {
  /// PNGs of each kind, made by hand: header, filter type 0, one IDAT chunk.
  private static let pngs: [(name: String, base64: String, width: Int, height: Int, pixels: [UInt8])] = [
    // Two bits a pixel; the second colour of three is transparent.
    (
      "palette",
      "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABAgMAAABmjvwnAAAACVBMVEX/AAAA/wAAAP8tSs2KAAAAAnRSTlP/AOW3MEoAAAAKSURBVHjaY5AAAAAaABmAAI67AAAAAElFTkSuQmCC",
      3, 1, [255, 0, 0, 255, 255, 255, 0, 0, 255]
    ),
    // (200, 100, 0) at alpha 128 over white: (200 · 128 + 255 · 127) / 255 = 227.4, and so on.
    (
      "alpha",
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR42mM4kcLQwCUi9x8ADSQC6CvqZ7AAAAAASUVORK5CYII=",
      2, 1, [227, 177, 127, 10, 20, 30]
    ),
    (
      "16 bits", "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR42mNoaPj/HwAGggL/bOBDIwAAAABJRU5ErkJggg==", 2,
      1,
      [128, 128, 128, 255, 255, 255]
    ),
    (
      "grey and alpha",
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAQAAABeK7cBAAAADUlEQVR42mNgYEj5DwABzAFk2TzBtQAAAABJRU5ErkJggg==",
      2, 1, [255, 255, 255, 100, 100, 100]
    ),
    (
      "one bit", "iVBORw0KGgoAAAANSUhEUgAAAAQAAAABAQAAAADRRzJgAAAACklEQVR42mNYAAAAogChcQXLQQAAAABJRU5ErkJggg==", 4, 1,
      [255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0]
    ),
    (
      "interlaced",
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAAAAAHfA0mvAAAALUlEQVR42mNgYNBgOPGBQYThDkNKRQ8DlxxDXhPDpWcMRjZuAVEM0xas2rIPALFyC7laww12AAAAAElFTkSuQmCC",
      5, 5, (0..<25).flatMap { [UInt8](repeating: UInt8(10 * $0), count: 3) }
    ),
    // An eXIf chunk turns two pixels in a row a quarter clockwise.
    (
      "turned",
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEABgAAAAAAANZnS2kAAAALSURBVHjaY2DnBAAAGgAR82lTdQAAAABJRU5ErkJggg==",
      1, 2, [7, 7, 7, 9, 9, 9]
    ),
  ]

  @Test(arguments: pngs.indices) func readsPNGsOfEveryKind(index: Int) throws {
    let sample = Self.pngs[index]
    let bytes = [UInt8](try #require(Data(base64Encoded: sample.base64)))
    let image = try ImageFile(bytes, place: sample.name)
    #expect(image == ImageFile(width: sample.width, height: sample.height, pixels: sample.pixels), "\(sample.name)")
    for length in [0, 7, 20, 40, bytes.count - 20] {
      #expect(throws: UserError.self, "\(sample.name) of \(length) bytes") {
        try ImageFile(Array(bytes.prefix(length)), place: sample.name)
      }
    }
  }

  /// Left half one colour, right half another.
  private func halves(_ left: [UInt8], _ right: [UInt8], width: Int = 32, height: Int = 16) -> [UInt8] {
    (0..<width * height).flatMap { $0 % width < width / 2 ? left : right }
  }

  private func expectColour(_ image: ImageFile, _ x: Int, _ y: Int, _ wanted: [Int]) {
    let colour = image.pixels[3 * (y * image.width + x)..<3 * (y * image.width + x) + 3].map { Int($0) }
    #expect(zip(colour, wanted).allSatisfy { abs($0 - $1) <= 6 }, "\(colour) instead of \(wanted)")
  }

  @Test(arguments: [false, true]) func readsJPEGsOfEveryKind(isProgressive: Bool) throws {
    let colour = SampleFiles.jpeg(
      width: 32, height: 16, pixels: halves([200, 30, 40], [20, 60, 220]), isProgressive: isProgressive)
    let image = try ImageFile([UInt8](colour), place: "colour")
    #expect(image.width == 32 && image.height == 16)
    expectColour(image, 4, 8, [200, 30, 40])
    expectColour(image, 28, 8, [20, 60, 220])
    let grey = SampleFiles.jpeg(
      width: 32, height: 16, channels: 1, pixels: halves([90], [180]), isProgressive: isProgressive)
    expectColour(try ImageFile([UInt8](grey), place: "grey"), 4, 8, [90, 90, 90])
    // Inverted inks: cyan 255 − 200 and so on, black 0.
    let inks = SampleFiles.jpeg(
      width: 32, height: 16, channels: 4, pixels: halves([200, 100, 50, 255], [200, 100, 50, 128]),
      isProgressive: isProgressive)
    let printed = try ImageFile([UInt8](inks), place: "inks")
    expectColour(printed, 4, 8, [200, 100, 50])
    expectColour(printed, 28, 8, [100, 50, 25])
  }

  /// Where the top left of the upright picture comes from, for each orientation: x, y in a stored 32 × 16 picture.
  @Test(arguments: 1...8) func turnsAsEXIFSays(orientation: Int) throws {
    // A bright block at the corner that each orientation brings to the top left.
    let corner = [1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (0, 1), 7: (1, 1), 8: (1, 0)]
    let (right, bottom) = try #require(corner[orientation])
    let pixels = (0..<32 * 16).flatMap { index -> [UInt8] in
      let isBright = (index % 32 >= 16) == (right == 1) && (index / 32 >= 8) == (bottom == 1)
      return isBright ? [250, 250, 250] : [20, 20, 20]
    }
    let bytes = [UInt8](SampleFiles.jpeg(width: 32, height: 16, pixels: pixels, orientation: orientation))
    let header = try ImageFile.header(of: bytes, place: "f")
    let image = try ImageFile(bytes, place: "f")
    #expect((image.width, image.height) == (orientation > 4 ? (16, 32) : (32, 16)))
    #expect((header.width, header.height) == (image.width, image.height))
    expectColour(image, 3, 3, [250, 250, 250])
    expectColour(image, image.width - 3, 3, [20, 20, 20])
    expectColour(image, 3, image.height - 3, [20, 20, 20])
  }

  @Test func whatIsWrittenAsJPEGIsReadAgain() throws {
    let pixels = (0..<24 * 16 * 3).map { (place: Int) -> UInt8 in
      let (column, channel) = (place / 3 % 24, place % 3)
      return UInt8(40 + column * 6 + channel * 20)
    }
    let file = try JPEGFile(width: 24, height: 16, pixels: pixels).encoded(quality: 100)
    let picture = try ImageFile([UInt8](file), place: "made.jpg")
    #expect(picture.width == 24 && picture.height == 16)
    let greatest = zip(picture.pixels, pixels).map { abs(Int($0) - Int($1)) }.max()
    #expect((greatest ?? 255) < 12)
  }

  @Test func shrinksLargeJPEGsOnly() throws {
    let bytes = [UInt8](
      SampleFiles.jpeg(width: 200, height: 100, pixels: halves([9, 9, 9], [99, 99, 99], width: 200, height: 100)))
    #expect(try ImageFile(bytes, place: "f", atLeast: 12).width == 50)
    #expect(try ImageFile(bytes, place: "f", atLeast: 13).width == 100)
    #expect(try ImageFile(bytes, place: "f", atLeast: 64).width == 200)
  }

  @Test func refusesDamageWithOneLine() throws {
    let whole = [UInt8](SampleFiles.jpeg(width: 32, height: 16, pixels: halves([200, 30, 40], [20, 60, 220])))
    let cut = #expect(throws: UserError.self) { try ImageFile(Array(whole.prefix(whole.count / 2)), place: "a.jpg") }
    #expect(cut?.kind == .data && cut?.description.hasPrefix("a.jpg: the JPEG is damaged: ") == true)
    let other = #expect(throws: UserError.self) { try ImageFile(Array("GIF89a".utf8), place: "a.gif") }
    #expect(other?.description == "a.gif: neither PNG, JPEG nor WebP; save it as one of them")
    // A header of 65 500 × 65 500 pixels, libjpeg's largest, must be refused before memory is taken.
    var huge = whole
    let frame = try #require(huge.indices.first { huge[$0] == 0xff && huge[$0 + 1] == 0xc0 })
    for (offset, byte) in zip(5...8, [0xff, 0xdc, 0xff, 0xdc] as [UInt8]) { huge[frame + offset] = byte }
    let tooLarge = #expect(throws: UserError.self) { try ImageFile(huge, place: "a.jpg") }
    #expect(tooLarge?.what == "65500 × 65500 pixels; at most 67108864 can be read")
  }

  /// Noise, so that every part of a file counts.
  private func noisyJPEG(isProgressive: Bool) -> [UInt8] {
    var state: UInt32 = 1
    let pixels = (0..<48 * 48 * 3).map { _ -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    return [UInt8](SampleFiles.jpeg(width: 48, height: 48, pixels: pixels, isProgressive: isProgressive))
  }

  @Test(arguments: [false, true]) func whatIsOfNoLossInAJPEGIsNoDamage(isProgressive: Bool) throws {
    let bytes = noisyJPEG(isProgressive: isProgressive)
    let image = try ImageFile(bytes, place: "whole")
    // The mark of the end lacks; bytes stand before it; bytes stand between two segments.
    #expect(try ImageFile(Array(bytes.dropLast(2)), place: "no end") == image)
    #expect(try ImageFile(Array(bytes.dropLast(2)) + [0, 0, 0, 0] + bytes.suffix(2), place: "extraneous") == image)
    let table = try #require(bytes.indices.first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xdb })
    #expect(try ImageFile(Array(bytes[..<table]) + [0, 0] + bytes[table...], place: "between") == image)
    #expect(try ImageFile(bytes + [UInt8](repeating: 7, count: 100), place: "behind") == image)
  }

  @Test func aBaselineScanWithoutItsParametersIsNoDamage() throws {
    var bytes = noisyJPEG(isProgressive: false)
    let image = try ImageFile(bytes, place: "whole")
    let scan = try #require(bytes.indices.first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xda })
    // Behind the length, the number of components and two bytes for each stand first and last coefficient: 0 to 63.
    let last = scan + 2 + 2 + 1 + 2 * Int(bytes[scan + 4]) + 1
    try #require(bytes[last] == 63)
    bytes[last] = 0
    #expect(try ImageFile(bytes, place: "phone") == image)
  }

  @Test(arguments: [false, true]) func aJPEGThatIsCutIsDamaged(isProgressive: Bool) throws {
    let bytes = noisyJPEG(isProgressive: isProgressive)
    let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xff && bytes[$0 + 1] == 0xda }
    #expect((scans.count > 1) == isProgressive)
    // Anywhere in the data, and between two scans, where nothing but refinement lacks.
    let places = [bytes.count / 2, 3 * bytes.count / 4, bytes.count - 40] + (isProgressive ? scans.dropFirst() : [])
    for place in places {
      let error = #expect(throws: UserError.self) { try ImageFile(Array(bytes[..<place]), place: "a.jpg") }
      #expect(error?.what.hasPrefix("the JPEG is damaged: ") == true, "\(place)")
    }
  }

  /// 3 × 2 pixels: red, green, blue; (10, 20, 30), (200, 100, 50) at alpha 128, nothing.
  private static let webp =
    "UklGRkQAAABXRUJQVlA4TDgAAAAvAkAAEC9AkG2zOQzs/jLXIJO2yV//dmZtZNI2rYfe8+9yAoKi65YLAP/kUbMVBAJkiBZLIvofOQ=="

  @Test func readsWebPWhereItsLibraryIs() throws {
    let bytes = [UInt8](try #require(Data(base64Encoded: Self.webp)))
    do {
      let image = try ImageFile(bytes, place: "a.webp", atLeast: 2)
      #expect(
        image
          == ImageFile(
            width: 3, height: 2,
            pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 227, 177, 152, 255, 255, 255]))
      // A chunk that says that the picture lies on its side, behind the image.
      let tiff: [UInt8] = [
        0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0,
      ]
      var turned = bytes + Array("EXIF".utf8) + [UInt8(tiff.count), 0, 0, 0] + tiff
      turned[4] = UInt8(turned.count - 8)
      let upright = try ImageFile(turned, place: "a.webp", atLeast: 2)
      #expect((upright.width, upright.height) == (2, 3) && Array(upright.pixels.prefix(3)) == [10, 20, 30])
      let cut = #expect(throws: UserError.self) { try ImageFile(Array(bytes.dropLast(9)), place: "a.webp") }
      #expect(cut?.what.hasPrefix("the WebP is damaged: ") == true)
    } catch {
      #expect(
        error.description
          == "a.webp: WebP is read by the library libwebp, which is not there; install the Debian package libwebp7, or "
          + "save it as PNG or JPEG")
    }
  }

  @Test func flippedBytesNeverCrash() throws {
    var samples = try Self.pngs.map { [UInt8](try #require(Data(base64Encoded: $0.base64))) }
    for isProgressive in [false, true] {
      samples.append(
        [UInt8](
          SampleFiles.jpeg(
            width: 32, height: 16, pixels: halves([200, 30, 40], [20, 60, 220]), isProgressive: isProgressive,
            orientation: 6)))
    }
    for sample in samples {
      for position in sample.indices {
        var bytes = sample
        bytes[position] ^= UInt8(truncatingIfNeeded: 1 + 37 * position)
        // Most are refused; what is read has the size its header says.
        if let image = try? ImageFile(bytes, place: "f") {
          #expect(image.pixels.count == 3 * image.width * image.height)
        }
      }
    }
  }

  @Test(arguments: [1, 3]) func writesPNGs(channels: Int) throws {
    let pixels = (0..<7 * 5 * channels).map { UInt8(truncatingIfNeeded: 31 * $0) }
    let data = try PNGFile(width: 7, height: 5, channels: channels, pixels: pixels).encoded()
    let image = try ImageFile([UInt8](data), place: "f")
    #expect(image.width == 7 && image.height == 5)
    #expect(image.pixels == (channels == 3 ? pixels : pixels.flatMap { [$0, $0, $0] }))
  }
}

struct ImageResizeTests {
  private func grey(_ rows: [[UInt8]]) -> ImageFile {
    ImageFile(width: rows[0].count, height: rows.count, pixels: rows.flatMap { $0.flatMap { [$0, $0, $0] } })
  }

  @Test func keepsAPictureOfTheSameSize() {
    let image = grey([[10, 20, 30], [40, 50, 60], [70, 80, 90]])
    for fit in ImageResize.Fit.allCases { #expect(ImageResize(side: 3, fit: fit)(image) == image.pixels) }
  }

  @Test func averagesAreas() {
    // A chequerboard of single pixels is even grey when it shrinks, wherever samples would fall.
    let board = grey((0..<64).map { y in (0..<64).map { x in (x + y) % 2 == 0 ? 0 : 200 } })
    #expect(ImageResize(side: 8, channels: 1)(board).allSatisfy { abs(Int($0) - 100) <= 2 })
    // Four to two: a triangle of half-width 2 around 1 weighs 0.125·[3, 3, 1] (cut and normalised: 3/7, 3/7, 1/7).
    let line = grey([[0, 70, 140, 210], [0, 70, 140, 210], [0, 70, 140, 210], [0, 70, 140, 210]])
    #expect(ImageResize(side: 2, channels: 1)(line) == [50, 160, 50, 160])
  }

  @Test func interpolatesWhereItGrows() {
    // Between centres 0.5 and 1.5, at 0.75 and 1.25: a quarter of the way.
    #expect(ImageResize(side: 4, channels: 1)(grey([[0, 100], [0, 100]])).prefix(4) == [0, 25, 75, 100])
  }

  @Test func cropsPadsAndStretches() {
    let wide = grey((0..<4).map { _ in [200, 0, 0, 0, 0, 0, 0, 200] })
    #expect(ImageResize(side: 4, fit: .crop, channels: 1)(wide) == [UInt8](repeating: 0, count: 16))
    let padded = ImageResize(side: 8, fit: .pad, channels: 1)(wide)
    #expect(padded.prefix(16).allSatisfy { $0 == 255 } && padded.suffix(16).allSatisfy { $0 == 255 })
    #expect(Array(padded[16..<24]) == [200, 0, 0, 0, 0, 0, 0, 200])
    let stretched = ImageResize(side: 4, fit: .stretch, channels: 1)(wide)
    #expect(stretched[0] > 60 && stretched[1] < 60 && stretched[3] > 60)
    // The luma of pure red is 0.299.
    let red = ImageFile(width: 1, height: 1, pixels: [255, 0, 0])
    #expect(ImageResize(side: 1, channels: 1)(red) == [76])
  }
}
