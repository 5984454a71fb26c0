import Foundation
import StrictYAML
import Training

/// What is compared: methods, what they have in common, and the scores that tell them apart.
///
/// A suite is a YAML file, see ``init(text:name:source:profile:overrides:)``; its recipes are ordinary ones.
package struct Suite: Sendable {
  /// A setting with its place in the file, which an error about it names.
  package struct Setting: Equatable, Sendable {
    /// The dotted path, such as `training.epochs`.
    package let path: String
    /// The value.
    package let value: JSONValue
    /// Where it stands.
    package let place: String

    /// The setting as an override of a recipe.
    package var override: String { "\(path)=\(value.yaml)" }
  }

  /// Values of a setting to choose from.
  package struct Axis: Equatable, Sendable {
    /// The dotted path of the setting.
    package let path: String
    /// The values.
    package let values: [JSONValue]
    /// Where it stands.
    package let place: String
  }

  /// A method: one row of every table.
  package struct Row: Equatable, Sendable {
    /// What tables and figures call it.
    package let name: String
    /// What sort of method it is; methods of one kind share a colour. Empty for none.
    package let kind: String
    /// The recipe's name, or the path of a `.yaml` file.
    package let recipe: String
    /// The recipe's profile.
    package let profile: String?
    /// Settings of its own.
    package let settings: [Setting]
    /// What is chosen on the validation side.
    package let search: [Axis]
    /// Settings of `shared` that may replace what its recipe sets.
    package let yields: [String]
    /// Where it stands.
    package let place: String
  }

  /// How candidates are chosen.
  package struct Search: Equatable, Sendable {
    /// The seed of the search.
    package let seed: Int
    /// The settings by which a search is evaluated on the validation side.
    package let on: [Setting]
    /// Settings of searches only, such as fewer epochs; they go over `shared`.
    package let settings: [Setting]
    /// What is chosen for every row, beside what the row names itself.
    package let axes: [Axis]
    /// How many candidates every row has, drawn from all choices of its values; `nil` for all of them.
    package let trials: Int?
    /// The score that decides.
    package let score: Column
  }

  /// The file's name without its ending, or a built-in name.
  package let name: String
  /// One line that says what is compared.
  package let title: String
  /// The file as errors name it.
  package let source: String
  /// The suite as it is named on the command line: a built-in name or a path.
  package let argument: String
  /// The text of the file.
  package let text: String
  /// The profile that was applied.
  package let profile: String?
  /// The overrides as they were typed.
  package let overrides: [String]
  /// The seeds of every row.
  package let seeds: [Int]
  /// In how many folds the data are divided, each of which every row is tested on; 1 for the data's own test side.
  package let folds: Int
  /// The settings that all rows have in common.
  package let shared: [Setting]
  /// The rows in the tables' order.
  package let rows: [Row]
  /// How candidates are chosen; `nil` where nothing is.
  package let search: Search?
  /// The columns in the tables' order.
  package let columns: [Column]
  /// The row that the others are held against; `nil` for each column's best.
  package let against: String?
  /// Whether the page of all data sets leaves it out, since it compares something else than methods on a data set.
  package let isApart: Bool
  /// The figures.
  package let figures: FigureChoice
}

/// A score that is compared: one column of a table.
package struct Column: Codable, Equatable, Sendable {
  /// Which values are better.
  package enum Direction: String, Codable, CaseIterable, Sendable {
    /// Higher values are better.
    case higher
    /// Lower values are better.
    case lower
    /// No value is better: the number only describes.
    case neither
  }

  /// The head of the column.
  package let title: String
  /// The table that it stands in.
  package let group: String
  /// The score's evaluator.
  package let evaluator: String
  /// The score's subject.
  package let subject: String
  /// The score's metric.
  package let metric: String
  /// Which values are better.
  package let better: Direction
  /// What chance and perfection give, where the suite says it; else the evaluator does.
  package let scale: ScoreScale?

  /// Creates a column; the metric says which values are better where nothing else does.
  package init(
    title: String, group: String, evaluator: String, subject: String, metric: String, better: Direction? = nil,
    scale: ScoreScale? = nil
  ) {
    self.scale = scale
    self.title = title
    self.group = group
    self.evaluator = evaluator
    self.subject = subject
    self.metric = metric
    let standard = Metric(named: metric).higherIsBetter.map { $0 ? Direction.higher : .lower } ?? .neither
    self.better = better ?? standard
  }

  /// Whether a higher value is better; `nil` for neither.
  package var higherIsBetter: Bool? {
    switch better {
    case .higher: true
    case .lower: false
    case .neither: nil
    }
  }

  /// Whether columns can be put together with it: fractions of which more is better, and what the suite gives a scale.
  package var isTask: Bool {
    group != Self.costGroup && (scale != nil || better == .higher && Metric(named: metric).isFraction)
  }

  /// The score in words.
  package var score: String { "\(evaluator), \(subject), \(metric)" }

  /// Whether a score is the column's.
  package func holds(_ score: Score) -> Bool {
    score.evaluator == evaluator && score.subject == subject && score.metric == metric
  }

  /// The name of the group of ``costs``.
  package static let costGroup = "Cost"

  /// What a method costs: columns that every comparison has, the last ones.
  package static let costs = [
    Column(title: "seconds", group: costGroup, evaluator: "cost", subject: "cell", metric: "seconds"),
    Column(title: "parameters", group: costGroup, evaluator: "cost", subject: "cell", metric: "parameters"),
    Column(
      title: "peak memory (MiB)", group: costGroup, evaluator: "cost", subject: "cell", metric: "peak memory",
      better: .lower),
  ]
}

/// Which scores the figures show.
package struct FigureChoice: Codable, Equatable, Sendable {
  /// One evaluator's scores of all methods on some subjects.
  package struct Grid: Codable, Equatable, Sendable {
    /// The title.
    package var title: String
    /// The scores' evaluator.
    package var evaluator: String
    /// The scores' metric.
    package var metric: String
    /// The subjects, one a column.
    package var subjects: [String]
  }

  /// A score over the candidates of a search.
  package struct Sweep: Codable, Equatable, Sendable {
    /// The setting along the horizontal axis.
    package var setting: String
    /// The score.
    package var score: Column
  }

  /// The titles of the columns with a rank plot each.
  package var ranks: [String] = []
  /// The map of scores, such as accuracy by the modalities present.
  package var heatMap: Grid?
  /// The title of the column that is held against time.
  package var tradeOff: String?
  /// A score over a setting that is searched, such as the modality gap over the temperature.
  package var sweep: Sweep?

  /// No figures but those that need no choice.
  package init() {}
}
