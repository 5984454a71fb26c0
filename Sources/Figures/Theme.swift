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
    "set grid lw 0.6 lc rgb '#DDDDDD' dt solid back",
    "set tics nomirror out scale 0.6 textcolor rgb '#222222'",
    "set errorbars small",
  ]

  /// The command that chooses a format; a PNG is the same page at twice the resolution.
  static func terminal(_ format: FigureFormat, size: FigureSize) -> String {
    switch format {
    case .svg:
      "set terminal svg noenhanced size \(size.width),\(size.height) font 'DejaVu Sans,15' "
        + "background rgb '#FFFFFF' linewidth 1 dashlength 0.5"
    case .png:
      "set terminal pngcairo noenhanced size \(2 * size.width),\(2 * size.height) font 'DejaVu Sans,12' "
        + "fontscale 2 linewidth 2 pointscale 2 dashlength 0.5 background rgb '#FFFFFF'"
    }
  }

  /// The commands for a title above the chart.
  static func title(_ text: String) -> [String] {
    text.isEmpty ? [] : ["set title \(quoted(text)) font ',17' offset 0,0.3"]
  }

  /// The command for a legend below the chart, in as many columns as its texts leave room for.
  static func legend(_ texts: [String], width: Int) -> [String] {
    texts.filter { !$0.isEmpty }.isEmpty
      ? ["unset key"]
      : ["set key bmargin center horizontal Left reverse maxcols \(legendColumns(texts, width: width)) samplen 3"]
  }

  /// How many columns a legend has.
  static func legendColumns(_ texts: [String], width: Int) -> Int {
    let widest = texts.map { cells($0) }.max() ?? 0
    return max(1, min(texts.count, (width - 80) / (widest * 9 + 70)))
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
  static func categories(_ names: [String], axis: String, width: Int) -> [String] {
    let list = names.enumerated().map { "\(quoted($1)) \($0)" }.joined(separator: ", ")
    let room = width / max(1, names.count)
    let slanted = axis == "x" && names.contains { cells($0) * 10 > room - 10 }
    return ["set \(axis)tics (\(list)) scale 0" + (slanted ? " rotate by 30 right" : "")]
  }
}
