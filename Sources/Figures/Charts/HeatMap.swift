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
  /// Half of the width of each number's interval, `[rows][columns]`, written after it; empty for none.
  public let halfWidths: [[Double?]]
  /// What the numbers are, at the colour bar.
  public let scale: Axis
  /// How many decimals are printed.
  public let decimals: Int
  /// The extent on the page.
  public let size: FigureSize

  private static let rowHeight = 36.0
  private static let longestName = 330.0

  /// Creates a heat map, as wide and high as its columns and rows ask for.
  public init(
    title: String, rows: [String], columns: [String], values: [[Double]], halfWidths: [[Double?]] = [], scale: Axis,
    decimals: Int = 2
  ) {
    precondition(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count },
      "HeatMap: \(rows.count) rows of \(columns.count) columns but lists of \(values.map(\.count)) values")
    precondition(
      halfWidths.isEmpty || halfWidths.map(\.count) == values.map(\.count),
      "HeatMap: \(values.map(\.count)) values but \(halfWidths.map(\.count)) half-widths")
    self.title = title
    self.rows = rows
    self.columns = columns
    self.values = values
    self.halfWidths = halfWidths
    self.scale = scale
    self.decimals = decimals
    let cell = halfWidths.isEmpty ? 104 : 150
    let width = min(1600, max(560, 2 * Int(Theme.margin) + Int(Self.nameWidth(rows)) + cell * columns.count + 120))
    let headings = CategoryLabels(columns, unit: Double(cell)).height
    let height = 2 * Theme.margin + Page.titleHeight(title, width: width) + headings + 10
    size = FigureSize(width: width, height: max(200, Int(height + Self.rowHeight * Double(max(rows.count, 3)))))
  }

  private static func nameWidth(_ rows: [String]) -> Double {
    min(longestName, rows.map { TextWidth.pixels($0, size: Theme.textSize) }.max() ?? 0) + 12
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    let drawable = values.flatMap { $0 }.filter { scale.admits($0) }
    guard !drawable.isEmpty else { throw nothingToDraw() }
    let shades = scale.scale(over: drawable, pixels: nil)
    var page = Page(size, title: title)
    var box = page.free
    box.left += Self.nameWidth(rows)
    box.right -= 62 + shades.tickWidth
    let labels = CategoryLabels(columns, unit: box.width / Double(max(1, columns.count)))
    box.bottom -= labels.height + 8
    // Slanted names may reach beyond the rows' names.
    let unit = box.width / Double(max(1, columns.count))
    box.left = max(box.left, page.free.left + labels.reach(firstAt: unit / 40))
    labels.draw(
      on: &page, under: box, scale: Scale(label: "", range: -0.5...(Double(max(1, columns.count)) - 0.5)))

    let height = box.height / Double(max(1, rows.count))
    let names = TextWidth.abbreviated(rows, size: Theme.textSize, width: Self.longestName)
    for (row, name) in names.enumerated() {
      page.add(text: name, x: box.left - 10, y: box.top + (Double(row) + 0.5) * height, align: .right)
    }
    var drawing = Drawing()
    var (cells, empty): ([String], [String]) = ([], [])
    let width = box.width / Double(max(1, columns.count))
    for (row, values) in values.enumerated() {
      for (column, value) in values.enumerated() {
        let admitted = scale.admits(value)
        if admitted { cells.append("\(column) \(row) \(value)") } else { empty.append("\(column) \(row)") }
        let text = admitted ? self.text(value, halfWidths.isEmpty ? nil : halfWidths[row][column], width: width) : "–"
        let isDark = admitted && shades.share(value) > 0.5
        page.add(
          text: text, x: box.left + (Double(column) + 0.5) * width, y: box.top + (Double(row) + 0.5) * height,
          size: TextWidth.pixels(text, size: Theme.textSize) > width - 6 ? Theme.smallSize : Theme.textSize,
          align: .center, color: isDark ? "#FFFFFF" : Theme.textColor)
      }
    }
    let rectangle = "using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5)"
    let shown = drawing.add("cells", columns: ["column", "row", scale.text], cells)
    var plots = ["\(shown) \(rectangle):3 with boxxyerror lc palette fs solid border lc rgb '#FFFFFF'"]
    if !empty.isEmpty {
      let blank = drawing.add("cells without a number", columns: ["column", "row"], empty)
      plots.append("\(blank) \(rectangle) with boxxyerror lc rgb '#EEEEEE' fs solid border lc rgb '#FFFFFF'")
    }
    page.addColorBar(shades, beside: box)
    drawing.commands = page.commands + page.area(box) + shades.commands("cb")
    drawing.commands += [
      "unset grid", "set border 0", "unset xtics", "unset ytics",
      "set xrange [-0.5:\(Double(max(1, columns.count)) - 0.5)]",
      "set yrange [\(Double(max(1, rows.count)) - 0.5):-0.5]",
      "plot " + plots.joined(separator: ", \\\n  "),
    ]
    return drawing
  }

  /// A number with its interval, if there is room for it.
  private func text(_ value: Double, _ halfWidth: Double?, width: Double) -> String {
    func digits(_ value: Double) -> String { String(format: "%.\(decimals)f", value).replacing("-", with: "−") }
    guard let halfWidth, halfWidth.isFinite else { return digits(value) }
    let whole = "\(digits(value)) ± \(digits(halfWidth))"
    return TextWidth.pixels(whole, size: Theme.smallSize) <= width - 4 ? whole : digits(value)
  }
}

extension Page {
  /// Puts a colour bar to the right of a chart, with its label.
  mutating func addColorBar(_ scale: Scale, beside box: Box) {
    let height = min(box.height, 420)
    let (left, top) = (box.right + 16, box.top + (box.height - height) / 2)
    add(
      "set colorbox user origin screen \(screenX(left)),\(screenY(top + height)) size screen "
        + "\(Theme.number(14 / Double(size.width))),\(Theme.number(height / Double(size.height))) noborder")
    add("set cbtics nomirror in")
    if TextWidth.pixels(scale.label, size: Theme.textSize) <= height {
      add(
        text: scale.label, x: left + 14 + 12 + scale.tickWidth + 12, y: top + height / 2, align: .center, angle: 90)
    }
  }
}
