import Foundation
import Runs

/// A part of a report, the same in Markdown, LaTeX and HTML.
package struct ReportSection: Sendable {
  /// A piece of running text.
  package enum Span: Equatable, Sendable {
    /// Plain text.
    case text(String)
    /// What a machine reads: a name, a checksum, a command.
    case code(String)
  }

  /// A name with what is to be said of it.
  package struct Fact: Equatable, Sendable {
    package let name: String
    package let spans: [Span]

    package init(_ name: String, _ spans: Span...) {
      self.name = name
      self.spans = spans
    }

    package init(_ name: String, _ spans: [Span]) {
      self.name = name
      self.spans = spans
    }
  }

  /// What stands in a section.
  package enum Block: Sendable {
    /// What was found, in one sentence; a section that begins with it goes without its heading.
    case finding(String)
    /// A heading below the section's.
    case heading(String)
    /// A list of names with what is to be said of them.
    case facts([Fact])
    /// A list of sentences.
    case notes([String])
    /// A table with its caption.
    case table(ScoreTable, caption: String)
    /// A table with its caption and the figures that draw it, the first of them before it.
    case illustrated(ScoreTable, caption: String, figures: [ReportFigure])
    /// Figures of no table.
    case figures([ReportFigure])
    /// A command for a shell.
    case command(String)

    /// Its table, where it has one.
    package var table: ScoreTable? {
      switch self {
      case .table(let table, _), .illustrated(let table, _, _): table
      default: nil
      }
    }
  }

  /// The heading.
  package let title: String
  /// The content.
  package let blocks: [Block]
  /// Whether it belongs to what a page shows above its contents.
  package let isOpening: Bool

  package init(title: String, blocks: [Block], isOpening: Bool = false) {
    self.title = title
    self.blocks = blocks
    self.isOpening = isOpening
  }

  /// Whether it has no heading, since it follows the title at once.
  var isBare: Bool { if case .finding? = blocks.first { true } else { false } }
}

/// A figure of a run at its place in a report.
package struct ReportFigure: Sendable {
  /// Title and caption.
  package let entry: FigureEntry
  /// The run, where a report has several: `A gmc/emoji`.
  package let run: String?
  /// Where the numbers in it are from.
  package let provenance: String
  /// The folder that its files stand in.
  package let folder: RunFolder
  /// What goes before its files' names in the folder of the report.
  package let prefix: String

  package init(entry: FigureEntry, run: String?, provenance: String, folder: RunFolder, prefix: String) {
    self.entry = entry
    self.run = run
    self.provenance = provenance
    self.folder = folder
    self.prefix = prefix
  }

  /// What tells it from every other figure of the report.
  package var key: String { prefix + entry.name }

  /// The file in a format, inside the run.
  package func source(_ format: String) -> String {
    folder.figures.appendingPathComponent("\(entry.name).\(format)").path
  }

  /// The file in a format, relative to the report.
  package func path(_ format: String) -> String { "figures/\(prefix)\(entry.name).\(format)" }

  /// The first of some formats that there is a file of.
  package func format(of formats: [String]) -> String? {
    formats.first { FileManager.default.fileExists(atPath: source($0)) }
  }

  /// The title, after the name of the run where there are several.
  package var title: String {
    run.map { "\($0): \(entry.title)" } ?? entry.title.prefix(1).uppercased() + entry.title.dropFirst()
  }
}
