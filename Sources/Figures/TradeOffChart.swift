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
  /// The extent on the page.
  public let size: FigureSize

  /// Creates a chart.
  public init(title: String, x: Axis, y: Axis, points: [Point], size: FigureSize = .report) {
    self.title = title
    self.x = x
    self.y = y
    self.points = points
    self.size = size
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    let shown = points.filter { x.admits($0.x) && y.admits($0.y) }
    guard !shown.isEmpty else { throw nothingToDraw() }
    var seen: Set<String> = []
    let kinds = shown.map(\.kind).filter { seen.insert($0).inserted }
    var page = Page(size, title: title)
    if kinds != [""] {
      let legend = Legend(
        kinds.enumerated().map { ($1, .point(color: Theme.color($0), shape: Theme.shape($0), size: 0.8)) },
        width: page.free.width)
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
    let labels = PointLabels(names: shown.map(\.name), places: places, inside: box)
    for (name, place) in zip(labels.names, labels.places) {
      page.add(text: name, x: place.x, y: place.y, size: Theme.smallSize)
    }

    var drawing = Drawing()
    var (whiskers, marks): ([String], [String]) = ([], [])
    for (index, kind) in kinds.enumerated() {
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

/// Places for the names of points: beside them, where they touch neither each other nor another point.
package struct PointLabels {
  /// The names, abbreviated where they are very long.
  package let names: [String]
  /// The left end and the vertical middle of each.
  package let places: [(x: Double, y: Double)]

  /// Tries eight places around each point, the right one first, and keeps the one with the least overlap.
  package init(names: [String], places points: [(x: Double, y: Double)], inside box: Box) {
    self.names = TextWidth.abbreviated(names, size: Theme.smallSize, width: box.width * 0.4)
    let height = Theme.smallSize + 3
    // The points themselves must stay visible.
    var taken = points.map { Box(left: $0.x - 7, top: $0.y - 7, right: $0.x + 7, bottom: $0.y + 7) }
    var places: [(x: Double, y: Double)] = []
    for (name, point) in zip(self.names, points) {
      let width = TextWidth.pixels(name, size: Theme.smallSize)
      let candidates: [(Double, Double)] = [
        (point.x + 11, point.y), (point.x - 11 - width, point.y), (point.x - width / 2, point.y - 18),
        (point.x - width / 2, point.y + 18), (point.x + 8, point.y - 15), (point.x + 8, point.y + 15),
        (point.x - 8 - width, point.y - 15), (point.x - 8 - width, point.y + 15),
      ]
      var best = (cost: Double.infinity, box: taken[0])
      for (x, middle) in candidates {
        let label = Box(left: x, top: middle - height / 2, right: x + width, bottom: middle + height / 2)
        let cost = taken.reduce(label.part(outside: box) * 2) { $0 + label.shared(with: $1) }
        if cost < best.cost - 1e-9 { best = (cost, label) }
      }
      taken.append(best.box)
      places.append((best.box.left, (best.box.top + best.box.bottom) / 2))
    }
    self.places = places
  }
}

extension Box {
  /// The area that two rectangles share.
  fileprivate func shared(with other: Box) -> Double {
    max(0, min(right, other.right) - max(left, other.left)) * max(0, min(bottom, other.bottom) - max(top, other.top))
  }

  /// The area that lies outside another rectangle.
  fileprivate func part(outside other: Box) -> Double { width * height - shared(with: other) }
}
