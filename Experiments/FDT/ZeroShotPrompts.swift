import Datasets
import Diagnostics
import Foundation

/// What classes are called in captions: templates, and names of each class, by modality of captions.
///
/// A file of prompts is JSON: `templates` holds for each modality a list of sentences with `{}` for the name;
/// `classes` for each labelling, and each modality of tags, the names of each class by modality; `unions` names for a
/// labelling without names a finer one, whose classes that occur with a class lend it theirs.
package struct ZeroShotPrompts: Codable, Equatable {
  package var templates: [String: [String]] = [:]
  package var classes: [String: [String: [String: [String]]]] = [:]
  package var unions: [String: String] = [:]

  package init(
    templates: [String: [String]] = [:], classes: [String: [String: [String: [String]]]] = [:],
    unions: [String: String] = [:]
  ) {
    (self.templates, self.classes, self.unions) = (templates, classes, unions)
  }

  /// Reads a user's file, or that of a data set; a data set that has none has no prompts.
  ///
  /// - Throws: `UserError` where a file cannot be read, is not of this form, or has a template without `{}`.
  package static func load(_ path: String?, dataset: String) throws(UserError) -> ZeroShotPrompts {
    let url =
      path.map { URL(fileURLWithPath: $0) }
      ?? Bundle.module.bundleURL.appending(path: "Prompts").appending(path: "\(dataset).json")
    if path == nil, !FileManager.default.fileExists(atPath: url.path) { return ZeroShotPrompts() }
    guard let data = try? Data(contentsOf: url) else {
      throw UserError(.inputOutput, "cannot be read", at: url.path, mend: "give evaluation.prompts another path")
    }
    let prompts: ZeroShotPrompts
    do {
      prompts = try JSONDecoder().decode(ZeroShotPrompts.self, from: data)
    } catch {
      throw UserError(
        .data, "is no file of prompts", at: url.path,
        mend: "it holds templates, classes and unions, as Experiments/FDT/Prompts/emoji.json does")
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
  ///   - split: tells which finer classes occur with a class.
  package func sentences(
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
