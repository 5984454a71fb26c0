import Autograd
import Foundation
import Kernels
import SampleTensors
import Testing

@Suite struct ArithmeticTests {
  @Test func broadcastsOverRowsAndColumns() {
    let matrix = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect((matrix + Tensor([10, 20, 30])).values == [11, 22, 33, 14, 25, 36])
    #expect((matrix * Tensor([2, 3], shape: [2, 1])).values == [2, 4, 6, 12, 15, 18])
    #expect((matrix - Tensor(1)).values == [0, 1, 2, 3, 4, 5])
    #expect((Tensor([1, 2], shape: [2, 1]) + Tensor([10, 20, 30])).shape == [2, 3])
    #expect((12 - matrix).values == [11, 10, 9, 8, 7, 6])
  }

  @Test(arguments: [
    ([2, 3], [2, 3]), ([2, 3], [3]), ([4, 1, 3], [2, 1]), ([3], [2, 3]), ([2, 3], []), ([2, 1, 4], [3, 1]),
  ])
  func gradientsOfBroadcastsAgree(shapes: ([Int], [Int])) {
    let a = example(shapes.0)
    let b = example(shapes.1, seed: 1, low: 0.5, high: 1.5)
    let operations: [(Tensor, Tensor) -> Tensor] = [(+), (-), (*), (/)]
    for operation in operations {
      #expect(GradientCheck().largestError(at: [a, b]) { operation($0[0], $0[1]) } < 2e-3)
    }
  }

  /// `max` passes over what is not a number, so that such a gradient would be as good as a right one.
  @Test func aGradientThatIsNotANumberIsNoSmallError() {
    #expect(GradientCheck().largestError(at: [Tensor([2, 0.5])]) { ($0[0] - 1).log() } == .infinity)
    #expect(GradientCheck().largestError(at: [Tensor([4, 0])]) { $0[0].squareRoot() } == .infinity)
    #expect(distance([.nan, 1], [0, 1]) == .infinity && distance([1, .nan, 1], [1, 0, 1]) == .infinity)
    #expect(distance([1, 2], [1]) == .infinity && distance([1, 2], [1, 4]) == 2)
  }

  @Test func maximumSendsGradientToTheGreater() {
    let (value, gradients) = Tape.gradients(at: [Tensor([1, 5, 2]), Tensor([3, 4, 2])]) {
      Tensor.maximum($0[0], $0[1]).sum()
    }
    #expect(value.scalar == 10)
    #expect(gradients[0].values == [0, 1, 0])
    #expect(gradients[1].values == [1, 0, 1])
  }

  @Test func addingRectifiedIsASumAndARectifier() {
    let (a, b) = (Tensor([1, -2, 3, 0]), Tensor([1, 1, -4, 0]))
    let (value, gradients) = Tape.gradients(at: [a, b]) {
      ($0[0].addingRectified($0[1]) * Tensor([1, 10, 100, 1000]) + $0[0]).sum()
    }
    #expect(value.scalar == 2 + 2)
    #expect(gradients[0].values == [2, 1, 1, 1])
    #expect(gradients[1].values == [1, 0, 0, 0])
  }

  @Test func sharedInputCollectsAllGradients() {
    let gradients = Tape.gradients(at: [Tensor([3])]) { ($0[0] * $0[0] + $0[0]).sum() }.gradients
    #expect(gradients[0].values == [7])
  }

  @Test func gradientPassedToTwoInputsIsNotShared() {
    // Both sides of `+` receive the same gradient; adding to one must not change the other.
    let gradients = Tape.gradients(at: [Tensor([1, 2]), Tensor([3, 4])]) { inputs in
      let sum = inputs[0] + inputs[1]
      return (sum + inputs[0] * 2).sum()
    }.gradients
    #expect(gradients[0].values == [3, 3])
    #expect(gradients[1].values == [1, 1])
  }

  @Test func nothingIsRecordedOutsideOrPaused() {
    #expect(!Tape.isRecording)
    let parameter = Parameter(Tensor([2]))
    #expect(!parameter.tensor.isRecorded)
    Tape.backpropagate {
      #expect(parameter.tensor.isRecorded)
      Tape.withoutRecording { #expect(!parameter.tensor.isRecorded) }
      let constant = Tape.withoutRecording { parameter.tensor * 5 }
      return (constant * parameter.tensor).sum()
    }
    #expect(parameter.gradient?.values == [10])
  }

  @Test func parameterCollectsOverTwoLosses() {
    let parameter = Parameter(Tensor([2, 3]))
    for _ in 0..<2 { Tape.backpropagate { parameter.tensor.squared().sum() } }
    #expect(parameter.gradient?.values == [8, 12])
    parameter.clearGradient()
    #expect(parameter.gradient == nil)
    parameter.isTrainable = false
    Tape.backpropagate { (parameter.tensor * Tensor([1, 1])).sum() }
    #expect(parameter.gradient == nil)
  }

  @Test func shapesThatDoNotBroadcastStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Tensor([1, 2]) + Tensor([1, 2, 3]) }
  }
}

@Suite struct ElementwiseTests {
  static let functions: [(name: String, apply: @Sendable (Tensor) -> Tensor, exact: @Sendable (Double) -> Double)] = [
    ("exp", { $0.exp() }, { exp($0) }), ("relu", { $0.relu() }, { max($0, 0) }),
    ("gelu", { $0.gelu() }, { $0 * 0.5 * erfc(-$0 / 2.0.squareRoot()) }),
    ("quickGELU", { $0.quickGELU() }, { $0 / (1 + exp(-1.702 * $0)) }),
    ("silu", { $0.silu() }, { $0 / (1 + exp(-$0)) }), ("tanh", { $0.tanh() }, { tanh($0) }),
    ("sigmoid", { $0.sigmoid() }, { 1 / (1 + exp(-$0)) }), ("squared", { $0.squared() }, { $0 * $0 }),
    ("softplus", { $0.softplus() }, { log1p(exp($0)) }), ("magnitude", { $0.magnitude() }, { abs($0) }),
  ]

  @Test(arguments: 0..<functions.count) func valueAndSlope(index: Int) {
    let (name, apply, exact) = Self.functions[index]
    let points: [Float] = [-9.7, -3.1, -1.02, -0.4, -0.013, 0.021, 0.3, 0.99, 2.2, 8.5]
    let values = apply(Tensor(points)).values
    for (point, value) in zip(points, values) {
      let truth = exact(Double(point))
      #expect(abs(Double(value) - truth) <= 2e-6 * max(1e-3, abs(truth)) + 1e-8, "\(name)(\(point))")
    }
    let gentle = Tensor([-2.1, -0.8, -0.3, 0.25, 0.6, 1.9])
    #expect(GradientCheck().largestError(at: [gentle]) { apply($0[0]) } < 2e-3, "\(name)")
  }

  @Test func positiveFunctions() {
    let points = Tensor([0.02, 0.5, 1, 3, 1e6])
    for (value, point) in zip(points.log().values, points.values) {
      #expect(abs(value - logf(point)) <= 2e-6 * max(1, abs(logf(point))))
    }
    let moderate = example([7], low: 0.5, high: 2)
    #expect(GradientCheck().largestError(at: [moderate]) { $0[0].log() } < 2e-3)
    #expect(GradientCheck().largestError(at: [moderate]) { $0[0].squareRoot() } < 2e-3)
    #expect(GradientCheck().largestError(at: [moderate]) { $0[0].reciprocal() } < 4e-3)
  }

  @Test func extremesDoNotOverflowInMiddle() {
    let far = Tensor([-1000, 1000])
    #expect(far.sigmoid().values == [0, 1])
    #expect(far.tanh().values == [-1, 1])
    #expect(far.softplus().values == [0, 1000])
    #expect(Tensor([0]).log().values == [-.infinity])
    #expect(Tensor([.nan]).relu().values[0].isNaN)
    #expect(Tensor([.nan]).exp().values[0].isNaN)
  }

  @Test func clampedStopsGradientOutside() {
    let (_, gradients) = Tape.gradients(at: [Tensor([-2, 0.5, 3])]) { $0[0].clamped(to: -1...1).sum() }
    #expect(gradients[0].values == [0, 1, 0])
  }

  @Test func dropoutOfSomeRowsIsThatOfTheWhole() {
    let ones = Tensor(repeating: 1, shape: [6, 5, 2])
    var stream = RandomStream(seed: 4, name: "dropout")
    stream.position = 17
    var whole = stream
    let dropped = ones.droppingOut(rate: 0.4, using: &whole)
    for rows in [0..<3, 3..<6, 2..<4] {
      var own = stream
      own.window = RowWindow(rows, of: 6)
      #expect(ones.slice(rows).droppingOut(rate: 0.4, using: &own).values == dropped.slice(rows).values)
      #expect(own.position == whole.position)
    }
  }

  @Test func dropoutKeepsItsMeanAndRepeats() {
    let ones = Tensor(repeating: 1, shape: [40_000])
    var stream = RandomStream(seed: 3, name: "dropout")
    let dropped = ones.droppingOut(rate: 0.25, using: &stream)
    let kept = dropped.values.filter { $0 != 0 }
    #expect(kept.allSatisfy { abs($0 - 4.0 / 3) < 1e-6 })
    #expect(abs(Float(kept.count) / 40_000 - 0.75) < 0.02)
    #expect(stream.position == 40_000)
    var again = RandomStream(seed: 3, name: "dropout")
    #expect(ones.droppingOut(rate: 0.25, using: &again).values == dropped.values)
    let (_, gradients) = Tape.gradients(at: [ones]) { inputs in
      var same = RandomStream(seed: 3, name: "dropout")
      return inputs[0].droppingOut(rate: 0.25, using: &same).sum()
    }
    #expect(gradients[0].values == dropped.values)
  }
}
