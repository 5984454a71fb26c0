import Evaluation
import Kernels
import Testing

@Suite struct LinearSVMTests {
  @Test func twoPointsByHand() {
    // Of 1 and −1 the offset is 0 and the slope 4C / (1 + 4C).
    for cost in [0.5, 0.01, 20] {
      let machine = LinearSVM(
        features: matrix([[1], [-1]]), presences: matrix([[1], [0]]), costs: [cost], tolerance: 1e-5)
      #expect(isClose(Double(machine.weights.values[0]), 4 * cost / (1 + 4 * cost), within: 1e-4))
      #expect(isClose(Double(machine.weights.values[1]), 0, within: 1e-4))
    }
    // A positive at 1 alone: w = b = 2c (1 − w − b), where c is three times C.
    let alone = LinearSVM(
      features: matrix([[1]]), presences: matrix([[1]]), costs: [0.1], positiveWeight: 3, tolerance: 1e-5)
    #expect(alone.weights.values.allSatisfy { isClose(Double($0), 0.6 / 2.2, within: 1e-5) })
    #expect(isClose(Double(alone.scores(for: matrix([[2]])).values[0]), 1.8 / 2.2, within: 1e-4))
  }

  /// P and D of one class in 64 bits, and ‖w − Σ α y (x, 1)‖².
  private func optimality(
    _ machine: LinearSVM, _ place: Int, _ features: Matrix, _ presences: Matrix, cost: Double, positiveWeight: Double
  ) -> (primal: Double, dual: Double, violation: Double) {
    let width = features.columns + 1
    let weights = (0..<width).map { Double(machine.weights[$0, place]) }
    var (primal, dual, sum) = (0.0, 0.0, [Double](repeating: 0, count: width))
    for row in 0..<features.rows {
      let x = features[row: row].map { Double($0) } + [1]
      let sign: Double = presences[row, place] > 0.5 ? 1 : -1
      let own = sign > 0 ? positiveWeight * cost : cost
      let deficit = max(0, 1 - sign * zip(weights, x).reduce(0) { $0 + $1.0 * $1.1 })
      let alpha = 2 * own * deficit
      primal += own * deficit * deficit
      dual += alpha - alpha * alpha / (4 * own)
      for place in 0..<width { sum[place] += alpha * sign * x[place] }
    }
    primal += weights.reduce(0) { $0 + $1 * $1 } / 2
    dual -= sum.reduce(0) { $0 + $1 * $1 } / 2
    return (primal, dual, zip(weights, sum).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
  }

  @Test(arguments: [0.001, 0.3, 30]) func theDualityGapIsSmall(cost: Double) {
    let features = normalMatrix(120, 7, seed: 51)
    let noise = normalMatrix(120, 3, seed: 52)
    // One class that can be told, one that nearly can, one that cannot; the last has few positives.
    var presences = Matrix(rows: 120, columns: 3)
    for row in 0..<120 {
      presences[row, 0] = features[row, 0] > 0 ? 1 : 0
      presences[row, 1] = features[row, 1] + 0.5 * noise[row, 1] > 0 ? 1 : 0
      presences[row, 2] = noise[row, 2] > 1.3 ? 1 : 0
    }
    let machine = LinearSVM(
      features: features, presences: presences, costs: [cost, 2 * cost, cost], positiveWeight: 2, tolerance: 1e-4)
    for place in 0..<3 {
      let found = optimality(
        machine, place, features, presences, cost: place == 1 ? 2 * cost : cost, positiveWeight: 2)
      #expect(found.primal >= found.dual)
      let gap = (found.primal - found.dual) / found.primal
      #expect(gap <= 2e-4 && machine.gaps[place] <= 1e-4)
      #expect(abs(gap - machine.gaps[place]) < 1e-4)
      #expect(abs(found.primal - found.dual - found.violation / 2) < 1e-9 * found.primal)
      // Any other weights are no better.
      for (entry, change) in [(0, 0.02), (7, -0.02), (3, 0.1)] {
        var other = machine.weights
        other[entry, place] += Float(change)
        #expect(primal(other, place, features, presences, place == 1 ? 2 * cost : cost) > found.primal * (1 - 1e-4))
      }
    }
    // Classes found together are those found one by one.
    let single = LinearSVM(
      features: features, presences: Matrix(rows: 120, columns: 1, values: (0..<120).map { presences[$0, 1] }),
      costs: [2 * cost], positiveWeight: 2, tolerance: 1e-4)
    let (own, other) = (single.scores(for: features), machine.scores(for: features))
    #expect((0..<120).allSatisfy { abs(own[$0, 0] - other[$0, 1]) < 0.05 })
  }

  private func primal(
    _ weights: Matrix, _ place: Int, _ features: Matrix, _ presences: Matrix, _ cost: Double
  ) -> Double {
    var sum = (0..<weights.rows).reduce(0.0) { $0 + Double(weights[$1, place] * weights[$1, place]) } / 2
    for row in 0..<features.rows {
      let score = (0..<features.columns).reduce(weights[features.columns, place]) {
        $0 + weights[$1, place] * features[row, $1]
      }
      let isPresent = presences[row, place] > 0.5
      let deficit = max(0, 1 - Double(isPresent ? score : -score))
      sum += (isPresent ? 2 : 1) * cost * deficit * deficit
    }
    return sum
  }

  @Test func aClassThatCanBeToldIsTold() {
    var features = normalMatrix(60, 4, seed: 53)
    let labels = (0..<60).map { $0 % 3 }
    var presences = Matrix(rows: 60, columns: 3)
    for (row, label) in labels.enumerated() {
      features[row, label] += 12
      presences[row, label] = 1
    }
    let machine = LinearSVM(features: features, presences: presences, costs: [1, 1, 1])
    #expect(machine.predictions(for: features) == labels)
    #expect(machine.predictions(for: matrix([[0, 9, 0, 0], [0, 0, 9, 0]])) == [1, 2])
  }

  @Test func anInterruptionEndsIt() {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try LinearSVM(features: matrix([[1], [-1]]), presences: matrix([[1], [0]]), costs: [1]) { throw Stop() }
    }
  }

  @Test func leavingOutIsAsIfItHadNotBeenSeen() throws {
    let features = normalMatrix(14, 3, seed: 54)
    var targets = Matrix(rows: 14, columns: 2)
    for row in 0..<14 { targets[row, row % 2] = 1 }
    func scatter(_ features: Matrix) -> Double {
      features.subtractingFromRows(features.columnMeans()).values.reduce(0) { $0 + Double($1) * Double($1) }
    }
    let left = try RidgeProbe(features: features, targets: targets, ridge: 0.05)
      .scoresLeavingOut(features: features, targets: targets)
    for row in 0..<14 {
      let rest = (0..<14).filter { $0 != row }
      // The penalty is held, though it is relative to the scatter of what is there.
      let ridge = 0.05 * scatter(features) / scatter(features.gathering(rest))
      let other = try RidgeProbe(
        features: features.gathering(rest), targets: targets.gathering(rest), ridge: ridge
      ).scores(for: features.gathering([row]))
      #expect(zip(left[row: row], other.values).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }
}
