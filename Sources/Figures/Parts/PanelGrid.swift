/// Square panels in rows, as large as a page's width allows.
struct PanelGrid {
  /// How many panels stand side by side.
  let columns: Int
  /// How many rows there are.
  let rows: Int
  /// The length of a panel's side in pixels.
  let side: Double
  /// How much room is left between panels.
  let gap: Double
  /// How much room is left over each for its title.
  static let titleHeight = 26.0

  /// Arranges panels in a width.
  ///
  /// - Parameters:
  ///   - gap: the room between panels; numbers at the ends of neighbouring axes need more than the usual one.
  ///   - largest: the length of a side at most.
  init(count: Int, width: Double, gap: Double = 18, largest: Double = 560) {
    self.gap = gap
    columns = count <= 3 ? max(1, count) : count == 4 ? 2 : count <= 9 ? 3 : 4
    rows = (count + columns - 1) / columns
    side = min(largest, (width - gap * Double(columns - 1)) / Double(columns))
  }

  /// The height of all rows with their titles.
  var height: Double { Double(rows) * (side + Self.titleHeight) + gap * Double(rows - 1) }

  /// Where a panel stands, counted from the upper left, in a grid whose corner is at a place.
  func box(_ index: Int, left: Double, top: Double) -> Box {
    let x = left + Double(index % columns) * (side + gap)
    let y = top + Double(index / columns) * (side + Self.titleHeight + gap) + Self.titleHeight
    return Box(left: x, top: y, right: x + side, bottom: y + side)
  }

  /// Whether a panel stands at the left edge.
  func isLeft(_ index: Int) -> Bool { index % columns == 0 }
  /// Whether no panel of so many stands below one.
  func isLowest(_ index: Int, of count: Int) -> Bool { index + columns >= count }
}
