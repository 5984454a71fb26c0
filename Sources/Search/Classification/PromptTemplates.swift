import Diagnostics
import Foundation

/// Sentences with `{}` where a label goes, from files with one in each line.
public enum PromptTemplates {
  private static var folder: URL { Bundle.module.bundleURL.appending(path: "Templates") }
  private static let most = 1_000

  /// The sentences that ship, in Korean where a label has Hangul, else in English.
  ///
  /// - Throws: `UserError` where the program's own file is missing.
  public static func shipped(for labels: [String]) throws(UserError) -> [String] {
    let isKorean = labels.contains { $0.unicodeScalars.contains { (0xac00...0xd7a3).contains($0.value) } }
    return try read(folder.appending(path: isKorean ? "korean.txt" : "english.txt"))
  }

  /// Reads a file; empty lines count for nothing.
  ///
  /// - Throws: `UserError` where it cannot be read, has no sentence, or has one without `{}`.
  public static func read(_ file: URL) throws(UserError) -> [String] {
    let place = file.relativePath
    let data = try RegularFile.contents(of: file, limit: 1 << 20, place: place)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UserError(.data, "is not UTF-8", at: place, mend: "save it as UTF-8")
    }
    var templates: [String] = []
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let sentence = line.trimmingCharacters(in: .whitespacesAndNewlines)
      if sentence.isEmpty { continue }
      guard sentence.contains("{}") else {
        throw UserError(
          .data, "the sentence has no {} for the label", at: "\(place):\(number + 1)", mend: "write {} where it goes")
      }
      templates.append(sentence)
    }
    guard (1...most).contains(templates.count) else {
      throw UserError(.data, "\(templates.count) sentences", at: place, mend: "give 1 to \(most), one in each line")
    }
    return templates
  }
}
