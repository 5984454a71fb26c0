import Foundation

/// A page in Markdown as a terminal shows it: headings underlined, code indented, tables in columns, paragraphs wrapped.
struct TerminalPage {
  private let lines: [Substring]
  private let width: Int
  private let isTerminal: Bool

  /// Takes a page.
  ///
  /// - Parameters:
  ///   - width: the columns of paragraphs; nil for the terminal's, at most 100.
  ///   - isTerminal: whether headings may be bold; nil looks at standard output.
  init(_ markdown: String, width: Int? = nil, isTerminal: Bool? = nil) {
    lines = markdown.split(separator: "\n", omittingEmptySubsequences: false)
    let environment = ProcessInfo.processInfo.environment
    self.width = width ?? min(environment["COLUMNS"].flatMap { Int($0) } ?? Self.terminalWidth ?? 80, 100)
    self.isTerminal =
      isTerminal ?? (isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb" && environment["NO_COLOR"] == nil)
  }

  private static var terminalWidth: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return nil }
    return Int(size.ws_col)
  }

  /// The page, ending with a line's end.
  var text: String {
    var (shown, paragraph, table) = ([String](), [Substring](), [Substring]())
    var isInFence = false
    var depth = 0
    func close() {
      shown += wrapped(paragraph) + columns(table)
      (paragraph, table) = ([], [])
    }
    for line in lines {
      let trimmed = line.drop { $0 == " " }
      if trimmed.hasPrefix("```") {
        close()
        isInFence.toggle()
      } else if isInFence {
        shown.append(line.isEmpty ? "" : "    \(line)")
      } else if depth > 0 || line.hasPrefix("@") {
        // A directive of DocC with what stands in its braces.
        depth += line.count { $0 == "{" } - line.count { $0 == "}" }
      } else if line.hasPrefix("#") {
        close()
        shown += heading(line)
      } else if line.hasPrefix("    ") && paragraph.isEmpty {
        close()
        shown.append(String(line))
      } else if line.hasPrefix("|") {
        if !paragraph.isEmpty { close() }
        table.append(line)
      } else if trimmed.isEmpty {
        close()
        shown.append("")
      } else {
        if !table.isEmpty || Self.marker(of: line) != nil { close() }
        paragraph.append(line)
      }
    }
    close()
    while shown.last == "" { shown.removeLast() }
    return shown.joined(separator: "\n") + "\n"
  }

  private func heading(_ line: Substring) -> [String] {
    let level = line.prefix { $0 == "#" }.count
    let text = Self.plain(line.dropFirst(level).drop { $0 == " " })
    guard !isTerminal else { return ["\u{1B}[1m\(text)\u{1B}[0m"] }
    return level > 2 ? [text] : [text, String(repeating: level == 1 ? "=" : "-", count: text.count)]
  }

  /// A paragraph or an item of a list in lines of the width, an item's further lines under its text.
  private func wrapped(_ lines: [Substring]) -> [String] {
    guard let first = lines.first else { return [] }
    let indent = String(repeating: " ", count: Self.marker(of: first) ?? 0)
    let margin = first.prefix { $0 == " " }
    var (shown, line) = ([String](), "")
    for word in Self.plain(lines.joined(separator: " ")[...]).split(separator: " ") {
      if line.isEmpty {
        line = (shown.isEmpty ? String(margin) : indent) + word
      } else if line.count + 1 + word.count > width {
        shown.append(line)
        line = indent + word
      } else {
        line += " " + word
      }
    }
    return shown + [line]
  }

  /// The cells below each other; the rows are not wrapped, so that a pager can move sideways.
  private func columns(_ rows: [Substring]) -> [String] {
    let cells = rows.map { row -> [String] in
      row.trimmingCharacters(in: .whitespaces).dropFirst().dropLast().split(
        separator: "|", omittingEmptySubsequences: false
      )
      .map { Self.plain($0[...]).trimmingCharacters(in: .whitespaces) }
    }.filter { !$0.allSatisfy { !$0.isEmpty && $0.allSatisfy { "-:".contains($0) } } }
    let widths = (0..<(cells.map(\.count).max() ?? 0)).map { column in
      cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return cells.map { row in
      let padded = row.indices.map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
      return padded.joined(separator: "  ").replacing(/\ +$/, with: "")
    }
  }

  /// How far the text of an item of a list stands in; nil for another line.
  private static func marker(of line: Substring) -> Int? {
    line.prefixMatch(of: /\ *(-|[0-9]+\.)\ +/).map(\.output.0.count)
  }

  /// A text without marks of code, emphasis, links and pictures.
  static func plain(_ text: Substring) -> String {
    String(text).replacing(/!\[([^\]]*)\]\(([^)]*)\)/) { "(picture \($0.2): \($0.1))" }
      .replacing(/\[([^\]]*)\]\(([^)]*)\)/) { $0.1 == $0.2 ? "\($0.1)" : "\($0.1) (\($0.2))" }
      .replacing(/\*\*([^*]+)\*\*/) { "\($0.1)" }
      .replacing(/`+([^`]+)`+/) { "\($0.1)" }
  }
}
