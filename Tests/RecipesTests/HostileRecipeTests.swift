import Diagnostics
import FileMutation
import Foundation
import Recipes
import SampleRuns
import Testing

/// Thousands of damaged recipes: each is resolved and can be read back as it was written, or is refused with one line.
@Suite struct HostileRecipeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let corpus = [
    """
    title: "Small \\u00e9 one"
    experiment: sample
    seeds: [0, 1, 2]
    threads: 2
    data:
      set: digits
      imageSize: 24
      languages: [en, "ko"]
      limit: 100
    method: { temperature: 0.25, weights: { image: 1.5, sound: 2 } }
    training:
      epochs: 3
      learningRate: 1.0e-3
      optimiser: 'sgd'
      shuffle: no
      augmentation: { flip: true }
    profiles:
      quick: { training: { epochs: 1 } }
      other:
        seeds:
          - 7
          - 8
    expected:
      - { evaluator: accuracy, subject: image, metric: accuracy, value: 97.5, tolerance: 0.5, source: "Table 1" }
    """,
    """
    # A child.
    extends: parent.yaml
    title: >-
      folded
      text
    method:
      weights: {}
      temperature: .5
    training: { shuffle: false, augmentation: null }
    """,
  ].map { Array($0.utf8) }

  private let words = [
    "title", "experiment", "extends", "profiles", "expected", "seeds", "threads", "data", "method", "training",
    "sample",
    "epochs", "weights", "augmentation", "null", "true", "~", "*a", "&a x", "!!str", "<<", "|", ">", "...", "---",
    "%YAML 9.9", "damaged.yaml", "/dev/zero.yaml", "sample/parent",
  ]

  @Test func recipes() throws {
    try folder.write("experiment: sample\nseeds: [4]\n", to: "parent.yaml")
    let path = folder.url.appendingPathComponent("damaged.yaml").path
    let again = folder.url.appendingPathComponent("again.yaml").path
    let catalogue = folder.catalogue
    let run = FuzzRun("recipe", corpus: corpus, vocabulary: words, count: 1_200)
    // An `extends` may name a file that is not there.
    let outcome = try run(place: folder.url.path, kinds: [.data, .inputOutput], seesTruncation: false) { bytes in
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let recipe = try catalogue.recipe(path)
      try Data(recipe.yaml.utf8).write(to: URL(fileURLWithPath: again))
      let second: Recipe
      do {
        second = try catalogue.recipe(again)
      } catch {
        throw FuzzRun.Violation("as it is shown it cannot be read: \(error)\n\(recipe.yaml)")
      }
      if second.hash != recipe.hash || second.title != recipe.title || second.expected != recipe.expected {
        throw FuzzRun.Violation("as it is shown it is another recipe:\n\(recipe.yaml)")
      }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "[{a: "]) func deepNestingIsRefusedAtOnce(unit: String) throws {
    let text = String(repeating: unit, count: 100_000)
    try folder.write(text, to: "deep.yaml")
    let path = folder.url.appendingPathComponent("deep.yaml").path
    let error = #expect(throws: UserError.self) { try folder.catalogue.recipe(path) }
    #expect(error?.what == "nested deeper than 32 levels")
    #expect(error?.place?.hasPrefix("\(path):1:") == true)
  }

  @Test func anOverrideIsCheckedAsARecipeIs() throws {
    try folder.write("experiment: sample\n", to: "parent.yaml")
    let deep = "seeds=" + String(repeating: "[", count: 100_000)
    let error = #expect(throws: UserError.self) { try folder.catalogue.recipe("sample/parent", overrides: [deep]) }
    #expect(error?.kind == .usage)
    #expect((error?.description.utf8.count ?? .max) < 4_000)
  }

  /// Each alias would double what is compared where the last one is a key.
  @Test func aliasesAreRefused() throws {
    var text = "a0: &a0 [x]\n"
    for level in 1..<40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    try folder.write(text + "? *a39\n: 1\n", to: "bomb.yaml")
    let path = folder.url.appendingPathComponent("bomb.yaml").path
    let error = #expect(throws: UserError.self) { try folder.catalogue.recipe(path) }
    #expect(error?.what == "an anchor, which such a file cannot have")
    #expect(error?.place == "\(path):1:5")
  }

  @Test func aPipeIsNoRecipe() throws {
    let path = folder.url.appendingPathComponent("pipe.yaml").path
    #expect(mkfifo(path, 0o600) == 0)
    let error = #expect(throws: UserError.self) { try folder.catalogue.recipe(path) }
    #expect(error?.what == "is a pipe or device, not a file")
    #expect(error?.kind == .inputOutput)
  }
}
