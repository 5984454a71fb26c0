import Foundation
import Testing

/// What README.md and the documentation catalogues say of keys, catalogues and files is so.
@Suite struct DocumentationTests {
  private func page(_ path: String) throws -> String {
    try String(contentsOf: Surroundings.package.appending(path: path), encoding: .utf8)
  }

  /// The cells of a page's tables, without the marks of code.
  private func rows(_ path: String) throws -> [[String]] {
    try page(path).split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
      row.dropFirst().dropLast().split(separator: "|").map {
        $0.trimmingCharacters(in: .whitespaces).replacing(/^`|`$/, with: "")
      }
    }
  }

  @Test func everyKeyIsExplainedWithItsDefault() throws {
    let folder = try TemporaryFolder()
    let recipe = try folder.write("title: defaults\nexperiment: compare\n", to: "defaults.yaml")
    let outcome = try Program.run("show", recipe)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    var (path, defaults) = ([String](), [String: String]())
    for line in outcome.output.split(separator: "\n") {
      let depth = line.prefix { $0 == " " }.count / 2
      let text = line.drop { $0 == " " }.replacing(/\ +#\ default$/, with: "")
      let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
      path = path.prefix(depth) + [parts[0]]
      guard parts.count == 2, path.count > 1 else { continue }
      let value = parts[1].trimmingCharacters(in: .whitespaces)
      if value != "{}" { defaults[path.joined(separator: ".")] = value }
    }
    #expect(defaults.count > 150)
    let explained = try rows("Sources/AlignmentExperiments/AlignmentExperiments.docc/Keys.md")
    for (key, value) in defaults {
      // The two sections of changes to pictures are explained once.
      let name = key.replacing("augmentation.view.", with: "augmentation.image.")
      let row = try #require(explained.first { $0[0] == name }, "Keys.md has no `\(name)`")
      #expect(row[1] == value, "\(key)")
    }
    for row in explained { #expect(defaults[row[0]] != nil, "there is no key `\(row[0])`") }
  }

  /// Every key of a recipe, and every section, that `Keys.md` explains.
  private func explainedKeys() throws -> Set<String> {
    var keys: Set<String> = []
    for row in try rows("Sources/AlignmentExperiments/AlignmentExperiments.docc/Keys.md") {
      let parts = row[0].split(separator: ".")
      for count in 1...max(1, parts.count) {
        let key = parts.prefix(count).joined(separator: ".")
        keys.formUnion([key, key.replacing("augmentation.image", with: "augmentation.view")])
      }
    }
    return keys
  }

  /// Words of messages that look like keys of recipes and are none.
  private static let noKeys: Set<String> = [
    "data.json", "model.safetensors", "model.safetensors.index.json", "method.objective.scale.logarithm",
    "method.scale.logarithm", "method.objective.bias",
  ]

  @Test func everyKeyThatAMessageNamesIsThere() throws {
    let known = try explainedKeys()
    let sections = ["data.", "model.", "method.", "training.", "evaluation.", "augmentation."]
    let key =
      /(?:^|[^\w.\/])((?:data|model|method|training|evaluation|augmentation)(?:\.[a-zA-Z][a-zA-Z0-9]*)+)(?![\w(~\/.])/
    var count = 0
    for file in try Surroundings.sources() where !Self.keepsFormerKeys(file) {
      for (number, line) in try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false
      ).enumerated()
      // Most lines are none for the slow expressions below.
      where line.utf8.contains(UInt8(ascii: "\"")) && sections.contains(where: { line.contains($0) })
        && !line.drop(while: { $0 == " " }).hasPrefix("//")
      {
        let plain = line.replacing(/\\\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/, with: "~")
        // What stands before a colon or is given a new value is the former name of a key.
        for literal in plain.matches(of: /"((?:[^"\\]|\\.)*)"(:|\] =)?/) where literal.2 == nil {
          for match in literal.1.matches(of: key) where !Self.noKeys.contains(String(match.1)) {
            count += 1
            #expect(known.contains(String(match.1)), "\(file.lastPathComponent):\(number + 1) names \(match.1)")
          }
        }
      }
    }
    #expect(count > 100)
  }

  /// Whether a file tells recipes of earlier versions apart by keys that are gone.
  private static func keepsFormerKeys(_ file: URL) -> Bool {
    ["KeyHistory.swift", "RecordedRecipe+Course.swift"].contains(file.lastPathComponent)
  }

  @Test(arguments: [
    ("--methods", "Sources/Methods/Methods.docc/Methods.md"),
    ("--evaluators", "Sources/Evaluators/Evaluators.docc/Evaluators.md"),
  ]) func everyEntryOfACatalogueIsExplained(flag: String, path: String) throws {
    let outcome = try Program.run("list", flag, "--json")
    let entries = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]], "\(outcome.errors)")
    let shown = entries.map { [$0["name"] as? String ?? "", $0["summary"] as? String ?? ""] }
    #expect(try rows(path) == shown && shown.count > 5)
  }

  @Test func everyFileThatIsNamedIsThere() throws {
    for document in try ShownCommands.documents() {
      let text = try String(contentsOf: document, encoding: .utf8)
      let paths = text.matches(of: /`((?:Sources|Experiments|Papers|Results|Tests)\/[\w.+\/-]+)`/).map { String($0.1) }
      let links = text.matches(of: /\]\(((?:Sources|Experiments|Papers|Results|Tests)\/[^)]+)\)/).map { String($0.1) }
      for path in paths + links {
        #expect(
          FileManager.default.fileExists(atPath: Surroundings.package.appending(path: path).path),
          "\(document.lastPathComponent) names \(path)")
      }
    }
  }

  @Test func theReadmeIsReadInThreeMinutes() throws {
    let text = try page("README.md")
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 200)
  }

  @Test func theMethodThatTheReadmeAddsIsMadeOfWhatThereIs() throws {
    // The sketch follows the methods that are there: what it conforms to and calls is named by one of them, too.
    let sketch = try #require(page("README.md").firstMatch(of: /```swift\n((?:.|\n)*?)```/)).1
    let known = try page("Sources/Methods/SigLIP.swift") + page("Sources/Methods/AlignmentMethod.swift")
    for word in ["MethodOptions", "PairObjective", "PairwiseAlignment<", "inout MethodParts", "batch: TrainingBatch"] {
      #expect(sketch.contains(word) && known.contains(word), "\(word)")
    }
  }
}
