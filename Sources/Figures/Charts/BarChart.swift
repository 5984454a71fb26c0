import Diagnostics
import Foundation

/// Bars in groups, one of each series in each group, with error bars where there are any.
public struct BarChart: Figure {
  /// The bars of one kind, one for each group.
  public struct Series: Sendable {
    /// What the legend calls them.
    public let name: String
    /// The bars' values.
    public let values: [Double]
    /// Each error bar's lower and upper end, on the value's scale.
    public let intervals: [ClosedRange<Double>?]

    /// Creates a series; there is an interval or `nil` for each value, or no intervals at all.
    public init(name: String, values: [Double], intervals: [ClosedRange<Double>?] = []) {
      precondition(
        intervals.isEmpty || intervals.count == values.count,
        "BarChart.Series: \(intervals.count) intervals for \(values.count) values")
      self.name = name
      self.values = values
      self.intervals = intervals.isEmpty ? Array(repeating: nil, count: values.count) : intervals
    }
  }

  /// The title; empty for none.
  public let title: String
  /// The groups' names.
  public let groups: [String]
  /// The axis of the values.
  public let y: Axis
  /// The series.
  public let series: [Series]
  /// How many decimals are written over the bars where there is room; `nil` writes none.
  public let decimals: Int?
  /// The extent on the page.
  public let size: FigureSize

  /// Creates a chart; every series has a value for each group.
  public init(
    title: String, groups: [String], y: Axis, series: [Series], decimals: Int? = nil, size: FigureSize = .report
  ) {
    for series in series {
      precondition(
        series.values.count == groups.count,
        "BarChart: series \(series.name) has \(series.values.count) values for \(groups.count) groups")
    }
    self.title = title
    self.groups = groups
    self.y = y
    self.series = series
    self.decimals = decimals
    self.size = size
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    var drawing = Drawing()
    var (bars, whiskers): ([String], [String]) = ([], [])
    var entries: [(text: String, sample: Legend.Sample)] = []
    var shown: [Double] = []
    var tops: [(place: Double, top: Double, value: Double)] = []
    let width = 0.8 / Double(max(1, series.count))
    for (index, series) in series.enumerated() {
      var (values, intervals): ([String], [String]) = ([], [])
      for (group, value) in series.values.enumerated() where y.admits(value) {
        let place = Double(group) + (Double(index) - Double(self.series.count - 1) / 2) * width
        values.append("\(place) \(value)")
        shown.append(value)
        var top = value
        if let interval = series.intervals[group], y.admits(interval.lowerBound), y.admits(interval.upperBound) {
          intervals.append("\(place) \(interval.lowerBound) \(interval.upperBound)")
          shown += [interval.lowerBound, interval.upperBound]
          top = interval.upperBound
        }
        tops.append((place, max(top, y.isLogarithmic ? top : 0), value))
      }
      if values.isEmpty { continue }
      let (color, fill) = (Theme.color(index), Theme.fill(index))
      let source = drawing.add(series.name, columns: ["place", y.text], values)
      bars.append("\(source) using 1:2 with boxes lc rgb '\(color)' fs \(fill) border lc rgb '\(color)'")
      entries.append((series.name, .box(color: color, fill: fill)))
      if intervals.isEmpty { continue }
      let ends = drawing.add("interval \(series.name)", columns: ["place", "lower", "upper"], intervals)
      whiskers.append("\(ends) using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 lc rgb '#222222' lw 1.4")
    }
    guard !bars.isEmpty else { throw nothingToDraw() }

    var page = Page(size, title: title)
    if series.count > 1 {
      let legend = Legend(entries, width: page.free.width)
      page.takeBottom(legend.height)
      legend.draw(on: &page, left: page.free.left, top: page.free.bottom)
      page.takeBottom(6)
    }
    let vertical = y.scale(over: shown, room: 0.06, containsZero: true)
    let horizontal = Scale(label: "", range: -0.6...max(0.6, Double(groups.count) - 0.4))
    var box = page.chartBox(x: horizontal, y: vertical)
    let labels = CategoryLabels(groups, unit: box.width / (horizontal.range.upperBound - horizontal.range.lowerBound))
    box.bottom -= labels.height
    // A slanted name ends under its bars and reaches to their left.
    box.left = max(box.left, page.free.left + labels.reach(firstAt: 0.6))
    labels.draw(on: &page, under: box, scale: horizontal)
    page.addLabels(x: horizontal, y: vertical, box: box)
    if let decimals { draw(tops, decimals: decimals, bar: width, on: &page, box, horizontal, vertical) }

    drawing.commands = page.commands + page.area(box) + horizontal.commands("x") + vertical.commands("y")
    drawing.commands += ["set grid noxtics ytics", "set boxwidth \(width * 0.9)"]
    drawing.commands += ["set xzeroaxis lt 1 lc rgb '\(Theme.lineColor)' lw 1"]
    drawing.commands.append("plot " + (bars + whiskers).joined(separator: ", \\\n  "))
    return drawing
  }

  /// Writes the values over the bars, unless one would run into its neighbour.
  private func draw(
    _ tops: [(place: Double, top: Double, value: Double)], decimals: Int, bar: Double, on page: inout Page, _ box: Box,
    _ x: Scale, _ y: Scale
  ) {
    let texts = tops.map { String(format: "%.\(decimals)f", $0.value).replacing("-", with: "−") }
    let widest = texts.map { TextWidth.pixels($0, size: Theme.smallSize) }.max() ?? 0
    guard widest + 2 <= bar * box.width / (x.range.upperBound - x.range.lowerBound) else { return }
    for (text, (place, top, _)) in zip(texts, tops) {
      let height = max(box.top - 4, box.bottom - min(1, max(0, y.share(top))) * box.height - 10)
      page.add(
        text: text, x: box.left + x.share(place) * box.width, y: height, size: Theme.smallSize, align: .center)
    }
  }
}
