import Datasets
import Diagnostics
import Foundation
import Testing

@Suite(.enabled(if: SVGFile.isAvailable, "librsvg is not installed")) struct SVGFileTests {
  private func draw(_ text: String, side: Int = 16) throws -> ImageFile {
    try SVGFile.square(Array(text.utf8), side: side, place: "a.svg")
  }

  private func pixel(_ image: ImageFile, _ x: Int, _ y: Int) -> [UInt8] {
    Array(image.pixels[3 * (y * image.width + x)..<3 * (y * image.width + x) + 3])
  }

  @Test func proportionsAreKeptAndTransparencyIsWhite() throws {
    // Twice as wide as high, the right half without paint.
    let image = try draw(
      "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'><rect width='20' height='20' fill='#c01020'/></svg>"
    )
    #expect(image.width == 16 && image.height == 16)
    #expect(pixel(image, 3, 8) == [0xc0, 0x10, 0x20])
    #expect(pixel(image, 12, 8) == [255, 255, 255])
    #expect(pixel(image, 3, 2) == [255, 255, 255] && pixel(image, 3, 13) == [255, 255, 255])
  }

  @Test(arguments: [
    "viewBox='0 0 10 10'", "viewBox='0 0 10 10' width='100%' height='100%'", "",
    "width='10mm' height='10mm' viewBox='0 0 10 10'",
  ]) func theSizeIsFoundHoweverItIsSaid(size: String) throws {
    let image = try draw(
      "<svg xmlns='http://www.w3.org/2000/svg' \(size)><rect width='10' height='10' fill='blue'/></svg>")
    for place in [0, 8, 15] { #expect(pixel(image, place, place) == [0, 0, 255], "\(size) at \(place)") }
  }

  @Test func whatCannotBeDrawnIsNamed() throws {
    var bomb = "<!DOCTYPE a [<!ENTITY a0 'aaaaaaaaaa'>"
    for level in 1..<12 { bomb += "<!ENTITY a\(level) '\(String(repeating: "&a\(level - 1);", count: 10))'>" }
    bomb += "]><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>&a11;</text></svg>"
    for text in [
      "", "not a drawing", "<svg xmlns='http://www.w3.org/2000/svg'><g>", "<svg xmlns='http://www.w3.org/2000/svg'/>",
      bomb,
    ] {
      let error = #expect(throws: UserError.self, "\(text.prefix(30))") { try draw(text) }
      #expect(error?.place == "a.svg" && error?.what.hasPrefix("the SVG is damaged: ") == true, "\(text.prefix(30))")
      #expect((error?.description.count ?? 0) < 200 && error?.description.contains("\n") == false)
    }
  }

  @Test func filesBesideADrawingAreNotRead() throws {
    try withTemporaryFolder { folder in
      let picture = folder.appendingPathComponent("red.png")
      try PNGFile(width: 1, height: 1, pixels: [255, 0, 0]).write(to: picture)
      let image = try draw(
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='8' height='8'>"
          + "<image xlink:href='file://\(picture.path)' width='8' height='8'/></svg>")
      #expect(image.pixels.allSatisfy { $0 == 255 })
    }
  }
}
