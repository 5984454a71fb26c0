import Diagnostics
import Foundation

/// Square matrices of similarities as pictures, side by side on one scale, with the borders of the classes that their
/// rows and columns are sorted by; darker is more similar.
public struct SimilarityMap: Figure {
  /// One matrix.
  public struct Panel: Sendable {
    /// The title above it.
    public let title: String
    /// The similarities, `[items][items]`, the uppermost row first.
    public let values: [[Double]]

    /// Creates a panel.
    public init(title: String, values: [[Double]]) {
      self.title = title
      self.values = values
    }
  }

  /// The title; empty for none.
  public let title: String
  /// The matrices, all of one size.
  public let panels: [Panel]
  /// The classes in the order of the rows, each with the number of its items.
  public let classes: [(name: String, count: Int)]
  /// What the numbers are.
  public let scale: Axis
  /// The extent on the page; its height follows from the panels.
  public let size: FigureSize

  private let grid: PanelGrid
  private let nameWidth: Double

  /// Creates a figure; the classes' counts sum up to the number of rows and of columns of each matrix.
  public init(
    title: String, panels: [Panel], classes: [(name: String, count: Int)], scale: Axis,
    width: Int = FigureSize.report.width
  ) {
    let items = classes.reduce(0) { $0 + $1.count }
    for panel in panels {
      precondition(
        panel.values.count == items && panel.values.allSatisfy { $0.count == items },
        "SimilarityMap: matrix \(panel.title) is not [\(items), \(items)], as the classes are")
    }
    self.title = title
    self.panels = panels
    self.classes = classes
    self.scale = scale
    nameWidth = min(170, classes.map { TextWidth.pixels($0.name, size: Theme.smallSize) }.max() ?? 0) + 14
    grid = PanelGrid(count: panels.count, width: Double(width) - 2 * Theme.margin - nameWidth - 100)
    let height = 2 * Theme.margin + Page.titleHeight(title, width: width) + grid.height + 14
    size = FigureSize(width: width, height: max(200, Int(height.rounded(.up))))
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    let items = classes.reduce(0) { $0 + $1.count }
    let drawable = panels.flatMap(\.values).flatMap { $0 }.filter { scale.admits($0) }
    guard !drawable.isEmpty, items > 1 else { throw nothingToDraw() }
    let shades = scale.scale(over: drawable)
    var page = Page(size, title: title)
    let corner = (left: page.free.left + nameWidth, top: page.free.top)
    var drawing = Drawing()
    var plots: [String] = []
    for (number, panel) in panels.enumerated() {
      let box = grid.box(number, left: corner.left, top: corner.top)
      page.add(text: panel.title, x: box.middle, y: box.top - 13, align: .center)
      if grid.isLeft(number) { name(rowsOf: box, items: items, on: &page) }
      let rows = panel.values.map { row in
        row.map { scale.admits($0) ? String(format: "%.3f", $0) : "NaN" }.joined(separator: " ")
      }
      let source = drawing.add("\(panel.title), one row a line", columns: [scale.text], rows)
      let end = Double(items) - 0.5
      plots += page.area(box) + ["set xrange [-0.5:\(end)]", "set yrange [\(end):-0.5]"]
      plots.append("plot \(source) matrix with image")
      if number == 0 { plots += ["unset label", "unset colorbox"] }
    }
    let whole = Box(
      left: corner.left, top: corner.top + PanelGrid.titleHeight,
      right: corner.left + Double(grid.columns) * (grid.side + grid.gap) - grid.gap,
      bottom: corner.top + grid.height)
    page.addColorBar(shades, beside: whole)
    drawing.commands = page.commands + shades.commands("cb")
    drawing.commands += ["unset grid", "set border 15", "unset xtics", "unset ytics"] + borders(items: items)
    drawing.commands += ["set multiplot"] + plots + ["unset multiplot"]
    return drawing
  }

  /// The lines between classes, thinner where there are more of them.
  private func borders(items: Int) -> [String] {
    let width = classes.count <= 12 ? 0.7 : 0.3
    var edge = 0
    return classes.dropLast().flatMap { group in
      edge += group.count
      let place = Double(edge) - 0.5
      let style = "nohead front lw \(width) lc rgb '#D55E00'"
      return [
        "set arrow from first \(place),graph 0 to first \(place),graph 1 \(style)",
        "set arrow from graph 0,first \(place) to graph 1,first \(place) \(style)",
      ]
    }
  }

  /// Writes the names of the classes beside their rows, the largest first, as far as they do not touch.
  private func name(rowsOf box: Box, items: Int, on page: inout Page) {
    var start = 0
    let middles = classes.map { group in
      defer { start += group.count }
      return box.top + (Double(start) + Double(group.count) / 2) / Double(items) * box.height
    }
    let names = TextWidth.abbreviated(classes.map(\.name), size: Theme.smallSize, width: nameWidth - 14)
    var taken: [Double] = []
    for index in classes.indices.sorted(by: { (classes[$1].count, $0) < (classes[$0].count, $1) }) {
      guard taken.allSatisfy({ abs($0 - middles[index]) >= 15 }) else { continue }
      taken.append(middles[index])
      page.add(text: names[index], x: box.left - 7, y: middles[index], size: Theme.smallSize, align: .right)
    }
  }
}
