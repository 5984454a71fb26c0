import Datasets
import Evaluation
import Kernels
import Training

extension GMCEvaluation {
  /// Delaunay component analysis of complete representations (the reference) against each modality's; against other
  /// complete representations too, as the value that a modality could reach.
  func components(_ reported: GMCRepresentations) throws -> [Score] {
    let options = settings.evaluation.delaunay
    guard options.enabled else { return [] }
    let complete = reported.presence.complete
    // As many points in every row, so that each can be held against the last: two disjoint sets of complete observations.
    let size = min(options.observations, complete.count / 2)
    func sample(_ rows: [Int], half: Int) -> [Int] {
      let spread = rows.evenlySpread(2 * size)
      return stride(from: half, to: spread.count, by: 2).map { spread[$0] }
    }
    let reference = sample(complete, half: 0)
    var scores: [Score] = []
    func add(_ subject: String, _ evaluated: Matrix) throws {
      // Fewer could not make two components.
      guard reference.count + evaluated.rows >= 2 * options.smallest, !reference.isEmpty, evaluated.rows > 0 else {
        return
      }
      try context.checkInterruption()
      var stream = RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: "delaunay")
      let result = try DelaunayComponents(
        reference: reported.complete.gathering(reference), evaluated: evaluated, rays: options.rays,
        smallest: options.smallest, using: &stream)
      let metrics: [(String, Double?)] = [
        ("precision", result.precision), ("recall", result.recall), ("quality", result.networkQuality),
        ("components", Double(result.components.count)),
      ]
      scores += metrics.compactMap { metric, value in
        value.map { Score(evaluator: "Delaunay components", subject: subject, metric: metric, value: $0) }
      }
    }
    for (index, modality) in model.modalities.enumerated() {
      let rows = sample(reported.presence.observations(having: [index]), half: 0)
      try add(
        "complete – \(modality.name)", reported.single[index].gathering(withoutRepeats(rows, of: modality)))
    }
    try add("complete – complete", reported.complete.gathering(sample(complete, half: 1)))
    return scores
  }

  /// The observations without those whose item an earlier one has too: points at one place are one point of a graph.
  private func withoutRepeats(_ rows: [Int], of modality: Modality) -> [Int] {
    var numbers: Set<[Float]> = []
    var tokens: Set<[Int32]> = []
    return rows.filter { row in
      switch side.items(of: modality.name, at: [row]) {
      case .numbers(let values): numbers.insert(values).inserted
      case .tokens(let values): tokens.insert(values).inserted
      }
    }
  }

  /// What a reader of these scores must know.
  var componentsNote: String {
    let options = settings.evaluation.delaunay
    return
      "Delaunay components: up to \(options.observations) complete observations, at most half of the side's, against "
      + "as many of each modality, equal items once; \(options.rays) rays, components of \(options.smallest) points or "
      + "more; complete – complete is the value to compare with: two disjoint sets of complete observations."
  }
}
