import AlignmentExperiments
import ComparisonRecipes
import Datasets
import Diagnostics
import Encoders
import FDTPaper
import Methods
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
    for entry in try catalogue.entries() where !entry.name.hasPrefix("compare/coco") {
      var own = try catalogue.recipe(entry.name).settings(as: AlignmentSettings.self)
      own.method = base.method
      if entry.name == "compare/clip-tutorial" {
        #expect(own.model.imageEncoder == .pooled && own.model.textEncoder == .lstm)
        own.model = base.model
      }
      switch entry.name {
      case "compare/fdt", "compare/declip-fdt":
        // What belongs to its own architecture; see `theFDTOfTheComparisonIsThatOfItsPaper`.
        own.model.normalisesPatches = base.model.normalisesPatches
        own.model.causalText = base.model.causalText
        own.model.textReadout = base.model.textReadout
      case "compare/clip-strong-views":
        #expect(own.augmentation.image == base.augmentation.view)
        own.augmentation = base.augmentation
      case "compare/clip-noise", "compare/clip-noise-plain":
        #expect(own.data.pairNoise == 0.2)
        own.data.pairNoise = 0
      case "compare/clipart", "compare/clipart-raw", "compare/clipart-all":
        #expect(own.data.set.rawValue == "clipart" && own.model.patchSize == 8)
        (own.data, own.model, own.evaluation) = (base.data, base.model, base.evaluation)
      case "compare/shift":
        #expect(own.evaluation.evaluators.contains("shift"))
        own.evaluation = base.evaluation
      case "compare/vilbert":
        #expect(own.data.modalities == ["image", "caption-en"] && own.evaluation.evaluators.contains("pairRetrieval"))
        (own.data.modalities, own.evaluation) = (base.data.modalities, base.evaluation)
      default: break
      }
      #expect(own == base, "\(entry.name)")
    }
  }

  @Test(arguments: [
    ("clip", "method.clip.temperature=0", "`method.clip.temperature` must be positive"),
    ("clip", "data.pairNoise=1", "`data.pairNoise` must be in 0..<1"),
    ("moco", "method.moco.queueSize=0", "`method.moco.queueSize` must be 1 to 16777215"),
    ("mct", "method.mct.weights.tags=-1", "`method.mct.weights.tags` must not be negative"),
    ("fdt", "method.fdt.codeTemperature.start=0", "`method.fdt.codeTemperature.start` must be positive"),
    ("declip", "method.declip.weights.words=-1", "`method.declip.weights.words` must not be negative"),
    ("blip", "method.blip.alpha=1", "`method.blip.alpha` must be in 0..<1"),
    (
      "blip", "method.blip.temperatureRange=[0.5, 0.1]",
      "`method.blip.temperatureRange` must be two numbers in order, above 0 and at most 100"
    ),
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

  @Test func theFDTOfTheComparisonIsThatOfItsPaper() throws {
    let own = try settings("fdt")
    let paper = try RecipeCatalogue([FDTExperiment()]).recipe("fdt/emoji").settings(as: AlignmentSettings.self)
    #expect(own.model.normalisesPatches == paper.model.normalisesPatches)
    #expect(own.model.causalText == paper.model.causalText && own.model.textReadout == paper.model.textReadout)
    var (mine, its) = (own.method.options[FDTOptions.self], paper.method.options[FDTOptions.self])
    // Every method of the comparison contrasts all pairs.
    (mine.pairs, its.pairs) = (.all, .all)
    #expect(String(describing: mine) == String(describing: its))
  }

  @Test func controlsDifferInOneThing() throws {
    var (mct, strong) = (try settings("mct"), try settings("mct-strong-views"))
    #expect(mct.method.options[MCTOptions.self].interInputs == .items)
    #expect(strong.method.options[MCTOptions.self].interInputs == .views)
    mct.method.options[MCTOptions.self].interInputs = .views
    #expect(mct == strong)
    let (blended, equal) = (try settings("gradient-blending"), try settings("gradient-blending-equal"))
    #expect(blended.method.options[FusionOptions.self].blending == .gradient)
    #expect(equal.method.options[FusionOptions.self].blending == .equal)
    strong = try settings("clip-strong-views")
    #expect(strong.augmentation.isOn && strong.augmentation.image == strong.augmentation.view)
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
    ("method.clip.noise=0.2", "data.pairNoise"), ("method.fusion.blends=true", "method.fusion.blending"),
  ]) func aFormerKeyNamesThePresentOne(override: String, present: String) {
    let error = #expect(throws: UserError.self) { try catalogue.recipe("compare/clip", overrides: [override]) }
    #expect(error?.description.contains(present) == true, "\(error?.description ?? "")")
  }
}
