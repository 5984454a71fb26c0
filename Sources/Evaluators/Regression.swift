import Autograd
import Datasets
import Evaluation
import Kernels
import Methods
import Options
import Training

/// The number that a method predicts beside its representations (`data.target`), of complete observations and of each
/// modality alone.
///
/// An observation counts for the subsets that it has all of, where it has the number.
public struct RegressionEvaluator: Evaluator {
  /// `regression`
  public static var key: String { "regression" }
  /// In a few words.
  public static var summary: String { "a predicted number with modalities missing: error, correlation, sign" }

  /// The defaults.
  public init() {}

  /// Error, correlation and, where truths are of both signs, accuracy and F1 of signs.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let targets = model.data.targets(at: 0..<model.data.count(model.side), in: model.side) else { return [] }
    var table = EvaluationTable("regression")
    let presence = model.data.presence(model.side)
    let subsets =
      [(EvaluationTable.Subject.named("complete"), model.all)] + model.all.map { (.named(model.names[$0]), [$0]) }
    for (subject, members) in subsets {
      guard let representations = try model.representations(of: model.side, by: members) else { continue }
      let rows = presence.observations(having: Set(members)).filter { targets[$0] != nil }
      guard !rows.isEmpty,
        let predicted = Tape.withoutRecording({
          model.method.prediction(of: Tensor(representations.gathering(rows)))
        })
      else { continue }
      let scores = RegressionScores(
        predicted.values.map { Double($0) }, truths: rows.map { Double(targets[$0] ?? 0) })
      table.add(subject, .number("MAE", higherIsBetter: false), scores.meanAbsoluteError)
      table.add(subject, .number("correlation", higherIsBetter: true), scores.correlation, chance: 0)
      let signs = scores.signs
      guard Set(signs.truths).count == 2 else { continue }
      table.add(
        subject, .share("sign"),
        Answers(signs.predictions, truths: signs.truths, of: scores.signed.map { rows[$0] }))
      table.add(subject, .share("F1"), scores.signF1())
      table.add(subject, .share("F1 by predictions"), scores.signF1(byPredictions: true))
      table.add(subject, .share("seven steps"), scores.roundedAccuracy(most: 3))
    }
    return [table]
  }

  /// What the columns count.
  public func notes(on model: FrozenModel) -> [String] {
    guard model.data.target != nil else { return [] }
    return [
      "Regression: sign and F1 leave out truths of exactly 0. F1 is weighted by true members; `F1 by predictions` by "
        + "predicted ones, as GMC's official code counts it. `seven steps`: both cut to −3 … 3 and rounded.",
      "Correlation alone does not show alignment: whatever rises with the truth has it, at any scale.",
    ]
  }
}
