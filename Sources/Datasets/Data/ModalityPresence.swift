/// Which observations of a side of a split have which modalities.
public struct ModalityPresence: Sendable {
  /// For each modality, whether each observation has it.
  private let has: [[Bool]]
  /// The number of observations.
  public let count: Int

  /// Looks at some modalities, by their names and in their order.
  public init(of split: MultimodalSplit, modalities: [String]) {
    has = modalities.map { name in
      split.columns.first { $0.modality.name == name }.map { column in column.rows.map { $0 >= 0 } } ?? []
    }
    count = split.count
  }

  /// Whether no observation lacks any of the modalities.
  public var isWhole: Bool { has.allSatisfy { $0.allSatisfy { $0 } } }

  /// The number of modalities.
  public var modalityCount: Int { has.count }

  /// The observations that have all of some modalities, ascending.
  public func observations(having members: some Collection<Int>) -> [Int] {
    (0..<count).filter { row in members.allSatisfy { has[$0][row] } }
  }

  /// The observations that have every modality, ascending.
  public var complete: [Int] { observations(having: has.indices) }

  /// Whether an observation has a modality.
  public subscript(modality: Int, observation: Int) -> Bool { has[modality][observation] }

  /// For each modality the places in a batch, ascending, of the observations that have it; nil where none lacks any.
  public func places(in batch: [Int]) -> [[Int32]]? {
    let places = has.map { has in batch.indices.filter { has[batch[$0]] }.map(Int32.init) }
    return places.allSatisfy { $0.count == batch.count } ? nil : places
  }
}
