import Foundation
import Runs

/// A format that a report is written in; the raw value is the ending of its file.
public enum ReportFormat: String, CaseIterable, Sendable {
  /// Markdown.
  case markdown = "md"
  /// LaTeX for pdflatex, xelatex and lualatex.
  case latex = "tex"
  /// One line per score and seed, and one per mean.
  case csv
  /// One page that needs no other file.
  case html

  /// The file's name.
  public var fileName: String { "report.\(rawValue)" }
}

extension RunFolder {
  /// The report in a format.
  public func report(_ format: ReportFormat) -> URL { url.appendingPathComponent(format.fileName) }
}
