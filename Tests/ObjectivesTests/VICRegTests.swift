import Autograd
import Kernels
import Layers
import Objectives
import Testing

@Suite struct VICRegTests {
  @Test func twoPairsByHand() {
    let x = Tensor([0, 0, 2, 2], shape: [2, 2])
    let y = Tensor([0, 0, 2, -2], shape: [2, 2])
    let terms = VICReg().loss(x, y)
    // One of four numbers differs, by 4; every variance is 2; the covariances are 2 and −2, each there twice.
    #expect(terms.parts.map(\.name) == ["invariance", "variance", "covariance"])
    let expected: [Float] = [25 * 4, 0, 2.0 * (4 + 4) / 2]
    for (part, value) in zip(terms.parts, expected) { #expect(abs(part.value.scalar - value) < 1e-4, "\(part.name)") }
    #expect(abs(terms.total.scalar - 108) < 1e-3)
  }

  @Test func oneDimensionHasNoCovariance() {
    // The variance is 1/8, with ε = 1/8 the root is 1/2, and so is each side's hinge.
    let x = Tensor([0, 0.5], shape: [2, 1])
    let method = VICReg(.init(invariance: 1, variance: 3, covariance: 1, epsilon: 0.125))
    #expect(method.loss(x, x).values.map(\.value) == [3, 0, 3, 0])
  }

  @Test func aCollapsedBatchHasAFiniteGradient() {
    let same = Tensor(repeating: 0.3, shape: [5, 4])
    let result = Tape.gradients(at: [same]) { VICReg().loss($0[0], same).total }
    // Each deviation is √ε = 0.01.
    #expect(abs(result.value.scalar - 25 * 2 * 0.99) < 1e-3)
    #expect(result.gradients[0].isFinite)
  }

  @Test func orderSidesAndPlaceDoNotMatter() {
    let (x, y) = (randomTensor([5, 3], "x"), randomTensor([5, 3], "y"))
    let loss = VICReg().loss(x, y).total.scalar
    let order: [Int32] = [4, 2, 0, 1, 3]
    let shift = Tensor([1, -2, 0.5])
    let others = [(y, x), (x.gatheringRows(order), y.gatheringRows(order)), (x + shift, y + shift)]
    for (a, b) in others { #expect(abs(VICReg().loss(a, b).total.scalar - loss) < 1e-3) }
  }

  @Test func gradientsAgree() {
    // Deviations below and above γ, none at the hinge's corner.
    let (x, y) = (randomTensor([5, 3], "x") * 0.4, randomTensor([5, 3], "y") * 3)
    let method = VICReg(.init(invariance: 1, variance: 1, covariance: 0.1))
    let terms = method.loss(x, y)
    #expect(terms.parts.allSatisfy { $0.value.scalar > 0 })
    #expect(GradientCheck().largestError(at: [x, y]) { method.loss($0[0], $0[1]).total } < 4e-3)
  }

  @Test func oneRowAndOtherShapesAreRefused() async {
    await #expect(processExitsWith: .failure) {
      let row = Tensor([1, 2], shape: [1, 2])
      _ = VICReg().loss(row, row)
    }
    await #expect(processExitsWith: .failure) {
      _ = VICReg().loss(Tensor([1, 2], shape: [2, 1]), Tensor([1, 2, 3, 4], shape: [2, 2]))
    }
  }
}
