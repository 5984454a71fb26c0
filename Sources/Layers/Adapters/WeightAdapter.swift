import Autograd
import Kernels

/// Trained numbers of their own that are added to a weight which stays as it is: a change of few parameters.
public protocol WeightAdapter: Module, ParameterAdaptation {}

/// A module with weights that adapters are made for: those of attention and perceptron.
public protocol AdaptableModule: Module {
  /// The weights, `[out, in]` each, with their paths below the module.
  var adapterTargets: [(path: String, weight: Parameter)] { get }
}

extension Module {
  /// All weights within that adapters are made for, with their paths, in a fixed order.
  public var adaptableWeights: [(path: String, weight: Parameter)] {
    if let own = self as? any AdaptableModule { return own.adapterTargets }
    return parts.flatMap { part -> [(String, Parameter)] in
      guard case .module(let name, let module) = part else { return [] }
      return module.adaptableWeights.map { ("\(name).\($0.path)", $0.weight) }
    }
  }
}

/// LoRA (Hu et al., ICLR 2022): a change of low rank,
///
///     W′ = W + (α / r) B A
///
/// Shapes: `A [r, in]` uniform in ±1/√in, as in the official code, and `B [out, r]` zero, so that training begins with W.
public final class LowRankAdapter: WeightAdapter {
  /// A.
  public let down: Parameter
  /// B.
  public let up: Parameter
  /// α / r.
  public let scale: Float

  /// Creates an adapter of a weight `[out, in]`; a rank above both is brought down to the smaller.
  public init(shape: [Int], rank: Int, alpha: Float, stream: inout RandomStream) {
    precondition(shape.count == 2 && rank > 0, "LowRankAdapter: rank \(rank) for a weight of shape \(shape)")
    let own = min(rank, shape[0], shape[1])
    down = Parameter(Initialiser.fanIn([own, shape[1]], fanIn: shape[1], &stream))
    up = Parameter(Tensor(repeating: 0, shape: [shape[0], own]))
    scale = alpha / Float(rank)
  }

  /// Both factors.
  public var parts: [ModulePart] { [.parameter("down", down), .parameter("up", up)] }

  /// (α / r) B A.
  public var change: Tensor { up.tensor.multiplied(by: down.tensor) * scale }
}

/// A change in tensor-train form, as LoRETTA's `rep` has it (Yang et al., NAACL 2024): out = m₁ m₂ m₃, in = n₁ n₂ n₃, and
///
///     ΔW[i₁ i₂ i₃, j₁ j₂ j₃] = (α / r) G₁[i₁ j₁] G₂[i₂ j₂] G₃[i₃ j₃]
///
/// Shapes: `G_k [r_{k−1}, m_k, n_k, r_k]` with r₀ = r₃ = 1. The last core is zero, so that training begins with W; the others
/// are uniform in ±1/√(r_{k−1} n_k).
public final class TensorTrainAdapter: WeightAdapter {
  /// The cores, `[r_{k−1}, m_k n_k r_k]` each.
  public let cores: [Parameter]
  /// The sizes mᵢ of the rows.
  public let rowModes: [Int]
  /// The sizes nᵢ of the columns.
  public let columnModes: [Int]
  /// α / r.
  public let scale: Float
  private let ranks: [Int]

  /// The number of cores.
  public static let coreCount = 3

  /// Creates an adapter of a weight `[out, in]`.
  public init(shape: [Int], rank: Int, alpha: Float, stream: inout RandomStream) {
    precondition(shape.count == 2 && rank > 0, "TensorTrainAdapter: rank \(rank) for a weight of shape \(shape)")
    let (rows, columns) = (Self.modes(of: shape[0]), Self.modes(of: shape[1]))
    let inner = (1..<Self.coreCount).map { cut in
      // More than the unfolding's own rank says nothing more.
      let left = (0..<cut).reduce(1) { $0 * rows[$1] * columns[$1] }
      let right = (cut..<Self.coreCount).reduce(1) { $0 * rows[$1] * columns[$1] }
      return min(rank, left, right)
    }
    let ranks = [1] + inner + [1]
    var cores: [Parameter] = []
    for place in 0..<Self.coreCount {
      let size = [ranks[place], rows[place] * columns[place] * ranks[place + 1]]
      let value =
        place == Self.coreCount - 1
        ? Tensor(repeating: 0, shape: size)
        : Initialiser.fanIn(size, fanIn: ranks[place] * columns[place], &stream)
      cores.append(Parameter(value))
    }
    (self.cores, rowModes, columnModes, self.ranks) = (cores, rows, columns, ranks)
    scale = alpha / Float(rank)
  }

  /// A number as a product of three that are as near to each other as can be, in order.
  static func modes(of number: Int) -> [Int] {
    var best = [1, 1, number]
    for first in 1...max(1, number) where first * first * first <= number && number % first == 0 {
      let rest = number / first
      for second in first...rest where second * second <= rest && rest % second == 0 {
        let found = [first, second, rest / second]
        if found[2] < best[2] { best = found }
      }
    }
    return best
  }

  /// The cores under their numbers.
  public var parts: [ModulePart] { cores.enumerated().map { .parameter("\($0.offset)", $0.element) } }

  /// (α / r) G₁ G₂ G₃, as a matrix.
  public var change: Tensor {
    var train = cores[0].tensor.reshaped(to: [rowModes[0] * columnModes[0], ranks[1]])
    for place in 1..<Self.coreCount {
      let count = train.shape[0] * rowModes[place] * columnModes[place]
      train = train.multiplied(by: cores[place].tensor).reshaped(to: [count, ranks[place + 1]])
    }
    let modes = zip(rowModes, columnModes).flatMap { [$0, $1] }
    let order = stride(from: 0, to: modes.count, by: 2).map { $0 } + stride(from: 1, to: modes.count, by: 2).map { $0 }
    let matrix = train.reshaped(to: modes).transposed(order)
      .reshaped(to: [rowModes.reduce(1, *), columnModes.reduce(1, *)])
    return matrix * scale
  }
}
