/// Text of an HTML document.
package struct HTML: Markup, ExpressibleByStringInterpolation {
  package let source: String

  package init(source: String) { self.source = source }
  package init(stringLiteral value: String) { source = value }
  package init(stringInterpolation: MarkupInterpolation<HTML>) { source = stringInterpolation.source }

  /// Escapes what has a meaning in text and in attributes; control characters, which no page may hold, are left out.
  package static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case _ where scalar.properties.generalCategory == .control: break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A table with its caption above; numbers to the right and sortable, what belongs to a number in its `title`.
  ///
  /// A long one shows some rows and has all of them folded under these.
  package static func table(_ table: ScoreTable, caption: HTML, isFolding: Bool = true) -> HTML {
    guard isFolding, let (excerpt, shown) = table.excerpt else {
      return """
        <figure class="table">
        <figcaption>\(caption)</figcaption>
        \(scroll(table, label: table.title))</figure>

        """
    }
    return """
      <figure class="table">
      <figcaption>\(caption)</figcaption>
      <div class="excerpt">
      \(scroll(excerpt, label: "\(table.title), \(shown) rows"))</div>
      <details class="rows">
      <summary>All \(table.rows.count) rows<span class="excerpt">, of which \(shown) are above</span></summary>
      \(scroll(table, label: table.title))</details>
      </figure>

      """
  }

  private static func scroll(_ table: ScoreTable, label: String) -> HTML {
    let heads = table.heads.map { head -> HTML in
      "<th scope=\"col\">\(head.isEmpty ? "subject" : head)</th>"
    }
    let rows = table.rows.map { cells -> HTML in
      let places = cells.enumerated().map { index, cell -> HTML in
        guard index > 0 else { return "<th scope=\"row\">\(breakable(cell.text))</th>" }
        return place(cell, isNumeric: table.isNumeric)
      }
      return "<tr>\(places)</tr>\n"
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(label)">
      <table class="\(table.isNumeric ? "numbers" : "texts")">
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>
      </div>

      """
  }

  /// A name that may be broken after its signs.
  package static func breakable(_ name: String) -> HTML {
    var result = ""
    for character in name {
      result += escaped(String(character))
      if "+/._".contains(character) { result += "<wbr>" }
    }
    return HTML(source: result)
  }

  private static func place(_ cell: ScoreTable.Cell, isNumeric: Bool) -> HTML {
    guard isNumeric else {
      return cell.isMarked ? "<td><strong>\(cell.text)</strong></td>" : "<td>\(cell.text)</td>"
    }
    let title: HTML? = cell.detail.map { " title=\"\($0)\"" }
    let value: HTML? = cell.value.map { $0.isFinite ? " data-value=\"\("\($0)")\"" : "" }
    // A hyphen is shorter than the minus sign that stands beside digits.
    let parts = cell.text.split(separator: " ± ", maxSplits: 1).map {
      cell.value == nil ? String($0) : $0.hasPrefix("-") ? "−" + $0.dropFirst() : String($0)
    }
    // An interval follows its mean as `± 0.4` or as `[96.8, 97.6]`.
    let mean = (parts.first ?? "").split(separator: " [", maxSplits: 1)
    let interval: HTML? =
      parts.count > 1
      ? " <span class=\"interval\">± \(parts[1])</span>"
      : mean.count > 1 && cell.value != nil ? " <span class=\"interval\">[\(String(mean[1]))</span>" : nil
    let text: HTML = "\(interval != nil && parts.count == 1 ? String(mean[0]) : parts.first ?? "")\(interval)"
    return cell.isMarked ? "<td\(value)\(title)><strong>\(text)</strong></td>" : "<td\(value)\(title)>\(text)</td>"
  }
}
