import Datasets
import Diagnostics
import Foundation
import Reports
import StrictYAML

/// What a search found, as text, JSON or a page.
public struct SearchReport {
  /// What was searched with.
  public enum Query {
    /// A text.
    case text(TextQuery)
    /// A picture.
    case picture(URL)
  }

  /// The hits of one collection.
  public struct Section {
    /// The collection's title.
    public let title: String
    /// The hits, the nearest first.
    public let hits: [SearchHit]
  }

  /// The run in a few words.
  public let run: String
  /// What was searched with.
  public let query: Query
  /// What is done to a picture before it is embedded.
  public let form: String
  /// The hits by collection.
  public let sections: [Section]

  /// Looks a query up in collections.
  ///
  /// - Parameter vector: the query's embedding.
  public init(
    run: String, query: Query, form: String, vector: [Float], collections: [SearchCollection], count: Int
  ) {
    (self.run, self.query, self.form) = (run, query, form)
    sections = collections.map { Section(title: $0.title, hits: $0.nearest(to: vector, count: count)) }
  }

  /// The query in words.
  var title: String {
    switch query {
    case .text(let query): "\"\(query.text)\" as \(query.caption.name)"
    case .picture(let file): file.relativePath
    }
  }

  /// The hits as tables for a terminal.
  public var plain: String {
    var text = "\(title.onOneLine()) · \(run)\n"
    for section in sections {
      text += "\nnearest of \(section.title)\n"
      let names = section.hits.map { $0.item.name.onOneLine() }
      let width = min(48, names.map(\.count).max() ?? 0)
      for (hit, name) in zip(section.hits, names) {
        let rank = "\(hit.rank)".leftPadded(to: 4)
        let line = "\(rank)  \(Self.shown(hit.cosine))  \(name.rightPadded(to: width))  \(hit.item.words.onOneLine())"
        text += line.trimmingSuffix { $0 == " " } + "\n"
      }
    }
    return text
  }

  /// The hits for a machine.
  public var json: JSONValue {
    var query: [JSONValue.Member] = []
    switch self.query {
    case .text(let text):
      query = [
        .init("text", .text(text.text)), .init("captions", .text(text.caption.name)),
        .init("rareWords", .list(text.coverage.pieced.map(JSONValue.text))),
      ]
    case .picture(let file): query = [.init("picture", .text(file.relativePath))]
    }
    return .object([
      "run": .text(run), "query": .object(query), "preparation": .text(form),
      "collections": .list(
        sections.map { section in
          .object(["title": .text(section.title), "hits": .list(section.hits.map(Self.json))])
        }),
    ])
  }

  /// The hits as a page that needs no other file, pictures in a grid.
  ///
  /// - Parameters:
  ///   - preview: a PNG of an item's picture.
  ///   - queryPreview: a PNG of the query's picture.
  public func html(preview: (SearchItem) -> Data?, queryPreview: Data? = nil) -> String {
    let picture: HTML? = queryPreview.map { "<p>\(Self.image($0, words: title))</p>\n" }
    let header: HTML = """
      <h1>\(title)</h1>
      \(picture)<div class="provenance"><dl><dt>run</dt><dd>\(run)</dd><dt>pictures</dt><dd>\(form)</dd></dl></div>

      """
    let parts = sections.enumerated().map { index, section in
      let cells = section.hits.map { hit -> HTML in
        let image = preview(hit.item).map { Self.image($0, words: hit.item.words) }
        let words: HTML? = hit.item.words.isEmpty ? nil : "<br>\(hit.item.words)"
        return """
          <li><figure>\(image)<figcaption>\(hit.rank) · \(String(format: "%.3f", Double(hit.cosine)))\(words)\
          <span class="from">\(HTML.breakable(hit.item.name))</span></figcaption></figure></li>

          """
      }
      return (
        anchor: "hits-\(index + 1)", title: "Nearest of \(section.title)",
        content: "<ol class=\"hits\">\n\(cells)</ol>\n" as HTML
      )
    }
    return HTMLPage(title: title, header: header, sections: parts).text
  }

  private static func image(_ png: Data, words: String) -> HTML {
    "<img class=\"hit\" alt=\"\(words)\" src=\"data:image/png;base64,\(HTML(source: png.base64EncodedString()))\">"
  }

  private static func json(_ hit: SearchHit) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("rank", .integer(hit.rank)), .init("cosine", JSONValue(rounded: hit.cosine)),
      .init("name", .text(hit.item.name)),
      .init("words", .text(hit.item.words)),
    ]
    if case .file(let url) = hit.item.source { members.append(.init("file", .text(url.path))) }
    return .object(members)
  }

  private static func shown(_ cosine: Float) -> String { String(format: "%6.3f", Double(cosine)) }
}

extension JSONValue {
  /// The shortest decimal that reads back as the float; null where it is no number.
  init(rounded value: Float) { self = .number(Double("\(value)") ?? .nan) }
}

extension String {
  /// The text with spaces behind it.
  func rightPadded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// The text with spaces before it.
  func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

  /// The text without the characters at its end that fulfil a condition.
  fileprivate func trimmingSuffix(while isOut: (Character) -> Bool) -> String {
    var rest = self[...]
    while let last = rest.last, isOut(last) { rest.removeLast() }
    return String(rest)
  }
}
