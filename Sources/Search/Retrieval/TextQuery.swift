import Datasets
import Diagnostics

/// A text with the modality of captions that it is read as.
public struct TextQuery: Sendable {
  /// The text.
  public let text: String
  /// The modality of captions.
  public let caption: SearchableData.Caption
  /// Which of its words the vocabulary knows.
  public let coverage: WordCoverage

  /// Reads texts as captions of one modality: the named one, else that whose vocabulary knows most of them.
  ///
  /// - Parameter places: where each text stands, for errors; empty where there is nothing to say.
  /// - Throws: `UserError` where there are no captions of this name, or a text has no known word.
  public static func resolve(
    _ texts: [String], language: String?, in data: SearchableData, places: [String] = []
  ) throws(UserError) -> [TextQuery] {
    guard !data.captions.isEmpty else { throw data.wordless }
    let candidates = try language.map { name throws(UserError) in [try data.caption(named: name)] } ?? data.captions
    var best: (queries: [TextQuery], share: Double)?
    for caption in candidates {
      let queries = texts.map {
        TextQuery(text: $0, caption: caption, coverage: WordCoverage(of: $0, in: caption.tokeniser))
      }
      let share = queries.reduce(0) { $0 + $1.coverage.share }
      if share > best?.share ?? -1 { best = (queries, share) }
    }
    let queries = best?.queries ?? []
    for (index, query) in queries.enumerated() {
      let place = places.indices.contains(index) ? places[index] : nil
      guard query.coverage.wordCount > 0 else {
        throw UserError(.data, "the text \"\(query.text)\" has no word", at: place)
      }
      guard query.coverage.isKnownInPart else { throw query.unknown(among: candidates, at: place) }
    }
    return queries
  }

  /// What to say of words that the vocabulary does not know; `nil` where it knows all.
  public var remark: String? {
    guard !coverage.unknown.isEmpty else { return nil }
    let words = coverage.unknown.map { "\"\($0)\"" }.joined(separator: ", ")
    let near = Self.near(coverage.unknown, in: [caption])
    return "not in the vocabulary of \(caption.name): \(words)"
      + (near.isEmpty ? "" : "; near words: \(Self.list(near))")
  }

  private func unknown(among candidates: [SearchableData.Caption], at place: String?) -> UserError {
    let near = Self.near(coverage.unknown, in: candidates)
    let frequent = candidates.flatMap { $0.tokeniser.words.prefix(5) }
    return UserError(
      .data,
      "no word of \"\(text)\" is in the vocabulary of \(candidates.map(\.name).joined(separator: " or "))", at: place,
      mend: near.isEmpty ? "its words are such as \(Self.list(frequent))" : "near words: \(Self.list(near))")
  }

  private static func list(_ words: [String]) -> String { words.joined(separator: ", ") }

  private static func near(_ words: [String], in captions: [SearchableData.Caption], most: Int = 6) -> [String] {
    var near: [String] = []
    for word in words {
      for word in captions.flatMap({ $0.tokeniser.words(near: word) }) where !near.contains(word) { near.append(word) }
    }
    return Array(near.prefix(most))
  }
}
