import Evaluation
import Figures
import Foundation
import Runs
import Training

/// Figures of a run's scores, one for each evaluator.
struct ScoreFigures {
  let scores: [ScoreSummary]
  let seeds: [Int]

  /// A figure before it is drawn.
  struct Plan {
    let name: String
    let title: String
    let kind: FigureEntry.Kind
    let draw: (_ title: String) -> (figure: any Figure, caption: String)
  }

  /// The most seeds that have a column of their own.
  private static let mostSeeds = 8

  /// All figures, in the order of the scores.
  var plans: [Plan] {
    let fractions = scores.filter { $0.typedMetric.isFraction }
    var plans = unique(fractions.map(\.evaluator)).map { evaluator in
      let own = fractions.filter { $0.evaluator == evaluator }
      let name = "scores-" + FigurePlacement.slug(evaluator)
      if Self.areSubsets(unique(own.map(\.subject))) {
        return Plan(name: name, title: "\(evaluator) by the modalities present", kind: .scores) { title in
          subsetMap(of: own, title: title)
        }
      }
      return Plan(name: name, title: evaluator, kind: .scores) { title in
        evaluator.hasPrefix("retrieval") ? retrievalBars(of: own, title: title) : table(of: own, title: title)
      }
    }
    let gaps = scores.filter { $0.metric == "modality gap" }
    if let evaluator = gaps.first?.evaluator {
      let cosines = scores.filter { $0.evaluator == evaluator && $0.metric == "cosine" }
      plans.append(
        Plan(name: "modality-gap", title: "modality gap", kind: .geometry) { title in
          gapBars(gaps: gaps, cosines: cosines, title: title)
        })
    }
    return plans
  }

  /// What a caption says of values.
  private var means: String {
    seeds.count > 1
      ? "mean ± half of the 95 % interval over \(seeds.count) seeds" : "one seed, without an interval"
  }

  private func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// Whether subjects are subsets of modalities: some are joined by `+`, and every part stands alone too.
  static func areSubsets(_ subjects: [String]) -> Bool {
    let parts = subjects.map { $0.split(separator: "+").map(String.init) }
    let single = Set(parts.filter { $0.count == 1 }.joined())
    return parts.contains { $0.count > 1 } && parts.joined().allSatisfy { single.contains($0) }
  }

  /// The modalities in the order of the recipe, as far as the subjects of scores name them.
  static func modalities(of scores: [ScoreSummary]) -> [String] {
    var seen: Set<String> = []
    return scores.flatMap { score in
      score.subject.replacing(" → ", with: "+").replacing(" – ", with: "+").split(separator: "+").map(String.init)
    }.filter { seen.insert($0).inserted }
  }

  /// A row for each subset of modalities, a column for each metric; for a single metric one for each seed too.
  private func subsetMap(of own: [ScoreSummary], title: String) -> (figure: any Figure, caption: String) {
    let metrics = unique(own.map(\.metric))
    guard metrics.count == 1, seeds.count > 1, seeds.count <= Self.mostSeeds else {
      return table(of: own, title: title)
    }
    let map = HeatMap(
      title: title, rows: own.map { $0.subject.replacing("+", with: " + ") },
      columns: ["mean of \(seeds.count) seeds"] + seeds.map { "seed \($0)" },
      values: own.map { score in [score.mean * 100] + score.values.map { $0 * 100 } },
      halfWidths: own.map { score in [score.halfWidth.map { $0 * 100 }] + score.values.map { _ in nil } },
      scale: Axis(own[0].evaluator, unit: "%"), decimals: 1)
    return (
      map,
      "\(capitalised(own[0].evaluator)) on \(metrics[0]) in percent for every subset of modalities, \(means), and every seed."
    )
  }

  /// A row for each subject, a column for each metric.
  private func table(of own: [ScoreSummary], title: String) -> (figure: any Figure, caption: String) {
    let (subjects, metrics) = (unique(own.map(\.subject)), unique(own.map(\.metric)))
    func score(_ subject: String, _ metric: String) -> ScoreSummary? {
      own.first { $0.subject == subject && $0.metric == metric }
    }
    let names = subjects.map { $0.replacing("+", with: " + ") }
    let isSubsets = Self.areSubsets(subjects)
    if metrics.count == 1, !isSubsets {
      let entries = zip(names, subjects).compactMap { name, subject in
        score(subject, metrics[0]).map { score in
          RankPlot.Entry(
            name: name, value: score.mean * 100,
            interval: score.halfWidth.map { (score.mean - $0) * 100...(score.mean + $0) * 100 })
        }
      }
      return (
        RankPlot(title: title, x: Axis(metrics[0], unit: "%"), entries: entries),
        "\(metrics[0]) in percent, \(means)."
      )
    }
    let map = HeatMap(
      title: title, rows: names, columns: metrics,
      values: subjects.map { subject in metrics.map { (score(subject, $0)?.mean ?? .nan) * 100 } },
      halfWidths: seeds.count > 1
        ? subjects.map { subject in metrics.map { score(subject, $0)?.halfWidth.map { $0 * 100 } } } : [],
      scale: Axis(own[0].evaluator, unit: "%"), decimals: 1)
    return (
      map,
      isSubsets
        ? "\(capitalised(own[0].evaluator)) on \(metrics.joined(separator: ", ")) in percent for every subset of modalities, \(means)."
        : "\(metrics.joined(separator: ", ")) in percent, \(means)."
    )
  }

  /// A group of bars for each direction, a bar for each rank.
  private func retrievalBars(of own: [ScoreSummary], title: String) -> (figure: any Figure, caption: String) {
    let (subjects, metrics) = (unique(own.map(\.subject)), unique(own.map(\.metric)))
    let chart = BarChart(
      title: title, groups: subjects, y: Axis("found among the first k", unit: "%", range: 0...100),
      series: metrics.map { metric in bars(metric, of: own.filter { $0.metric == metric }, subjects, scale: 100) },
      decimals: 0)
    return (
      chart,
      "Retrieval from the first modality to the second, \(metrics.joined(separator: ", ")) in percent, \(means)."
    )
  }

  private func gapBars(
    gaps: [ScoreSummary], cosines: [ScoreSummary], title: String
  ) -> (figure: any Figure, caption: String) {
    let subjects = unique(gaps.map(\.subject))
    var series = [bars("modality gap", of: gaps, subjects, scale: 1)]
    if !cosines.isEmpty { series.append(bars("cosine of matching pairs", of: cosines, subjects, scale: 1)) }
    let chart = BarChart(
      title: title, groups: subjects, y: Axis("distance or cosine"), series: series, decimals: 2)
    return (
      chart,
      "Modality gap, the distance between the centres of two modalities on the unit sphere (0…2, less is closer), and "
        + "the mean cosine of matching pairs; \(means)."
    )
  }

  private func bars(
    _ name: String, of scores: [ScoreSummary], _ subjects: [String], scale: Double
  ) -> BarChart.Series {
    let found = subjects.map { subject in scores.first { $0.subject == subject } }
    return BarChart.Series(
      name: name, values: found.map { ($0?.mean ?? .nan) * scale },
      intervals: found.map { score in
        score.flatMap { score in
          score.halfWidth.map { (score.mean - $0) * scale...(score.mean + $0) * scale }
        }
      })
  }
}
