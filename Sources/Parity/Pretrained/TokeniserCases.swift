import Datasets
import Diagnostics
import Foundation

/// Texts with the tokens that a published tokeniser makes of them.
struct TokeniserCases: Decodable {
  /// A text.
  struct Case: Decodable {
    let group: String
    let text: String
    let ids: [Int32]
    let needs: [String]?
  }

  /// The most tokens of a text.
  let context: Int
  let cases: [Case]

  /// What a text may need that is not done here: ftfy's mending of UTF-8 that was read as another encoding.
  private static let unsupported = "ftfy-mojibake"

  /// Reads a file.
  ///
  /// - Throws: `UserError` where it is no such JSON.
  init(readingFrom url: URL) throws(UserError) {
    let data = try RegularFile.contents(of: url, limit: 1 << 28)
    do {
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch {
      throw UserError(
        .data, "no cases of a tokeniser", at: url.lastPathComponent,
        mend: "it holds `context` and `cases`, each with group, text and ids")
    }
    guard (2...1 << 16).contains(context), !cases.isEmpty else {
      throw UserError(.data, "\(cases.count) texts of at most \(context) tokens", at: url.lastPathComponent)
    }
  }

  /// Compares the tokens of each text: an error is 0 where they are equal, otherwise 1.
  func compare(with tokeniser: PretrainedTokeniser, file: String) -> ParityResult {
    var errors: [String: Float] = [:]
    var unsupported: [String] = []
    for (number, own) in cases.enumerated() {
      let isEqual = tokeniser.tokens(of: own.text, length: context) == own.ids
      if !isEqual, own.needs?.contains(Self.unsupported) == true {
        unsupported.append(own.text)
      } else {
        errors["\(number + 1) \(own.group) \(own.text.prefix(40))"] = isEqual ? 0 : 1
      }
    }
    return ParityResult(
      file: file, name: "tokeniser", errors: errors,
      unsupported: unsupported.isEmpty ? nil : "UTF-8 read as another encoding: \(unsupported.joined(separator: ", "))")
  }
}
