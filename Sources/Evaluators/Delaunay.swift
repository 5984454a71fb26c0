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

  /// The observations taken, evenly spread over the reported side, at most half of it; time grows with their square.
  public var observations = 1_000
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
    let size = min(observations, whole.count / 2)
    func sample(_ rows: [Int], half: Int) -> [Int] {
      let spread = rows.evenlySpread(2 * size)
      return stride(from: half, to: spread.count, by: 2).map { spread[$0] }
    }
    let reference = sample(whole, half: 0)
    func add(_ name: String, _ evaluated: Matrix) throws {
      // Fewer could not make two components.
      guard reference.count + evaluated.rows >= 2 * smallest, !reference.isEmpty, evaluated.rows > 0 else { return }
      try model.checkInterruption()
      var stream = RandomStreams.stream("delaunay", seed: model.seed)
      let result = try DelaunayComponents(
        reference: complete.values.gathering(reference), evaluated: evaluated, rays: rays, smallest: smallest,
        using: &stream)
      let subject = EvaluationTable.Subject.pair(complete.name, name)
      table.add(subject, .share("precision"), result.precision)
      table.add(subject, .share("recall"), result.recall)
      table.add(subject, .share("quality"), result.networkQuality)
      table.add(subject, .number("components", higherIsBetter: nil), Double(result.components.count))
    }
    for place in model.all {
      guard let view = try model.view(place) else { continue }
      let rows = sample(presence.observations(having: [place]), half: 0)
      try add(view.name, view.values.gathering(try withoutRepeats(rows, of: place, model)))
    }
    try add(complete.name, complete.values.gathering(sample(whole, half: 1)))
    return [table]
  }

  /// The observations without those whose item an earlier one has too: points at one place are one point of a graph.
  private func withoutRepeats(_ rows: [Int], of place: Int, _ model: FrozenModel) throws -> [Int] {
    var numbers: Set<[Float]> = []
    var tokens: Set<[Int32]> = []
    return try rows.filter { row in
      switch try model.data.items(of: place, at: [row], in: model.side) {
      case .numbers(let values): numbers.insert(values).inserted
      case .tokens(let values): tokens.insert(values).inserted
      }
    }
  }

  /// What is compared.
  public func notes(on model: FrozenModel) -> [String] {
    [
      "Delaunay components: up to \(observations) complete observations, at most half of the side's, against as many of "
        + "each modality, equal items once; \(rays) rays, components of \(smallest) points or more; complete – complete "
        + "is the value to compare with: two disjoint sets of complete observations."
    ]
  }
}
