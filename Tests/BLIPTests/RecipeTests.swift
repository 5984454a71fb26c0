import AlignmentExperiments
import BLIPPaper
import Datasets
import Diagnostics
import Methods
import Options
import Recipes
import Testing
import Training

@Suite struct RecipeTests {
  private let catalogue = RecipeCatalogue([BLIPExperiment()])

  private func settings(_ name: String) throws -> AlignmentSettings {
    try catalogue.recipe("blip/\(name)").settings(as: AlignmentSettings.self)
  }

  @Test func everyRecipeResolves() throws {
    let entries = try catalogue.entries()
    #expect(entries.count >= 5)
    for entry in entries {
      #expect(entry.profiles.contains("quick"), "\(entry.name)")
      let (full, quick) = (try catalogue.recipe(entry.name), try catalogue.recipe(entry.name, profile: "quick"))
      let (settings, small) = (
        try full.settings(as: AlignmentSettings.self), try quick.settings(as: AlignmentSettings.self)
      )
      #expect(small.training.epochs < settings.training.epochs && quick.seeds == [0], "\(entry.name)")
      try BLIPExperiment().validate(settings)
      try BLIPExperiment().validate(small)
    }
    #expect(Set(entries.map(\.title)).count == entries.count)
  }

  @Test func controlsDifferInWhatTheirTitlesSay() throws {
    let base = try settings("emoji")
    func expect(_ name: String, _ change: (inout AlignmentSettings) -> Void) throws {
      var expected = base
      change(&expected)
      #expect(try settings(name) == expected, "\(name)")
    }
    try expect("emoji-clip") { $0.method.name = EntryName(CLIPOptions.self) }
    try expect("emoji-equal") { $0.data.sparesEqualItems = false }
    try expect("emoji-contrast") {
      $0.method.options[BLIPOptions.self].weights.matching = 0
      $0.method.options[BLIPOptions.self].weights.language = 0
    }
  }

  @Test(arguments: [
    ("method.blip.matchingStart=1", "`method.blip.matchingStart` must be in 0..<1"),
    ("method.blip.labelSmoothing=1", "`method.blip.labelSmoothing` must be in 0..<1"),
    ("method.blip.queueSize=0", "`method.blip.queueSize` must be 1 to 16777215"),
    ("evaluation.reranking.candidates=0", "`evaluation.reranking.candidates` must be 1 to 100000"),
  ]) func aBrokenSettingIsNamed(override: String, message: String) {
    let error = #expect(throws: UserError.self) {
      let settings = try catalogue.recipe("blip/emoji", overrides: [override]).settings(as: AlignmentSettings.self)
      try BLIPExperiment().validate(settings)
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}
