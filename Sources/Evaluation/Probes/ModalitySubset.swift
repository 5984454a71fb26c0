import Kernels

/// Some of an experiment's modalities: those present when others are missing.
public struct ModalitySubset: Hashable, Codable, Sendable, CustomStringConvertible {
  /// The places of the members among all modalities, ascending.
  public let members: [Int]
  /// The members' names joined by `+`, such as `image+sound`.
  public let name: String
  /// Whether no modality is missing.
  public let isComplete: Bool

  /// The name.
  public var description: String { name }

  /// All subsets that are not empty: smaller ones first, those of one size in the order of the modalities.
  ///
  /// Of `a`, `b`, `c` they are a, b, c, a+b, a+c, b+c, a+b+c.
  public static func all(of modalities: [String]) -> [ModalitySubset] {
    precondition(modalities.count <= 16, "Modality subsets: \(modalities.count) modalities have too many subsets")
    guard !modalities.isEmpty else { return [] }
    let sets = (1..<1 << modalities.count).map { bits in modalities.indices.filter { bits >> $0 & 1 == 1 } }
    let sorted = sets.sorted { first, second in
      first.count == second.count ? first.lexicographicallyPrecedes(second) : first.count < second.count
    }
    return sorted.map { members in
      ModalitySubset(
        members: members, name: members.map { modalities[$0] }.joined(separator: "+"),
        isComplete: members.count == modalities.count)
    }
  }

  /// The mean of the members' representations, not scaled to length 1 again, as GMC represents a partial observation
  /// (Poklukar et al., ICML 2022, official code).
  ///
  ///     z = mean_{m ∈ members} z_m
  ///
  /// - Parameter representations: one `[observations, dimension]` matrix per modality, all modalities in order.
  public func average(of representations: [Matrix]) -> Matrix {
    guard let first = members.first.map({ representations[$0] }) else { return Matrix(rows: 0, columns: 0) }
    var sum = first
    for member in members.dropFirst() {
      let other = representations[member]
      precondition(
        other.rows == first.rows && other.columns == first.columns,
        "Average of \(name): [\(first.rows), \(first.columns)] and [\(other.rows), \(other.columns)] do not match")
      for i in sum.values.indices { sum.values[i] += other.values[i] }
    }
    let share = 1 / Float(members.count)
    for i in sum.values.indices { sum.values[i] *= share }
    return sum
  }
}
