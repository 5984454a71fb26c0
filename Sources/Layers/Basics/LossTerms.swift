import Autograd

/// A loss and what it is the sum of.
public struct LossTerms {
  /// The scalar that is minimised.
  public let total: Tensor
  /// The parts by name, each with its weight applied.
  public let parts: [(name: String, value: Tensor)]

  /// Creates the sum of parts.
  public init(summing parts: [(String, Tensor)]) {
    precondition(!parts.isEmpty, "LossTerms: no part")
    total = parts.dropFirst().reduce(parts[0].1) { $0 + $1.1 }
    self.parts = parts.map { ($0.0, $0.1.detached) }
  }

  /// The values by name, the total first.
  public var values: [(name: String, value: Double)] {
    [("total", Double(total.scalar))] + parts.map { ($0.name, Double($0.value.scalar)) }
  }
}
