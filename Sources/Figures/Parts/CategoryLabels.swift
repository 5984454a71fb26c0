import Foundation

/// Names under a horizontal axis: in lines where each has room, else slanted.
package struct CategoryLabels {
  private let names: [[String]]
  private let isSlanted: Bool
  private static let longest = 220.0
  private static let lineHeight = 19.0
  /// How much a slanted name rises and reaches, as shares of its length: the sine and cosine of 35 degrees.
  private static let (rise, run) = (0.574, 0.819)

  /// Lays out names with so many pixels for each.
  package init(_ names: [String], unit: Double) {
    let room = unit - 10
    let wrapped = names.map { TextWidth.wrapped($0, size: Theme.textSize, width: room) }
    let words = names.flatMap { $0.split(separator: " ") }
    let fits = words.allSatisfy { TextWidth.pixels(String($0), size: Theme.textSize) <= room }
    isSlanted = !fits || wrapped.contains { $0.count > 3 }
    self.names =
      isSlanted
      ? TextWidth.abbreviated(names, size: Theme.textSize, width: Self.longest).map { [$0] } : wrapped
  }

  /// The height that they take under the axis.
  package var height: Double {
    if isSlanted { return Self.rise * widest + 14 }
    return Double(names.map(\.count).max() ?? 0) * Self.lineHeight + 6
  }

  private var widest: Double {
    names.joined().map { TextWidth.pixels($0, size: Theme.textSize) }.max() ?? 0
  }

  /// How far to the left of the axis's end the first slanted name reaches, whose place is so many units from it.
  package func reach(firstAt place: Double) -> Double {
    guard isSlanted, let first = names.first?.first else { return 0 }
    return Self.run * TextWidth.pixels(first, size: Theme.textSize) - place * 20
  }

  /// Writes the names under a chart, the first at 0.
  func draw(on page: inout Page, under box: Box, scale: Scale) {
    for (index, lines) in names.enumerated() {
      let x = box.left + scale.share(Double(index)) * box.width
      for (line, text) in lines.enumerated() {
        if isSlanted {
          page.add(text: text, x: x + 4, y: box.bottom + 10, align: .right, angle: 35)
        } else {
          page.add(
            text: text, x: x, y: box.bottom + 14 + Double(line) * Self.lineHeight, align: .center)
        }
      }
    }
  }
}
