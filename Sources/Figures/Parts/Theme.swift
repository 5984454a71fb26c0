import Foundation

/// How every figure looks: colours that colour-blind readers can tell apart, and forms that remain in grey.
package enum Theme {
  /// The palette of Okabe and Ito, ordered so that neighbours differ in lightness; its yellow is too pale on white.
  package static let colors = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000"]
  /// The grey of what is not named.
  static let otherColor = "#BBBBBB"
  /// The colour of texts.
  package static let textColor = "#222222"
  /// The colour of axes and reference lines.
  static let lineColor = "#555555"
  /// Dashes, one per line.
  static let dashes = ["solid", "(12,5)", "(4,4)", "(14,4,3,4)", "(20,6)", "(9,3,3,3,3,3)", "(2,4)"]
  /// gnuplot's numbers of point shapes: circle, square, triangle up, diamond, triangle down, pentagon, then open ones.
  static let shapes = [7, 5, 9, 13, 11, 15, 6, 4, 8, 12, 10]
  /// How bars are filled.
  static let fills = [
    "solid 1.0", "solid 0.45", "pattern 4", "solid 0.15", "pattern 1", "pattern 5", "pattern 2",
  ]
  /// The palette of numbers: a darker colour is a larger number, in grey too.
  static let palette = "set palette defined (0 '#F4F8FB', 0.35 '#8CC4E6', 0.7 '#0072B2', 1 '#00304D')"

  /// The size of texts in pixels.
  static let textSize = 15.0
  /// The size of small texts in pixels.
  package static let smallSize = 13.0
  /// The size of titles in pixels.
  package static let titleSize = 18.0
  /// The distance of a page's contents from its edges in pixels.
  package static let margin = 16.0

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
    "set border 3 lw 1 lc rgb '\(lineColor)'",
    "set grid back lt 1 lw 1 lc rgb '#DDDDDD' dt solid",
    "set tics nomirror out scale 0.5 textcolor rgb '\(textColor)'",
    "unset key",
    palette,
  ]

  /// The commands that choose a format, and define the font of a size in pixels.
  ///
  /// The three terminals count fonts, points and lines in different units; the factors make their pages alike.
  static func terminal(_ format: FigureFormat, size: FigureSize) -> [String] {
    switch format {
    case .svg:
      [
        font("sans-serif", scale: 1),
        "set terminal svg noenhanced size \(size.width),\(size.height) font F(\(number(textSize))) "
          + "background rgb '#FFFFFF' linewidth 1 dashlength 0.5",
      ]
    case .png:
      [
        font("Sans", scale: 0.75),
        "set terminal pngcairo noenhanced size \(2 * size.width),\(2 * size.height) font F(\(number(textSize))) "
          + "fontscale 2 linewidth 2 pointscale 3.7 dashlength 1 background rgb '#FFFFFF'",
      ]
    case .pdf:
      [
        font("Sans", scale: 0.5625),
        "set terminal pdfcairo noenhanced size \(inches(size.width)),\(inches(size.height)) "
          + "font F(\(number(textSize))) fontscale 1 linewidth 1.33 pointscale 1.5 dashlength 1 "
          + "background rgb '#FFFFFF'",
      ]
    }
  }

  private static func font(_ face: String, scale: Double) -> String {
    "F(pixels) = sprintf('\(face),%g', pixels * \(scale))"
  }

  private static func inches(_ pixels: Int) -> String { String(format: "%.4f", Double(pixels) / 96) }

  /// A number as short as it can be.
  static func number(_ value: Double) -> String {
    let text = String(format: "%.6f", value)
    guard let point = text.firstIndex(of: ".") else { return text }
    let kept = text[point...].reversed().drop { $0 == "0" || $0 == "." }
    let short = String(text[..<point]) + String(kept.reversed())
    return short == "-0" ? "0" : short
  }

  /// A text on one line, without control characters.
  static func plain(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  /// A text as gnuplot's single-quoted string, in which nothing is special but the quote itself.
  static func quoted(_ text: String) -> String {
    "'" + plain(text).replacing("'", with: "''") + "'"
  }
}
