import Datasets
import Evaluation
import Kernels
import Options
import Training

/// Delaunay component analysis of complete representations (the reference) against each modality's; against other
/// complete representations too, as the value that a modality could reach (Poklukar et al., ICLR 2022).
public struct DelaunayEvaluator: Evaluator {
  /// `delaunay`
  public static var key: String { "delaunay" }
  /// In a few words.
  public static var summary: String { "Delaunay components of complete and single representations" }

  /// The observations taken, evenly spread over the reported side, at most half of it unless `halves` is false; time grows
  /// with their square.
  public var observations = 1_000
  /// Whether no row takes more than half of the complete observations, so that each can be held against complete – complete,
  /// which compares two disjoint halves; else the other rows take up to `observations`.
  public var halves = true
  /// The random directions in which neighbours are looked for from every point, each also reversed.
  public var rays = 500
  /// The least number of points of a component.
  public var smallest = 10

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .count("observations", observations, atLeast: 2, atMost: DelaunayGraph.mostPoints / 2),
      .count("rays", rays, atMost: 100_000),
      OptionRequirement(
        "smallest", (2...max(2, observations)).contains(smallest),
        "must be 2 to evaluation.delaunay.observations (\(observations))"),
    ]
  }

  /// Precision, recall, quality and number of components.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    var table = EvaluationTable("Delaunay components")
    guard let complete = try model.completeView() else { return [] }
    let presence = model.data.presence(model.side)
    let whole = presence.complete
    // As many points in every row, so that each can be held against the last: two disjoint sets of complete observations.
    func sample(_ rows: [Int], half: Int) -> [Int] {
      let spread = rows.evenlySpread(2 * min(observations, whole.count / 2))
      return stride(from: half, to: spread.count, by: 2).map { spread[$0] }
    }
    let (first, second) = (sample(whole, half: 0), sample(whole, half: 1))
    func add(_ name: String, _ reference: [Int], _ evaluated: Matrix) throws {
      // Fewer could not make two components.
      guard reference.count + evaluated.rows >= 2 * smallest, !reference.isEmpty, evaluated.rows > 0 else { return }
      var stream = RandomStreams.stream("delaunay", seed: model.seed)
      let result = try DelaunayComponents(
        reference: complete.values.gathering(reference), evaluated: evaluated, rays: rays, smallest: smallest,
        using: &stream, interruption: { try model.checkInterruption() })
      let subject = EvaluationTable.Subject.pair(complete.name, name)
      table.add(subject, .share("precision"), result.precision)
      table.add(subject, .share("recall"), result.recall)
      table.add(subject, .share("quality"), result.networkQuality)
      table.add(subject, .number("components", higherIsBetter: nil), Double(result.components.count))
    }
    for place in model.all {
      guard let view = try model.view(place) else { continue }
      let present = presence.observations(having: [place])
      let rows = halves ? sample(present, half: 0) : present.evenlySpread(min(observations, whole.count))
      try add(
        view.name, halves ? first : whole.evenlySpread(observations),
        view.values.gathering(try withoutRepeats(rows, of: place, model)))
    }
    try add(complete.name, first, complete.values.gathering(second))
    return [table]
  }

  /// The observations without those whose item an earlier one has too: points at one place are one point of a graph.
  private func withoutRepeats(_ rows: [Int], of place: Int, _ model: FrozenModel) throws -> [Int] {
    func item(_ row: Int) throws -> ModalityItems { try model.data.items(of: place, at: [row], in: model.side) }
    // Items of thousands of numbers are not kept, but looked up again where their hashes are equal.
    var earlier: [Int: [Int]] = [:]
    return try rows.filter { row in
      let own = try item(row)
      var hasher = Hasher()
      switch own {
      case .numbers(let values): hasher.combine(values)
      case .tokens(let values): hasher.combine(values)
      }
      let hash = hasher.finalize()
      guard try !earlier[hash, default: []].contains(where: { try item($0) == own }) else { return false }
      earlier[hash, default: []].append(row)
      return true
    }
  }

  /// What is compared.
  public func notes(on model: FrozenModel) -> [String] {
    let note =
      "Delaunay components: up to \(observations) complete observations\(halves ? ", at most half of the side's," : "") "
      + "against as many of each modality, equal items once; \(rays) rays, components of \(smallest) points or more; "
      + "complete – complete is the value to compare with: two disjoint sets of complete observations"
      + (halves ? "." : ", each at most half of the side's, fewer than in the other rows where these have more.")
    return [note] + sample(of: model.data.presence(model.side).complete.count)
  }

  /// What is said where most observations are not looked at.
  private func sample(of count: Int) -> [String] {
    let taken = min(halves ? 2 * observations : observations, count)
    guard count > 10 * taken else { return [] }
    return ["Delaunay components: on a sample of \(taken) of \(count), evenly spread."]
  }
}
