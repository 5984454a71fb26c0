import Autograd
import Foundation
import Kernels
import Layers
import Objectives
import Testing

@Suite struct LearntScaleTests {
  @Test func theScaleIsBroughtIntoItsRange() {
    // ln(1 / 0.07) = 2.66 lies below FDT's official range.
    let scale = LearntScale(
      temperature: 0.07, range: LearntScale.officialLeastOfFDT...LearntScale.officialMost)
    #expect(scale.tensor.scalar == 3)
    scale.logarithm.assign(Tensor(2))
    scale.clamp()
    #expect(scale.tensor.scalar == 3)
    scale.logarithm.assign(Tensor(9))
    scale.clamp()
    #expect(abs(scale.value - 100) < 1e-3)
    scale.logarithm.assign(Tensor(4))
    scale.clamp()
    #expect(scale.tensor.scalar == 4)
  }

  @Test func itBeginsWithTheInverseOfTheTemperature() {
    let scale = LearntScale(temperature: 0.07)
    #expect(abs(scale.tensor.scalar - Float(log(1 / 0.07))) < 1e-6 && abs(scale.value - 1 / 0.07) < 1e-5)
    #expect(scale.parameters.map(\.path) == ["logarithm"])
  }

  @Test func whatIsNotLearntStays() {
    // 1/τ = 1000 lies above the range.
    let fixed = LearntScale(temperature: 0.001, isLearnt: false)
    fixed.clamp()
    #expect(abs(fixed.value - 1000) < 0.01)
    #expect(abs(LearntScale(temperature: 0.001).value - 100) < 1e-3)
    Tape.backpropagate { fixed.tensor * 2 }
    #expect(fixed.logarithm.gradient == nil)
  }

  @Test func aBoundKeepsItsGradient() {
    let scale = LearntScale(temperature: 0.001)
    let (u, v) = (randomTensor([4, 3], "u").l2Normalised(), randomTensor([4, 3], "v").l2Normalised())
    Tape.backpropagate { clipLoss(u, v, logScale: scale.tensor) }
    #expect(scale.logarithm.gradient.map { $0.isFinite && $0.scalar != 0 } == true)
  }

  @Test func noTemperatureIsRefused() async {
    await #expect(processExitsWith: .failure) { _ = LearntScale(temperature: 0) }
  }
}
