import Autograd
import Foundation
import Kernels
import SampleTensors
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

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      // Rows whose last value lies at the threshold but for rounding, so that Newton's steps swing between two supports.
      [-0.257000029, -0.225500017, 0, -0.293500006, -0.185000017, -0.392199993],
      [-0.352500021, -0.469999999, 0, -0.425999999, -0.262499988, -0.348500013, -0.476583332],
      [
        -0.0289999843, -0.136500001, -0.206999987, -0.157499999, -0.110500008, 0, -0.176499993, -0.021999985,
        -0.229874983,
      ],
    ] as [[Float]])
  func sparsemaxEndsWhereRoundingSwings(row: [Float]) {
    let weights = Tensor(row, shape: [1, row.count]).sparsemax().values
    #expect(abs(weights.reduce(0, +) - 1) < 1e-6)
    #expect(weights.allSatisfy { $0 >= 0 } && weights.last ?? 1 < 1e-6)
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
