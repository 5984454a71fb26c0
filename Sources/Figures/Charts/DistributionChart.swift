import Diagnostics
import Foundation

/// Distributions over the same bins, one over the other in each panel, such as the similarities of matching and of
/// other pairs; all panels have the same axes.
public struct DistributionChart: Figure {
  /// One distribution.
  public struct Distribution: Sendable {
    /// What the legend calls it.
    public let name: String
    /// The share of its values in each bin.
    public let shares: [Double]

    /// Creates a distribution.
    public init(name: String, shares: [Double]) {
      self.name = name
      self.shares = shares
    }

    /// Counts values in bins of equal width; values beyond the range count as well, but in no bin.
    public init(name: String, values: [Double], range: ClosedRange<Double>, bins: Int) {
      precondition(bins > 0 && range.lowerBound < range.upperBound, "Distribution: \(bins) bins over \(range)")
      let finite = values.filter(\.isFinite)
      var counts = [Int](repeating: 0, count: bins)
      for value in finite where range.contains(value) {
        let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        counts[min(bins - 1, Int(share * Double(bins)))] += 1
      }
      self.init(name: name, shares: counts.map { finite.isEmpty ? 0 : Double($0) / Double(finite.count) })
    }
  }

  /// One panel.
  public struct Panel: Sendable {
    /// The title above it.
    public let title: String
    /// The distributions, the lowest first.
    public let distributions: [Distribution]

    /// Creates a panel.
    public init(title: String, distributions: [Distribution]) {
      self.title = title
      self.distributions = distributions
    }
  }

  /// The title; empty for none.
  public let title: String
  /// The axis of the values; it is linear, and its range is divided into the bins.
  public let x: Axis
  /// The panels, row by row.
  public let panels: [Panel]
  /// The extent on the page; its height follows from the panels.
  public let size: FigureSize

  private let columns: Int
  private let panelHeight: Double
  private let legend: Legend
  private static let leftStrip = 84.0
  private static let columnGap = 24.0
  private static let rowGap = 44.0

  /// Creates a chart; all distributions have as many bins, and the axis has a range.
  public init(title: String, x: Axis, panels: [Panel], width: Int = FigureSize.report.width) {
    precondition(!x.isLogarithmic, "DistributionChart: bins of equal width need a linear axis")
    precondition(x.range != nil, "DistributionChart: the axis must say what the bins span")
    let bins = Set(panels.flatMap(\.distributions).map(\.shares.count))
    precondition(bins.count <= 1, "DistributionChart: distributions have \(bins.sorted()) bins")
    self.title = title
    self.x = x
    self.panels = panels
    columns = panels.count <= 3 ? max(1, panels.count) : panels.count == 4 ? 2 : 3
    panelHeight = panels.count == 1 ? 380 : 220
    var seen: Set<String> = []
    var entries: [(text: String, sample: Legend.Sample)] = []
    for panel in panels {
      for (index, one) in panel.distributions.enumerated() where seen.insert(one.name).inserted {
        entries.append((one.name, .box(color: Theme.color(index), fill: Self.fill(index))))
      }
    }
    legend = Legend(entries, width: Double(width) - 2 * Theme.margin)
    let rows = Double((panels.count + columns - 1) / columns)
    let height =
      2 * Theme.margin + Page.titleHeight(title, width: width) + rows * (panelHeight + Self.rowGap) + 40 + legend.height
    size = FigureSize(width: width, height: max(200, Int(height.rounded(.up))))
  }

  private static func fill(_ index: Int) -> String { "transparent solid \(index == 0 ? 0.35 : 0.2)" }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    let shares = panels.flatMap(\.distributions).flatMap(\.shares).filter { $0.isFinite && $0 >= 0 }
    guard let whole = x.range, let most = shares.max(), most > 0 else { throw nothingToDraw() }
    let shown = occupied(of: whole)
    var page = Page(size, title: title)
    page.takeBottom(legend.height)
    legend.draw(on: &page, left: page.free.left, top: page.free.bottom)
    let gap = Self.columnGap
    let width = (page.free.width - Self.leftStrip - gap * Double(columns - 1) - 14) / Double(columns)
    var visible = x
    visible.range = shown
    let horizontal = visible.scale(over: [], pixels: width * 0.8).withoutLastText(
      ifWider: columns > 1 ? gap : .infinity)
    let vertical = Axis("share of pairs in a bin", range: 0...most * 1.06).scale(over: [])
    var drawing = Drawing()
    var plots: [String] = []
    for (number, panel) in panels.enumerated() {
      let left = page.free.left + Self.leftStrip + Double(number % columns) * (width + gap)
      let top = page.free.top + Double(number / columns) * (panelHeight + Self.rowGap) + 26
      let box = Box(left: left, top: top, right: left + width, bottom: top + panelHeight)
      page.add(text: panel.title, x: box.middle, y: box.top - 13, align: .center)
      let isLowest = number + columns >= panels.count
      if isLowest {
        page.add(text: horizontal.label, x: box.middle, y: box.bottom + 42, align: .center)
      }
      let isLeft = number % columns == 0
      if isLeft {
        page.add(
          text: vertical.label, x: page.free.left + 8, y: (box.top + box.bottom) / 2, align: .center, angle: 90)
      }
      plots += page.area(box) + (isLowest ? horizontal : horizontal.withoutTexts).commands("x")
      plots += (isLeft ? vertical : vertical.withoutTexts).commands("y")
      plots.append(plot(panel, over: whole, in: &drawing))
      if number == 0 { plots += ["unset label", "unset arrow", "unset object"] }
    }
    drawing.commands = page.commands + ["set multiplot"] + plots + ["unset multiplot"]
    return drawing
  }

  /// The part of the axis that has values, with a bin on either side.
  private func occupied(of range: ClosedRange<Double>) -> ClosedRange<Double> {
    let all = panels.flatMap(\.distributions).map(\.shares)
    let bins = all.first?.count ?? 1
    let used = (0..<bins).filter { bin in all.contains { $0[bin] > 0 } }
    guard let first = used.first, let last = used.last else { return range }
    let width = (range.upperBound - range.lowerBound) / Double(bins)
    return range.lowerBound + Double(max(0, first - 1)) * width...range.lowerBound
      + Double(min(bins, last + 2)) * width
  }

  /// Adds the outlines of a panel's distributions and returns the command that draws them.
  private func plot(_ panel: Panel, over range: ClosedRange<Double>, in drawing: inout Drawing) -> String {
    var (areas, lines): ([String], [String]) = ([], [])
    for (index, one) in panel.distributions.enumerated() where !one.shares.isEmpty {
      let width = (range.upperBound - range.lowerBound) / Double(one.shares.count)
      var outline = ["\(range.lowerBound) 0"]
      for (bin, share) in one.shares.enumerated() where share.isFinite {
        outline += [bin, bin + 1].map { "\(range.lowerBound + Double($0) * width) \(share)" }
      }
      outline.append("\(range.upperBound) 0")
      let source = drawing.add("\(panel.title): \(one.name)", columns: [x.text, "share in the bin"], outline)
      let style = "lc rgb '\(Theme.color(index))'"
      areas.append("\(source) using 1:2 with filledcurves closed \(style) fs \(Self.fill(index)) noborder")
      lines.append("\(source) using 1:2 with lines lw 2 dt \(Theme.dash(index)) \(style)")
    }
    let all = areas + lines
    return all.isEmpty ? "plot NaN" : "plot " + all.joined(separator: ", \\\n  ")
  }
}
