import Evaluation
import Recipes
import Runs
import Training

/// Which table each figure of a run draws, by the names that the figures are drawn under.
struct FigurePlacement {
  /// The evaluator of each figure; `nil` for a figure of no table.
  private let places: [(figure: ReportFigure, evaluator: String?)]

  /// Places the figures of a run.
  init(_ figures: [ReportFigure], scores: [ScoreSummary]) {
    let evaluators = ScoreTable.unique(scores.map(\.evaluator))
    let gaps = scores.first { $0.metric == "modality gap" }?.evaluator
    places = figures.map { figure in
      (figure, figure.entry.name == "modality-gap" ? gaps : Self.evaluator(of: figure.entry.name, among: evaluators))
    }
  }

  /// The part of a figure's name that stands for an evaluator.
  static func slug(_ text: String) -> String { String(text.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" }) }

  /// `scores-retrieval` and `epochs-retrieval` are of retrieval, `epochs-codebook-support` of codebook; of two that fit
  /// the longer name is meant.
  private static func evaluator(of name: String, among evaluators: [String]) -> String? {
    let fitting = evaluators.filter { evaluator in
      let slug = slug(evaluator)
      return name == "scores-\(slug)" || name == "epochs-\(slug)" || name.hasPrefix("epochs-\(slug)-")
    }
    return fitting.max { $0.count < $1.count }
  }

  /// The figures of an evaluator's table, that of its scores first.
  func figures(of evaluator: String) -> [ReportFigure] {
    let own = places.filter { $0.evaluator == evaluator }.map(\.figure)
    return own.filter { !$0.entry.name.hasPrefix("epochs-") } + own.filter { $0.entry.name.hasPrefix("epochs-") }
  }

  /// The figures of no table.
  var others: [ReportFigure] { places.filter { $0.evaluator == nil }.map(\.figure) }
}
