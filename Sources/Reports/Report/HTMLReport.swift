import Foundation
import Runs
import StrictYAML

/// A report as one page that needs no other file: tables that can be sorted, figures inside, recipe and manifest folded.
package struct HTMLReport {
  private let report: Report
  /// A drawing of more bytes than this is taken as pixels where those are fewer.
  private static let largestDrawing = 250_000
  /// A table with more columns than this stands under its figure, not beside it.
  private static let widest = 6

  init(_ report: Report) { self.report = report }

  /// The document.
  package var text: String {
    let sections = report.sections
    var parts: [(anchor: String, title: String, content: HTML)] = []
    for section in sections where !section.isOpening {
      let blocks = section.blocks.map { content(of: $0, isTitled: section.blocks.count > 1) }
      parts.append((Self.anchor(section.title, among: parts.map(\.anchor)), section.title, blocks.joined()))
      if section.title == "Versions" {
        if report.records.contains(where: { $0.result.seeds.count > 1 }) {
          parts.insert(("values-by-seed", "Values by seed", records { Self.bySeed(of: $0) }), at: parts.count - 1)
        }
        parts.insert(("recipe", "Recipe", records { Self.recipe(of: $0) }), at: parts.count - 1)
        parts.insert(("manifest", "Manifest", records { Self.manifest(of: $0) }), at: parts.count - 1)
      }
    }
    return HTMLPage(
      title: report.title, header: Self.header(report.title, sections, content: { content(of: $0, isTitled: true) }),
      sections: parts
    ).text
  }

  /// What stands above the contents: the title, what was found, what shows it, and what it is from.
  package static func header(
    _ title: String, _ sections: [ReportSection],
    content: (ReportSection.Block) -> HTML = { HTMLReport.content(of: $0, isTitled: true) }
  ) -> HTML {
    let parts = sections.filter(\.isOpening).map { section -> HTML in
      let blocks = section.blocks.map(content)
      if section.isBare { return blocks.joined() }
      guard case .facts? = section.blocks.first else {
        return """
          <section id="opening-\(anchor(section.title, among: []))" aria-label="\(section.title)">
          \(blocks)</section>

          """
      }
      return "<div class=\"provenance\">\n\(blocks)</div>\n"
    }
    return "<h1>\(title)</h1>\n\(parts)"
  }

  /// A part that every run has, folded.
  private func records(_ content: (RunRecord) -> (summary: String, content: HTML)) -> HTML {
    zip(RunRecord.letters(report.records.count), report.records).map { letter, record -> HTML in
      let (summary, content) = content(record)
      return """
        <details>
        <summary>\(report.records.count > 1 ? "\(letter): " : "")\(summary)</summary>
        \(content)</details>

        """
    }.joined()
  }

  /// The name of a section's place, unlike those that are taken.
  package static func anchor(_ title: String, among taken: [String]) -> String {
    let words = title.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    let name = String(words)
    return taken.contains(name) ? "\(name)-\(taken.count)" : name
  }

  private func content(of block: ReportSection.Block, isTitled: Bool) -> HTML {
    var link: HTML?
    let hasNotes = report.records.contains { !$0.result.notes.isEmpty }
    if let table = block.table, table.isNumeric, hasNotes {
      link = " <a href=\"#protocol\">Protocol</a>"
    }
    return Self.content(of: block, isTitled: isTitled, link: link)
  }

  /// A block of a section.
  ///
  /// - Parameters:
  ///   - isTitled: whether the section has several blocks, so that each table is told apart by its title.
  ///   - link: what follows the caption of a table.
  package static func content(of block: ReportSection.Block, isTitled: Bool, link: HTML? = nil) -> HTML {
    switch block {
    case .finding(let sentence): return "<p class=\"finding\">\(sentence)</p>\n"
    case .heading(let title): return "<h3>\(title)</h3>\n"
    case .facts(let facts): return list(facts)
    case .notes(let notes): return "<ul>\n\(notes.map { "<li>\($0)</li>\n" as HTML })</ul>\n"
    case .table(let table, let caption): return self.table(table, caption: caption, isTitled: isTitled, link: link)
    case .illustrated(let table, let caption, let figures):
      let own = self.table(table, caption: caption, isTitled: isTitled, link: link)
      let drawn = figures.map(figure).filter { !$0.source.isEmpty }
      guard !drawn.isEmpty else { return own }
      // Beside a figure there is room for few columns, and under the table for one more figure.
      let isWide = table.heads.count > widest
      let under = !isWide && drawn.count == 2
      let rest = drawn.dropFirst().isEmpty || under ? nil : gallery(Array(drawn.dropFirst()))
      return """
        <div class="\(isWide ? "beside wide" : "beside")">
        \(drawn[0])<div>
        \(own)\(under ? drawn[1] : nil)</div>
        </div>
        \(rest)
        """
    case .figures(let figures): return gallery(figures.map(figure))
    case .command(let command): return "<pre><code>\(command)</code></pre>\n"
    }
  }

  private static func gallery(_ figures: [HTML]) -> HTML { "<div class=\"gallery\">\n\(figures)</div>\n" }

  private static func table(_ table: ScoreTable, caption: String, isTitled: Bool, link: HTML?) -> HTML {
    let title: HTML? =
      isTitled ? "<strong>\(table.title.prefix(1).uppercased() + table.title.dropFirst())</strong> " : nil
    return HTML.table(table, caption: "\(title)<span class=\"from\">\(caption)\(link)</span>")
  }

  private static func list(_ facts: [ReportSection.Fact]) -> HTML {
    "<dl>\n\(facts.map { "<dt>\($0.name)</dt><dd>\(text(of: $0.spans))</dd>\n" as HTML })</dl>\n"
  }

  private static func text(of spans: [ReportSection.Span]) -> HTML {
    spans.map { span in
      switch span {
      case .text(let text): HTML(text)
      case .code(let text): "<code>\(text)</code>"
      }
    }.joined()
  }

  /// A figure with its caption; nothing where no picture can be shown.
  private static func figure(_ figure: ReportFigure) -> HTML {
    guard let drawing = drawing(figure) else { return "" }
    let caption: HTML? = figure.entry.caption.isEmpty ? nil : "<br>\(figure.entry.caption)"
    return """
      <figure>
      <figcaption><strong>\(figure.title)</strong>\(caption)<span class="from">\(figure.provenance)</span></figcaption>
      <div class="drawing" tabindex="0">\(drawing)</div>
      </figure>

      """
  }

  /// The picture itself: the drawing, unless it cannot stand in a page or its pixels take less room.
  private static func drawing(_ figure: ReportFigure) -> HTML? {
    let data = FileManager.default.contents(atPath: figure.source("svg"))
    let pixels = FileManager.default.contents(atPath: figure.source("png"))
    let isLarge = (data?.count ?? 0) > largestDrawing
    if let data, !isLarge || pixels.map({ $0.count / 3 * 4 > data.count }) ?? true,
      let svg = InlineSVG(
        String(decoding: data, as: UTF8.self), prefix: "\(figure.prefix)\(figure.entry.name)-", label: figure.title)
    {
      return HTML(source: svg.source)
    }
    return pixels.map {
      "<img alt=\"\(figure.title)\" src=\"data:image/png;base64,\(HTML(source: $0.base64EncodedString()))\">"
    }
  }

  /// The recipe with the origin of every setting; those that are not defaults stand out.
  private static func recipe(of record: RunRecord) -> (summary: String, content: HTML) {
    let rows = record.recipe.settings.map { setting -> HTML in
      let style: HTML = setting.isDefault ? " class=\"standard\"" : ""
      return """
        <tr\(style)><th scope="row">\(HTML.breakable(setting.path))</th><td><code>\(setting.value.yaml)</code></td>\
        <td>\(setting.origin ?? "")</td></tr>

        """
    }
    let changed = record.recipe.settings.filter { !$0.isDefault }.count
    return (
      "\(record.name) \(record.result.hash): \(record.recipe.settings.count) settings, \(changed) not the default",
      """
      <div class="scroll" tabindex="0" role="region" aria-label="recipe">
      <table class="texts">
      <thead><tr><th scope="col">setting</th><th scope="col">value</th><th scope="col">origin</th></tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>
      </div>

      """
    )
  }

  /// The values of every seed.
  private static func bySeed(of record: RunRecord) -> (summary: String, content: HTML) {
    (
      "\(record.name) \(record.result.hash): \(record.result.scores.count) scores of \(record.seeds)",
      HTML.table(
        ScoreTable.bySeed(record), caption: "<span class=\"from\">\(record.provenance).</span>", isFolding: false)
    )
  }

  /// The manifest as its file has it.
  private static func manifest(of record: RunRecord) -> (summary: String, content: HTML) {
    let text = FileManager.default.contents(atPath: record.folder.manifest.path) ?? Data()
    return (
      "\(record.manifest.ending.rawValue), manifest.json",
      "<pre><code>\(String(decoding: text, as: UTF8.self))</code></pre>\n"
    )
  }
}
