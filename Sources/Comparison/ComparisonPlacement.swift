import Reports
import Runs
import Training

/// Which table each figure of a comparison draws, by the names that the figures are drawn under.
struct ComparisonPlacement {
  /// The figure of the overview: the rows in the order of the first group's mean.
  let main: [ReportFigure]
  /// The figures of the search.
  let search: [ReportFigure]
  /// The figures of no table.
  let others: [ReportFigure]
  private let groups: [String: [ReportFigure]]

  /// Places the figures of a result.
  init(_ figures: [ReportFigure], of result: ComparisonResult) {
    var groups: [String: [ReportFigure]] = [:]
    var (main, search, others): ([ReportFigure], [ReportFigure], [ReportFigure]) = ([], [], [])
    for figure in figures {
      let name = figure.entry.name
      if let first = result.aggregates.first, name == "rank-\(ComparisonFigures.slug(first.group))" {
        main.append(figure)
      } else if name == "sweep", result.searchScore != nil {
        search.append(figure)
      } else if let group = Self.group(of: name, in: result) {
        groups[group, default: []].append(figure)
      } else {
        others.append(figure)
      }
    }
    (self.main, self.search, self.others, self.groups) = (main, search, others, groups)
  }

  /// The group of columns whose table a figure draws.
  private static func group(of name: String, in result: ComparisonResult) -> String? {
    let columns = result.columns.map(\.column)
    if name == "trade-off" { return columns.first { $0.group == Column.costGroup }?.group }
    if name == "heat-map", let grid = result.figures.heatMap {
      return columns.first { $0.evaluator == grid.evaluator && $0.metric == grid.metric }?.group
    }
    if let aggregate = result.aggregates.first(where: { name == "rank-\(ComparisonFigures.slug($0.group))" }) {
      return aggregate.group
    }
    return columns.first { name == "rank-\(ComparisonFigures.slug($0.title))" }?.group
  }

  /// The figures of a group's table.
  func figures(of group: String) -> [ReportFigure] { groups[group] ?? [] }
}
