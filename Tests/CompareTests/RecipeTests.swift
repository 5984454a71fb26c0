import AlignmentExperiments
import ComparisonRecipes
import Diagnostics
import Encoders
import Options
import Recipes
import Testing
import Training

@Suite struct RecipeTests {
  private let catalogue = Album.catalogue

  private func settings(_ name: String) throws -> AlignmentSettings {
    try catalogue.recipe("compare/\(name)").settings(as: AlignmentSettings.self)
  }

  @Test func everyRecipeResolves() throws {
    let entries = try catalogue.entries()
    #expect(entries.count >= 20)
    for entry in entries {
      let full = try catalogue.recipe(entry.name).settings(as: AlignmentSettings.self)
      let quick = try catalogue.recipe(entry.name, profile: "quick").settings(as: AlignmentSettings.self)
      #expect(quick.training.epochs < full.training.epochs, "\(entry.name)")
      try CompareExperiment().validate(full)
      try CompareExperiment().validate(quick)
    }
    #expect(Set(entries.map(\.title)).count == entries.count)
  }

  @Test func everyRecipeHasTheSameDataTrainingAndEvaluation() throws {
    let base = try settings("clip")
    for entry in try catalogue.entries() {
      var own = try catalogue.recipe(entry.name).settings(as: AlignmentSettings.self)
      own.method = base.method
      if entry.name == "compare/clip-tutorial" {
        #expect(own.model.imageEncoder == .pooled && own.model.textEncoder == .lstm)
        own.model = base.model
      }
      #expect(own == base, "\(entry.name)")
    }
  }

  @Test(arguments: [
    ("clip", "method.clip.temperature=0", "`method.clip.temperature` must be positive"),
    ("clip", "method.clip.noise=1", "`method.clip.noise` must be in 0..<1"),
    ("moco", "method.moco.queueSize=0", "`method.moco.queueSize` must be 1 to 16777215"),
    ("mct", "method.mct.weights.tags=-1", "`method.mct.weights.tags` must not be negative"),
    ("fdt", "method.fdt.codeTemperature.start=0", "`method.fdt.codeTemperature.start` must be positive"),
    ("gmc", "model.dimensions=0", "`model.dimensions` must be 1 to 65536"),
    ("late-fusion", "method.fusion.superEpoch=0", "`method.fusion.superEpoch` must be 1 to 1000000"),
    ("siglip", "model.imageHeads=5", "`model.imageHeads` must divide model.imageDimensions (96)"),
    (
      "clip", "evaluation.linearProbe.penalties=[]",
      "`evaluation.linearProbe.penalties` must be positive numbers, at least one"
    ),
  ]) func aBrokenSettingIsNamed(recipe: String, override: String, message: String) {
    let error = #expect(throws: UserError.self) { try catalogue.recipe("compare/\(recipe)", overrides: [override]) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func oneTermAtLeastMustBeLeft() {
    let none = ["imageIntra", "tags", "captionIntra", "imageToCaption", "captionToImage"].map {
      "method.mct.weights.\($0)=0"
    }
    let error = #expect(throws: UserError.self) { try catalogue.recipe("compare/mct", overrides: none) }
    #expect(error?.description.contains("`method.mct.weights` must leave at least one term") == true)
  }

  /// Recipes of earlier versions are told what has become of their keys.
  @Test(arguments: [
    ("model.dropout=0", "model.imageDropout and model.textDropout"),
    ("evaluation.probe.epochs=1", "evaluation.accuracy"),
    ("evaluation.penalties=[0.1]", "evaluation.linearProbe.penalties"),
  ]) func aFormerKeyNamesThePresentOne(override: String, present: String) {
    let error = #expect(throws: UserError.self) { try catalogue.recipe("compare/clip", overrides: [override]) }
    #expect(error?.description.contains(present) == true, "\(error?.description ?? "")")
  }
}
