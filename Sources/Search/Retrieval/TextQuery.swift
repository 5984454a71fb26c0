import Datasets
import Diagnostics

/// A text with the modality of captions that it is read as.
public struct TextQuery: Sendable {
  /// The text.
  public let text: String
  /// The modality of captions.
  public let caption: SearchableData.Caption
  /// How it is read.
  public let coverage: TextCoverage

  /// Reads texts as captions of one modality: the named one, else that whose pieces make the fewest tokens of them.
  ///
  /// - Parameter places: where each text stands, for errors; empty where there is nothing to say.
  /// - Throws: `UserError` where there are no captions of this name, or a text is empty.
  public static func resolve(
    _ texts: [String], language: String?, in data: SearchableData, places: [String] = []
  ) throws(UserError) -> [TextQuery] {
    guard !data.captions.isEmpty else { throw data.wordless }
    let candidates = try language.map { name throws(UserError) in [try data.caption(named: name)] } ?? data.captions
    var best: (queries: [TextQuery], tokens: Int)?
    for caption in candidates {
      let queries = texts.map {
        TextQuery(text: $0, caption: caption, coverage: caption.coverage(of: $0))
      }
      let tokens = queries.reduce(0) { $0 + $1.coverage.tokenCount }
      if tokens < best?.tokens ?? .max { best = (queries, tokens) }
    }
    let queries = best?.queries ?? []
    for (index, query) in queries.enumerated() where query.coverage.tokenCount == 0 {
      throw UserError(
        .data, "the text \"\(query.text)\" is empty", at: places.indices.contains(index) ? places[index] : nil)
    }
    return queries
  }

  /// What to say of words that are rare or missing in training; `nil` where there are none.
  public var remark: String? {
    guard !coverage.pieced.isEmpty || coverage.isSpelled else { return nil }
    guard !coverage.pieced.isEmpty else {
      return "training texts of \(caption.name) hardly have the signs of \"\(text)\", so it is read by their bytes"
    }
    let words = coverage.pieced.map { "\"\($0)\"" }.joined(separator: ", ")
    var near: [String] = []
    for word in coverage.pieced {
      for word in caption.tokeniser?.words(near: word) ?? [] where !near.contains(word) { near.append(word) }
    }
    return "rare or missing in training texts of \(caption.name), and read in pieces: \(words)"
      + (near.isEmpty ? "" : "; near words: \(near.prefix(6).joined(separator: ", "))")
  }
}
