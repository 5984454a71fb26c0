import Evaluators
import Testing

@Suite struct AttentionMapTests {
  /// A picture of 2 × 4 with one channel, black throughout: the whole, its left half, its right quarter.
  private let map = AttentionMap(
    pixels: [Float](repeating: 0, count: 8), height: 2, width: 4, channels: 1,
    boxes: [0, 0, 1, 1, 1, 0, 0, 0.5, 1, 0.5, 0.75, 0, 1, 1, 0.25])

  @Test func regionsFadeByTheirWeight() {
    let shaded = map.shaded(by: [0.4, 0.4, 0.2])
    #expect(shaded == [0, 0, 1, 0.5, 0, 0, 1, 0.5])
    // The mean of all regions fades nothing.
    #expect(map.shaded(by: [0.9, 0.05, 0.05]) == [0, 0, 1, 0, 0, 0, 1, 0])
    #expect(map.shaded(by: [1, 0, 0]) == [Float](repeating: 1, count: 8))
  }

  @Test func aWordOfSeveralTokensLooksAsTheyDoOnAverage() {
    let head: [Float] = [1, 0, 0, 0.5, 0.5, 0, 0, 0.25, 0.75]
    #expect(map.mean(head, over: 1..<3) == [0.25, 0.375, 0.375])
    #expect(map.mean(head, over: 0..<1) == [1, 0, 0])
  }
}
