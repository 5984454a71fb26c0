import Evaluators
import Testing

@Suite struct PatchGridTests {
  @Test func patchesOfATransformer() {
    let grid = PatchGrid(image: [1, 4, 8, 1], patches: 8, patchSize: 2)
    #expect(grid.rows == 2 && grid.columns == 4)
    #expect(grid.area(of: 5).rows == 2..<4 && grid.area(of: 5).columns == 2..<4)
    var pixels = [Float](repeating: 1, count: 32)
    #expect(grid.isPlain(5, of: 0, pixels))
    pixels[2 * 8 + 3] = 0.5
    #expect(!grid.isPlain(5, of: 0, pixels) && grid.isPlain(4, of: 0, pixels))
  }

  @Test func placesOfAFeatureMap() {
    // 25 × 100 halved twice is 7 × 25.
    let grid = PatchGrid(image: [1, 25, 100, 3], patches: 175, patchSize: nil)
    #expect(grid.rows == 7 && grid.columns == 25)
    #expect(grid.area(of: 174).rows == 24..<25 && grid.area(of: 174).columns == 96..<100)
    // A map as large as the image has places of one pixel, which are never plain.
    let whole = PatchGrid(image: [1, 2, 2, 1], patches: 4, patchSize: nil)
    #expect(whole.rows == 2 && !whole.isPlain(0, of: 0, [1, 1, 1, 1]))
  }

  @Test func aFrameStandsAroundThePatch() {
    let grid = PatchGrid(image: [1, 6, 6, 3], patches: 9, patchSize: 2)
    var pixels = [Float](repeating: 0.5, count: 108)
    grid.frame(4, of: 0, &pixels)
    func isRed(_ row: Int, _ column: Int) -> Bool {
      Array(pixels[(row * 6 + column) * 3..<(row * 6 + column) * 3 + 3]) == [1, 0, 0]
    }
    #expect(isRed(1, 1) && isRed(1, 4) && isRed(4, 2) && isRed(3, 4))
    #expect(!isRed(2, 2) && !isRed(3, 3) && !isRed(0, 0) && !isRed(5, 5))
  }
}
