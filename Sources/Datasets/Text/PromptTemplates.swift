import Diagnostics
import Foundation

/// Sentences with `{}` where a label goes: those that ship, in two languages, or a file of a user's with one in each line.
///
/// Published lists of templates (such as CLIP's 80 for ImageNet) are read as they are printed, with quotes and commas around
/// the sentences or without.
public struct PromptTemplates: Equatable, Sendable {
  /// The sentences.
  public let sentences: [String]
  /// Where they are from: `english`, or a file.
  public let origin: String

  /// The most sentences.
  private static let most = 1_000
  private static var folder: URL { Bundle.module.bundleURL.appending(path: "Templates") }

  /// The names of the lists that ship.
  public static var shipped: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()
  }

  /// Reads a list that ships by its name, or a file.
  ///
  /// - Throws: `UserError` where it cannot be read, has no sentence, or has one without `{}`.
  public init(_ name: String) throws(UserError) {
    origin = name
    let file =
      Self.shipped.contains(name)
      ? Self.folder.appending(path: "\(name).txt") : URL(fileURLWithPath: (name as NSString).expandingTildeInPath)
    sentences = try Self.read(file)
  }

  /// The list that ships in Korean where a label has Hangul, else in English.
  ///
  /// - Throws: `UserError` where the program's own file is missing.
  public init(for labels: [String]) throws(UserError) {
    let isKorean = labels.contains { $0.unicodeScalars.contains { (0xac00...0xd7a3).contains($0.value) } }
    try self.init(isKorean ? "korean" : "english")
  }

  /// Takes sentences.
  public init(_ sentences: [String], origin: String) { (self.sentences, self.origin) = (sentences, origin) }

  /// A name in every sentence.
  public func sentences(of name: String) -> [String] { sentences.map { $0.replacing("{}", with: name) } }

  /// How many there are and where they are from, in a few words.
  public var text: String { "\(sentences.count) \(sentences.count == 1 ? "template" : "templates") (\(origin))" }

  /// Reads a file; empty lines count for nothing.
  private static func read(_ file: URL) throws(UserError) -> [String] {
    let place = file.relativePath
    var templates: [String] = []
    for (number, line) in try UserLines.read(file, place: place) {
      let sentence = unquoted(line)
      guard sentence.contains("{}") else {
        throw UserError(
          .data, "the sentence has no {} for the label", at: "\(place):\(number)", mend: "write {} where it goes")
      }
      templates.append(sentence)
    }
    guard (1...most).contains(templates.count) else {
      throw UserError(.data, "\(templates.count) sentences", at: place, mend: "give 1 to \(most), one in each line")
    }
    return templates
  }

  /// A sentence without the quotes and the comma that a list in a program has around it.
  private static func unquoted(_ line: String) -> String {
    let bare = line.hasSuffix(",") ? String(line.dropLast()) : line
    guard let quote = bare.first, ["'", "\""].contains(quote), bare.count > 2, bare.last == quote else { return line }
    return String(bare.dropFirst().dropLast())
  }
}

/// What the classes of a labelling are called, from a file: in each line the class, a tab, and its name; more names may follow
/// behind further tabs.
public struct ClassNames: Equatable, Sendable {
  /// The names by class.
  public let names: [String: [String]]
  /// The file.
  public let origin: String

  /// Reads a file.
  ///
  /// - Throws: `UserError` where it cannot be read, or a line is not of this form or of a class that stood before.
  public init(_ name: String) throws(UserError) {
    let file = URL(fileURLWithPath: (name as NSString).expandingTildeInPath)
    origin = name
    var names: [String: [String]] = [:]
    for (number, line) in try UserLines.read(file, place: name) {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard cells.count > 1, cells.allSatisfy({ !$0.isEmpty }) else {
        throw UserError(
          .data, "the line is no class with its name", at: "\(name):\(number)",
          mend: "write the class, a tab and the name")
      }
      guard names.updateValue(Array(cells.dropFirst()), forKey: cells[0]) == nil else {
        throw UserError(
          .data, "the class \"\(cells[0])\" stands there twice", at: "\(name):\(number)", mend: "keep one line")
      }
    }
    guard !names.isEmpty else {
      throw UserError(.data, "there is no class", at: name, mend: "write the class, a tab and the name in each line")
    }
    self.names = names
  }

  /// Whether the file speaks of any of some classes.
  public func hasAny(of classes: [String]) -> Bool { classes.contains { names[$0] != nil } }

  /// The names of some classes, in order; nil where the file speaks of none of them.
  ///
  /// - Throws: `UserError` where it speaks of some and not of others.
  public func names(of classes: [String]) throws(UserError) -> [[String]]? {
    let missing = classes.filter { names[$0] == nil }
    if missing.count == classes.count { return nil }
    guard let first = missing.first else { return classes.map { names[$0] ?? [] } }
    throw UserError(
      .data, "\(missing.count) of \(classes.count) classes have no name there, the first \"\(first)\"", at: origin,
      mend: "add a line for each")
  }
}

/// The lines of a user's file of texts.
enum UserLines {
  /// The lines that are not empty, without white space around them, each with its number from 1.
  ///
  /// - Throws: `UserError` where it cannot be read or is not UTF-8.
  static func read(_ file: URL, place: String) throws(UserError) -> [(number: Int, text: String)] {
    let data = try RegularFile.contents(of: file, limit: 1 << 22, place: place)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UserError(.data, "is not UTF-8", at: place, mend: "save it as UTF-8")
    }
    return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().compactMap {
      let line = $0.element.trimmingCharacters(in: .whitespacesAndNewlines)
      return line.isEmpty ? nil : ($0.offset + 1, line)
    }
  }
}
