import Diagnostics
import Evaluation
import Figures
import Foundation
import Kernels
import Reports
import Runs

/// Maps of the representations of all methods, a panel each, on axes of the same scale.
struct EmbeddingMaps {
  /// What the colours mean.
  enum Colouring: String, CaseIterable {
    case modality
    case `class`
  }

  private let cells: [(row: String, seed: Int, folder: URL)]
  /// The most points of all panels together, so that a figure opens fast.
  private static let mostPoints = 7200
  /// The most representations of a method.
  private static let mostModalities = 5

  /// Finds the first cell of each row that has representations.
  init(_ result: ComparisonResult, in folder: ComparisonFolder) {
    cells = result.rows.compactMap { row in
      for cell in row.cells {
        let own = RunFolder(folder.url.appendingPathComponent(cell.folder, isDirectory: true)).seed(cell.seed)
        if FileManager.default.fileExists(atPath: own.appendingPathComponent(EmbeddingsFile.name).path) {
          return (row.name, cell.seed, own)
        }
      }
      return nil
    }
  }

  /// Whether no method has representations.
  var isEmpty: Bool { cells.isEmpty }

  private struct Map {
    let row: String
    let x: [Double]
    let y: [Double]
    let modalities: [Int]
    let names: [String]
    let classes: [Int]
    let classNames: [String]
  }

  /// Each method's two principal components.
  ///
  /// - Throws: where a file of representations is damaged.
  func figure(_ colouring: Colouring, title: String) throws(UserError) -> (figure: ScatterChart, caption: String) {
    var maps: [Map] = []
    for cell in cells { if let map = try map(cell.row, cell.folder) { maps.append(map) } }
    // Rows have length 1, so that the extents of all methods compare.
    let half = max(1e-6, maps.flatMap { $0.x + $0.y }.reduce(0) { max($0, abs($1)) } * 1.04)
    // One that most methods know comes first, so that it has the same colour where it is alone.
    let names = maps.flatMap(\.names)
    let order = ScoreTable.unique(names).enumerated().sorted { first, second in
      let (one, other) = (names.count { $0 == first.element }, names.count { $0 == second.element })
      return (other, first.offset) < (one, second.offset)
    }.map(\.element)
    let panels = maps.map { map in
      switch colouring {
      case .modality:
        ScatterChart.Panel(
          title: map.row, kind: "modality", x: map.x, y: map.y,
          classes: map.modalities.map { order.firstIndex(of: map.names[$0]) ?? 0 }, names: order)
      case .class:
        ScatterChart.Panel(
          title: map.row, kind: "class", x: map.x, y: map.y, classes: map.classes, names: map.classNames)
      }
    }
    let chart = ScatterChart(
      title: title, x: Axis("component 1", range: -half...half), y: Axis("component 2", range: -half...half),
      panels: panels)
    let seeds = Set(cells.map(\.seed)).sorted().map(String.init).joined(separator: ", ")
    return (
      chart,
      "The two principal components of each method's representations, rows scaled to length 1, seed \(seeds). All panels "
        + "have axes of the same scale, so that extents and gaps compare; directions of different methods do not."
    )
  }

  private func map(_ row: String, _ folder: URL) throws(UserError) -> Map? {
    guard let file = try RepresentationFile(ofSeed: folder) else { return nil }
    let shown = Array(file.representations.prefix(Self.mostModalities))
    let items = file.spread(Self.mostPoints / max(1, cells.count) / shown.count)
    let parts = shown.map { $0.values.gathering(items) }
    let all = Matrix(rows: parts.count * items.count, columns: parts[0].columns, values: parts.flatMap(\.values))
    let points = try PrincipalComponents(of: all, count: 2).projection(of: all)
    let x = (0..<points.rows).map { points.columns > 0 ? Double(points[$0, 0]) : 0 }
    let y = (0..<points.rows).map { points.columns > 1 ? Double(points[$0, 1]) : 0 }
    return Map(
      row: row, x: x, y: y, modalities: shown.indices.flatMap { index in items.map { _ in index } },
      names: shown.map(\.name), classes: shown.flatMap { _ in items.map { file.labels[$0] } },
      classNames: file.classNames)
  }
}
