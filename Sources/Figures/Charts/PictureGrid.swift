import Diagnostics
import Foundation

/// Pictures in rows and columns with captions under them, such as queries with what was found for each.
public struct PictureGrid: Figure {
  /// A picture.
  public struct Picture: Sendable {
    /// The width in pixels.
    public let width: Int
    /// The height in pixels.
    public let height: Int
    /// Red, green and blue of each pixel, row by row from the top.
    public let pixels: [UInt8]

    /// Creates a picture; `pixels` has three values for each.
    public init(width: Int, height: Int, pixels: [UInt8]) {
      precondition(
        width > 0 && height > 0 && pixels.count == 3 * width * height,
        "Picture: \(pixels.count) values for \(width) × \(height) pixels of three")
      self.width = width
      self.height = height
      self.pixels = pixels
    }

    /// Creates a picture from values of 0…1, three for each pixel; what lies beyond is cut off, NaN is black.
    public init(width: Int, height: Int, values: [Float]) {
      self.init(
        width: width, height: height,
        pixels: values.map { UInt8(min(255, max(0, $0.isNaN ? 0 : ($0 * 255).rounded()))) })
    }

    /// The picture with every pixel doubled along a side of one pixel, since gnuplot draws none so thin.
    package var drawable: Picture {
      guard width == 1 || height == 1 else { return self }
      let (across, down) = (width == 1 ? 2 : 1, height == 1 ? 2 : 1)
      var doubled: [UInt8] = []
      for y in 0..<height * down {
        for x in 0..<width * across {
          let pixel = 3 * ((y / down) * width + x / across)
          doubled += pixels[pixel..<pixel + 3]
        }
      }
      return Picture(width: width * across, height: height * down, pixels: doubled)
    }
  }

  /// One place of the grid.
  public struct Cell: Sendable {
    /// The picture; `nil` shows the caption alone.
    public let picture: Picture?
    /// What stands under it.
    public let caption: String
    /// Its frame, an index into the grid's kinds; `nil` for none.
    public let kind: Int?

    /// Creates a cell.
    public init(picture: Picture?, caption: String = "", kind: Int? = nil) {
      self.picture = picture
      self.caption = caption
      self.kind = kind
    }
  }

  /// The title; empty for none.
  public let title: String
  /// The cells, row by row; rows may have different lengths.
  public let rows: [[Cell]]
  /// What stands to the left of each row; empty for nothing.
  public let rowNames: [String]
  /// What stands over each column; empty for nothing.
  public let columnNames: [String]
  /// What each kind of frame means, such as a hit and a miss.
  public let kinds: [String]
  /// The length of a picture's longer side on the page in pixels.
  public let side: Double
  /// The extent on the page; it follows from the cells.
  public let size: FigureSize

  private let nameWidth: Double
  /// The height that pictures, and the names of rows, have on the page.
  private let high: Double
  private let captionLines: Int
  private let headings: Double
  private let legend: Legend
  private static let gap = 12.0
  private static let captionHeight = 17.0
  private static let mostCaptionLines = 3
  private static let nameHeight = 19.0

  /// Creates a grid; there is a name for each row and column, or none at all.
  public init(
    title: String, rows: [[Cell]], rowNames: [String] = [], columnNames: [String] = [], kinds: [String] = [],
    side: Double = 96
  ) {
    let columns = rows.map(\.count).max() ?? 0
    precondition(
      rowNames.isEmpty || rowNames.count == rows.count, "PictureGrid: \(rowNames.count) names for \(rows.count) rows")
    precondition(
      columnNames.isEmpty || columnNames.count == columns,
      "PictureGrid: \(columnNames.count) names for \(columns) columns")
    precondition(
      rows.joined().allSatisfy { $0.kind.map(kinds.indices.contains) ?? true },
      "PictureGrid: a cell's frame is none of the \(kinds.count) kinds")
    self.title = title
    self.rows = rows
    self.rowNames = rowNames
    self.columnNames = columnNames
    self.kinds = kinds
    self.side = side
    let names = rowNames.map { TextWidth.pixels($0, size: Theme.textSize) }.max() ?? 0
    let nameWidth = rowNames.isEmpty ? 0 : min(200, names) + 14
    self.nameWidth = nameWidth
    let proportions = rows.joined().map { cell in
      cell.picture.map { Double($0.drawable.height) / Double(max($0.drawable.width, $0.drawable.height)) } ?? 1
    }
    let nameLines = rowNames.map { Self.lines(ofName: $0, width: nameWidth).count }.max() ?? 0
    high = max(side * (proportions.max() ?? 1), min(side, Double(nameLines) * Self.nameHeight))
    captionLines = min(
      Self.mostCaptionLines,
      rows.joined().map {
        $0.picture == nil ? 0 : TextWidth.wrapped($0.caption, size: Theme.smallSize, width: side).count
      }.max() ?? 0)
    headings = columnNames.isEmpty ? 0 : 26
    let width = Int(2 * Theme.margin + nameWidth + Double(max(1, columns)) * (side + Self.gap))
    let page = max(420, width)
    legend = Legend(
      kinds.enumerated().map { ($1, .line(color: Theme.color($0), dash: Theme.dash($0), shape: nil, width: 3)) },
      width: Double(page) - 2 * Theme.margin)
    let cell = high + Double(captionLines) * Self.captionHeight + Self.gap
    let height =
      2 * Theme.margin + Page.titleHeight(title, width: page) + headings + Double(rows.count) * cell + legend.height
    size = FigureSize(width: page, height: max(150, Int(height.rounded(.up))))
  }

  /// The data and the commands that draw them.
  public func drawing() throws(UserError) -> Drawing {
    guard rows.contains(where: { !$0.isEmpty }) else { throw nothingToDraw() }
    var page = Page(size, title: title)
    page.takeBottom(legend.height)
    legend.draw(on: &page, left: page.free.left, top: page.free.bottom)
    let left = page.free.left + nameWidth
    let top = page.free.top + headings
    for (column, name) in columnNames.enumerated() {
      let short = TextWidth.abbreviated(name, size: Theme.textSize, width: side + Self.gap - 6)
      page.add(
        text: short, x: left + Double(column) * (side + Self.gap) + side / 2, y: top - 14, align: .center)
    }
    var bytes: [UInt8] = []
    var plots: [String] = []
    let height = high + Double(captionLines) * Self.captionHeight + Self.gap
    for (row, cells) in rows.enumerated() {
      let y = top + Double(row) * height
      if !rowNames.isEmpty {
        let lines = Self.lines(ofName: rowNames[row], width: nameWidth)
        for (line, text) in lines.enumerated() {
          let middle = y + high / 2 + (Double(line) - Double(lines.count - 1) / 2) * Self.nameHeight
          page.add(text: text, x: left - 12, y: middle, align: .right)
        }
      }
      for (column, cell) in cells.enumerated() {
        let x = left + Double(column) * (side + Self.gap)
        if let picture = cell.picture?.drawable {
          plots.append(plot(picture, x: x, y: y, skipping: bytes.count))
          bytes += picture.pixels
        }
        write(cell, x: x, y: y, on: &page)
      }
    }
    var drawing = Drawing()
    if !bytes.isEmpty { drawing.pixels = bytes }
    drawing.commands = page.commands
    drawing.commands += page.area(Box(left: 0, top: 0, right: Double(size.width), bottom: Double(size.height)))
    drawing.commands += [
      "unset border", "unset xtics", "unset ytics", "unset grid", "unset colorbox", "set xrange [0:\(size.width)]",
      "set yrange [\(size.height):0]",
      plots.isEmpty ? "plot NaN" : "plot " + plots.joined(separator: ", \\\n  "),
    ]
    return drawing
  }

  /// The name of a row in at most four lines.
  private static func lines(ofName name: String, width: Double) -> [String] {
    Array(TextWidth.wrapped(name, size: Theme.textSize, width: width - 14).prefix(4))
  }

  /// Writes what belongs to a cell besides its picture.
  private func write(_ cell: Cell, x: Double, y: Double, on page: inout Page) {
    if let kind = cell.kind {
      page.add(
        "set object rectangle from screen \(page.screenX(x - 2)),\(page.screenY(y + high + 2)) to screen "
          + "\(page.screenX(x + side + 2)),\(page.screenY(y - 2)) fs empty border lc rgb '\(Theme.color(kind))' "
          + "lw 3 dt \(Theme.dash(kind)) front")
    }
    var lines = TextWidth.wrapped(cell.caption, size: Theme.smallSize, width: side)
    // Words alone have the place of a picture.
    let most = cell.picture == nil ? max(1, Int(side / Self.captionHeight)) : Self.mostCaptionLines
    if lines.count > most {
      lines = Array(lines.prefix(most))
      var last = lines[most - 1]
      while TextWidth.pixels(last + "…", size: Theme.smallSize) > side, !last.isEmpty { last.removeLast() }
      lines[most - 1] = last + "…"
    }
    let first = cell.picture == nil ? high / 2 - Double(lines.count - 1) / 2 * Self.captionHeight : high + 12
    for (line, text) in lines.enumerated() {
      page.add(
        text: text, x: x + side / 2, y: y + first + Double(line) * Self.captionHeight, size: Theme.smallSize,
        align: .center)
    }
  }

  /// The command that draws a picture in the middle of its place, its proportions kept.
  private func plot(_ picture: Picture, x: Double, y: Double, skipping bytes: Int) -> String {
    let pixel = side / Double(max(picture.width, picture.height))
    let left = x + (side - pixel * Double(picture.width)) / 2 + pixel / 2
    let top = y + (high - pixel * Double(picture.height)) / 2 + pixel / 2
    return "PIXELS binary skip=\(bytes) array=(\(picture.width),\(picture.height)) format='%uchar' "
      + "origin=(\(Theme.number(left)),\(Theme.number(top))) dx=\(pixel) dy=\(pixel) using 1:2:3 with rgbimage"
  }
}
