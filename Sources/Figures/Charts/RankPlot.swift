import Diagnostics
import Foundation

/// Values with their intervals, one a row, such as methods or recipes in the order of their scores.
public struct RankPlot: Figure {
  /// One row.
  public struct Entry: Sendable {
    /// What stands at its left.
    public let name: String
    /// The value.
    public let value: Double
    /// The interval around it.
    public let interval: ClosedRange<Double>?
    /// What kind it is of; entries of one kind share colour and shape. Empty for none.
    public let kind: String

    /// Creates a row.
    public init(name: String, value: Double, interval: ClosedRange<Double>? = nil, kind: String = "") {
      self.name = name
      self.value = value
      self.interval = interval
      self.kind = kind
    }
  }

  /// The title; empty for none.
  public let title: String
  /// The axis of the values.
  public let x: Axis
  /// The rows, the uppermost first.
  public let entries: [Entry]
  /// A value to compare with, drawn as a line through all rows, and its name.
  public let reference: (name: String, value: Double)?
  /// How many decimals are written at the right.
  public let decimals: Int
  /// The extent on the page; its height follows from the rows.
  public let size: FigureSize

  private let legend: Legend
  private let styles: KindStyles
  private static let rowHeight = 27.0
  private static let longestName = 360.0

  /// Creates a chart.
  ///
  /// - Parameter kinds: all kinds in the order that their colours go by; empty takes the order of the entries.
  public init(
    title: String, x: Axis, entries: [Entry], kinds: [String] = [], reference: (name: String, value: Double)? = nil,
    decimals: Int = 1, width: Int = FigureSize.report.width
  ) {
    self.title = title
    self.x = x
    self.entries = entries
    self.reference = reference
    self.decimals = decimals
    styles = KindStyles(entries.map(\.kind), order: kinds)
    var items = styles.legend
    if let reference {
      items.append((reference.name, .line(color: Theme.lineColor, dash: "(12,8)", shape: nil, width: 1.3)))
    }
    legend = Legend(items, width: Double(width) - 2 * Theme.margin)
    let height =
      2 * Theme.margin + Page.titleHeight(title, width: width) + Self.rowHeight * Double(max(2, entries.count))
      + 70 + legend.height
    size = FigureSize(width: width, height: max(200, Int(height.rounded(.up))))
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    let drawable = entries.filter { x.admits($0.value) }
    guard !drawable.isEmpty else { throw nothingToDraw() }
    let ends = drawable.flatMap { entry in
      [entry.value] + (entry.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
    }
    var page = Page(size, title: title)
    page.takeBottom(legend.height)
    legend.draw(on: &page, left: page.free.left, top: page.free.bottom)
    let names = TextWidth.abbreviated(entries.map(\.name), size: Theme.textSize, width: Self.longestName)
    let texts = entries.map { text(of: $0) }
    let left = (names.map { TextWidth.pixels($0, size: Theme.textSize) }.max() ?? 0) + 14
    let right = (texts.map { TextWidth.pixels($0, size: Theme.textSize) }.max() ?? 0) + 18
    var box = page.free
    box.left += left
    box.right -= right
    let horizontal = x.scale(
      over: ends + (reference.map { [$0.value] } ?? []), room: 0.05, pixels: box.width)
    box.bottom -= Page.axisHeight(horizontal)
    page.add(text: horizontal.label, x: box.middle, y: box.bottom + 42, align: .center)
    let height = box.height / Double(entries.count)
    for (row, (name, text)) in zip(names, texts).enumerated() {
      let y = box.top + (Double(row) + 0.5) * height
      page.add(text: name, x: box.left - 10, y: y, align: .right)
      page.add(text: text, x: box.right + right, y: y, align: .right)
    }

    var drawing = Drawing()
    var plots: [String] = []
    if let reference, x.admits(reference.value) {
      let line = ["\(reference.value) -0.5", "\(reference.value) \(Double(entries.count) - 0.5)"]
      let source = drawing.add("reference \(reference.name)", columns: [x.text, "row"], line)
      plots.append("\(source) using 1:2 with lines lw 1.3 dt (12,8) lc rgb '\(Theme.lineColor)'")
    }
    for (index, kind) in styles.all {
      let rows = entries.enumerated().filter { $1.kind == kind && x.admits($1.value) }
      let style = "lc rgb '\(Theme.color(index))'"
      let intervals = rows.compactMap { row, entry -> String? in
        guard let interval = entry.interval, x.admits(interval.lowerBound), x.admits(interval.upperBound) else {
          return nil
        }
        return "\(interval.lowerBound) \(interval.upperBound) \(row)"
      }
      if !intervals.isEmpty {
        let source = drawing.add("intervals \(kind)", columns: ["lower", "upper", "row"], intervals)
        plots.append("\(source) using 1:3:($2-$1):(0) with vectors heads size screen 0.004,90 \(style) lw 1.8")
      }
      if rows.isEmpty { continue }
      let source = drawing.add(
        "values \(kind)", columns: [x.text, "row"], rows.map { "\($1.value) \($0)" })
      plots.append("\(source) using 1:2 with points pt \(Theme.shape(index)) ps 0.8 \(style)")
    }
    drawing.commands = page.commands + page.area(box) + horizontal.commands("x")
    drawing.commands += [
      "set yrange [\(Double(entries.count) - 0.5):-0.5]", "unset ytics", "set border 1", "set grid xtics noytics",
      "plot " + plots.joined(separator: ", \\\n  "),
    ]
    return drawing
  }

  /// What stands at the right of a row.
  private func text(of entry: Entry) -> String {
    guard entry.value.isFinite else { return "–" }
    func digits(_ value: Double) -> String { String(format: "%.\(decimals)f", value).replacing("-", with: "−") }
    guard let interval = entry.interval, interval.upperBound.isFinite, interval.lowerBound.isFinite else {
      return digits(entry.value)
    }
    let (below, above) = (entry.value - interval.lowerBound, interval.upperBound - entry.value)
    return abs(below - above) <= 1e-6 * max(1, abs(entry.value))
      ? "\(digits(entry.value)) ± \(digits(above))"
      : "\(digits(entry.value)) [\(digits(interval.lowerBound)), \(digits(interval.upperBound))]"
  }
}
