import Foundation
import Training

extension ScoreTable {
  /// What a table of ``timings(_:)`` says in a sentence.
  package static func captionOfTimings(_ timings: Timings) -> String {
    String(
      format: "%.1f %% of the time lies outside the optimiser's steps; the report itself is written after this.",
      100 * timings.shareOutsideSteps)
  }

  /// Where time went: a row a part, the longest first, in seconds and as a share of the whole.
  package static func timings(_ timings: Timings) -> ScoreTable {
    let whole = timings.total
    func row(_ name: String, _ seconds: Double) -> [Cell] {
      [
        Cell(name), Cell(String(format: "%.2f", seconds)),
        Cell(whole > 0 ? String(format: "%.1f", 100 * seconds / whole) : "–"),
      ]
    }
    let parts = timings.parts.enumerated()
      .sorted { ($1.element.seconds, $0.offset) < ($0.element.seconds, $1.offset) }.map(\.element)
    let rows = parts.map { row($0.name, $0.seconds) } + [row("all", whole)]
    return ScoreTable(title: "time", heads: ["part", "seconds", "%"], rows: rows, isNumeric: true)
  }
}
