import Kernels
import Objectives
import Testing

@Suite struct CaptionNoiseTests {
  @Test(arguments: [
    (0, 10, 0), (0.05, 10, 0), (0.1, 10, 2), (0.2, 10, 2), (0.24, 10, 2), (0.26, 10, 3), (0.5, 10, 5), (1, 10, 10),
    (1, 2, 2), (1, 1, 0), (1, 0, 0),
  ]) func counts(values: (share: Double, count: Int, wrong: Int)) {
    var stream = RandomStream(seed: 1, name: "captions")
    let noise = CaptionNoise(share: values.share)
    #expect(noise.wrongCount(of: values.count) == values.wrong)
    let sources = noise.sources(count: values.count, using: &stream)
    #expect(sources.sorted() == Array(0..<values.count))
    #expect(sources.enumerated().count { $0 != $1 } == values.wrong)
    #expect((stream.position == 0) == (values.wrong == 0))
  }

  @Test func twoObservationsSwap() {
    var stream = RandomStream(seed: 2, name: "captions")
    #expect(CaptionNoise(share: 1).sources(count: 2, using: &stream) == [1, 0])
  }

  @Test func aStreamGivesTheSameNoiseAgain() {
    let noise = CaptionNoise(share: 0.4)
    var (a, b) = (RandomStream(seed: 3, name: "captions"), RandomStream(seed: 3, name: "captions"))
    let first = noise.sources(count: 20, using: &a)
    #expect(first == noise.sources(count: 20, using: &b) && a == b)
    #expect(first != noise.sources(count: 20, using: &a))
  }

  @Test func everyObservationMayGetEveryOther() {
    var stream = RandomStream(seed: 4, name: "captions")
    let noise = CaptionNoise(share: 0.5)
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
    await #expect(processExitsWith: .failure) { _ = CaptionNoise(share: 1.5) }
  }
}

@Suite struct ModalityDropoutTests {
  @Test func drawsComeInTheirOrder() {
    // The third of four observations has the last modality alone.
    func has(_ modality: Int, _ row: Int) -> Bool { row != 2 || modality == 2 }
    var (stream, direct) = (RandomStream(seed: 1, name: "absence"), RandomStream(seed: 1, name: "absence"))
    let presence = ModalityDropout(rate: 0.5).presence(modalities: 3, batch: 4, using: &stream, isPresent: has)
    // A recipe's results hang on these draws: the kept one of each observation, then a number for every modality.
    for row in 0..<4 {
      let own = (0..<3).filter { has($0, row) }
      let kept = own[direct.below(own.count)]
      for modality in 0..<3 {
        let goes = direct.uniform() < 0.5 && modality != kept
        #expect(presence[modality][row] == (has(modality, row) && !goes))
      }
    }
    #expect(stream == direct)
    #expect(presence.map { $0[2] } == [false, false, true])
  }

  @Test func someModalityIsAlwaysLeft() {
    var stream = RandomStream(seed: 2, name: "absence")
    let presence = ModalityDropout(rate: 0.9).presence(modalities: 3, batch: 300, using: &stream)
    for row in 0..<300 { #expect(presence.contains { $0[row] }) }
    // Kept by lot in one of three cases, and else in one of ten: 0.4 of 300 is 120, deviation 8.5.
    for modality in presence { #expect(abs(modality.count { $0 } - 120) < 45) }
  }

  @Test func theEndsOfTheRange() {
    var stream = RandomStream(seed: 3, name: "absence")
    let none = ModalityDropout(rate: 0).presence(modalities: 2, batch: 3, using: &stream) { $0 == 0 || $1 == 0 }
    #expect(none == [[true, true, true], [true, false, false]] && stream.position == 0)
    let one = ModalityDropout(rate: 1).presence(modalities: 3, batch: 20, using: &stream)
    for row in 0..<20 { #expect(one.count { $0[row] } == 1) }
  }

  @Test func anObservationWithoutModalitiesIsRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 4, name: "absence")
      _ = ModalityDropout(rate: 0.5).presence(modalities: 2, batch: 2, using: &stream) { $1 == 0 && $0 == 0 }
    }
  }
}
