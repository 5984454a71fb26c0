import Autograd
import Kernels
import Layers
import Testing

/// Named vectors, each a parameter.
private struct Vectors: Module {
  let vectors: [(name: String, parameter: Parameter)]

  init(_ vectors: [(String, [Float])]) { self.vectors = vectors.map { ($0, Parameter(Tensor($1))) } }

  var parts: [ModulePart] { vectors.map { .parameter($0.name, $0.parameter) } }
  func values(_ index: Int) -> [Float] { vectors[index].parameter.value.values }

  /// Gives parameters the named gradients; nil gives none.
  func collect(_ gradients: [[Float]?]) {
    Tape.backpropagate {
      let parts = zip(vectors, gradients).compactMap { vector, gradient in
        gradient.map { (vector.parameter.tensor * Tensor($0)).sum() }
      }
      return parts.dropFirst().reduce(parts[0]) { $0 + $1 }
    }
  }
}

@Suite struct OptimiserTests {
  private func close(_ a: [Float], _ b: [Float], _ tolerance: Float = 2e-6) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < tolerance }
  }

  /// Three steps at rate 0.1 from (1, −2) with gradients (0.5, −1), (0.25, 0.5), (−1, 2), computed in 64 bits by the
  /// published rules in PyTorch's form.
  @Test(
    arguments: [
      (Optimiser.Rule.sgd(), 0, [[0.95, -1.9], [0.925, -1.95], [1.025, -2.15]]),
      (.sgd(momentum: 0.9), 0, [[0.95, -1.9], [0.88, -1.86], [0.917, -2.024]]),
      (.sgd(momentum: 0.9, nesterov: true), 0, [[0.905, -1.81], [0.817, -1.824], [0.9503, -2.1716]]),
      (.sgd(momentum: 0.9), 0.1, [[0.94, -1.88], [0.8516, -1.8032], [0.863524, -1.916048]]),
      (.sgd(momentum: 0.9, nesterov: true), 0.1, [[0.886, -1.772], [0.773066, -1.736132], [0.8772111, -2.0218123]]),
      (.adam(), 0, [[0.9, -1.9], [0.806782, -1.8733663], [0.8274177, -1.9190995]]),
      (.adam(), 0.1, [[0.9, -1.9], [0.8050098, -1.8537473], [0.8120983, -1.8863631]]),
      (.adamW(), 0.1, [[0.89, -1.88], [0.787882, -1.8345663], [0.8006389, -1.8619538]]),
      (.adamW(), 0, [[0.9, -1.9], [0.806782, -1.8733663], [0.8274177, -1.9190995]]),
    ] as [(Optimiser.Rule, Float, [[Float]])])
  func followsTheRule(rule: Optimiser.Rule, decay: Float, expected: [[Float]]) {
    let module = Vectors([("p", [1, -2])])
    let optimiser = Optimiser(rule, for: module, options: { _ in ParameterGroupOptions(weightDecay: decay) })
    for (gradient, values) in zip([[0.5, -1], [0.25, 0.5], [-1, 2]] as [[Float]], expected) {
      module.collect([gradient])
      let norm = optimiser.update(learningRate: 0.1)
      #expect(abs(norm - (gradient[0] * gradient[0] + gradient[1] * gradient[1]).squareRoot()) < 1e-6)
      #expect(close(module.values(0), values), "\(module.values(0)) for \(values)")
      #expect(module.vectors[0].parameter.gradient == nil)
    }
    #expect(optimiser.updates == 3)
  }

  @Test func groupsHaveTheirOwnDecayAndRate() {
    let module = Vectors([("a.weight", [1, 1]), ("a.bias", [1]), ("b.weight", [2])])
    let optimiser = Optimiser(
      .sgd(), for: module, group: { $0.hasSuffix("bias") ? "bias" : $0.hasPrefix("b.") ? "slow" : "rest" },
      options: { group in
        switch group {
        case "bias": ParameterGroupOptions()
        case "slow": ParameterGroupOptions(learningRateFactor: 0.1, weightDecay: 1)
        default: ParameterGroupOptions(weightDecay: 0.5)
        }
      })
    module.collect([[0, 1], [1], [0]])
    optimiser.update(learningRate: 0.1)
    #expect(close(module.values(0), [0.95, 0.85]))
    #expect(close(module.values(1), [0.9]))
    #expect(close(module.values(2), [1.98]))
  }

  @Test func clippingScalesAllGradientsTogether() {
    func step(_ clipping: Float?) -> (values: [Float], norm: Float) {
      let module = Vectors([("a", [0]), ("b", [0])])
      let optimiser = Optimiser(.sgd(), for: module)
      module.collect([[3], [4]])
      let norm = optimiser.update(learningRate: 1, clippingNorm: clipping)
      return (module.values(0) + module.values(1), norm)
    }
    #expect(step(nil) == ([-3, -4], 5))
    #expect(step(6) == ([-3, -4], 5))
    let clipped = step(1)
    #expect(clipped.norm == 5)
    #expect(close(clipped.values, [-0.6, -0.8]))
  }

  @Test(arguments: [Optimiser.Rule.sgd(momentum: 0.9), .adam(), .adamW()])
  func aParameterWithoutGradientRests(rule: Optimiser.Rule) {
    let options = { (_: String) in ParameterGroupOptions(weightDecay: 0.1) }
    let module = Vectors([("a", [1, 2, 3]), ("b", [4, 5])])
    let optimiser = Optimiser(rule, for: module, options: options)
    module.collect([[1, 1, 1], nil])
    optimiser.update(learningRate: 0.1)
    #expect(module.values(0) != [1, 2, 3])
    #expect(module.values(1) == [4, 5])
    // Its count begins with its own first gradient: it does what an optimiser of it alone does.
    let alone = Vectors([("b", [4, 5])])
    let other = Optimiser(rule, for: alone, options: options)
    for _ in 0..<2 {
      module.collect([[1, 1, 1], [0.5, -0.5]])
      optimiser.update(learningRate: 0.1)
      alone.collect([[0.5, -0.5]])
      other.update(learningRate: 0.1)
    }
    #expect(module.values(1) == alone.values(0))
  }

  @Test func aFrozenParameterRests() {
    let module = Vectors([("a", [1]), ("b", [2])])
    module.vectors[1].parameter.isTrainable = false
    let optimiser = Optimiser(.adamW(), for: module, options: { _ in ParameterGroupOptions(weightDecay: 0.1) })
    module.collect([[1], [1]])
    #expect(optimiser.update(learningRate: 0.1) == 1)
    #expect(module.values(1) == [2])
  }

  @Test(arguments: [Optimiser.Rule.sgd(momentum: 0.9, nesterov: true), .adam(), .adamW()])
  func aRestoredOptimiserGoesOnBitForBit(rule: Optimiser.Rule) {
    func gradients(_ step: Int) -> [[Float]?] {
      [(0..<20).map { Float(($0 * 7 + step * 3) % 11) - 5 }, step % 2 == 0 ? [1, Float(step)] : nil]
    }
    func update(_ module: Vectors, _ optimiser: Optimiser, _ steps: Range<Int>) {
      for step in steps {
        module.collect(gradients(step))
        optimiser.update(learningRate: 0.01)
      }
    }
    let start: [(String, [Float])] = [("a", (0..<20).map { Float($0) / 10 }), ("b", [1, 2])]
    let module = Vectors(start)
    let optimiser = Optimiser(rule, for: module)
    update(module, optimiser, 0..<5)
    let state = optimiser.state
    let resumed = Vectors([("a", module.values(0)), ("b", module.values(1))])
    let other = Optimiser(rule, for: resumed)
    #expect(other.restore(state) == nil)
    #expect(other.updates == 5)
    update(module, optimiser, 5..<9)
    update(resumed, other, 5..<9)
    #expect(module.values(0) == resumed.values(0))
    #expect(module.values(1) == resumed.values(1))
    // Without the state it goes another way.
    let fresh = Vectors([("a", start[0].1), ("b", start[1].1)])
    update(fresh, Optimiser(rule, for: fresh), 0..<5)
    update(fresh, Optimiser(rule, for: fresh), 5..<9)
    #expect(fresh.values(0) != module.values(0))
  }

  @Test func aStateThatDoesNotFitIsNamedAndChangesNothing() {
    func trained(_ gradient: Float) -> (module: Vectors, optimiser: Optimiser) {
      let module = Vectors([("a", [1, 2]), ("b", [3])])
      let optimiser = Optimiser(.adam(), for: module)
      module.collect([[gradient, 1], [gradient]])
      optimiser.update(learningRate: 0.1)
      return (module, optimiser)
    }
    let optimiser = trained(1).optimiser
    let before = optimiser.state
    #expect(before.moments.keys.sorted() == ["first.a", "first.b", "second.a", "second.b"])
    #expect(before.updates == ["a": 1, "b": 1])
    let other = trained(5).optimiser.state
    func refused(_ change: (inout Optimiser.State) -> Void) -> String? {
      var state = other
      change(&state)
      let name = optimiser.restore(state)
      #expect(optimiser.state.moments.mapValues(\.values) == before.moments.mapValues(\.values))
      #expect(optimiser.state.updates == before.updates)
      return name
    }
    #expect(refused { $0.moments["second.b"] = Tensor([1, 2, 3]) } == "second.b")
    #expect(refused { $0.moments["second.b"] = nil } == "second.b")
    #expect(refused { $0.updates["b"] = nil } == "updates.b")
    #expect(refused { $0.updates["b"] = -1 } == "updates.b")
    #expect(refused { $0.moments["first.c"] = Tensor([1]) } == "first.c")
    #expect(optimiser.restore(other) == nil)
    #expect(optimiser.state.moments.mapValues(\.values) == other.moments.mapValues(\.values))
  }

  @Test func sharedParametersAreUpdatedOnce() {
    let shared = Parameter(Tensor([1]))
    struct Twice: Module {
      let parameter: Parameter
      var parts: [ModulePart] { [.parameter("first", parameter), .parameter("second", parameter)] }
    }
    let optimiser = Optimiser(.sgd(), for: Twice(parameter: shared))
    Tape.backpropagate { (shared.tensor + shared.tensor).sum() }
    optimiser.update(learningRate: 0.25)
    #expect(shared.value.values == [0.5])
  }
}
