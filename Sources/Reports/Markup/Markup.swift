/// Text of a formatted document, in which interpolated strings are escaped and interpolated markup is not.
package protocol Markup {
  /// The document's own text.
  var source: String { get }

  /// Takes text of the document as it is.
  init(source: String)

  /// Plain text such that the document shows it.
  static func escaped(_ text: String) -> String
}

extension Markup {
  /// Shows plain text.
  package init(_ text: String) { self.init(source: Self.escaped(text)) }

  /// Puts one piece after the other.
  package static func + (first: Self, second: Self) -> Self { Self(source: first.source + second.source) }
}

extension Array where Element: Markup {
  /// The pieces with a text of the document between.
  package func joined(_ separator: String = "") -> Element {
    Element(source: map(\.source).joined(separator: separator))
  }
}

/// Collects the parts of a ``Markup`` literal.
package struct MarkupInterpolation<Document: Markup>: StringInterpolationProtocol {
  package fileprivate(set) var source: String

  package init(literalCapacity: Int, interpolationCount: Int) {
    source = ""
    source.reserveCapacity(literalCapacity + 16 * interpolationCount)
  }

  package mutating func appendLiteral(_ literal: String) { source += literal }
  package mutating func appendInterpolation(_ text: String) { source += Document.escaped(text) }
  package mutating func appendInterpolation(_ number: Int) { source += "\(number)" }
  package mutating func appendInterpolation(_ piece: Document) { source += piece.source }
  package mutating func appendInterpolation(_ piece: Document?) { source += piece?.source ?? "" }
  package mutating func appendInterpolation(_ pieces: [Document]) { for piece in pieces { source += piece.source } }
}
