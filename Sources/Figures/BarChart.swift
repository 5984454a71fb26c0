import Diagnostics

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
  /// The extent on the page.
  public let size: FigureSize

  /// Creates a chart; every series has a value for each group.
  public init(title: String, groups: [String], y: Axis, series: [Series], size: FigureSize = .report) {
    for series in series {
      precondition(
        series.values.count == groups.count,
        "BarChart: series \(series.name) has \(series.values.count) values for \(groups.count) groups")
    }
    self.title = title
    self.groups = groups
    self.y = y
    self.series = series
    self.size = size
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    var drawing = Drawing()
    var bars: [String] = []
    var whiskers: [String] = []
    let width = 0.8 / Double(max(1, series.count))
    for (index, series) in series.enumerated() {
      var values: [String] = []
      var intervals: [String] = []
      for (group, value) in series.values.enumerated() where y.admits(value) {
        let place = Double(group) + (Double(index) - Double(self.series.count - 1) / 2) * width
        values.append("\(place) \(value)")
        if let interval = series.intervals[group], y.admits(interval.lowerBound), y.admits(interval.upperBound) {
          intervals.append("\(place) \(value) \(interval.lowerBound) \(interval.upperBound)")
        }
      }
      if values.isEmpty { continue }
      drawing.blocks.append(("bars\(index)", values))
      bars.append(
        "$bars\(index) using 1:2 with boxes lc rgb '\(Theme.color(index))' fs \(Theme.fill(index)) "
          + "border lc rgb '\(Theme.color(index))' title \(Theme.quoted(series.name))")
      if intervals.isEmpty { continue }
      drawing.blocks.append(("intervals\(index)", intervals))
      whiskers.append("$intervals\(index) using 1:2:3:4 with yerrorbars lc rgb '#222222' lw 1.5 pt 0 notitle")
    }
    guard !bars.isEmpty else { throw nothingToDraw() }
    drawing.commands = Theme.title(title) + y.commands("y")
    if y.range == nil, !y.isLogarithmic { drawing.commands += ["set yrange [*<0:0<*]"] }
    drawing.commands += ["set xrange [-0.6:\(Double(groups.count) - 0.4)]", "set grid noxtics"]
    drawing.commands += ["set boxwidth \(width * 0.92)", "set xzeroaxis lt 1 lc rgb '#555555' lw 1"]
    drawing.commands += Theme.categories(groups, axis: "x", width: size.width - 120)
    drawing.commands += series.count > 1 ? Theme.legend(series.map(\.name), width: size.width) : ["unset key"]
    drawing.commands.append("plot " + (bars + whiskers).joined(separator: ", \\\n  "))
    return drawing
  }
}
