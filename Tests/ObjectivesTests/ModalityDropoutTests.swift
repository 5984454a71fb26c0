import Kernels
import Objectives
import Testing

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
