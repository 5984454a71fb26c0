import Autograd
import Kernels
import SampleTensors
import Testing

@Suite struct MatrixProductTests {
  @Test func productOfTwoMatrices() {
    let a = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    let b = Tensor([1, 0, 0, 1, 1, 1], shape: [3, 2])
    #expect(a.multiplied(by: b).values == [4, 5, 10, 11])
    #expect(a.multiplied(by: a, otherTransposed: true).values == [14, 32, 32, 77])
    #expect(a.multiplied(by: a, transposed: true).shape == [3, 3])
  }

  @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
  func gradientsAgree(transposes: (Bool, Bool)) {
    for batch in [[], [3]] {
      let a = example(batch + (transposes.0 ? [5, 4] : [4, 5]))
      let b = example(batch + (transposes.1 ? [6, 5] : [5, 6]), seed: 1)
      let error = GradientCheck().largestError(at: [a, b]) {
        $0[0].multiplied(by: $0[1], transposed: transposes.0, otherTransposed: transposes.1)
      }
      #expect(error < 2e-3)
    }
  }

  @Test func oneMatrixServesEveryBatch() {
    let a = example([2, 3, 4])
    let b = example([4, 5], seed: 1)
    let whole = a.multiplied(by: b)
    #expect(whole.shape == [2, 3, 5])
    let second = a.selecting(1, axis: 0).multiplied(by: b)
    #expect(distance(second, Array(whole.values[15...])) < 1e-6)
    #expect(GradientCheck().largestError(at: [a, b]) { $0[0].multiplied(by: $0[1]) } < 2e-3)
  }

  @Test func linearAddsItsBias() {
    let x = Tensor([1, 2], shape: [1, 2])
    let w = Tensor([1, 1, 0, 2, -1, 0], shape: [3, 2])
    #expect(x.linear(weight: w, bias: Tensor([10, 20, 30])).values == [13, 24, 29])
    let inputs = [example([2, 3, 4]), example([5, 4], seed: 1), example([5], seed: 2)]
    #expect(GradientCheck().largestError(at: inputs) { $0[0].linear(weight: $0[1], bias: $0[2]) } < 2e-3)
  }

  @Test func fusedFunctionsEqualTheirSteps() {
    let inputs = [example([3, 7]), example([20, 7], seed: 1), example([20], seed: 2)]
    let cases: [(FusedFunction, (Tensor) -> Tensor)] = [
      (.relu, { $0.relu() }), (.gelu, { $0.gelu() }), (.quickGELU, { $0.quickGELU() }), (.silu, { $0.silu() }),
    ]
    for (function, apply) in cases {
      let fused = Tape.gradients(at: inputs) {
        $0[0].linear(weight: $0[1], bias: $0[2], followedBy: function).squared().sum()
      }
      let steps = Tape.gradients(at: inputs) { apply($0[0].linear(weight: $0[1], bias: $0[2])).squared().sum() }
      #expect(abs(fused.value.scalar - steps.value.scalar) < 1e-4)
      for (a, b) in zip(fused.gradients, steps.gradients) { #expect(distance(a, b.values) < 1e-4) }
    }
  }

  /// 400 rows are more than two blocks, so that every way of adding up is taken.
  @Test(arguments: [1, 7, 400], [FusedFunction.gelu, .relu]) func perceptronEqualsItsLayers(
    rows: Int, function: FusedFunction
  ) {
    let inputs = [
      example([rows, 5]), example([9, 5], seed: 1), example([9], seed: 2), example([4, 9], seed: 3),
      example([4], seed: 4),
    ]
    func layers(_ x: [Tensor]) -> Tensor {
      let hidden = x[0].linear(weight: x[1], bias: x[2])
      return (function == .relu ? hidden.relu() : hidden.gelu()).linear(weight: x[3], bias: x[4])
    }
    func fused(_ x: [Tensor]) -> Tensor {
      x[0].perceptron(.init(up: x[1], upBias: x[2], down: x[3], downBias: x[4]), function: function)
    }
    #expect(distance(fused(inputs), layers(inputs).values) < 1e-5)
    let first = Tape.gradients(at: inputs) { (fused($0) + fused($0)).squared().mean() }
    let second = Tape.gradients(at: inputs) { (layers($0) + layers($0)).squared().mean() }
    for (a, b) in zip(first.gradients, second.gradients) { #expect(distance(a, b.values) < 1e-4) }
  }

  @Test func sizesThatDoNotFitStopTheProgramAndAreNamed() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2], shape: [1, 2]).multiplied(by: Tensor([1, 2, 3], shape: [3, 1]))
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("matrix product: shapes [1, 2] and [3, 1] do not fit"))
  }
}

@Suite struct ReductionTests {
  let cube = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])

  @Test func sumsAndMeans() {
    #expect(cube.sum().scalar == 276)
    #expect(cube.sum(axis: 1).values == [12, 15, 18, 21, 48, 51, 54, 57])
    #expect(cube.mean(axis: -1, keepingAxis: true).shape == [2, 3, 1])
    #expect(cube.mean(axis: 0).values == (0..<12).map { Float($0) + 6 })
    for axis in 0..<3 {
      #expect(GradientCheck().largestError(at: [example([2, 3, 4])]) { $0[0].mean(axis: axis) } < 2e-3)
    }
  }

  @Test func maxTakesTheFirstOfEqualOnes() {
    let x = Tensor([1, 3, 3, 0, 5, 2], shape: [2, 3])
    #expect(x.maxWithIndices(axis: 1).values.values == [3, 5])
    #expect(x.maxWithIndices(axis: 1).indices == [1, 1])
    #expect(x.max(axis: 0).values == [1, 5, 3])
    let (_, gradients) = Tape.gradients(at: [x]) { $0[0].max(axis: 1).sum() }
    #expect(gradients[0].values == [0, 1, 0, 0, 1, 0])
    for axis in 0..<3 {
      #expect(GradientCheck(step: 1e-3).largestError(at: [example([3, 4, 5])]) { $0[0].max(axis: axis) } < 2e-2)
    }
  }

  @Test func rowDotMultipliesAndSums() {
    let a = Tensor([1, 2, 3, 4], shape: [2, 2])
    #expect(a.rowDot(a).values == [5, 25])
    #expect(
      GradientCheck().largestError(at: [example([3, 4]), example([3, 4], seed: 1)]) { $0[0].rowDot($0[1]) } < 2e-3)
  }
}

@Suite struct ReshapingTests {
  let matrix = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])

  @Test func movesNumbersWhereTheyBelong() {
    #expect(matrix.transposed().values == [1, 4, 2, 5, 3, 6])
    #expect(matrix.reshaped(to: [3, -1]).shape == [3, 2])
    #expect(matrix.slice(axis: 1, 1..<3).values == [2, 3, 5, 6])
    #expect(matrix.slice(1..<2).values == [4, 5, 6])
    #expect(matrix.selecting(2, axis: 1).values == [3, 6])
    #expect(Tensor.concatenated([matrix, matrix], axis: 1).values == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
    #expect(matrix.gatheringRows([1, 0, 1]).values == [4, 5, 6, 1, 2, 3, 4, 5, 6])
    #expect(Tensor([1, 2, 3, 4], shape: [2, 2]).diagonal().values == [1, 4])
  }

  @Test func gradientsFollow() {
    let x = example([3, 4, 2])
    let check = GradientCheck()
    #expect(check.largestError(at: [x]) { $0[0].transposed([2, 0, 1]) } < 2e-3)
    #expect(check.largestError(at: [x]) { $0[0].slice(axis: 1, 1..<3) } < 2e-3)
    #expect(check.largestError(at: [x]) { $0[0].selecting(1, axis: 0) * $0[0].selecting(2, axis: 0) } < 2e-3)
    #expect(check.largestError(at: [x, example([3, 1, 2])]) { Tensor.concatenated([$0[0], $0[1]], axis: 1) } < 2e-3)
    #expect(check.largestError(at: [x]) { $0[0].reshaped(to: [6, 4]).transposed() } < 2e-3)
    #expect(check.largestError(at: [example([4, 3])]) { $0[0].gatheringRows([3, 1, 3, 3]) } < 2e-3)
    #expect(check.largestError(at: [example([4, 4])]) { $0[0].diagonal() } < 2e-3)
  }

  @Test func sliceOutsideStopsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Tensor([1, 2, 3]).slice(2..<4) }
  }
}
