import Diagnostics
import Foundation

/// Points with their names beside them, such as methods by training time and accuracy.
public struct TradeOffChart: Figure {
  /// One point.
  public struct Point: Sendable {
    /// What stands beside it.
    public let name: String
    /// Where it lies horizontally.
    public let x: Double
    /// Where it lies vertically.
    public let y: Double
    /// The interval around `y`.
    public let interval: ClosedRange<Double>?
    /// What kind it is of; points of one kind share colour and shape. Empty for none.
    public let kind: String

    /// Creates a point.
    public init(name: String, x: Double, y: Double, interval: ClosedRange<Double>? = nil, kind: String = "") {
      self.name = name
      self.x = x
      self.y = y
      self.interval = interval
      self.kind = kind
    }
  }

  /// The title; empty for none.
  public let title: String
  /// The horizontal axis.
  public let x: Axis
  /// The vertical axis.
  public let y: Axis
  /// The points.
  public let points: [Point]
  /// All kinds in the order that their colours go by; empty for the order of the points.
  public let kinds: [String]
  /// The extent on the page.
  public let size: FigureSize

  /// Creates a chart.
  public init(
    title: String, x: Axis, y: Axis, points: [Point], kinds: [String] = [], size: FigureSize = .report
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.points = points
    self.kinds = kinds
    self.size = size
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    let shown = points.filter { x.admits($0.x) && y.admits($0.y) }
    guard !shown.isEmpty else { throw nothingToDraw() }
    let styles = KindStyles(shown.map(\.kind), order: kinds)
    var page = Page(size, title: title)
    if !styles.legend.isEmpty {
      let legend = Legend(styles.legend, width: page.free.width)
      page.takeBottom(legend.height)
      legend.draw(on: &page, left: page.free.left, top: page.free.bottom)
      page.takeBottom(6)
    }
    let ends = shown.flatMap { point in
      [point.y] + (point.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
    }
    let vertical = y.scale(over: ends, room: 0.08)
    let horizontal = x.scale(over: shown.map(\.x), room: x.isLogarithmic ? 0.4 : 0.08, pixels: page.free.width - 100)
    let box = page.chartBox(x: horizontal, y: vertical)
    page.addLabels(x: horizontal, y: vertical, box: box)
    let places = shown.map { point in
      (
        x: box.left + horizontal.share(point.x) * box.width,
        y: box.bottom - vertical.share(point.y) * box.height
      )
    }
    let whiskerBoxes = zip(shown, places).compactMap { point, place in
      point.interval.map { interval in
        Box(
          left: place.x - 5, top: box.bottom - vertical.share(interval.upperBound) * box.height, right: place.x + 5,
          bottom: box.bottom - vertical.share(interval.lowerBound) * box.height)
      }
    }
    let labels = PointLabels(names: shown.map(\.name), places: places, obstacles: whiskerBoxes, inside: box)
    for (index, name) in labels.names.enumerated() {
      page.add(text: name, x: labels.places[index].x, y: labels.places[index].y, size: Theme.smallSize)
      guard let end = labels.leaders[index] else { continue }
      page.add(
        "set arrow from screen \(page.screenX(places[index].x)),\(page.screenY(places[index].y)) to screen "
          + "\(page.screenX(end.x)),\(page.screenY(end.y)) nohead lw 0.8 lc rgb '#888888' back")
    }

    var drawing = Drawing()
    var (whiskers, marks): ([String], [String]) = ([], [])
    for (index, kind) in styles.all {
      let own = shown.filter { $0.kind == kind }
      let style = "lc rgb '\(Theme.color(index))'"
      let intervals = own.compactMap { point -> String? in
        guard let interval = point.interval, y.admits(interval.lowerBound), y.admits(interval.upperBound) else {
          return nil
        }
        return "\(point.x) \(interval.lowerBound) \(interval.upperBound)"
      }
      if !intervals.isEmpty {
        let source = drawing.add("intervals \(kind)", columns: [x.text, "lower", "upper"], intervals)
        whiskers.append("\(source) using 1:2:(0):($3-$2) with vectors heads size screen 0.004,90 \(style) lw 1.4")
      }
      let source = drawing.add("points \(kind)", columns: [x.text, y.text], own.map { "\($0.x) \($0.y)" })
      marks.append("\(source) using 1:2 with points pt \(Theme.shape(index)) ps 0.9 \(style)")
    }
    drawing.commands = page.commands + page.area(box) + horizontal.commands("x") + vertical.commands("y")
    drawing.commands.append("plot " + (whiskers + marks).joined(separator: ", \\\n  "))
    return drawing
  }
}
