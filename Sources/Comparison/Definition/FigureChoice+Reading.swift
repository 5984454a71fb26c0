import Diagnostics
import StrictYAML

extension FigureChoice {
  /// Reads the choice of figures; what it names must be a column.
  init(_ file: StrictSection, columns: [Column]) throws(UserError) {
    self.init()
    guard let member = file["figures"] else { return }
    let source = file.source
    let section = try StrictSection(
      member.value, path: "figures", keys: ["ranks", "heatMap", "tradeOff", "sweep"], source: source)
    let titles = columns.map(\.title)
    let named = try section.texts("ranks") + section.texts("tradeOff")
    for title in named where !titles.contains(title.text) {
      throw UserError(
        .data, "there is no column `\(title.text)`", at: title.place, mend: Suite.nearest(title.text, titles))
    }
    ranks = try section.texts("ranks").map(\.text)
    tradeOff = try section.text("tradeOff", loosely: true)
    if let map = section["heatMap"] {
      let keys = ["title", "evaluator", "metric", "subjects"]
      let inner = try StrictSection(map.value, path: "figures.heatMap", keys: keys, source: source)
      let subjects = try inner.texts("subjects").map(\.text)
      guard !subjects.isEmpty else { throw section.refused("heatMap", "has no `subjects`") }
      heatMap = Grid(
        title: try Suite.needed(inner, "title"), evaluator: try Suite.needed(inner, "evaluator"),
        metric: try Suite.needed(inner, "metric"), subjects: subjects)
    }
    if let sweep = section["sweep"] {
      let keys = ["setting", "evaluator", "subject", "metric", "better"]
      let inner = try StrictSection(sweep.value, path: "figures.sweep", keys: keys, source: source)
      self.sweep = Sweep(setting: try Suite.needed(inner, "setting"), score: try Suite.column(inner))
    }
  }
}
