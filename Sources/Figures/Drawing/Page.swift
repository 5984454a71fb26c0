/// A rectangle of a page, in pixels from the page's upper left corner.
package struct Box: Equatable {
  package var left: Double
  package var top: Double
  package var right: Double
  package var bottom: Double

  /// Creates a rectangle.
  package init(left: Double, top: Double, right: Double, bottom: Double) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  var width: Double { right - left }
  var height: Double { bottom - top }
  var middle: Double { (left + right) / 2 }
}

/// A page on which everything has its place in pixels, so that nothing depends on how gnuplot estimates texts.
struct Page {
  /// Where a text stands relative to its place.
  enum Alignment: String {
    case left, center, right
  }

  let size: FigureSize
  /// The commands so far that place texts and samples.
  private(set) var commands: [String] = []
  /// The part that is still free.
  private(set) var free: Box

  /// An empty page with a title, in as many lines as it needs.
  init(_ size: FigureSize, title: String) {
    self.size = size
    free = Box(
      left: Theme.margin, top: Theme.margin, right: Double(size.width) - Theme.margin,
      bottom: Double(size.height) - Theme.margin)
    for line in Self.titleLines(title, width: free.width) {
      add(text: line, x: free.left, y: free.top + Theme.titleSize / 2, size: Theme.titleSize)
      free.top += Self.titleLineHeight
    }
    if !title.isEmpty { free.top += 8 }
  }

  private static let titleLineHeight = Theme.titleSize * 1.35

  private static func titleLines(_ title: String, width: Double) -> [String] {
    TextWidth.wrapped(title, size: Theme.titleSize, width: width)
  }

  /// How high the title of a page is, for figures whose height follows from their contents.
  static func titleHeight(_ title: String, width: Int) -> Double {
    title.isEmpty
      ? 0 : Double(titleLines(title, width: Double(width) - 2 * Theme.margin).count) * titleLineHeight + 8
  }

  /// A horizontal place as a share of the page.
  func screenX(_ pixels: Double) -> String { Theme.number(pixels / Double(size.width)) }
  /// A vertical place as a share of the page, from below.
  func screenY(_ pixels: Double) -> String { Theme.number(1 - pixels / Double(size.height)) }

  /// Writes a text, its vertical middle at `y`.
  mutating func add(
    text: String, x: Double, y: Double, size: Double = Theme.textSize, align: Alignment = .left, angle: Int = 0,
    color: String = Theme.textColor
  ) {
    let turn = angle == 0 ? "" : " rotate by \(angle)"
    commands.append(
      "set label \(Theme.quoted(text)) at screen \(screenX(x)),\(screenY(y)) \(align.rawValue)\(turn) "
        + "font F(\(Theme.number(size))) textcolor rgb '\(color)' front")
  }

  /// Adds a command that draws something at a place on the page.
  mutating func add(_ command: String) { commands.append(command) }

  /// Takes a strip from the top of what is free.
  mutating func takeTop(_ height: Double) { free.top += height }
  /// Takes a strip from the bottom of what is free.
  mutating func takeBottom(_ height: Double) { free.bottom -= height }

  /// The commands that put the next plot into a rectangle.
  func area(_ box: Box) -> [String] {
    [
      "set lmargin at screen \(screenX(box.left))", "set rmargin at screen \(screenX(box.right))",
      "set tmargin at screen \(screenY(box.top))", "set bmargin at screen \(screenY(box.bottom))",
    ]
  }

  /// Places an area with its axes' texts into what is free, writes those texts and returns the commands for the plot.
  mutating func chart(x: Scale, y: Scale) -> [String] {
    let box = chartBox(x: x, y: y)
    addLabels(x: x, y: y, box: box)
    return area(box) + x.commands("x") + y.commands("y")
  }

  /// The rectangle within the axes.
  func chartBox(x: Scale, y: Scale) -> Box {
    Box(
      left: free.left + (y.label.isEmpty ? 0 : Self.labelStrip) + y.tickWidth + 12, top: free.top + 10,
      right: free.right - max(6, x.lastTickWidth / 2), bottom: free.bottom - Self.axisHeight(x))
  }

  /// Writes the texts of the axes of a chart.
  mutating func addLabels(x: Scale, y: Scale, box: Box) {
    if !x.label.isEmpty { add(text: x.label, x: box.middle, y: box.bottom + 48, align: .center) }
    if !y.label.isEmpty {
      // Beside the tics' texts, also where something else has moved the axis to the right.
      let x = max(free.left + 8, box.left - y.tickWidth - 28)
      add(text: y.label, x: x, y: (box.top + box.bottom) / 2, align: .center, angle: 90)
    }
  }

  /// The width of a label along a vertical axis.
  static let labelStrip = 24.0

  /// How high the texts under a horizontal axis are.
  static func axisHeight(_ x: Scale) -> Double { (x.ticks.isEmpty ? 4 : 28) + (x.label.isEmpty ? 0 : 32) }
}
