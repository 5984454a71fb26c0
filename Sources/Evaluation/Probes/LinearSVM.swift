import Kernels

/// Linear support vector machines on frozen features, one for each class against the rest, with squared hinges.
///
///     P(w) = ½ ‖w‖² + Σ_i c_i max(0, 1 − y_i w·(x_i, 1))²,   c_i = C, and positiveWeight · C where y_i = 1
///     D(α) = Σ_i α_i − ½ ‖Σ_i α_i y_i (x_i, 1)‖² − Σ_i α_i² / (4 c_i),   α_i ≥ 0
///
/// As in LIBLINEAR (Fan et al., 2008) the offset is a weight of a feature that is 1, and penalised like the others. All
/// classes are found at once by Newton steps, each a solution by conjugate gradients. With α_i = 2 c_i max(0, 1 − y_i w·x_i)
/// the difference P − D bounds how far a solution is from the best one, see ``gaps``; it is ½ ‖w − Σ_i α_i y_i (x_i, 1)‖².
public struct LinearSVM: Sendable {
  /// The weights of each class, `[dimension + 1, classes]`, the offset last.
  public let weights: Matrix
  /// (P − D) / P of each class, at most the tolerance unless the most steps were not enough.
  public let gaps: [Double]

  /// The most Newton steps.
  public static let mostSteps = 100
  /// The most numbers of one value for each observation and class that are held at a time.
  private static let mostNumbers = 1 << 22

  /// Fits a machine to each column of presences.
  ///
  /// - Parameters:
  ///   - features: `[observations, dimension]`.
  ///   - presences: `[observations, classes]`; an observation is a positive of a class where the number is above ½.
  ///   - costs: C of each class.
  ///   - positiveWeight: how much more a positive's hinge costs than a negative's.
  ///   - tolerance: the relative duality gap at which a machine is good enough; rounding to 32 bits hinders less than 1e-5.
  ///   - interruption: called before every step; what it throws ends the fitting.
  public init(
    features: Matrix, presences: Matrix, costs: [Double], positiveWeight: Double = 1, tolerance: Double = 1e-3,
    interruption: () throws -> Void
  ) rethrows {
    precondition(
      features.rows == presences.rows && costs.count == presences.columns && costs.allSatisfy { $0 > 0 },
      "Linear SVM: \(costs.count) costs and presences [\(presences.rows), \(presences.columns)] for \(features.rows) rows"
    )
    var extended = Matrix(rows: features.rows, columns: features.columns + 1, repeating: 1)
    for row in 0..<features.rows {
      for column in 0..<features.columns { extended[row, column] = features[row, column] }
    }
    var weights = Matrix(rows: extended.columns, columns: presences.columns)
    var gaps: [Double] = []
    let block = max(1, Self.mostNumbers / max(1, features.rows))
    for first in stride(from: 0, to: presences.columns, by: block) {
      let classes = first..<min(first + block, presences.columns)
      var fit = Fit(extended, presences, classes, costs: costs, positiveWeight: positiveWeight)
      gaps += try fit.solve(tolerance: tolerance, interruption)
      for row in 0..<weights.rows {
        for place in classes { weights[row, place] = fit.weights[row, place - first] }
      }
    }
    (self.weights, self.gaps) = (weights, gaps)
  }

  /// Fits a machine to each column of presences, without interruption.
  ///
  /// - Parameters:
  ///   - features: `[observations, dimension]`.
  ///   - presences: `[observations, classes]`; an observation is a positive of a class where the number is above ½.
  ///   - costs: C of each class.
  ///   - positiveWeight: how much more a positive's hinge costs than a negative's.
  ///   - tolerance: the relative duality gap at which a machine is good enough.
  public init(
    features: Matrix, presences: Matrix, costs: [Double], positiveWeight: Double = 1, tolerance: Double = 1e-3
  ) {
    // A default argument would make every call a throwing one.
    self.init(
      features: features, presences: presences, costs: costs, positiveWeight: positiveWeight, tolerance: tolerance,
      interruption: {})
  }

  /// w·(x, 1) of each class, `[observations, classes]`.
  public func scores(for features: Matrix) -> Matrix {
    precondition(
      features.columns + 1 == weights.rows, "Linear SVM: \(features.columns) numbers, not \(weights.rows - 1)")
    let width = weights.columns
    let slopes = Matrix(rows: features.columns, columns: width, values: Array(weights.values.dropLast(width)))
    return features.multiplied(by: slopes).subtractingFromRows(weights.values.suffix(width).map { -$0 })
  }

  /// The class with the highest score for each row, the lower of equal ones.
  public func predictions(for features: Matrix) -> [Int] { scores(for: features).largestColumns() }
}

/// Some classes while they are fitted; numbers of observations and classes are `[observations, classes]`.
private struct Fit {
  /// `[dimension + 1, classes]`
  var weights: Matrix
  private let features: Matrix
  /// y, 1 or −1.
  private let signs: [Float]
  /// c
  private let costs: [Float]
  private let count: Int

  init(_ features: Matrix, _ presences: Matrix, _ classes: Range<Int>, costs: [Double], positiveWeight: Double) {
    self.features = features
    count = classes.count
    weights = Matrix(rows: features.columns, columns: count)
    var (signs, own) = ([Float](), [Float]())
    for row in 0..<features.rows {
      for place in classes {
        let isPresent = presences[row, place] > 0.5
        signs.append(isPresent ? 1 : -1)
        own.append(Float(isPresent ? positiveWeight * costs[place] : costs[place]))
      }
    }
    (self.signs, self.costs) = (signs, own)
  }

  /// Newton steps until the gaps are small enough, which are given back.
  mutating func solve(tolerance: Double, _ interruption: () throws -> Void) rethrows -> [Double] {
    var step = 0
    while true {
      try interruption()
      let scores = features.multiplied(by: weights)
      let state = self.state(at: scores)
      let isOpen = state.gaps.map { $0 > tolerance }
      guard step < LinearSVM.mostSteps, isOpen.contains(true) else { return state.gaps }
      let direction = self.direction(state, isOpen: isOpen)
      let lengths = self.lengths(along: direction, from: scores, state, isOpen: isOpen)
      for place in weights.values.indices { weights.values[place] += lengths[place % count] * direction.values[place] }
      step += 1
    }
  }

  /// What the hinges come to at some scores.
  private struct State {
    /// P of each class.
    var primal: [Double]
    /// (P − D) / P of each class.
    var gaps: [Double]
    /// The gradient of P.
    var gradient: Matrix
    /// 2c where a hinge is above 0, else 0: P's second derivative by the score.
    var curvature: [Float]
  }

  private func state(at scores: Matrix) -> State {
    var losses = [Double](repeating: 0, count: count)
    var curvature = [Float](repeating: 0, count: scores.values.count)
    var pulls = Matrix(rows: scores.rows, columns: count)
    for place in scores.values.indices {
      let deficit = 1 - signs[place] * scores.values[place]
      guard deficit > 0 else { continue }
      curvature[place] = 2 * costs[place]
      pulls.values[place] = 2 * costs[place] * deficit * signs[place]
      losses[place % count] += Double(costs[place]) * Double(deficit) * Double(deficit)
    }
    // Σ α y x, which is w at the optimum.
    let pulled = features.multiplied(by: pulls, transposingSelf: true)
    var gradient = weights
    for place in gradient.values.indices { gradient.values[place] -= pulled.values[place] }
    let primal = zip(sums(of: weights, times: weights), losses).map { $0 / 2 + $1 }
    let gaps = zip(sums(of: gradient, times: gradient), primal).map { $1 > 0 ? $0 / 2 / $1 : 0 }
    return State(primal: primal, gaps: gaps, gradient: gradient, curvature: curvature)
  }

  /// The columns' sums of products.
  private func sums(of first: Matrix, times second: Matrix) -> [Double] {
    var sums = [Double](repeating: 0, count: count)
    for place in first.values.indices {
      sums[place % count] += Double(first.values[place]) * Double(second.values[place])
    }
    return sums
  }

  /// v with (I + Σ_i 2 c_i x_i x_iᵀ) v = −gradient, nearly, over observations whose hinge is above 0; zeros for other classes.
  private func direction(_ state: State, isOpen: [Bool]) -> Matrix {
    var residual = state.gradient
    for place in residual.values.indices {
      residual.values[place] = isOpen[place % count] ? -residual.values[place] : 0
    }
    var found = Matrix(rows: residual.rows, columns: count)
    var search = residual
    var norms = sums(of: residual, times: residual)
    let goals = norms.map { 1e-4 * $0 }
    for _ in 0..<2 * features.columns + 10 where zip(norms, goals).contains(where: { $0 > $1 }) {
      var along = features.multiplied(by: search)
      for place in along.values.indices { along.values[place] *= state.curvature[place] }
      var product = features.multiplied(by: along, transposingSelf: true)
      for place in product.values.indices { product.values[place] += search.values[place] }
      let curvatures = sums(of: search, times: product)
      let steps = (0..<count).map { place in
        norms[place] > goals[place] && curvatures[place] > 0 ? Float(norms[place] / curvatures[place]) : 0
      }
      for place in found.values.indices {
        found.values[place] += steps[place % count] * search.values[place]
        residual.values[place] -= steps[place % count] * product.values[place]
      }
      let next = sums(of: residual, times: residual)
      let ratios = zip(next, norms).map { $1 > 0 ? Float($0 / $1) : 0 }
      for place in search.values.indices {
        search.values[place] = residual.values[place] + ratios[place % count] * search.values[place]
      }
      norms = next
    }
    return found
  }

  /// How far each class goes along its direction: 1, or half of it again and again until P falls enough.
  private func lengths(along direction: Matrix, from scores: Matrix, _ state: State, isOpen: [Bool]) -> [Float] {
    let changes = features.multiplied(by: direction)
    let slopes = sums(of: state.gradient, times: direction)
    let (own, mixed, far) = (
      sums(of: weights, times: weights), sums(of: weights, times: direction), sums(of: direction, times: direction)
    )
    var lengths = isOpen.map { Float($0 ? 1 : 0) }
    var isUndecided = isOpen
    for _ in 0..<30 where isUndecided.contains(true) {
      var values = (0..<count).map { place in
        let length = Double(lengths[place])
        return (own[place] + 2 * length * mixed[place] + length * length * far[place]) / 2
      }
      for place in scores.values.indices where isUndecided[place % count] {
        let score = scores.values[place] + lengths[place % count] * changes.values[place]
        let deficit = Double(1 - signs[place] * score)
        if deficit > 0 { values[place % count] += Double(costs[place]) * deficit * deficit }
      }
      for place in 0..<count where isUndecided[place] {
        // Rounding leaves differences of a millionth undecided.
        let enough = state.primal[place] * (1 + 1e-6) + 1e-4 * Double(lengths[place]) * slopes[place]
        if values[place] <= enough { isUndecided[place] = false } else { lengths[place] /= 2 }
      }
    }
    return zip(lengths, isUndecided).map { $1 ? 0 : $0 }
  }
}
