import Autograd
import Kernels
import Layers
import Objectives
import Testing

@Suite struct ResidualRegressionTests {
  @Test func distancesByHand() {
    let loss = l1Loss(Tensor([1, -2, 4], shape: [3, 1]), Tensor([0, 1, 4], shape: [3, 1]))
    #expect(abs(loss.scalar - 4 / 3) < 1e-6)
    let inputs = [Tensor([1, -2, 4], shape: [3, 1]), Tensor([0, 1, 4.5], shape: [3, 1])]
    #expect(GradientCheck().largestError(at: inputs) { l1Loss($0[0], $0[1]) } < 1e-3)
  }

  @Test func predictionByHand() {
    // With W₁ = 1, W₂ = 2 and no biases o = 2 max(0, z) + z; y = 3 o + 1.
    let one = Tensor([1], shape: [1, 1])
    let weights = PerceptronWeights(up: one, upBias: Tensor([0]), down: one * 2, downBias: Tensor([0]))
    let prediction = ResidualRegression.predict(
      Tensor([2, -1], shape: [2, 1]), weights, weight: one * 3, bias: Tensor([1]))
    #expect(prediction.values == [19, -2])
  }

  @Test func parametersAreThoseOfTheOfficialRegressor() {
    var stream = RandomStream(seed: 0, name: "init")
    let regression = ResidualRegression(dimensions: 60, stream: &stream)
    #expect(regression.parameterCount == 7_381)
    #expect(regression(Tensor(repeating: 0.1, shape: [4, 60])).shape == [4, 1])
  }
}
