import Datasets
import Diagnostics
import Foundation
import Testing

struct PictureFormTests {
  /// A grey PNG.
  private func png(_ rows: [[UInt8]]) throws -> [UInt8] {
    let file = PNGFile(width: rows[0].count, height: rows.count, channels: 1, pixels: rows.flatMap { $0 })
    return [UInt8](try file.encoded())
  }

  private func bytes(_ form: PictureForm, _ rows: [[UInt8]]) throws -> [Int] {
    try form.pixels(of: png(rows), place: "f").map { Int(($0 * 255).rounded()) }
  }

  @Test func aGlyphGetsWhiteAndIsAveragedByArea() throws {
    // White rows above and below make 2 × 4 a square of 4; each quarter is then a row of white and a row of the picture.
    let form = PictureForm(glyphsOfSide: 2)
    #expect(
      try bytes(form, [[55, 55, 155, 155], [55, 55, 155, 155]])
        == [155, 155, 155, 205, 205, 205, 155, 155, 155, 205, 205, 205])
    // One that is too small is interpolated.
    #expect(try bytes(form, [[70]]) == [Int](repeating: 70, count: 12))
    #expect(
      form.description == "transparent parts over white, made square with white, brought to 2 × 2 pixels")
  }

  @Test func anyOtherPictureIsCropped() throws {
    let form = try #require(PictureForm(of: .image(height: 1, width: 3, channels: 1)))
    #expect(form.elementCount == 3)
    #expect(try bytes(form, [[10, 10, 10], [20, 30, 40], [90, 90, 90]]) == [20, 30, 40])
    #expect(
      form.description
        == "transparent parts over white, cut to 3 : 1 about the middle, brought to 3 × 1 pixels of grey")
    #expect(PictureForm(of: .vector(count: 3)) == nil)
    #expect(PictureForm(of: .image(height: 2, width: 2, channels: 2)) == nil)
  }

  @Test func whiteIsAddedOnBothSides() throws {
    let form = PictureForm(ImageResize(height: 2, width: 6, fit: .pad, channels: 1))
    let row = [255, 255, 7, 7, 255, 255]
    #expect(try bytes(form, [[7, 7], [7, 7]]) == row + row)
    let upright = PictureForm(ImageResize(height: 4, width: 2, fit: .pad, channels: 1))
    #expect(try bytes(upright, [[7, 7], [7, 7]]) == [255, 255, 7, 7, 7, 7, 255, 255])
  }

  @Test func whatIsNoPictureIsRefused() {
    let error = #expect(throws: UserError.self) {
      try PictureForm(glyphsOfSide: 2).pixels(of: Array("text".utf8), place: "a.png")
    }
    #expect(error?.description == "a.png: neither PNG, JPEG nor WebP; save it as one of them")
  }
}
