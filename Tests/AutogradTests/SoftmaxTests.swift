import Autograd
import Foundation
import Kernels
import Testing

@Suite struct SoftmaxTests {
  @Test func valuesByHand() {
    let x = Tensor([0, logf(3), 0, 0], shape: [2, 2])
    #expect(distance(x.softmax(), [0.25, 0.75, 0.5, 0.5]) < 1e-6)
    #expect(distance(x.logSoftmax(), [-logf(4), logf(0.75), -logf(2), -logf(2)]) < 1e-6)
    #expect(distance(x.logSumExp(), [logf(4), logf(2)]) < 1e-6)
    #expect(distance(x.logSumExp(skipping: [0, -1]), [logf(3), logf(2)]) < 1e-6)
    #expect(distance(x.crossEntropy(targets: [1, 0]), [-logf(0.75), logf(2)]) < 1e-6)
  }

  @Test func largeLogitsStayFinite() {
    let x = Tensor([1000, 999, -1000], shape: [1, 3])
    #expect(x.logSumExp().isFinite)
    #expect(abs(x.softmax().values[0] - 1 / (1 + expf(-1))) < 1e-6)
  }

  @Test func gradientsAgree() {
    let x = example([4, 6], low: -2, high: 2)
    let check = GradientCheck()
    #expect(check.largestError(at: [x]) { $0[0].softmax() } < 2e-3)
    #expect(check.largestError(at: [x]) { $0[0].logSoftmax() } < 2e-3)
    #expect(check.largestError(at: [x]) { $0[0].logSumExp() } < 2e-3)
    #expect(check.largestError(at: [x]) { $0[0].logSumExp(skipping: [2, -1, 0, 5]) } < 2e-3)
    #expect(check.largestError(at: [x]) { $0[0].crossEntropy(targets: [0, 5, 3, 1]) } < 2e-3)
    #expect(check.largestError(at: [x]) { $0[0].softmax() + $0[0].logSoftmax() } < 4e-3)
  }

  @Test func targetOutsideStopsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Tensor([1, 2], shape: [1, 2]).crossEntropy(targets: [2]) }
  }
}

@Suite struct SparsemaxTests {
  @Test func goldenVectors() {
    #expect(distance(Tensor([1, 0.8, 0.1, -0.5]).sparsemax(), [0.6, 0.4, 0, 0]) < 1e-6)
    #expect(distance(Tensor([0.5, 0.4, 0.3, 0.2]).sparsemax(), [0.4, 0.3, 0.2, 0.1]) < 1e-6)
    #expect(Tensor([3, 1, 0.2, -1]).sparsemax().values == [1, 0, 0, 0])
    #expect(distance(Tensor([0.5, 0.5, 0]).sparsemax(), [0.5, 0.5, 0]) < 1e-7)
    #expect(Tensor([7]).sparsemax().values == [1])
  }

  /// The definition by sorting, in double precision.
  private func sorted(_ row: [Float]) -> [Double] {
    let z = row.map(Double.init).sorted(by: >)
    var sum = 0.0
    var threshold = 0.0
    for (k, value) in z.enumerated() {
      sum += value
      if 1 + Double(k + 1) * value > sum { threshold = (sum - 1) / Double(k + 1) }
    }
    return row.map { max(Double($0) - threshold, 0) }
  }

  @Test(arguments: [1, 2, 17, 1_000, 16_384]) func agreesWithSorting(columns: Int) {
    for scale: Float in [0.001, 1, 20] {
      let x = example([3, columns], low: -scale, high: scale)
      let y = x.sparsemax().values
      for row in 0..<3 {
        let exact = sorted(Array(x.values[row * columns..<(row + 1) * columns]))
        for (a, b) in zip(y[row * columns..<(row + 1) * columns], exact) { #expect(abs(Double(a) - b) < 2e-5) }
      }
    }
  }

  @Test func gradientStaysOnTheSupport() {
    let (_, gradients) = Tape.gradients(at: [Tensor([1, 0.8, 0.1, -0.5])]) {
      ($0[0].sparsemax() * Tensor([0.3, -0.2, 0.5, 1])).sum()
    }
    #expect(distance(gradients[0], [0.25, -0.25, 0, 0]) < 1e-6)
    #expect(GradientCheck(step: 1e-3).largestError(at: [example([3, 9])]) { $0[0].sparsemax() } < 2e-2)
  }
}
