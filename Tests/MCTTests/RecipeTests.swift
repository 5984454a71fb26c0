import AlignmentExperiments
import Datasets
import Diagnostics
import Encoders
import MCTPaper
import Methods
import Objectives
import Options
import Recipes
import Testing
import Training

@Suite struct RecipeTests {
  private let catalogue = SmallRuns.catalogue

  private func settings(_ name: String) throws -> AlignmentSettings {
    try catalogue.recipe("mct/\(name)").settings(as: AlignmentSettings.self)
  }

  @Test func everyRecipeResolves() throws {
    let entries = try catalogue.entries()
    #expect(entries.count >= 22)
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
      try MCTExperiment().validate(settings)
      try MCTExperiment().validate(small)
    }
    #expect(Set(entries.map(\.title)).count == entries.count)
  }

  @Test func theDefaultRecipeHasAllFiveTerms() throws {
    let weights = try settings("emoji").mct.objective.weights
    #expect(
      [
        weights.imageIntra, weights.tags, weights.captionIntra, weights.imageToCaption, weights.captionToImage,
      ].allSatisfy { $0 == 1 })
  }

  @Test func recipesDifferInWhatTheirTitlesSay() throws {
    func expect(_ name: String, is base: String, with change: (inout AlignmentSettings) -> Void) throws {
      var expected = try settings(base)
      change(&expected)
      #expect(try settings(name) == expected, "\(name)")
    }
    func imagesAlone(_ settings: inout AlignmentSettings) {
      settings.mct.objective.weights.tags = 0
      settings.mct.objective.weights.captionIntra = 0
      settings.mct.objective.weights.imageToCaption = 0
      settings.mct.objective.weights.captionToImage = 0
    }
    try expect("image-only", is: "emoji") {
      $0.data.modalities = ["image"]
      imagesAlone(&$0)
    }
    try expect("inter-only", is: "emoji") {
      $0.mct.objective.weights.imageIntra = 0
      $0.mct.objective.weights.tags = 0
      $0.mct.objective.weights.captionIntra = 0
    }
    try expect("intra-inter", is: "emoji") { $0.mct.objective.weights.tags = 0 }
    try expect("no-caption-intra", is: "emoji") { $0.mct.objective.weights.captionIntra = 0 }
    try expect("one-direction", is: "emoji") { $0.mct.objective.weights.captionToImage = 0 }
    try expect("shuffled-tags", is: "emoji") { $0.data.shufflesTags = true }
    try expect("hinge", is: "emoji") { $0.mct.objective.inter = .hinge }
    try expect("hinge-hardest", is: "hinge") { $0.mct.objective.reduction = .hardest }
    try expect("no-shuffle-bn", is: "image-only") { $0.mct.shufflesKeys = false }
    try expect("simclr", is: "image-only") {
      $0.mct.objective.intra = .batch
      $0.mct.objective.temperature = 0.5
      $0.model.normalisationGroups = 1
    }
    try expect("moco-v1", is: "image-only") {
      $0.mct.head = .linear
      $0.mct.objective.temperature = 0.07
      $0.training.schedule = .step
      $0.augmentation.view.minimumArea = 0.2
      $0.augmentation.view.jitterProbability = 1
      $0.augmentation.view.hue = 0.4
      $0.augmentation.view.blurProbability = 0
    }
    try expect("clip", is: "inter-only") {
      $0.model.normalisationGroups = 1
      $0.mct.objective.inter = .clip
      $0.mct.objective.interTemperature = 0.07
      $0.mct.objective.weights.imageToCaption = 0.5
      $0.mct.objective.weights.captionToImage = 0.5
    }
    for size in [128, 2048, 4096] {
      try expect("queue-\(size)", is: "image-only") { $0.mct.objective.queueSize = size }
    }
    for (name, momentum) in [("0", 0), ("09", 0.9), ("0999", 0.999)] {
      try expect("momentum-\(name)", is: "image-only") { $0.mct.objective.momentum = momentum }
    }
    for (name, temperature) in [("007", 0.07), ("05", 0.5)] {
      try expect("temperature-\(name)", is: "image-only") { $0.mct.objective.temperature = temperature }
    }
  }

  @Test func fewerEpochsOfTheDemonstrationAreAnotherRecipe() throws {
    let (published, short) = (try catalogue.recipe("mct/cifar-moco"), try catalogue.recipe("mct/cifar-moco-20"))
    var settings = try published.settings(as: AlignmentSettings.self)
    #expect(settings.training.epochs == 200 && published.expected.map(\.value) == [82.6])
    settings.training.epochs = 20
    #expect(try short.settings(as: AlignmentSettings.self) == settings && short.expected.isEmpty)
  }

  @Test(arguments: [
    ("training.batchSize=1", "`training.batchSize` must be 2 to 1000000"),
    (
      "model.normalisationGroups=65",
      "`model.normalisationGroups` must leave 2 of training.batchSize (128) in every part"
    ),
    ("model.textHeads=3", "`model.textHeads` must divide model.textDimensions (64)"),
    ("model.imageWidths=[]", "`model.imageWidths` must name at least one stage"),
    ("method.mct.temperature=0", "`method.mct.temperature` must be positive"),
    ("method.mct.momentum=1.1", "`method.mct.momentum` must be in 0...1"),
    ("method.mct.queueSize=0", "`method.mct.queueSize` must be 1 to 16777215"),
    ("method.mct.weights.tags=-1", "`method.mct.weights.tags` must not be negative"),
    ("method.mct.weights.tag=1", "unknown key `method.mct.weights.tag`; did you mean `method.mct.weights.tags`?"),
    ("method.mct.inter=hing", "`method.mct.inter` cannot be `hing`; did you mean `hinge`?"),
    ("augmentation.view.hue=2", "`augmentation.view.hue` must be in 0...0.5"),
    ("augmentation.caption.deletionProbability=2", "`augmentation.caption.deletionProbability` must be in 0...1"),
    ("data.modalities=[]", "`data.modalities` must name different modalities, at least one"),
    (
      "evaluation.linearProbe.penalties=[]", "`evaluation.linearProbe.penalties` must be positive numbers, at least one"
    ),
    ("evaluation.everyEpochs=0", "`evaluation.everyEpochs` must be 1 to 1000000"),
  ]) func aBrokenSettingIsNamed(override: String, message: String) {
    let error = #expect(throws: UserError.self) { try catalogue.recipe("mct/emoji", overrides: [override]) }
    #expect(error?.description == "`\(override)`: \(message)")
    #expect(error?.kind == .usage)
  }

  @Test func settingsThatContradictEachOtherAreNamed() {
    func error(_ name: String, _ overrides: String...) -> UserError? {
      #expect(throws: UserError.self) { try catalogue.recipe(name, overrides: overrides) }
    }
    let clip = error("mct/clip", "method.mct.weights.captionToImage=0")
    #expect(clip?.what.contains("must be method.mct.weights.imageToCaption where method.mct.inter is clip") == true)
    let none = error("mct/image-only", "method.mct.weights.imageIntra=0")
    #expect(none?.what.contains("must leave at least one term") == true)
  }
}
