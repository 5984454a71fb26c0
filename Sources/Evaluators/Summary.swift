import Options
import Training

/// Means that data sets with other modalities and classes have, too: of each evaluation's fractions, of classification
/// with everything there and with the least, and of these. A method has the same ones for every setting, so that the
/// last can choose between its settings.
public struct SummaryEvaluator: Evaluator {
  /// `summary`
  public static var key: String { "summary" }
  /// In a few words.
  public static var summary: String { "means over the other evaluations" }

  /// The defaults.
  public init() {}

  /// The means; the evaluators that they are of must come before.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    func mean(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
    func of(_ evaluators: [String], _ subjects: Set<EvaluationTable.Subject>? = nil) -> Double? {
      mean(
        earlier.filter { evaluators.contains($0.evaluator) }.flatMap { table in
          // Accuracies are added labelling by labelling, as they always were: a sum's last bit depends on its order.
          table.evaluator == "accuracy" ? table.entriesByColumn : table.entries
        }.filter { entry in
          entry.metric.isFraction && subjects.map { $0.contains(entry.subject) } ?? true
        }.map(\.value))
    }
    let singles = Set(model.names.map { EvaluationTable.Subject.named($0) })
    let parts: [(String, Double?)] = [
      ("retrieval", of(["retrieval", "retrieval by class"])), ("zero-shot", of(["zero-shot"])),
      ("linear probe", of(["linear probe"])), ("complete", of(["accuracy"], [.named("complete")])),
      ("single modalities", of(["accuracy"], singles)), ("worst", of(["accuracy"], [.named("worst")])),
    ]
    let balanced = ["complete", "worst"].map { ("\($0), balanced", of(["balanced accuracy"], [.named($0)])) }
    var table = EvaluationTable("summary")
    // The worst modality is among the single ones.
    let all = mean(parts.filter { $0.0 != "worst" }.compactMap(\.1))
    for (name, value) in parts + balanced + [("all", all)] { table.add(.named(name), .share("mean"), value) }
    let gaps = earlier.flatMap(\.entries).filter { $0.metric == .modalityGap }.map(\.value)
    table.add(.named("every two"), .modalityGap, mean(gaps))
    return [table]
  }

  /// What the means are of.
  public func notes(on model: FrozenModel) -> [String] {
    [
      "`summary` is the mean of an evaluation's fractions: retrieval of R@1, R@5 and R@10 between every two modalities, "
        + "linear probe of its labellings and the tags; `all` the mean of these means."
    ]
  }
}
