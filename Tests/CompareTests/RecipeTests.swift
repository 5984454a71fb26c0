import Compare
import Diagnostics
import Recipes
import Testing
import Training

@Suite struct RecipeTests {
  private let catalogue = Album.catalogue

  private func settings(_ name: String) throws -> CompareSettings {
    try catalogue.recipe("compare/\(name)").settings(as: CompareSettings.self)
  }

  @Test func everyRecipeResolves() throws {
    let entries = try catalogue.entries()
    #expect(entries.count >= 20)
    for entry in entries {
      let full = try catalogue.recipe(entry.name).settings(as: CompareSettings.self)
      let quick = try catalogue.recipe(entry.name, profile: "quick").settings(as: CompareSettings.self)
      #expect(quick.training.epochs < full.training.epochs, "\(entry.name)")
      try CompareExperiment().validate(full)
      try CompareExperiment().validate(quick)
    }
    #expect(Set(entries.map(\.title)).count == entries.count)
  }

  @Test func everyRecipeHasTheSameDataTrainingAndEvaluation() throws {
    let base = try settings("clip")
    for entry in try catalogue.entries() {
      var own = try catalogue.recipe(entry.name).settings(as: CompareSettings.self)
      own.method = base.method
      if entry.name == "compare/clip-tutorial" {
        #expect(own.model.imageEncoder == .convolutional && own.model.textEncoder == .lstm)
        own.model = base.model
      }
      #expect(own == base, "\(entry.name)")
    }
  }

  @Test(arguments: [
    ("clip", "method.clip.temperature=0", "`method.clip.temperature` must be positive"),
    ("clip", "method.clip.noise=1", "`method.clip.noise` must be in 0..<1"),
    ("moco", "method.moco.queueSize=0", "`method.moco.queueSize` must be 1 to 1000000"),
    ("mct", "method.mct.weights.tags=-1", "`method.mct.weights` must not be negative, and one must be positive"),
    ("fdt", "method.fdt.codeTemperature=0", "`method.fdt.codeTemperature` must be positive"),
    ("gmc", "model.dimensions=0", "`model.dimensions` must be 1 to 65536"),
    ("late-fusion", "method.fusion.superEpoch=0", "`method.fusion.superEpoch` must be 1 to 1000000"),
    ("siglip", "model.imageHeads=5", "`model.imageHeads` must divide model.imageDimensions (96)"),
    ("clip", "evaluation.penalties=[]", "`evaluation.penalties` must be positive numbers, at least one"),
  ]) func aBrokenSettingIsNamed(recipe: String, override: String, message: String) {
    let error = #expect(throws: UserError.self) { try catalogue.recipe("compare/\(recipe)", overrides: [override]) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}
