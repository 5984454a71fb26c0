import Foundation

/// A report in Markdown, with the pictures beside it.
struct MarkdownReport {
  private let report: Report
  /// The formats of pictures, the best first.
  static let pictures = ["svg", "png"]

  init(_ report: Report) { self.report = report }

  /// The document.
  var text: String {
    let sections = report.sections.enumerated().map { index, section in
      // What a single run was follows its title at once.
      let isFirst = index == 0 && report.records.count == 1
      return ([isFirst ? nil : "## \(section.title)"].compactMap { $0 } + section.blocks.map(text(of:)))
        .joined(separator: "\n\n")
    }
    return (["# \(Self.escaped(report.title))"] + sections).joined(separator: "\n\n") + "\n"
  }

  private func text(of block: ReportSection.Block) -> String {
    switch block {
    case .heading(let title): return "### \(Self.escaped(title))"
    case .facts(let facts):
      return facts.map { "- \(Self.escaped($0.name)): \(Self.text(of: $0.spans))" }.joined(separator: "\n")
    case .notes(let notes): return notes.map { "- \(Self.escaped($0))" }.joined(separator: "\n")
    case .table(let table, _):
      // Several tables of a section are told apart by their titles; whence the numbers are stands in the first list.
      return (report.records.count > 1 && table.isNumeric ? "### \(Self.escaped(table.title))\n\n" : "")
        + Self.text(of: table)
    case .figure(let figure):
      guard let format = figure.format(of: Self.pictures) else { return Self.escaped(figure.title) }
      let path = figure.path(format).replacing(" ", with: "%20").replacing("(", with: "%28").replacing(")", with: "%29")
      let caption = figure.entry.caption.isEmpty ? "" : "\n\n\(Self.escaped(figure.entry.caption))"
      return "![\(Self.escaped(figure.title))](\(path))\(caption)"
    case .command(let command): return "```sh\n\(command)\n```"
    }
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
