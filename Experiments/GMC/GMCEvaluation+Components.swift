import Datasets
import Evaluation
import Harness
import Kernels

extension GMCEvaluation {
  /// Delaunay component analysis of complete representations (the reference) against each modality's; against other
  /// complete representations too, as the value that a modality could reach.
  func components(_ reported: GMCRepresentations) throws -> [Score] {
    let options = settings.evaluation.delaunay
    guard options.enabled else { return [] }
    let complete = reported.presence.complete
    let sample = complete.evenlySpread(options.observations)
    var scores: [Score] = []
    func add(_ subject: String, reference: [Int], of evaluated: Matrix) throws {
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
      let rows = reported.presence.observations(having: [index]).evenlySpread(options.observations)
      try add(
        "complete – \(modality.name)", reference: sample,
        of: reported.single[index].gathering(withoutRepeats(rows, of: modality)))
    }
    let both = complete.evenlySpread(2 * options.observations)
    let halves = [0, 1].map { half in both.indices.filter { $0 % 2 == half }.map { both[$0] } }
    try add("complete – complete", reference: halves[0], of: reported.complete.gathering(halves[1]))
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
    return "Delaunay components: up to \(options.observations) complete observations against as many of each modality, "
      + "equal items once; \(options.rays) rays, components of \(options.smallest) points or more; complete – complete "
      + "is the value to compare with: two disjoint sets of complete observations."
  }
}
