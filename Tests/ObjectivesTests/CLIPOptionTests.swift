import Autograd
import Foundation
import Kernels
import Objectives
import Testing

@Suite struct CLIPOptionTests {
  private let u = randomTensor([4, 3], "u").l2Normalised()
  private let v = randomTensor([4, 3], "v").l2Normalised()

  @Test func unusedOptionsChangeNoBit() {
    let scale = Tensor(1.5)
    let own: [Int32] = [0, 1, 2, 3]
    let plain = Tape.gradients(at: [u, v, scale]) {
      let similarity = $0[0].multiplied(by: $0[1], otherTransposed: true) * $0[2].exp()
      let rows = similarity.crossEntropy(targets: own).mean()
      return (rows + similarity.transposed().crossEntropy(targets: own).mean()) * 0.5
    }
    let options = Tape.gradients(at: [u, v, scale]) {
      clipLoss($0[0], $0[1], logScale: $0[2], smoothing: 0, direction: .both)
    }
    #expect(plain.value.scalar == options.value.scalar)
    #expect(zip(plain.gradients, options.gradients).allSatisfy { $0.values == $1.values })
  }

  @Test func smoothingByHand() {
    let unit = Tensor([1, 0, 0, 1], shape: [2, 2])
    // CE is log(1 + 1/e); the other class is 1 further away, and half of ε lies on it.
    let loss = clipLoss(unit, unit, logScale: Tensor(0), smoothing: 0.1).scalar
    #expect(abs(loss - (logf(1 + expf(-1)) + 0.05)) < 1e-6)
  }

  @Test func equalRepresentationsAreIndifferentToSmoothing() {
    let same = Tensor([0, 1, 0, 1, 0, 1], shape: [3, 2])
    for smoothing: Float in [0, 0.1, 0.5] {
      #expect(abs(clipLoss(same, same, logScale: Tensor(2), smoothing: smoothing).scalar - logf(3)) < 1e-5)
    }
  }

  @Test func smoothingLeavesOutWhatIsShared() {
    let rows = Tensor([1, 0, 0, 1, 1, 0], shape: [3, 2])
    let result = Tape.gradients(at: [rows]) {
      clipLoss($0[0], rows, logScale: Tensor(0), sharing: [7, 1, 7], smoothing: 0.1)
    }
    // The first and the last see two classes, the second sees three.
    let (pair, triple) = (logf(1 + expf(-1)) + 0.05, logf(expf(1) + 2) - 0.9 - 0.1 / 3)
    #expect(abs(result.value.scalar - (2 * pair + triple) / 3) < 1e-5)
    #expect(result.gradients[0].isFinite)
    // One that shares with all sees itself alone.
    #expect(clipLoss(rows, rows, logScale: Tensor(0), sharing: [7, 7, 7], smoothing: 0.1).scalar == 0)
  }

  @Test func directions() {
    let scale = Tensor(logf(1 / 0.07))
    func loss(_ a: Tensor, _ b: Tensor, _ direction: ContrastDirection, smoothing: Float = 0) -> Float {
      clipLoss(a, b, logScale: scale, smoothing: smoothing, direction: direction).scalar
    }
    let similarity = u.multiplied(by: v, otherTransposed: true) / 0.07
    let direct = similarity.crossEntropy(targets: [0, 1, 2, 3]).mean().scalar
    #expect(abs(loss(u, v, .firstToSecond) - direct) < 1e-5)
    for smoothing: Float in [0, 0.2] {
      let (there, back) = (
        loss(u, v, .firstToSecond, smoothing: smoothing), loss(v, u, .firstToSecond, smoothing: smoothing)
      )
      #expect(there != back)
      #expect(abs((there + back) / 2 - loss(u, v, .both, smoothing: smoothing)) < 1e-5)
    }
  }

  @Test func orderOfPairsDoesNotMatter() {
    let order: [Int32] = [2, 0, 3, 1]
    let scale = Tensor(1)
    let a = clipLoss(u, v, logScale: scale, smoothing: 0.1, direction: .firstToSecond).scalar
    let b = clipLoss(
      u.gatheringRows(order), v.gatheringRows(order), logScale: scale, smoothing: 0.1, direction: .firstToSecond
    ).scalar
    #expect(abs(a - b) < 1e-6)
  }

  @Test(arguments: ContrastDirection.allCases) func gradientsAgree(direction: ContrastDirection) {
    let error = GradientCheck().largestError(at: [randomTensor([4, 3], "u"), randomTensor([4, 3], "v"), Tensor(1)]) {
      clipLoss(
        $0[0].l2Normalised(), $0[1].l2Normalised(), logScale: $0[2], sharing: [0, 1, 0, 2], smoothing: 0.2,
        direction: direction)
    }
    #expect(error < 4e-3)
  }

  @Test func fullSmoothingIsRefused() async {
    await #expect(processExitsWith: .failure) {
      let unit = Tensor([1, 0, 0, 1], shape: [2, 2])
      _ = clipLoss(unit, unit, logScale: Tensor(0), smoothing: 1)
    }
  }
}
