import Diagnostics
import Foundation

/// What classes are called in captions: templates, and names of each class, by modality of captions.
///
/// A file of prompts is JSON: `templates` holds for each modality a list of sentences with `{}` for the name;
/// `classes` for each labelling, and each modality of tags, the names of each class by modality; `unions` names for a
/// labelling without names a finer one, whose classes that occur with a class lend it theirs.
public struct ClassPrompts: Codable, Equatable, Sendable {
  /// Sentences with `{}`, by modality of captions.
  public var templates: [String: [String]] = [:]
  /// The names of each class, by labelling, class and modality.
  public var classes: [String: [String: [String: [String]]]] = [:]
  /// For a labelling without names a finer one.
  public var unions: [String: String] = [:]

  /// Creates prompts.
  public init(
    templates: [String: [String]] = [:], classes: [String: [String: [String: [String]]]] = [:],
    unions: [String: String] = [:]
  ) {
    (self.templates, self.classes, self.unions) = (templates, classes, unions)
  }

  /// The names of the files that ship.
  public static var shipped: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }

  private static var folder: URL { Bundle.module.bundleURL.appending(path: "Prompts") }

  /// Reads a user's file, or one that ships by its name.
  ///
  /// - Throws: `UserError` where a file cannot be read, is not of this form, or has a template without `{}`.
  public static func load(_ name: String) throws(UserError) -> ClassPrompts {
    let url =
      shipped.contains(name)
      ? folder.appending(path: "\(name).json")
      : URL(fileURLWithPath: (name as NSString).expandingTildeInPath)
    guard let data = try? Data(contentsOf: url) else {
      throw UserError(
        .inputOutput, "cannot be read", at: url.path,
        mend: "give evaluation.zeroShot.prompts another path, or one of \(shipped.joined(separator: ", "))")
    }
    let prompts: ClassPrompts
    do {
      prompts = try JSONDecoder().decode(ClassPrompts.self, from: data)
    } catch {
      throw UserError(
        .data, "is no file of prompts", at: url.path,
        mend: "it holds templates, classes and unions, as Sources/Evaluators/Prompts/emoji.json does")
    }
    if let bad = prompts.templates.values.joined().first(where: { !$0.contains("{}") }) {
      throw UserError(.data, "the template \"\(bad)\" has no {}", at: url.path)
    }
    return prompts
  }

  /// The sentences of each class in a modality of captions; nil where some class has none.
  ///
  /// - Parameters:
  ///   - labelling: a labelling, or a modality of tags.
  ///   - names: the classes' names.
  ///   - finer: tells which classes of a finer labelling occur with each class.
  public func sentences(
    of labelling: String, names: [String], caption: String, finer: (String) -> [[String]]?
  ) -> [[String]]? {
    let templates = templates[caption] ?? ["{}"]
    let own: [[String]]
    if let classes = classes[labelling] {
      own = names.map { classes[$0]?[caption] ?? [] }
    } else if let union = unions[labelling], let members = finer(union), let classes = classes[union] {
      own = members.map { $0.flatMap { classes[$0]?[caption] ?? [] } }
    } else {
      return nil
    }
    guard own.allSatisfy({ !$0.isEmpty }) else { return nil }
    return own.map { names in names.flatMap { name in templates.map { $0.replacing("{}", with: name) } } }
  }
}
