import Diagnostics
import Foundation

/// A table of numbers as coloured cells, each with its number; a darker cell is a larger number.
public struct HeatMap: Figure {
  /// The title; empty for none.
  public let title: String
  /// The rows' names, the uppermost first.
  public let rows: [String]
  /// The columns' names.
  public let columns: [String]
  /// The numbers, `[rows][columns]`.
  public let values: [[Double]]
  /// What the numbers are, at the colour bar.
  public let scale: Axis
  /// How many decimals are printed.
  public let decimals: Int
  /// The extent on the page.
  public let size: FigureSize

  /// Creates a heat map; a missing `size` grows with the number of rows.
  public init(
    title: String, rows: [String], columns: [String], values: [[Double]], scale: Axis, decimals: Int = 2,
    size: FigureSize? = nil
  ) {
    precondition(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count },
      "HeatMap: \(rows.count) rows of \(columns.count) columns but lists of \(values.map(\.count)) values")
    self.title = title
    self.rows = rows
    self.columns = columns
    self.values = values
    self.scale = scale
    self.decimals = decimals
    self.size = size ?? FigureSize(width: 1200, height: max(500, 220 + 40 * rows.count))
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    let drawable = values.joined().filter { scale.admits($0) }
    guard let least = drawable.min(), let greatest = drawable.max() else { throw nothingToDraw() }
    var range = scale.range ?? least...greatest
    if range.lowerBound == range.upperBound {
      let slack = scale.isLogarithmic ? range.lowerBound / 2 : 0.5
      range = range.lowerBound - slack...range.upperBound + slack
    }
    var cells: [String] = []
    var empty: [String] = []
    var texts: [String] = []
    for (row, values) in values.enumerated() {
      for (column, value) in values.enumerated() {
        let admitted = scale.admits(value)
        let dark = admitted && share(of: value, in: range) > 0.52
        let number = admitted ? String(format: "%.\(decimals)f", value) : "–"
        texts.append("\(column) \(row) \(number) \(dark ? 0xFFFFFF : 0x222222)")
        if admitted { cells.append("\(column) \(row) \(value)") } else { empty.append("\(column) \(row)") }
      }
    }
    var drawing = Drawing(blocks: [("cells", cells), ("texts", texts)])
    let box = "using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5)"
    var plots = ["$cells \(box):3 with boxxyerror lc palette fs solid border lc rgb '#FFFFFF' notitle"]
    if !empty.isEmpty {
      drawing.blocks.append(("empty", empty))
      plots.append("$empty \(box) with boxxyerror lc rgb '#EEEEEE' fs solid border lc rgb '#FFFFFF' notitle")
    }
    plots.append("$texts using 1:2:3:4 with labels textcolor rgb variable notitle")
    drawing.commands = Theme.title(title) + ["unset key", "unset grid", "set border 0", "unset rmargin"]
    drawing.commands += [
      "set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')",
      "set cbrange [\(range.lowerBound):\(range.upperBound)]", "set cblabel \(Theme.quoted(scale.text)) offset 1,0",
      "set cbtics nomirror in", "set colorbox noborder",
      "set xrange [-0.5:\(Double(columns.count) - 0.5)]", "set yrange [\(Double(rows.count) - 0.5):-0.5]",
    ]
    if scale.isLogarithmic { drawing.commands.append("set logscale cb") }
    let names = rows.map { Theme.cells($0) }.max() ?? 0
    drawing.commands += Theme.categories(columns, axis: "x", width: size.width - 200 - 9 * names, labels: names)
    drawing.commands += Theme.categories(rows, axis: "y", width: size.height)
    drawing.commands.append("plot " + plots.joined(separator: ", \\\n  "))
    return drawing
  }

  /// Where a value lies between the ends of the colour scale, 0…1 within it.
  private func share(of value: Double, in range: ClosedRange<Double>) -> Double {
    let place: (Double) -> Double = { scale.isLogarithmic ? log($0) : $0 }
    return (place(value) - place(range.lowerBound)) / (place(range.upperBound) - place(range.lowerBound))
  }
}
