import Kernels

/// For each concept, such as a code or a cluster, the parts of observations that show it most: at most one part of an
/// observation.
public struct ConceptExamples: Sendable {
  /// A part that shows a concept.
  public struct Example: Equatable, Sendable {
    /// The part's row.
    public let part: Int
    /// How much it shows the concept.
    public let score: Float
  }

  /// Each concept's examples, the strongest first.
  public let examples: [[Example]]

  /// Takes the strongest parts by scores `[parts, concepts]`; of equal ones the earlier is stronger.
  ///
  /// - Parameters:
  ///   - owners: the observation of each part.
  ///   - count: the most examples of a concept.
  public init(scores: Matrix, owners: [Int], count: Int) {
    precondition(
      owners.count == scores.rows && count > 0, "ConceptExamples: \(owners.count) owners of \(scores.rows) parts")
    var examples: [[Example]] = []
    for concept in 0..<scores.columns {
      var strongest: [Int: Example] = [:]
      for part in 0..<scores.rows {
        let score = scores[part, concept]
        if let present = strongest[owners[part]], present.score >= score { continue }
        if score.isFinite { strongest[owners[part]] = Example(part: part, score: score) }
      }
      let sorted = strongest.values.sorted { $0.score == $1.score ? $0.part < $1.part : $0.score > $1.score }
      examples.append(Array(sorted.prefix(count)))
    }
    self.examples = examples
  }

  /// The mean over the concepts of the share of examples that have the most frequent label among them; nil without
  /// examples.
  ///
  ///     purity = mean_k max_l |{e ∈ examples(k): label(e) = l}| / |examples(k)|
  ///
  /// - Parameter labels: the label of each part.
  public func purity(labels: [Int]) -> Double? {
    let shares = examples.filter { !$0.isEmpty }.map { examples -> Double in
      let counts = Dictionary(examples.map { (labels[$0.part], 1) }, uniquingKeysWith: +)
      return Double(counts.values.max() ?? 0) / Double(examples.count)
    }
    return shares.isEmpty ? nil : SampleStatistic.mean(of: shares)
  }
}
