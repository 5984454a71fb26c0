import AlignmentExperiments
import Datasets
import Diagnostics
import GMCPaper
import Methods
import Objectives
import Options
import Recipes
import Testing
import Training

@Suite struct RecipeTests {
  private let catalogue = SmallRuns.catalogue

  @Test func everyRecipeResolves() throws {
    let entries = try catalogue.entries()
    #expect(entries.count >= 20)
    for entry in entries {
      #expect(!entry.title.isEmpty)
      #expect(entry.profiles.contains("quick"), "\(entry.name)")
      let full = try catalogue.recipe(entry.name)
      let quick = try catalogue.recipe(entry.name, profile: "quick")
      #expect(full.seeds.count >= quick.seeds.count)
      let (settings, small) = (
        try full.settings(as: AlignmentSettings.self), try quick.settings(as: AlignmentSettings.self)
      )
      #expect(small.training.epochs < settings.training.epochs, "\(entry.name)")
      try GMCExperiment().validate(settings)
      try GMCExperiment().validate(small)
    }
    #expect(Set(entries.map(\.title)).count == entries.count)
  }

  @Test func recipesDifferInWhatTheirTitlesSay() throws {
    func settings(_ name: String) throws -> AlignmentSettings {
      try catalogue.recipe("gmc/\(name)").settings(as: AlignmentSettings.self)
    }
    for (prefix, base) in [("ablation-", "emoji"), ("digits-", "digits-no-label")] {
      var expected = try settings(base)
      expected.gmc.objective.negatives = .joints
      #expect(try settings("\(prefix)joint-negatives") == expected)
      expected.gmc.objective.negatives = .pairwise
      #expect(try settings("\(prefix)no-joint") == expected)
      expected = try settings(base)
      expected.gmc.sharedHead = false
      #expect(try settings("\(prefix)unshared-head") == expected)
    }
    for (name, base) in [("emoji-fusion", "emoji"), ("digits-fusion", "digits-no-label")] {
      var expected = try settings(base)
      expected.method.name = EntryName(FusionOptions.self)
      #expect(try settings(name) == expected)
      expected.fusion.modalityDropout = 0.5
      #expect(try settings("\(name)-dropout") == expected)
    }
    for (suffix, temperature) in [("005", 0.05), ("03", 0.3), ("05", 0.5)] {
      for (prefix, base) in [("", "emoji"), ("digits-", "digits-no-label")] {
        var expected = try settings(base)
        expected.gmc.objective.temperature = Float(temperature)
        #expect(try settings("\(prefix)temperature-\(suffix)") == expected)
      }
    }
    #expect(try settings("digits").digits.withLabel)
    #expect(try !settings("digits-no-label").digits.withLabel)
  }

  @Test(arguments: [
    ("training.batchSize=1", "`training.batchSize=1`: `training.batchSize` must be 2 to 1000000"),
    ("training.learningRate=0", "`training.learningRate=0`: `training.learningRate` must be positive"),
    ("method.gmc.temperature=-1", "`method.gmc.temperature=-1`: `method.gmc.temperature` must be positive"),
    ("model.imageWidths=[]", "`model.imageWidths=[]`: `model.imageWidths` must name at least one stage"),
    ("model.textHeads=3", "`model.textHeads=3`: `model.textHeads` must divide model.textDimensions (64)"),
    (
      "method.gmc.headDimensions=[0]", "`method.gmc.headDimensions=[0]`: `method.gmc.headDimensions` must be 1 to 65536"
    ),
    (
      "method.gmc.headDimension=[8]",
      "`method.gmc.headDimension=[8]`: unknown key `method.gmc.headDimension`; did you mean `method.gmc.headDimensions`?"
    ),
    (
      "method.gmc.negatives=al", "`method.gmc.negatives=al`: `method.gmc.negatives` cannot be `al`; did you mean `all`?"
    ),
    (
      "evaluation.accuracy.batchSize=0",
      "`evaluation.accuracy.batchSize=0`: `evaluation.accuracy.batchSize` must be positive"
    ),
    (
      "evaluation.delaunay.observations=10001",
      "`evaluation.delaunay.observations=10001`: `evaluation.delaunay.observations` must be 2 to 10000"
    ),
    (
      "evaluation.delaunay.smallest=1",
      "`evaluation.delaunay.smallest=1`: `evaluation.delaunay.smallest` must be 2 to evaluation.delaunay.observations (1000)"
    ),
    (
      "data.folder.missing=allow",
      "`data.folder.missing=allow`: `data.folder.missing` cannot be `allow`; did you mean `allowed`?"
    ),
    (
      "data.digits.trainingPairs=0",
      "`data.digits.trainingPairs=0`: `data.digits.trainingPairs` cannot be 0; give 1 to 1000000"
    ),
    ("data.emoji.imageSize=4", "`data.emoji.imageSize=4`: `data.emoji.imageSize` cannot be 4; give 8 to 136"),
    (
      "data.emoji.languages=[]",
      "`data.emoji.languages=[]`: `data.emoji.languages` cannot be []; give different languages, such as [en]"
    ),
    (
      "data.emoji.testFraction=1",
      "`data.emoji.testFraction=1`: `data.emoji.testFraction` cannot be 1.0; give a positive fraction, below 1 together with validationFraction"
    ),
  ]) func aBrokenSettingIsNamed(override: String, message: String) {
    let error = #expect(throws: UserError.self) { try catalogue.recipe("gmc/emoji", overrides: [override]) }
    #expect(error?.description == message)
    #expect(error?.kind == .usage)
  }

  @Test func anOptionOfTheChosenMethodIsNamed() {
    let override = "method.fusion.modalityDropout=1"
    let error = #expect(throws: UserError.self) { try catalogue.recipe("gmc/emoji-fusion", overrides: [override]) }
    #expect(error?.description == "`\(override)`: `method.fusion.modalityDropout` must be in 0..<1")
    #expect(error?.kind == .usage)
  }
}
