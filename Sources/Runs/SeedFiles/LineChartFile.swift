import Foundation

/// Lines that an experiment measured once, by which the run's figures show them: a file of each seed.
///
/// `chart-<name>.json` in the seed's folder holds the numbers and what is said of them. The figure joins the seeds.
public struct LineChartFile: NamedSeedFile, Equatable {
  /// One line.
  public struct Line: Codable, Equatable, Sendable {
    /// What the legend calls it.
    public var name: String
    /// Where its points lie, in order.
    public var x: [Double]
    /// The points' values, as many.
    public var y: [Double]

    /// Creates a line.
    public init(name: String, x: [Double], y: [Double]) {
      self.name = name
      self.x = x
      self.y = y
    }
  }

  /// What the chart shows, in a few words.
  public var title: String
  /// How to read it, one to three sentences.
  public var caption: String
  /// What the horizontal axis shows, with its unit.
  public var horizontal: String
  /// What the vertical axis shows, with its unit.
  public var vertical: String
  /// The lines.
  public var lines: [Line]

  /// `chart-`
  public static let prefix = "chart-"
  /// Lines.
  public static let contents = "lines"
  /// As a person reads it.
  public static let formatting: JSONEncoder.OutputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]

  /// Describes a chart.
  public init(title: String, caption: String, horizontal: String, vertical: String, lines: [Line]) {
    self.title = title
    self.caption = caption
    self.horizontal = horizontal
    self.vertical = vertical
    self.lines = lines
  }

  /// Whether every line has a finite value at each finite place.
  public var isSensible: Bool {
    lines.allSatisfy { $0.x.count == $0.y.count && ($0.x + $0.y).allSatisfy(\.isFinite) }
  }
}
