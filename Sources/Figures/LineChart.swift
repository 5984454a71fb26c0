import Diagnostics

/// Lines over a common axis, each with a band around it where there is one, such as the spread over seeds.
public struct LineChart: Figure {
  /// One line.
  public struct Series: Sendable {
    /// What the legend calls it.
    public let name: String
    /// Where its points lie, in order.
    public let x: [Double]
    /// The points' values.
    public let y: [Double]
    /// The band's lower and upper bound at each point.
    public let band: (lower: [Double], upper: [Double])?

    /// Creates a line; all lists have as many numbers.
    public init(name: String, x: [Double], y: [Double], band: (lower: [Double], upper: [Double])? = nil) {
      precondition(x.count == y.count, "LineChart.Series: \(x.count) places for \(y.count) values")
      if let band {
        precondition(
          band.lower.count == y.count && band.upper.count == y.count,
          "LineChart.Series: a band of \(band.lower.count) and \(band.upper.count) bounds for \(y.count) values")
      }
      self.name = name
      self.x = x
      self.y = y
      self.band = band
    }
  }

  /// The title; empty for none.
  public let title: String
  /// The horizontal axis.
  public let x: Axis
  /// The vertical axis.
  public let y: Axis
  /// The lines.
  public let series: [Series]
  /// The extent on the page.
  public let size: FigureSize

  /// Creates a chart.
  public init(title: String, x: Axis, y: Axis, series: [Series], size: FigureSize = .report) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.size = size
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    var drawing = Drawing()
    var bands: [String] = []
    var lines: [String] = []
    for (index, series) in series.enumerated() {
      let style = "lc rgb '\(Theme.color(index))'"
      let points = rows(series.y.indices.map { [series.x[$0], series.y[$0]] })
      if points.isEmpty { continue }
      drawing.blocks.append(("line\(index)", points))
      let spacing = max(1, series.y.count / 10)
      lines.append(
        "$line\(index) using 1:2 with linespoints lw 2.5 \(style) dt \(Theme.dash(index)) "
          + "pt \(Theme.shape(index)) ps 1.1 pi \(spacing) title \(Theme.quoted(series.name))")
      guard let band = series.band else { continue }
      let bounds = rows(series.y.indices.map { [series.x[$0], band.lower[$0], band.upper[$0]] })
      if bounds.isEmpty { continue }
      drawing.blocks.append(("band\(index)", bounds))
      bands.append("$band\(index) using 1:2:3 with filledcurves \(style) fs transparent solid 0.18 noborder notitle")
    }
    guard !lines.isEmpty else { throw nothingToDraw() }
    drawing.commands = Theme.title(title) + x.commands("x") + y.commands("y")
    drawing.commands += Theme.legend(series.map(\.name), width: size.width)
    drawing.commands.append("plot " + (bands + lines).joined(separator: ", \\\n  "))
    return drawing
  }

  /// Rows of a place and its values; one blank line stands where rows that cannot be drawn are left out.
  private func rows(_ rows: [[Double]]) -> [String] {
    var lines: [String] = []
    for row in rows {
      if x.admits(row[0]) && row.dropFirst().allSatisfy({ y.admits($0) }) {
        lines.append(row.map { "\($0)" }.joined(separator: " "))
      } else if let last = lines.last, !last.isEmpty {
        lines.append("")
      }
    }
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
