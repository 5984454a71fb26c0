import Foundation
import Runs

/// A report in Markdown, with the pictures beside it.
package struct MarkdownReport {
  private let report: Report
  /// The formats of pictures, the best first.
  package static let pictures = ["svg", "png"]

  init(_ report: Report) { self.report = report }

  /// The document.
  var text: String {
    Self.document(title: report.title, sections: report.sections, areTablesTitled: report.records.count > 1)
  }

  /// A document of sections.
  ///
  /// - Parameter areTablesTitled: whether each table of numbers has its title above.
  package static func document(title: String, sections: [ReportSection], areTablesTitled: Bool) -> String {
    let texts = sections.map { section in
      let heading = section.isBare ? [] : ["## \(escaped(section.title))"]
      let blocks = section.blocks.map { block in
        // A table that has the section's own title needs no second one.
        var isTitled = areTablesTitled
        if let table = block.table, table.title.lowercased() == section.title.lowercased() {
          isTitled = false
        }
        return text(of: block, areTablesTitled: isTitled)
      }
      return (heading + blocks).joined(separator: "\n\n")
    }
    return (["# \(escaped(title))"] + texts).joined(separator: "\n\n") + "\n"
  }

  private static func text(of block: ReportSection.Block, areTablesTitled: Bool) -> String {
    switch block {
    case .finding(let sentence): return escaped(sentence)
    case .heading(let title): return "### \(escaped(title))"
    case .facts(let facts):
      return facts.map { "- \(escaped($0.name)): \(text(of: $0.spans))" }.joined(separator: "\n")
    case .notes(let notes): return notes.map { "- \(escaped($0))" }.joined(separator: "\n")
    case .table(let table, _): return text(of: table, isTitled: areTablesTitled)
    case .illustrated(let table, _, let figures):
      let texts = figures.map(text(of:))
      return (texts.prefix(1) + [text(of: table, isTitled: areTablesTitled)] + texts.dropFirst())
        .joined(separator: "\n\n")
    case .figures(let figures): return figures.map(text(of:)).joined(separator: "\n\n")
    case .command(let command): return "```sh\n\(command)\n```"
    }
  }

  private static func text(of figure: ReportFigure) -> String {
    guard let format = figure.format(of: pictures) else { return escaped(figure.title) }
    let path = figure.path(format).replacing(" ", with: "%20").replacing("(", with: "%28").replacing(")", with: "%29")
    let caption = figure.entry.caption.isEmpty ? "" : "\n\n\(escaped(figure.entry.caption))"
    return "![\(escaped(figure.title))](\(path))\(caption)"
  }

  /// Several tables of a section are told apart by their titles; whence the numbers are stands in the list of facts.
  private static func text(of table: ScoreTable, isTitled: Bool) -> String {
    (isTitled && table.isNumeric ? "### \(escaped(table.title))\n\n" : "") + text(of: table)
  }

  /// A table, numbers to the right; what is marked is bold.
  static func text(of table: ScoreTable) -> String {
    func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    let rule =
      "| :-- |" + String(repeating: table.isNumeric ? " --: |" : " :-- |", count: max(0, table.heads.count - 1))
    let rows = table.rows.map { cells in
      row(cells.map { $0.isMarked ? "**\(escaped($0.text))**" : escaped($0.text) })
    }
    return ([row(table.heads.map(escaped)), rule] + rows).joined(separator: "\n")
  }

  private static func text(of spans: [ReportSection.Span]) -> String {
    spans.map { span in
      switch span {
      case .text(let text): escaped(text)
      case .code(let text): code(text)
      }
    }.joined()
  }

  private static func code(_ text: String) -> String {
    let text = text.replacing("\n", with: " ")
    return text.contains("`") ? "`` \(text) ``" : "`\(text)`"
  }

  /// Plain text such that Markdown shows it, in a table too.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if character.isNewline {
        result += " "
      } else {
        if "\\`*_[]<>|".contains(character) { result += "\\" }
        result.append(character)
      }
    }
    return result
  }
}
