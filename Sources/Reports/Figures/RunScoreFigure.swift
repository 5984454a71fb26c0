import Diagnostics
import Figures
import Foundation
import Runs
import StrictYAML
import Training

/// Scores of several runs in one figure: as bars, or against a setting in which the runs differ.
public struct RunScoreFigure {
  /// A score by its evaluator, subject and metric.
  public struct Choice: Equatable, Sendable {
    /// The table.
    public let evaluator: String
    /// The row.
    public let subject: String
    /// The column.
    public let metric: String

    /// Reads `evaluator | subject | metric`.
    ///
    /// - Throws: where there are not three parts.
    public init(_ text: String) throws(UserError) {
      let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else {
        throw UserError(
          .usage, "\"\(text)\" names no score",
          mend: "write evaluator, subject and metric, such as \"retrieval | image → caption-en | R@1\"")
      }
      (evaluator, subject, metric) = (parts[0], parts[1], parts[2])
    }
  }

  private let runs: [RunRecord]
  private let choices: [Choice]
  private let title: String

  /// Chooses scores of runs.
  ///
  /// - Throws: where a run has not one of the scores, or values of fractions and others would share an axis.
  public init(_ runs: [RunRecord], scores choices: [Choice], title: String) throws(UserError) {
    precondition(!runs.isEmpty && !choices.isEmpty, "RunScoreFigure: \(runs.count) runs, \(choices.count) scores")
    for run in runs {
      for choice in choices where Self.score(choice, of: run) == nil {
        let near = nearestName(
          to: choice.subject, among: run.result.scores.filter { $0.evaluator == choice.evaluator }.map(\.subject))
        throw UserError(
          .data, "\(run.name) has no score \(choice.evaluator), \(choice.subject), \(choice.metric)",
          at: run.folder.results.path, mend: near.map { "did you mean \($0)?" } ?? "see its report for the names")
      }
    }
    guard Set(choices.map { Metric(named: $0.metric).isFraction }).count == 1 else {
      throw UserError(.usage, "fractions and other numbers cannot share an axis", mend: "draw them one by one")
    }
    (self.runs, self.choices, self.title) = (runs, choices, title)
  }

  private static func score(_ choice: Choice, of run: RunRecord) -> ScoreSummary? {
    run.result.scores.first {
      $0.evaluator == choice.evaluator && $0.subject == choice.subject && $0.metric == choice.metric
    }
  }

  private var metric: Metric { Metric(named: choices[0].metric) }

  private var axis: Axis {
    let names = Set(choices.map(\.metric))
    return Axis(names.count == 1 ? choices[0].metric : "score", unit: metric.isFraction ? "%" : nil)
  }

  /// What tells a score from the others that are chosen.
  private func name(_ choice: Choice) -> String {
    let parts = [\Choice.evaluator, \.subject, \.metric].filter { path in
      Set(choices.map { $0[keyPath: path] }).count > 1
    }.map { choice[keyPath: $0] }
    return parts.isEmpty ? choice.subject : parts.joined(separator: ", ")
  }

  /// A group of bars for each score, a bar for each run, with 95 % intervals.
  public func bars() -> any Figure {
    BarChart(
      title: title, groups: choices.map(name), y: axis,
      series: runs.map { run in
        let found = choices.map { Self.score($0, of: run) }
        return BarChart.Series(
          name: run.name, values: found.map { ($0?.mean ?? .nan) * metric.scale },
          intervals: found.map { score in
            score.flatMap { score in
              score.halfWidth.map {
                (score.mean - $0) * metric.scale...(score.mean + $0) * metric.scale
              }
            }
          })
      }, decimals: 1)
  }

  /// A line for each score over a setting of the runs, with bands of the 95 % intervals.
  ///
  /// - Parameter path: the dotted path of a setting that is a number in every run.
  /// - Throws: where it is not, or two runs have the same.
  public func lines(against path: String) throws(UserError) -> any Figure {
    var places: [(value: Double, run: RunRecord)] = []
    for run in runs {
      let value: Double? =
        switch run.recipe[path: path]?.value {
        case .integer(let whole)?: Double(whole)
        case .number(let number)?: number
        default: nil
        }
      guard let value else {
        let near = nearestName(to: path, among: run.recipe.settings.map(\.path))
        throw UserError(
          .usage, "\(run.name) has no number under `\(path)`", at: run.folder.recipe.path,
          mend: near.map { "did you mean `\($0)`?" })
      }
      if let same = places.first(where: { $0.value == value }) {
        throw UserError(.usage, "\(same.run.name) and \(run.name) have the same `\(path)`", mend: "leave one out")
      }
      places.append((value, run))
    }
    places.sort { $0.value < $1.value }
    let values = places.map(\.value)
    // Values that span a decade or more are given on a logarithmic axis, as sweeps choose them.
    let isLogarithmic = (values.first ?? 0) > 0 && (values.last ?? 0) >= 10 * (values.first ?? 0)
    return LineChart(
      title: title, x: Axis(path, isLogarithmic: isLogarithmic), y: axis,
      series: choices.map { choice in
        let found = places.compactMap { Self.score(choice, of: $0.run) }
        let means = found.map { $0.mean * metric.scale }
        let widths = found.map { ($0.halfWidth ?? 0) * metric.scale }
        return LineChart.Series(
          name: name(choice), x: values, y: means,
          band: (zip(means, widths).map { $0 - $1 }, zip(means, widths).map { $0 + $1 }))
      })
  }
}
