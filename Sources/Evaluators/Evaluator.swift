import Evaluation
import Options
import Training

/// An evaluation of a frozen model: its stored properties are its options, the section of its name below `evaluation`.
///
/// A new evaluator is a file with such a type and a line in ``EvaluatorCatalogue``.
public protocol Evaluator: OptionSection {
  /// What it measures, in a few words, for the catalogue.
  static var summary: String { get }

  /// Whether it knows pairs that people called false from others.
  static var knowsFalsePairs: Bool { get }

  /// The tables of a model; none where the evaluation makes no sense for its method or data.
  ///
  /// - Parameter earlier: the tables of the evaluators before it.
  func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable]

  /// What a reader of the tables must know.
  func notes(on model: FrozenModel) -> [String]

  /// Why there are no tables, where a reader may look for them.
  func absence(on model: FrozenModel) -> String?
}

extension Evaluator {
  /// Every observation is taken for a pair that belongs together.
  public static var knowsFalsePairs: Bool { false }
  /// Nothing to remark.
  public func notes(on model: FrozenModel) -> [String] { [] }
  /// Nobody looks for them.
  public func absence(on model: FrozenModel) -> String? { nil }
}

/// One table of an evaluation: rows of subjects, columns of metrics with unit and direction.
public struct EvaluationTable: Equatable, Sendable {
  /// One number.
  public struct Entry: Equatable, Sendable {
    /// What it was done to: the row.
    public let subject: Subject
    /// What was measured: the column.
    public let metric: Metric
    /// The value, in the metric's own unit.
    public let value: Double
    /// What chance and perfection give; nil where that is not known.
    public let scale: ScoreScale?
  }

  /// What a number is about.
  public enum Subject: Hashable, Sendable {
    /// A modality, or whatever has a name.
    case named(String)
    /// From queries of one to candidates of another.
    case direction(from: String, to: String)
    /// Two, whichever comes first.
    case pair(String, String)
    /// Several that are there together.
    case together([String])

    /// The subject as it is shown.
    public var text: String {
      switch self {
      case .named(let name): name
      case .direction(let from, let to): "\(from) → \(to)"
      case .pair(let first, let second): "\(first) – \(second)"
      case .together(let names): names.joined(separator: "+")
      }
    }
  }

  /// What was done, such as `retrieval`.
  public let evaluator: String
  /// The numbers, row by row.
  public private(set) var entries: [Entry] = []
  /// What the items behind some numbers came to, for intervals that take items as a sample, too.
  public private(set) var outcomes: [ItemOutcomes] = []

  /// Begins a table.
  public init(_ evaluator: String) { self.evaluator = evaluator }

  /// Adds a number; nil adds nothing.
  ///
  /// - Parameters:
  ///   - chance: what an answer that knows nothing gives; nil where that is not known.
  ///   - ceiling: what a perfect answer gives.
  public mutating func add(
    _ subject: Subject, _ metric: Metric, _ value: Double?, chance: Double? = nil, ceiling: Double = 1
  ) {
    guard let value else { return }
    entries.append(
      Entry(
        subject: subject, metric: metric, value: value,
        scale: chance.map { ScoreScale(chance: $0, ceiling: ceiling) }))
  }

  /// Adds the share of right answers.
  ///
  /// - Parameter chance: what an answer that knows nothing gives; the share of the most frequent truth where it is nil, as
  ///   for whatever has learnt from labels.
  public mutating func add(_ subject: Subject, _ metric: Metric, _ answers: Answers?, chance: Double? = nil) {
    guard let answers, let share = answers.share else { return }
    add(subject, metric, share, chance: chance ?? majorityShare(of: answers.truths))
    outcomes.append(
      ItemOutcomes(
        evaluator: evaluator, subject: subject.text, metric: metric.name, measure: .hit,
        values: zip(answers.predictions, answers.truths).map { $0 == $1 ? 1 : 0 },
        observations: answers.observations.map { Int32($0) }))
  }

  /// Keeps the rank of each query, of the observations that they are of.
  public mutating func keep(_ ranks: [Double], of subject: Subject, observations: [Int]) {
    guard ranks.count == observations.count else { return }
    outcomes.append(
      ItemOutcomes(
        evaluator: evaluator, subject: subject.text, metric: "", measure: .rank,
        values: ranks.map { Int32($0.rounded(.up)) }, observations: observations.map { Int32($0) }))
  }

  /// The numbers, column by column, each from the first row to the last.
  var entriesByColumn: [Entry] {
    var columns: [Metric] = []
    for entry in entries where !columns.contains(entry.metric) { columns.append(entry.metric) }
    return columns.flatMap { column in entries.filter { $0.metric == column } }
  }

  /// The numbers as scores of a run.
  public var scores: [Score] {
    entries.map {
      Score(evaluator: evaluator, subject: $0.subject.text, metric: $0.metric, value: $0.value, scale: $0.scale)
    }
  }
}

extension Sequence<EvaluationTable> {
  /// The scores of all tables, in their order.
  public var scores: [Score] { flatMap(\.scores) }
}

/// The evaluators that there are; a new one is a line here.
public enum EvaluatorCatalogue: OptionCatalogue {
  /// Their types.
  public static let all: [any OptionSection.Type] = [
    RetrievalEvaluator.self, ZeroShotEvaluator.self, LinearProbeEvaluator.self, NeighboursEvaluator.self,
    MissingModalitiesEvaluator.self, RegressionEvaluator.self, GeometryEvaluator.self, DelaunayEvaluator.self,
    CodebookEvaluator.self,
    ConceptsEvaluator.self, CompletenessEvaluator.self, ShiftEvaluator.self, ExamplesEvaluator.self,
    PolicyEvaluator.self, SummaryEvaluator.self, LinearSVMEvaluator.self, FewLabelsEvaluator.self,
    GenerationEvaluator.self, CaptioningEvaluator.self, RerankingEvaluator.self,
    StatementsEvaluator.self, PairRetrievalEvaluator.self, AttentionEvaluator.self,
    ProbeTransferEvaluator.self, QuestionsEvaluator.self,
  ]
}
