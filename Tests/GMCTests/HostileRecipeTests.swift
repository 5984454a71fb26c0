import AlignmentExperiments
import Diagnostics
import FileMutation
import Foundation
import GMCPaper
import Recipes
import Testing

/// Damaged recipes of GMC: whatever is accepted has settings that its experiment takes.
@Suite struct HostileRecipeTests {
  @Test func recipes() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let corpus = try ["gmc/emoji", "gmc/digits"].map { Array(try SmallRuns.catalogue.recipe($0).yaml.utf8) }
    let words = [
      "null", "true", "digits", "emoji", "[]", "{}", "[0]", "cosine", "fusion", "gmc", "validation", "1e-30",
    ]
    let file = folder.appending(path: "f.yaml")
    let run = FuzzRun("gmc recipe", corpus: corpus, vocabulary: words, count: 300)
    let outcome = try run(place: file.path, kinds: [.data, .inputOutput], seesTruncation: false) { bytes in
      try Data(bytes).write(to: file)
      let recipe = try SmallRuns.catalogue.recipe(file.path)
      try GMCExperiment().validate(recipe.settings(as: AlignmentSettings.self))
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }
}
