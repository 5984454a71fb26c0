import Diagnostics
import Recipes
import StrictYAML

/// What a run was computed with, as far as it decides the bits of its results beside recipe, data and threads.
public struct Computation: Codable, Equatable, Sendable {
  /// The digest of experiment and settings that are not its own values, without seeds, threads and the fold: what has one
  /// fingerprint.
  public var configuration: String
  /// The kind of processor, with the kernels that the libraries choose for it.
  public var kind: String
  /// The versions of the libraries that compute, by name.
  public var libraries: [String: String]
  /// The build that computed; nil where the program has no mark of its own.
  public var program: String?
  /// What the program computed for the recipe at the beginning of the run; nil where that is not known.
  public var fingerprint: Fingerprint?

  /// Describes how this program computes a recipe.
  ///
  /// - Parameter versions: those of the manifest, of which the names of kernels belong to the kind of processor.
  public init(of recipe: Recipe, machine: Machine, versions: [String: String], fingerprint: Fingerprint? = nil) {
    configuration = Self.configuration(of: recipe)
    kind = Self.kind(machine.kind ?? machine.processor, versions: versions)
    libraries = Self.libraries(versions)
    program = machine.program
    self.fingerprint = fingerprint
  }

  /// The digest of what all seeds and folds of a recipe share.
  public static func configuration(of recipe: Recipe) -> String {
    var settings = recipe.decisiveSettings
    if recipe.settings["data"]?["fold"] != nil {
      var data = settings["data"] ?? .object([])
      data["fold"] = .integer(0)
      settings["data"] = data
    }
    let content = JSONValue.object(["experiment": .text(recipe.experiment), "settings": settings])
    return String(SHA256.hexDigest(of: content.canonicalJSON.utf8).prefix(16))
  }

  /// A processor with the kernels that libraries choose for it.
  static func kind(_ processor: String, versions: [String: String]) -> String {
    let core = versions["OpenBLAS core"].map { "OpenBLAS for \($0)" }
    let set = versions["oneDNN"].flatMap { $0.split(separator: ",").dropFirst().first }.map { "oneDNN with\($0)" }
    return ([processor] + [core, set].compactMap { $0 }).joined(separator: "; ")
  }

  /// The libraries that compute, without what depends on the processor.
  static func libraries(_ versions: [String: String]) -> [String: String] {
    var libraries: [String: String] = [:]
    if let text = versions["OpenBLAS"] {
      let words = text.split(separator: " ").filter { $0 != versions["OpenBLAS core"] ?? "" }
      libraries["OpenBLAS"] = words.joined(separator: " ")
    }
    libraries["OpenBLAS threads"] = versions["OpenBLAS threads"]
    libraries["oneDNN"] = versions["oneDNN"].flatMap { $0.split(separator: ",").first }.map(String.init)
    return libraries
  }
}
