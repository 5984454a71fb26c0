import Datasets
import Kernels
import Testing

@Suite struct PairNoiseTests {
  @Test(arguments: [
    (0, 10, 0), (0.05, 10, 0), (0.1, 10, 2), (0.2, 10, 2), (0.24, 10, 2), (0.26, 10, 3), (0.5, 10, 5), (1, 10, 10),
    (1, 2, 2), (1, 1, 0), (1, 0, 0),
  ]) func counts(values: (share: Double, count: Int, wrong: Int)) {
    var stream = RandomStream(seed: 1, name: "captions")
    let noise = PairNoise(share: values.share)
    #expect(noise.wrongCount(of: values.count) == values.wrong)
    let sources = noise.sources(count: values.count, using: &stream)
    #expect(sources.sorted() == Array(0..<values.count))
    #expect(sources.enumerated().count { $0 != $1 } == values.wrong)
    #expect((stream.position == 0) == (values.wrong == 0))
  }

  @Test func twoObservationsSwap() {
    var stream = RandomStream(seed: 2, name: "captions")
    #expect(PairNoise(share: 1).sources(count: 2, using: &stream) == [1, 0])
  }

  @Test func aStreamGivesTheSameNoiseAgain() {
    let noise = PairNoise(share: 0.4)
    var (a, b) = (RandomStream(seed: 3, name: "captions"), RandomStream(seed: 3, name: "captions"))
    let first = noise.sources(count: 20, using: &a)
    #expect(first == noise.sources(count: 20, using: &b) && a == b)
    #expect(first != noise.sources(count: 20, using: &a))
  }

  @Test func everyObservationMayGetEveryOther() {
    var stream = RandomStream(seed: 4, name: "captions")
    let noise = PairNoise(share: 0.5)
    var givers = [Set<Int>](repeating: [], count: 4)
    var wrong = [Int](repeating: 0, count: 4)
    for _ in 0..<400 {
      for (receiver, giver) in noise.sources(count: 4, using: &stream).enumerated() {
        givers[receiver].insert(giver)
        if giver != receiver { wrong[receiver] += 1 }
      }
    }
    #expect(givers.allSatisfy { $0 == [0, 1, 2, 3] })
    // Half of 400, deviation 10.
    #expect(wrong.allSatisfy { abs($0 - 200) < 50 })
  }

  @Test func aShareAboveOneIsRefused() async {
    await #expect(processExitsWith: .failure) { _ = PairNoise(share: 1.5) }
  }
}
