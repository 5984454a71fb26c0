/// A picture in SVG made fit to stand inside a page beside others: its identifiers are its own, and it asks for nothing.
struct InlineSVG {
  /// The `svg` element.
  let source: String

  /// Takes the text of a file.
  ///
  /// The prolog, the picture's own title and its description go, which a page would show as tips; every identifier and
  /// every reference to one gets the prefix; width and height go, so that the page decides.
  ///
  /// - Returns: nil where the text is no SVG, or holds scripts, style sheets, or references beyond itself.
  init?(_ text: String, prefix: String, label: String) {
    var scanner = XMLScanner(text)
    var result = ""
    result.reserveCapacity(text.utf8.count)
    var isInside = false
    while let token = scanner.next() {
      switch token {
      case .text(let text): if isInside { result += text }
      case .other: continue
      case .end(let name):
        guard isInside else { return nil }
        result += "</\(name)>"
      case .element(let name, let attributes, let isEmpty):
        if ["title", "desc", "metadata"].contains(name), isInside {
          if !isEmpty, !scanner.skipElement() { return nil }
          continue
        }
        guard !Self.forbidden.contains(name.lowercased()) else { return nil }
        var kept: [(name: String, value: String)] = []
        for attribute in attributes {
          guard let value = Self.value(of: attribute, prefix: prefix) else { return nil }
          if isInside || !["width", "height"].contains(attribute.name) { kept.append((attribute.name, value)) }
        }
        if !isInside {
          guard name == "svg" else { return nil }
          isInside = true
          kept += [("role", "img"), ("aria-label", HTML.escaped(label))]
        }
        result += "<\(name)" + kept.map { " \($0.name)=\"\($0.value)\"" }.joined() + (isEmpty ? "/>" : ">")
      }
    }
    guard isInside, scanner.isWellFormed else { return nil }
    source = result
  }

  private static let forbidden: Set<String> = [
    "script", "style", "foreignobject", "iframe", "object", "embed", "audio", "video", "a",
  ]

  /// The value that an attribute has on the page; nil where it must not stand there.
  private static func value(of attribute: (name: String, value: String), prefix: String) -> String? {
    let (name, value) = attribute
    let lower = name.lowercased()
    if lower.hasPrefix("on") { return nil }
    if lower == "id" { return prefix + value }
    if lower == "href" || lower == "xlink:href" || lower == "src" {
      if value.hasPrefix("#") { return "#" + prefix + value.dropFirst() }
      return value.hasPrefix("data:image/png;base64,") || value.hasPrefix("data:image/jpeg;base64,") ? value : nil
    }
    guard value.contains("url(") else { return value }
    let local = value.replacing("url(#", with: "url(#\(prefix)")
    // A reference in any other form would be a request.
    return local.ranges(of: "url(").count == local.ranges(of: "url(#").count ? local : nil
  }
}
