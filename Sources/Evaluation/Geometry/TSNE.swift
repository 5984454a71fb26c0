import Diagnostics
import Foundation
import Kernels

/// A map of points in two dimensions that keeps neighbours together (van der Maaten and Hinton, JMLR 2008).
///
///     p_{j|i} ∝ exp(−β_i ‖x_i − x_j‖²),   P = (p_{j|i} + p_{i|j}) / 2n,   q_ij ∝ 1 / (1 + ‖y_i − y_j‖²)
///     minimise KL(P ‖ Q);   gradient_i = 4 Σ_j (P_ij − q_ij) (y_i − y_j) / (1 + ‖y_i − y_j‖²)
///
/// `β_i` gives each point the same perplexity. The sums are exact, O(n²) in time and memory. The map begins at the first
/// two principal components, so it is the same every time. *Deviation*: exaggeration, momentum, gains and step follow
/// scikit-learn's defaults rather than the paper's.
public struct TSNE: Sendable {
  /// The most points that are mapped.
  public static let mostPoints = 5000
  /// The effective number of neighbours of a point; a third of the other points at most is taken.
  public var perplexity: Double
  /// The number of steps, of which the first quarter is exaggerated.
  public var steps: Int

  /// Creates a mapper.
  public init(perplexity: Double = 30, steps: Int = 1000) {
    precondition(perplexity > 0 && steps > 0, "t-SNE: perplexity \(perplexity) and \(steps) steps must be positive")
    self.perplexity = perplexity
    self.steps = steps
  }

  /// Maps `[points, dimension]` to `[points, 2]`.
  ///
  /// - Throws: `UserError` of kind `data` if there are more than `mostPoints` points or values that are not finite.
  public func map(of data: Matrix) throws(UserError) -> Matrix {
    guard data.rows <= Self.mostPoints else {
      throw UserError(
        .data, "t-SNE of \(data.rows) points would take too long", mend: "choose at most \(Self.mostPoints) points")
    }
    let principal = try PrincipalComponents(of: data, count: 2)
    guard data.rows > 2 else { return Matrix(rows: data.rows, columns: 2) }
    var layout = Layout(start: Self.start(principal.projection(of: data)), affinities: affinities(of: data))
    layout.exaggerate(by: 12)
    let exaggerated = max(1, steps / 4)
    for step in 0..<steps {
      if step == exaggerated { layout.exaggerate(by: 1 / 12) }
      layout.descend(momentum: step < exaggerated ? 0.5 : 0.8)
    }
    return layout.positions
  }

  /// The principal coordinates at a standard deviation of 10⁻⁴; small noise stands in for a second one.
  private static func start(_ projection: Matrix) -> Matrix {
    let variance = (0..<projection.rows).reduce(0.0) { sum, row in
      sum + (projection.columns > 0 ? pow(Double(projection[row, 0]), 2) : 0)
    }
    let scale = variance > 0 ? 1e-4 / (variance / Double(projection.rows)).squareRoot() : 0
    var noise = RandomStream(seed: 0, name: "t-SNE")
    var start = Matrix(rows: projection.rows, columns: 2)
    for row in 0..<projection.rows {
      for column in 0..<2 {
        start[row, column] =
          column < projection.columns && scale > 0 ? projection[row, column] * Float(scale) : noise.normal() * 1e-5
      }
    }
    return start
  }

  /// The symmetric affinities `P`, `[points, points]`.
  func affinities(of data: Matrix) -> Matrix {
    let count = data.rows
    // Centring keeps the difference of large squares from drowning small distances.
    let centred = data.subtractingFromRows(data.columnMeans())
    let squares = centred.rowLengths().map { $0 * $0 }
    var conditional = Matrix(rows: count, columns: count)
    let entropy = log(min(perplexity, Double(count - 1) / 3))
    var distances = [Double](repeating: 0, count: count)
    var weights = distances
    SimilarityBlocks(queries: centred, candidates: centred).forEachRow { row, products in
      for j in 0..<count { distances[j] = Double(max(0, squares[row] + squares[j] - 2 * products[j])) }
      distances[row] = .infinity
      let nearest = distances.min() ?? 0
      var (low, high) = (0.0, Double.infinity)
      let mean = (distances.reduce(0) { $1.isFinite ? $0 + ($1 - nearest) : $0 }) / Double(count - 1)
      var precision = mean > 0 ? 1 / mean : 1
      var sum = 1.0
      for _ in 0..<100 {
        sum = 0
        var energy = 0.0
        for j in 0..<count where j != row {
          let distance = distances[j] - nearest
          weights[j] = exp(-precision * distance)
          sum += weights[j]
          energy += weights[j] * distance
        }
        let excess = log(sum) + precision * energy / sum - entropy
        guard abs(excess) > 1e-5 else { break }
        if excess > 0 { low = precision } else { high = precision }
        precision = high.isFinite ? (low + high) / 2 : precision * 2
      }
      for j in 0..<count where j != row { conditional[row, j] = Float(weights[j] / sum) }
    }
    var joint = conditional
    for i in 0..<count {
      for j in 0..<count { joint[i, j] = (conditional[i, j] + conditional[j, i]) / Float(2 * count) }
    }
    return joint
  }
}

/// The positions of a t-SNE map while they descend, padded to whole vectors of eight.
private struct Layout {
  private typealias Lanes = SIMD8<Float>
  private let count: Int
  private let blocks: Int
  private let rate: Float
  private var affinities: [Lanes]
  private var x: [Lanes]
  private var y: [Lanes]
  private var velocities: [SIMD2<Float>]
  private var gains: [SIMD2<Float>]

  init(start: Matrix, affinities matrix: Matrix) {
    count = start.rows
    blocks = (count + 7) / 8
    rate = max(Float(count) / 48, 50)
    // Padding lies so far away that it neither attracts nor repels.
    x = [Lanes](repeating: Lanes(repeating: 1e15), count: blocks)
    y = x
    affinities = [Lanes](repeating: .zero, count: count * blocks)
    velocities = [SIMD2](repeating: .zero, count: count)
    gains = [SIMD2](repeating: .one, count: count)
    for i in 0..<count {
      x[i / 8][i % 8] = start[i, 0]
      y[i / 8][i % 8] = start[i, 1]
      for j in 0..<count { affinities[i * blocks + j / 8][j % 8] = max(matrix[i, j], 1e-12) }
      affinities[i * blocks + i / 8][i % 8] = 0
    }
  }

  var positions: Matrix {
    var positions = Matrix(rows: count, columns: 2)
    for i in 0..<count {
      positions[i, 0] = x[i / 8][i % 8]
      positions[i, 1] = y[i / 8][i % 8]
    }
    return positions
  }

  mutating func exaggerate(by factor: Float) {
    for i in affinities.indices { affinities[i] *= factor }
  }

  mutating func descend(momentum: Float) {
    let (attraction, repulsion, normaliser) = forces()
    var centre = SIMD2<Float>.zero
    for i in 0..<count {
      let gradient = 4 * (attraction[i] - repulsion[i] / normaliser)
      let turns = (gradient * velocities[i]) .< 0
      gains[i] = (gains[i] * 0.8).replacing(with: gains[i] + 0.2, where: turns)
      gains[i].clamp(lowerBound: SIMD2(repeating: 0.01), upperBound: SIMD2(repeating: .greatestFiniteMagnitude))
      velocities[i] = momentum * velocities[i] - rate * gains[i] * gradient
      x[i / 8][i % 8] += velocities[i].x
      y[i / 8][i % 8] += velocities[i].y
      centre += SIMD2(x[i / 8][i % 8], y[i / 8][i % 8])
    }
    centre /= Float(count)
    for block in 0..<blocks {
      x[block] -= centre.x
      y[block] -= centre.y
    }
  }

  /// The sums `Σ_j P_ij w_ij (y_i − y_j)` and `Σ_j w_ij² (y_i − y_j)` of each point, and `Σ_{i≠j} w_ij`, with
  /// `w_ij = 1 / (1 + ‖y_i − y_j‖²)`.
  private func forces() -> (attraction: [SIMD2<Float>], repulsion: [SIMD2<Float>], normaliser: Float) {
    var attraction = [SIMD2<Float>](repeating: .zero, count: count)
    var repulsion = attraction
    var normaliser = 0.0
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        affinities.withUnsafeBufferPointer { affinities in
          for i in 0..<count {
            let (ownX, ownY) = (Lanes(repeating: x[i / 8][i % 8]), Lanes(repeating: y[i / 8][i % 8]))
            var (pullX, pullY, pushX, pushY, sum) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
            for block in 0..<blocks {
              let (dx, dy) = (ownX - x[block], ownY - y[block])
              let w = 1 / (1 + dx * dx + dy * dy)
              let pull = affinities[i * blocks + block] * w
              pullX += pull * dx
              pullY += pull * dy
              let push = w * w
              pushX += push * dx
              pushY += push * dy
              sum += w
            }
            attraction[i] = SIMD2(pullX.sum(), pullY.sum())
            repulsion[i] = SIMD2(pushX.sum(), pushY.sum())
            normaliser += Double(sum.sum()) - 1  // the point itself has w = 1
          }
        }
      }
    }
    return (attraction, repulsion, Float(max(normaliser, 1e-12)))
  }
}
