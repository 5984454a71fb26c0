import Datasets
import Evaluation
import Kernels
import Methods
import Options
import Training

/// Whether a class that was learnt in one modality is known in another without training there: a linear probe reads the
/// training side's representations by one modality and answers on the reported side's by another.
///
/// Representations are those that a method aligns; of a method with codes they are made of its codes, so that this is the
/// zero-shot transfer between the codes of two modalities (Xia et al., *Achieving Cross Modal Generalization with Multimodal
/// Unified Representation*, NeurIPS 2023, section 4).
public struct ProbeTransferEvaluator: Evaluator {
  /// `probeTransfer`
  public static var key: String { "probeTransfer" }
  /// In a few words.
  public static var summary: String { "classes by a probe of one modality's representations, asked of another's" }

  /// The ridge penalties, relative to the representations' scatter, of which the validation side of the probe's own modality
  /// chooses one.
  public var penalties = LinearProbeEvaluator.standardPenalties

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] { [LinearProbeEvaluator.requirement(of: penalties)] }

  /// Accuracies by labelling, of every modality's probe on itself and on each other.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    var table = EvaluationTable("probe transfer")
    var linear = LinearProbeEvaluator()
    linear.penalties = penalties
    for source in model.all {
      for labelling in model.data.labellings {
        try model.checkInterruption()
        guard let width = try model.representations(of: .train, by: [source])?.columns,
          let probe = try linear.probe(
            of: labelling, model: model, on: { try model.knownRepresentations(of: source, on: $0) })
        else { continue }
        for target in model.all {
          guard let reported = try model.knownRepresentations(of: target, on: model.side),
            reported.features.columns == width,
            let truths = model.data.labels(labelling, of: model.side)
          else { continue }
          let own = reported.rows.filter { truths[$0] >= 0 }
          guard !own.isEmpty else { continue }
          let subject =
            source == target
            ? EvaluationTable.Subject.named(model.names[source])
            : .direction(from: model.names[source], to: model.names[target])
          table.add(
            subject, .share(labelling),
            Answers(
              probe.predictions(for: reported.features.gathering(own)), truths: own.map { Int(truths[$0]) }, of: own))
        }
      }
    }
    return [table, try agreement(on: model)]
  }

  /// How often two modalities of an observation have the same heaviest code, where a method has codes; chance is what
  /// observations that do not match have.
  private func agreement(on model: FrozenModel) throws -> EvaluationTable {
    var table = EvaluationTable("code agreement")
    guard let codebook = model.method as? any CodebookMethod, codebook.hasCodes else { return table }
    for first in model.all {
      for second in model.all where second > first {
        let own = model.data.presence(model.side).observations(having: [first, second])
        guard let one = try model.codeWeights(of: first, at: own, on: model.side),
          let other = try model.codeWeights(of: second, at: own, on: model.side),
          let health = CodebookHealth(one, other)
        else { continue }
        table.add(
          .pair(model.names[first], model.names[second]), .share("same heaviest code"), health.matchedAgreement,
          chance: health.mismatchedAgreement)
      }
    }
    return table
  }
}
