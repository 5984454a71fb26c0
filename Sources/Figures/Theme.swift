import Foundation

/// How every figure looks: colours that colour-blind readers can tell apart, and forms that remain in grey.
enum Theme {
  /// The palette of Okabe and Ito, ordered so that neighbours differ in lightness; its yellow is too pale on white.
  static let colors = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000"]
  /// The grey of what is not named.
  static let otherColor = "#BBBBBB"
  /// Dashes, one per line.
  static let dashes = ["solid", "(12,5)", "(4,4)", "(14,4,3,4)", "(20,6)", "(9,3,3,3,3,3)", "(2,4)"]
  /// gnuplot's numbers of point shapes: circle, square, triangle up, diamond, triangle down, pentagon, then open ones.
  static let shapes = [7, 5, 9, 13, 11, 15, 6, 4, 8, 12, 10]
  /// How bars are filled.
  static let fills = [
    "solid 1.0", "solid 0.75", "pattern 4", "solid 0.35", "pattern 1", "pattern 5", "pattern 2",
  ]

  /// The colour of the series with this index; colours repeat, in other combinations with dashes and shapes.
  static func color(_ index: Int) -> String { colors[index % colors.count] }
  /// The dash of the series with this index.
  static func dash(_ index: Int) -> String { dashes[(index + index / dashes.count) % dashes.count] }
  /// The point shape of the series with this index.
  static func shape(_ index: Int) -> Int { shapes[index % shapes.count] }
  /// The fill of the bars with this index.
  static func fill(_ index: Int) -> String { fills[index % fills.count] }

  /// The commands that every figure begins with.
  static let settings = [
    "set border 3 lw 1 lc rgb '#555555'",
    "set grid back lt 1 lw 1 lc rgb '#D9D9D9' dt solid",
    "set tics nomirror out scale 0.6 textcolor rgb '#222222'",
    "set rmargin 4",
  ]

  /// The command that chooses a format; a PNG is the same page at twice the resolution.
  static func terminal(_ format: FigureFormat, size: FigureSize) -> String {
    switch format {
    case .svg:
      "set terminal svg noenhanced size \(size.width),\(size.height) font 'sans-serif,15' "
        + "background rgb '#FFFFFF' linewidth 1 dashlength 0.5"
    case .png:
      "set terminal pngcairo noenhanced size \(2 * size.width),\(2 * size.height) font 'Sans,12' "
        + "fontscale 2 linewidth 2 pointscale 2 dashlength 0.5 background rgb '#FFFFFF'"
    }
  }

  /// The commands for a title above the chart.
  static func title(_ text: String) -> [String] {
    text.isEmpty ? [] : ["set title \(quoted(text)) font ',17' offset 0,0.3"]
  }

  /// The commands for a legend below the chart, in as many columns as its texts leave room for, and for its room.
  ///
  /// - Parameters:
  ///   - rows: how many rows there is room for; `nil` takes what this legend needs.
  ///   - above: how many lines the tics' and the axis's texts take.
  static func legend(
    _ texts: [String], width: Int, rows: Int? = nil, above: Double = 3.6, sample: Int = 3
  ) -> [String] {
    let height = Double(rows ?? legendRows(texts, width: width)) * 1.25
    return [
      "set bmargin \(height + above + 0.4)",
      "set key at graph 0.5, character \(height + 0.4) center top horizontal Left reverse spacing 1.15 "
        + "maxcols \(legendColumns(texts, width: width)) samplen \(sample)",
    ]
  }

  /// How many rows a legend has.
  static func legendRows(_ texts: [String], width: Int) -> Int {
    let columns = legendColumns(texts, width: width)
    return (texts.count + columns - 1) / columns
  }

  /// How many columns a legend has; the estimate is wide, since gnuplot's own for SVG is.
  static func legendColumns(_ texts: [String], width: Int) -> Int {
    let widest = texts.map { cells($0) }.max() ?? 0
    return max(1, min(texts.count, (width - 40) / (widest * 10 + 80)))
  }

  /// A text's width in columns; East Asian characters take two.
  static func cells(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + (0x2E80..<0x1F000 ~= $1.value || 0x1100..<0x1160 ~= $1.value ? 2 : 1) }
  }

  /// A text on one line, without control characters.
  static func plain(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  /// A text as gnuplot's single-quoted string, in which nothing is special but the quote itself.
  static func quoted(_ text: String) -> String {
    "'" + plain(text).replacing("'", with: "''") + "'"
  }

  /// Category names as tics, slanted where they would run into each other in a width of so many pixels.
  ///
  /// - Parameter labels: how many columns the texts beside the other axis take.
  static func categories(_ names: [String], axis: String, width: Int, labels: Int = 0) -> [String] {
    let list = names.enumerated().map { "\(quoted($1)) \($0)" }.joined(separator: ", ")
    let tics = "set \(axis)tics (\(list)) scale 0"
    guard axis == "x", areSlanted(names, width: width) else { return [tics] }
    // A slanted name ends at its tic and reaches to the left of the first one; gnuplot leaves no room for that.
    let reach = names.enumerated().map { index, name -> Double in
      let length = 7.7 * Double(cells(name))
      return length - Double(width) * (Double(index) + 0.5) / Double(names.count)
    }
    let margin = max((reach.max() ?? 0) / 8.5, Double(labels) + 2, 9)
    return [tics + " rotate by 30 right", "set lmargin \(margin)"]
  }

  /// Whether names along a horizontal axis must be slanted.
  static func areSlanted(_ names: [String], width: Int) -> Bool {
    let room = width / max(1, names.count)
    return names.contains { cells($0) * 10 > room - 10 }
  }

  /// How many lines names along a horizontal axis take.
  static func categoryLines(_ names: [String], width: Int) -> Double {
    areSlanted(names, width: width) ? 2 + 0.25 * Double(names.map { cells($0) }.max() ?? 0) : 2
  }
}
