import Foundation
import Runs
import StrictYAML

/// A report as one page that needs no other file: tables that can be sorted, figures inside, recipe and manifest folded.
package struct HTMLReport {
  private let report: Report
  /// A drawing of more bytes than this is taken as pixels where those are fewer.
  private static let largestDrawing = 250_000

  init(_ report: Report) { self.report = report }

  /// The document.
  package var text: String {
    var sections = report.sections
    var header: HTML = "<h1>\(report.title)</h1>\n"
    if report.records.count == 1, case .facts(let facts)? = sections.first?.blocks.first {
      // What the numbers are from stands above them all.
      sections.removeFirst()
      header = header + "<div class=\"provenance\">\n\(Self.list(facts))</div>\n"
    } else {
      header = header + "<p>\(report.records.map(\.provenance).joined(separator: "; "))</p>\n"
    }
    var parts: [(anchor: String, title: String, content: HTML)] = []
    for section in sections {
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
    return HTMLPage(title: report.title, header: header, sections: parts).text
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
    if case .table(let table, _) = block, table.isNumeric, report.records.contains(where: { !$0.result.notes.isEmpty })
    {
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
    case .heading(let title): return "<h3>\(title)</h3>\n"
    case .facts(let facts): return list(facts)
    case .notes(let notes): return "<ul>\n\(notes.map { "<li>\($0)</li>\n" as HTML })</ul>\n"
    case .table(let table, let caption):
      let title: HTML? = isTitled ? "<strong>\(table.title)</strong> " : nil
      return HTML.table(table, caption: "\(title)<span class=\"from\">\(caption)\(link)</span>")
    case .figure(let one): return figure(one)
    case .command(let command): return "<pre><code>\(command)</code></pre>\n"
    }
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
    if let data, !isLarge || (pixels?.count ?? .max) / 3 * 4 > data.count,
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
      HTML.table(ScoreTable.bySeed(record), caption: "<span class=\"from\">\(record.provenance).</span>")
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
