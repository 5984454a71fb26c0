import Foundation

/// A part of a report, the same in Markdown, LaTeX and HTML.
struct ReportSection: Sendable {
  /// A piece of running text.
  enum Span: Equatable, Sendable {
    /// Plain text.
    case text(String)
    /// What a machine reads: a name, a checksum, a command.
    case code(String)
  }

  /// A name with what is to be said of it.
  struct Fact: Equatable, Sendable {
    let name: String
    let spans: [Span]

    init(_ name: String, _ spans: Span...) {
      self.name = name
      self.spans = spans
    }

    init(_ name: String, _ spans: [Span]) {
      self.name = name
      self.spans = spans
    }
  }

  /// What stands in a section.
  enum Block: Sendable {
    /// A heading below the section's.
    case heading(String)
    /// A list of names with what is to be said of them.
    case facts([Fact])
    /// A list of sentences.
    case notes([String])
    /// A table with its caption.
    case table(ScoreTable, caption: String)
    /// A figure.
    case figure(ReportFigure)
    /// A command for a shell.
    case command(String)
  }

  /// The heading.
  let title: String
  /// The content.
  let blocks: [Block]
}

/// A figure of a run at its place in a report.
struct ReportFigure: Sendable {
  /// Title and caption.
  let entry: FigureEntry
  /// The run, where a report has several: `A gmc/emoji`.
  let run: String?
  /// Where the numbers in it are from.
  let provenance: String
  /// The folder that its files stand in.
  let folder: RunFolder
  /// What goes before its files' names in the folder of the report.
  let prefix: String

  /// The file in a format, inside the run.
  func source(_ format: String) -> String { folder.figures.appendingPathComponent("\(entry.name).\(format)").path }

  /// The file in a format, relative to the report.
  func path(_ format: String) -> String { "figures/\(prefix)\(entry.name).\(format)" }

  /// The first of some formats that there is a file of.
  func format(of formats: [String]) -> String? {
    formats.first { FileManager.default.fileExists(atPath: source($0)) }
  }

  /// The title, after the name of the run where there are several.
  var title: String {
    run.map { "\($0): \(entry.title)" } ?? entry.title.prefix(1).uppercased() + entry.title.dropFirst()
  }
}
