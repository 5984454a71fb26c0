/// What samples of lines, points and bars mean, in rows as wide as the page allows.
struct Legend {
  /// What stands before a text.
  enum Sample {
    case line(color: String, dash: String, shape: Int?, width: Double)
    case point(color: String, shape: Int, size: Double)
    case box(color: String, fill: String)
    /// Nothing: the text is a heading.
    case none
  }

  private let rows: [[(text: String, sample: Sample, x: Double)]]
  private static let rowHeight = 24.0
  private static let gap = 26.0

  /// Lays out entries.
  init(_ entries: [(text: String, sample: Sample)], width: Double) {
    var rows: [[(text: String, sample: Sample, x: Double)]] = []
    var x = 0.0
    for (text, sample) in entries {
      let indent = Self.indent(sample)
      let short = TextWidth.abbreviated(text, size: Theme.textSize, width: width - indent)
      let whole = indent + TextWidth.pixels(short, size: Theme.textSize)
      if rows.isEmpty || x + whole > width {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append((short, sample, x))
      x += whole + Self.gap
    }
    self.rows = rows
  }

  /// The height in pixels.
  var height: Double { Double(rows.count) * Self.rowHeight }

  /// How far a text stands from the beginning of its entry.
  private static func indent(_ sample: Sample) -> Double {
    switch sample {
    case .line: 52
    case .point: 18
    case .box: 34
    case .none: 0
    }
  }

  /// Draws the legend with its upper left corner at a place.
  func draw(on page: inout Page, left: Double, top: Double) {
    for (index, row) in rows.enumerated() {
      let y = top + (Double(index) + 0.5) * Self.rowHeight
      for (text, sample, x) in row {
        let start = left + x
        switch sample {
        case .line(let color, let dash, let shape, let width):
          page.add(
            "set arrow from screen \(page.screenX(start)),\(page.screenY(y)) to screen "
              + "\(page.screenX(start + 44)),\(page.screenY(y)) nohead lw \(width) dt \(dash) lc rgb '\(color)' front")
          if let shape { page.add(Self.point(page, x: start + 22, y: y, shape: shape, size: 0.6, color: color)) }
        case .point(let color, let shape, let size):
          page.add(Self.point(page, x: start + 5, y: y, shape: shape, size: size, color: color))
        case .box(let color, let fill):
          page.add(
            "set object rectangle from screen \(page.screenX(start)),\(page.screenY(y + 7)) to screen "
              + "\(page.screenX(start + 26)),\(page.screenY(y - 7)) fs \(fill) border lc rgb '\(color)' "
              + "fc rgb '\(color)' front")
        case .none: break
        }
        page.add(text: text, x: start + Self.indent(sample), y: y)
      }
    }
  }

  private static func point(_ page: Page, x: Double, y: Double, shape: Int, size: Double, color: String) -> String {
    "set label '' at screen \(page.screenX(x)),\(page.screenY(y)) point pt \(shape) ps \(size) lc rgb '\(color)' front"
  }
}
