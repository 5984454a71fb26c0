import Autograd
import Kernels
import SampleTensors
import Testing

@Suite struct TransposedConvolutionTests {
  @Test func isTheAdjointOfTheConvolution() {
    // ⟨conv(x), y⟩ = ⟨x, convᵀ(y)⟩
    let weight = example([3, 4, 4, 2], seed: 1)
    let (x, y) = (example([2, 8, 6, 2], seed: 2), example([2, 4, 3, 3], seed: 3))
    let forth = x.convolved(weight: weight, stride: (2, 2), padding: ImagePadding(1))
    let back = y.transposedConvolved(weight: weight, stride: (2, 2), padding: ImagePadding(1))
    #expect(forth.shape == y.shape && back.shape == x.shape)
    #expect(abs((forth * y).sum().scalar - (x * back).sum().scalar) < 1e-3)
  }

  @Test func gradientsAgreeWithDifferences() {
    let inputs = [
      example([2, 3, 2, 3]), example([3, 4, 2, 2]), example([2]),
    ]
    let error = GradientCheck().largestError(at: inputs) {
      $0[0].transposedConvolved(
        weight: $0[1], bias: $0[2], stride: (2, 1), padding: ImagePadding(vertical: 1, horizontal: 0))
    }
    #expect(error < 1e-2)
  }

  @Test func gradientsAreScaledByWhatIsNamedLater() {
    let scale = GradientScale()
    let (value, gradients) = Tape.gradients(at: [Tensor([1, 2], shape: [2, 1])]) {
      let loss = ($0[0].scalingGradient(by: scale) * 3).sum()
      scale.factors = Tensor([0.5, 2], shape: [2, 1])
      return loss
    }
    #expect(value.scalar == 9 && gradients[0].values == [1.5, 6])
  }
}
