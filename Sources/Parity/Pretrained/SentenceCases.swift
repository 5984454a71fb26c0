import Datasets
import Diagnostics
import Foundation
import Kernels
import Pretrained

/// Sentences with the tokens and the embeddings that a published text encoder makes of them.
struct SentenceCases: Decodable {
  /// A sentence.
  struct Sentence: Decodable {
    let text: String
    let ids: [Int32]
    let embedding: [Float]
  }

  let sentences: [Sentence]

  /// Reads a file; nil where it is of another kind.
  ///
  /// - Throws: `UserError` where it cannot be read.
  static func read(_ url: URL) throws(UserError) -> SentenceCases? {
    let data = try RegularFile.contents(of: url, limit: 1 << 28)
    return try? JSONDecoder().decode(Self.self, from: data)
  }

  /// Compares tokens, an error being 0 or 1, and embeddings of length 1.
  func compare(with encoder: SentenceEncoder, file: String) throws(UserError) -> ParityResult {
    let found = encoder.texts(sentences.map(\.text))
    var errors: [String: Float] = [:]
    for (row, own) in sentences.enumerated() {
      guard own.embedding.count == found.columns else {
        throw UserError(
          .data, "an embedding of \(own.embedding.count) numbers, the model's have \(found.columns)", at: file)
      }
      let tokens = encoder.tokeniser.tokens(of: own.text, length: encoder.description.configuration.length)
      let name = "\(row + 1) \(own.text.prefix(40))"
      errors["tokens of \(name)"] = tokens == own.ids ? 0 : 1
      errors["embedding of \(name)"] = zip(found[row: row], own.embedding).reduce(0) { largest, pair in
        let distance = abs(pair.0 - pair.1)
        return distance.isNaN ? .infinity : max(largest, distance)
      }
    }
    return ParityResult(file: file, name: "sentences", errors: errors)
  }
}
