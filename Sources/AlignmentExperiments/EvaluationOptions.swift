import Diagnostics
import Evaluators
import Options

/// What is measured: the section `evaluation` of every recipe.
public typealias EvaluationOptions = Sectioned<EvaluationChoice, EvaluatorCatalogue>

/// What the section `evaluation` says beside the options of the evaluators.
public struct EvaluationChoice: SectionBase {
  /// The sides of a split that can be reported.
  public enum Side: String, Codable, CaseIterable, Sendable {
    /// For choosing settings.
    case validation
    /// For reporting.
    case test
  }

  /// Which epoch's networks are evaluated.
  public enum Selection: String, Codable, CaseIterable, Sendable {
    /// The last.
    case last
    /// That of best nearest neighbours on the validation side.
    case neighbours
    /// That of the best linear probe on the validation side.
    case linearProbe
    /// That of best retrieval between pictures and captions on the validation side.
    case retrieval
    /// That of the best mean of linear probe and retrieval on the validation side, or of the one that there is.
    case probeAndRetrieval
  }

  /// The side that is reported.
  public var side = Side.test
  /// The labellings that are recognised, the first also by retrieval by label, selection and figures; nil takes all, that
  /// of the fewest classes first.
  public var labellings: [String]?
  /// Which epoch's networks are evaluated.
  public var selection = Selection.last
  /// The epochs between two looks at the validation side where an epoch is selected.
  public var everyEpochs = 5
  /// The observations of the validation side that are measured after each epoch, for the log; 0 for none.
  public var trackedObservations = 0
  /// The observations whose representations are watched while training goes on; 0 for none.
  public var monitoredObservations = 256
  /// The observations that figures show.
  public var shownObservations = 1_000
  /// Whether the reported representations are computed with dense layers in 8-bit integers, for large collections; how near
  /// they come to float32 is said.
  public var int8 = false
  /// The evaluators, in the order of the report.
  public var evaluators = ["retrieval", "zeroShot", "linearProbe", "neighbours", "accuracy", "geometry", "codebook"]

  /// The defaults.
  public init() {}
}

extension Sectioned<EvaluationChoice, EvaluatorCatalogue> {
  /// The options of every evaluator.
  public var options: OptionSections<EvaluatorCatalogue> {
    get { sections }
    set { sections = newValue }
  }

  /// Checks the values.
  ///
  /// - Throws: an error whose place is the key below `evaluation`.
  public func validate() throws(UserError) {
    let known = EntryName<EvaluatorCatalogue>.allCases.map(\.rawValue)
    if let unknown = self.evaluators.first(where: { !known.contains($0) }) {
      throw UserError(
        .data, "has no evaluator `\(unknown)`", at: "evaluators",
        mend: nearestName(to: unknown, among: known).map { "did you mean `\($0)`?" }
          ?? "choose of \(known.joined(separator: ", "))")
    }
    try OptionRequirement(
      "evaluators", Set(self.evaluators).count == self.evaluators.count, "must name different evaluators"
    ).check()
    try OptionRequirement("labellings", self.labellings.map { !$0.isEmpty } ?? true, "must name a labelling").check()
    try OptionRequirement.count("everyEpochs", self.everyEpochs).check()
    try OptionRequirement.count("trackedObservations", self.trackedObservations, atLeast: 0).check()
    try OptionRequirement("trackedObservations", self.trackedObservations != 1, "must be 0 or at least 2").check()
    try OptionRequirement.count("monitoredObservations", self.monitoredObservations, atLeast: 0, atMost: 100_000)
      .check()
    try OptionRequirement.count("shownObservations", self.shownObservations, atMost: 10_000).check()
    for name in EntryName<EvaluatorCatalogue>.allCases { try options.validate(name) }
  }

  /// The evaluators that are named, in their order.
  var chosen: [any Evaluator] {
    self.evaluators.compactMap { EntryName<EvaluatorCatalogue>(rawValue: $0).flatMap { options[$0] as? any Evaluator } }
  }
}
