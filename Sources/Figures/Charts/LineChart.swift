import Diagnostics
import Foundation

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

  /// A straight reference line, such as the growth that theory expects.
  ///
  ///     y = y₀ (x / x₀)^slope where both axes are logarithmic,   y = y₀ + slope (x − x₀) where both are linear
  public struct Reference: Sendable {
    /// What the legend calls it.
    public let name: String
    /// Its slope along the axes as they are drawn.
    public let slope: Double
    /// A point that it goes through.
    public let point: (x: Double, y: Double)

    /// Creates a line through a point.
    public init(name: String, slope: Double, through point: (x: Double, y: Double)) {
      self.name = name
      self.slope = slope
      self.point = point
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
  /// The reference lines, drawn thin and grey beneath.
  public let references: [Reference]
  /// The extent on the page.
  public let size: FigureSize

  /// Creates a chart; reference lines need two linear or two logarithmic axes.
  public init(
    title: String, x: Axis, y: Axis, series: [Series], references: [Reference] = [], size: FigureSize = .report
  ) {
    precondition(
      references.isEmpty || x.isLogarithmic == y.isLogarithmic,
      "LineChart: a reference line is straight only where both axes are linear or both logarithmic")
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.references = references
    self.size = size
  }

  private static let referenceDashes = ["(12,8)", "(4,7)", "(20,7,4,7)"]

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    var drawing = Drawing()
    var (bands, lines, rules): ([String], [String], [String]) = ([], [], [])
    var entries: [(text: String, sample: Legend.Sample)] = []
    var shown: (x: [Double], y: [Double]) = ([], [])
    for (index, series) in series.enumerated() {
      let (color, dash, shape) = (Theme.color(index), Theme.dash(index), Theme.shape(index))
      let points = rows(series.y.indices.map { [series.x[$0], series.y[$0]] })
      if points.isEmpty { continue }
      shown.x += series.x
      shown.y += series.y
      let source = drawing.add("line \(series.name)", columns: [x.text, y.text], points)
      lines.append("\(source) using 1:2 with lines lw 2.2 lc rgb '\(color)' dt \(dash)")
      lines.append("\(source) \(marks(of: index)) using 1:2 with points lc rgb '\(color)' pt \(shape) ps 0.6")
      entries.append((series.name, .line(color: color, dash: dash, shape: shape, width: 2.2)))
      guard let band = series.band else { continue }
      let bounds = rows(series.y.indices.map { [series.x[$0], band.lower[$0], band.upper[$0]] })
      if bounds.isEmpty { continue }
      shown.y += band.lower + band.upper
      let area = drawing.add("band \(series.name)", columns: [x.text, "lower", "upper"], bounds)
      bands.append("\(area) using 1:2:3 with filledcurves lc rgb '\(color)' fs transparent solid 0.18 noborder")
    }
    guard !lines.isEmpty else { throw nothingToDraw() }
    for (index, reference) in references.enumerated() {
      let dash = Self.referenceDashes[index % 3]
      entries.append((reference.name, .line(color: Theme.lineColor, dash: dash, shape: nil, width: 1.3)))
    }

    var page = Page(size, title: title)
    let legend = Legend(entries, width: page.free.width)
    page.takeBottom(legend.height)
    legend.draw(on: &page, left: page.free.left, top: page.free.bottom)
    page.takeBottom(8)
    let vertical = y.scale(over: shown.y, room: y.isLogarithmic ? 0.08 : 0.04)
    let horizontal = x.scale(over: shown.x, room: x.isLogarithmic ? 0.05 : 0, pixels: page.free.width - 100)
    let area = page.chart(x: horizontal, y: vertical)
    for (index, reference) in references.enumerated() {
      let ends = [horizontal.range.lowerBound, horizontal.range.upperBound].map {
        "\($0) \(reference.value(at: $0, x))"
      }
      let source = drawing.add("reference \(reference.name)", columns: [x.text, y.text], ends)
      let dash = Self.referenceDashes[index % 3]
      rules.append("\(source) using 1:2 with lines lw 1.3 lc rgb '\(Theme.lineColor)' dt \(dash)")
    }
    drawing.commands = page.commands + area
    drawing.commands.append("plot " + (bands + rules + lines).joined(separator: ", \\\n  "))
    return drawing
  }

  /// Which points of a line have a mark: all where they are few; else ten, which tell the lines apart in grey, at other
  /// places than those of the other lines, so that lines which coincide can be seen.
  private func marks(of index: Int) -> String {
    let count = series[index].y.count
    if count <= 24 { return "every 1" }
    let spacing = count / 10
    return "every \(spacing)::\(index * spacing / series.count)"
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

extension LineChart.Reference {
  /// The line's height at a place along a horizontal axis.
  fileprivate func value(at place: Double, _ axis: Axis) -> Double {
    axis.isLogarithmic ? point.y * pow(place / point.x, slope) : point.y + slope * (place - point.x)
  }
}
