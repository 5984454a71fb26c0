import Runs
import Testing

/// When runs of one seed belong together.
@Suite struct PairingTests {
  private func recipe(
    method: String, set: String = "emoji", folds: String = "null", own: Int = 10, fold: String = "null",
    split: String = "family", epochs: Int = 5
  ) throws -> RecordedRecipe {
    try RecordedRecipe(
      text: """
        experiment: compare
        data:
          set: \(set)
          folds: \(folds)
          fold: \(fold)
          emoji: { folds: \(own), split: \(split) }
        method: { name: \(method) }
        training: { epochs: \(epochs) }
        """, source: "recipe.yaml")
  }

  @Test func unlikeMethodsArePairedWhereTheSeedChoosesTheirTestItems() throws {
    let clip = try recipe(method: "clip")
    #expect(clip.isPaired(with: try recipe(method: "gmc", epochs: 9)))
    #expect(clip.isPaired(with: try recipe(method: "gmc", folds: "10", own: 3)))
    for other in [
      try recipe(method: "gmc", folds: "5"), try recipe(method: "gmc", own: 5), try recipe(method: "gmc", fold: "0"),
      try recipe(method: "gmc", folds: "1"), try recipe(method: "gmc", split: "random"),
      try recipe(method: "gmc", set: "nlvr"),
    ] {
      #expect(!clip.isPaired(with: other) && !other.isPaired(with: clip))
    }
  }

  @Test func whereAllSeedsTestTheSameOnlyTheSameCourseIsPaired() throws {
    let clip = try recipe(method: "clip", folds: "1")
    #expect(clip.isPaired(with: try recipe(method: "clip", folds: "1")))
    #expect(!clip.isPaired(with: try recipe(method: "gmc", folds: "1")))
    #expect(!clip.isPaired(with: try recipe(method: "clip", folds: "1", epochs: 9)))
  }
}
