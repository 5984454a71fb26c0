import Autograd
import Foundation
import Graphs
import Kernels

/// Vectors replaced by the nearest of some codes (van den Oord et al., NeurIPS 2017).
public enum VectorQuantisation {
  /// How a gradient passes the choice of a code.
  public enum Gradient: String, Codable, CaseIterable, Sendable {
    /// As if the code were the vector.
    case straightThrough = "straight-through"
    /// Turned and scaled as the vector is to become the code (Fifty et al., 2024).
    case rotation
  }

  /// The code of each vector: the nearest by squared distance, the lower number at a tie.
  ///
  /// Shapes: `[rows, d]`, codebook `[codes, d]` → `rows` numbers.
  public static func nearest(_ vectors: Tensor, in codebook: Tensor) -> [Int32] {
    precondition(
      vectors.rank == 2 && codebook.rank == 2 && vectors.shape[1] == codebook.shape[1],
      "VectorQuantisation: vectors of shape \(vectors.shape), codes of \(codebook.shape)")
    // Some rows at a time where the distances of all would be 64 MiB and more.
    let (rows, block) = (vectors.shape[0], max(1, mostDistances / codebook.shape[0]))
    return Tape.withoutRecording {
      let squares = codebook.squared().sum(axis: 1)
      return stride(from: 0, to: rows, by: block).flatMap { start in
        let own = rows <= block ? vectors : vectors.slice(axis: 0, start..<min(start + block, rows))
        // ‖x‖² is the same for all codes.
        let scores = own.multiplied(by: codebook, otherTransposed: true) * 2 - squares
        return scores.maxWithIndices(axis: 1).indices
      }
    }
  }

  private static let mostDistances = 1 << 24

  /// The chosen codes in place of the vectors, through which gradients reach the vectors.
  ///
  ///     straight-through: y = x + sg(e − x)
  ///     rotation:         y = ‖e‖ / ‖x‖ · (x − 2 (x · r) r + 2 (x · u) v),   u = x / ‖x‖, v = e / ‖e‖,
  ///                       r = (u + v) / ‖u + v‖;   u, v, r and the ratio are constants
  ///
  /// Shapes: both `[rows, d]`.
  public static func quantised(_ vectors: Tensor, to codes: Tensor, gradient: Gradient) -> Tensor {
    switch gradient {
    case .straightThrough: return vectors + (codes - vectors).detached
    case .rotation:
      let (x, e) = (vectors.detached, codes.detached)
      let (xNorm, eNorm) = (norm(x), norm(e))
      let (u, v) = (x / xNorm, e / eNorm)
      let between = u + v
      let r = between / norm(between)
      let turned =
        vectors - r * (vectors * r).sum(axis: 1, keepingAxis: true) * 2
        + v * (vectors * u).sum(axis: 1, keepingAxis: true) * 2
      return turned * (eNorm / xNorm)
    }
  }

  private static func norm(_ rows: Tensor) -> Tensor {
    (rows.squared().sum(axis: 1, keepingAxis: true) + 1e-12).squareRoot()
  }

  /// Of each vector the mean of (e − sg x)², which draws codes to their vectors, and of (x − sg e)², which commits vectors to
  /// their codes; the loss has the means over the vectors.
  ///
  /// Shapes: both `[rows, d]` → `[rows, 1]` each.
  public static func losses(_ vectors: Tensor, _ codes: Tensor) -> (codebook: Tensor, commitment: Tensor) {
    (
      (codes - vectors.detached).squared().mean(axis: 1, keepingAxis: true),
      (vectors - codes.detached).squared().mean(axis: 1, keepingAxis: true)
    )
  }

  /// exp of the entropy of the codes' shares, −Σ p ln(p + 10⁻¹⁰): how many codes are used as if equally often.
  public static func perplexity(_ numbers: [Int32], codes: Int) -> Tensor {
    var shares = [Float](repeating: 0, count: codes)
    for number in numbers { shares[Int(number)] += 1 / Float(max(numbers.count, 1)) }
    let p = Tensor(shares)
    return (-(p * (p + 1e-10).log()).sum()).exp()
  }

  /// What moving averages of codes are reckoned from.
  public struct Averages {
    /// How many vectors each code has, `[codes]`.
    public var counts: Tensor
    /// Their sums, `[codes, d]`.
    public var sums: Tensor

    /// Describes the averages of a time.
    public init(counts: Tensor, sums: Tensor) { (self.counts, self.sums) = (counts, sums) }

    /// Moves them towards a batch, and gives the codes that follow.
    ///
    ///     n ← γ n + (1 − γ) Σ_i w_ik,   s ← γ s + (1 − γ) Σ_i w_ik x_i
    ///     e_k = s_k / ((n_k + ε) / (n + K ε) · n)
    ///
    /// - Parameters:
    ///   - vectors: `[rows, d]`.
    ///   - numbers: the code of each.
    ///   - targets: what is summed in place of the vectors, such as those of another modality mixed in; nil takes them.
    ///   - decay: γ.
    ///   - epsilon: ε of Laplace's smoothing, which the counts themselves do not get.
    /// - Returns: the codes, `[codes, d]`.
    public mutating func move(
      towards vectors: Tensor, numbers: [Int32], targets: Tensor? = nil, decay: Float, epsilon: Float
    ) -> Tensor {
      let (codes, width) = (sums.shape[0], sums.shape[1])
      precondition(numbers.count == vectors.shape[0], "VectorQuantisation: \(numbers.count) codes of \(vectors.shape)")
      let values = (targets ?? vectors).values
      var (batchCounts, batchSums) = ([Float](repeating: 0, count: codes), [Float](repeating: 0, count: codes * width))
      for (row, number) in numbers.enumerated() {
        batchCounts[Int(number)] += 1
        for i in 0..<width { batchSums[Int(number) * width + i] += values[row * width + i] }
      }
      counts = counts * decay + Tensor(batchCounts) * (1 - decay)
      sums = sums * decay + Tensor(batchSums, shape: [codes, width]) * (1 - decay)
      let total = counts.sum().scalar
      let smoothed = (counts + epsilon) * (total / (total + Float(codes) * epsilon))
      return sums / smoothed.reshaped(to: [codes, 1])
    }
  }

  /// Code matching (Liu et al., 2021; CMG, Xia et al., NeurIPS 2023): what the codes of both items of a pair are likely to be
  /// must be more alike than those of others.
  ///
  ///     p = softmax_k(−‖x − e_k‖), averaged over an item's parts
  ///     S_ij = p_i · ln p′_j + p′_j · ln p_i,   L = −mean_i ln softmax_j S_ij at j = i
  ///
  /// Rows only, as the official code has it. *Deviation*: of the second term the official code takes p′_i · ln p_j, which
  /// belongs to another pair off the diagonal. Shapes: both `[pairs, codes]`.
  ///
  /// - Parameter sharing: for each pair a key, where pairs of equal key are no negatives of each other; nil where all are.
  public static func codeMatching(_ first: Tensor, _ second: Tensor, sharing: [Int]? = nil) -> Tensor {
    let (p, q) = (first + 1e-10, second + 1e-10)
    var scores =
      p.multiplied(by: q.log(), otherTransposed: true) + p.log().multiplied(by: q, otherTransposed: true)
    if let penalties = SharedItems.penalties(sharing) { scores = scores + penalties }
    return scores.crossEntropy(targets: (0..<scores.shape[0]).map(Int32.init)).mean()
  }

  /// softmax_k(−‖x − e_k‖), `[rows, d]` → `[rows, codes]`.
  public static func likelyCodes(_ vectors: Tensor, _ codebook: Tensor) -> Tensor {
    (-distances(vectors, codebook)).softmax()
  }

  /// ‖x − e_k‖ of every vector from every code, `[rows, d]` → `[rows, codes]`.
  public static func distances(_ vectors: Tensor, _ codebook: Tensor) -> Tensor {
    let squares =
      vectors.squared().sum(axis: 1, keepingAxis: true) + codebook.squared().sum(axis: 1)
      - vectors.multiplied(by: codebook, otherTransposed: true) * 2
    // Rounding may leave a square a little below 0, where the root has no slope.
    return (squares.relu() + 1e-8).squareRoot()
  }
}

/// Numbers rounded to a few levels each, whose combinations are the codes: no codebook, and none that can die (Mentzer et
/// al., ICLR 2024).
public struct FiniteScalarQuantisation: Equatable, Sendable {
  /// L of each coordinate.
  public let levels: [Int]

  /// Names the levels of each coordinate.
  public init(levels: [Int]) {
    precondition(!levels.isEmpty && levels.allSatisfy { $0 > 1 }, "FiniteScalarQuantisation: levels \(levels)")
    self.levels = levels
  }

  /// How many codes there are.
  public var codes: Int { levels.reduce(1, *) }

  /// Rounds; the gradient passes as if it did not.
  ///
  ///     h = (L − 1)(1 + 10⁻³) / 2,  o = ½ for even L, else 0,  s = atanh(o / h)
  ///     y = round(h tanh(z + s) − o) / ⌊L / 2⌋
  ///
  /// Shapes: `[rows, levels]` → the same, and the number of each row's code.
  public func quantised(_ vectors: Tensor) -> (values: Tensor, numbers: [Int32]) {
    precondition(vectors.rank == 2 && vectors.shape[1] == levels.count, "FiniteScalarQuantisation: \(vectors.shape)")
    let (half, offset, shift) = (half, offset, shift)
    let bounded = (vectors + Tensor(shift)).tanh() * Tensor(half) - Tensor(offset)
    let rounded = Tensor(bounded.values.map { $0.rounded(.toNearestOrEven) }, shape: bounded.shape)
    let passed = bounded + (rounded - bounded).detached
    var numbers = [Int32](repeating: 0, count: vectors.shape[0])
    let values = rounded.values
    for row in numbers.indices {
      var (number, place) = (0, 1)
      for (i, level) in levels.enumerated() {
        // What is not a number has no level; the loss says so.
        number += (Int(exactly: values[row * levels.count + i]) ?? 0) * place + level / 2 * place
        place *= level
      }
      numbers[row] = Int32(number)
    }
    return (passed / Tensor(width), numbers)
  }

  /// The values as operators, `[…, levels]` → the same.
  public func described(_ vectors: GraphValue) -> GraphValue {
    func constant(_ numbers: [Float]) -> GraphValue {
      vectors.builder.constant(GraphConstant(numbers, shape: [levels.count]), named: "levels")
    }
    let bounded = (vectors + constant(shift)).tanh() * constant(half) - constant(offset)
    return bounded.rounded() / constant(width)
  }

  private var half: [Float] { levels.map { Float($0 - 1) * 1.001 / 2 } }
  private var offset: [Float] { levels.map { $0 % 2 == 0 ? Float(0.5) : 0 } }
  private var shift: [Float] { zip(offset, half).map { Self.inverseTanh($0 / $1) } }
  private var width: [Float] { levels.map { Float($0 / 2) } }

  private static func inverseTanh(_ x: Float) -> Float {
    let x = Double(x)
    return Float(0.5 * log((1 + x) / (1 - x)))
  }
}
