import Diagnostics
import Foundation

/// Lines that an experiment measured once, by which the run's figures show them: a file of each seed.
///
/// `chart-<name>.json` in the seed's folder holds the numbers and what is said of them. The figure joins the seeds.
public struct LineChartFile: Codable, Equatable, Sendable {
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

  private static let prefix = "chart-"

  /// Describes a chart.
  public init(title: String, caption: String, horizontal: String, vertical: String, lines: [Line]) {
    self.title = title
    self.caption = caption
    self.horizontal = horizontal
    self.vertical = vertical
    self.lines = lines
  }

  /// Writes the file; every number must be finite.
  public func write(name: String, to folder: URL) throws {
    precondition(
      lines.allSatisfy { $0.x.count == $0.y.count && ($0.x + $0.y).allSatisfy(\.isFinite) },
      "LineChartFile: a line of \(name) has numbers that are not finite, or places without a value")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(try encoder.encode(self), to: Self.url(name, in: folder))
  }

  /// The names of the files in a seed's folder.
  package static func names(in folder: URL) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".json") }.map {
      String($0.dropFirst(prefix.count).dropLast(5))
    }.sorted()
  }

  /// Reads a file.
  ///
  /// - Throws: where it is missing or damaged.
  package static func read(name: String, in folder: URL) throws(UserError) -> LineChartFile {
    let url = url(name, in: folder)
    guard let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(Self.self, from: data),
      file.lines.allSatisfy({ $0.x.count == $0.y.count })
    else {
      throw UserError(.data, "is no description of lines", at: url.path)
    }
    return file
  }

  private static func url(_ name: String, in folder: URL) -> URL { folder.appending(path: "\(prefix)\(name).json") }
}
