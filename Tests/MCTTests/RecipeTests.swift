import Datasets
import Diagnostics
import MCT
import Objectives
import Recipes
import Testing
import Training

@Suite struct RecipeTests {
  private let catalogue = SmallRuns.catalogue

  private func settings(_ name: String) throws -> MCTSettings {
    try catalogue.recipe("mct/\(name)").settings(as: MCTSettings.self)
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
      let (settings, small) = (try full.settings(as: MCTSettings.self), try quick.settings(as: MCTSettings.self))
      #expect(small.training.epochs < settings.training.epochs, "\(entry.name)")
      try MCTExperiment().validate(settings)
      try MCTExperiment().validate(small)
    }
    #expect(Set(entries.map(\.title)).count == entries.count)
  }

  @Test func theDefaultRecipeHasAllFiveTerms() throws {
    let weights = try settings("emoji").method.weights
    #expect(
      [
        weights.imageIntra, weights.tags, weights.captionIntra, weights.imageToCaption, weights.captionToImage,
      ].allSatisfy { $0 == 1 })
  }

  @Test func recipesDifferInWhatTheirTitlesSay() throws {
    func expect(_ name: String, is base: String, with change: (inout MCTSettings) -> Void) throws {
      var expected = try settings(base)
      change(&expected)
      #expect(try settings(name) == expected, "\(name)")
    }
    func imagesAlone(_ settings: inout MCTSettings) {
      settings.method.weights.tags = 0
      settings.method.weights.captionIntra = 0
      settings.method.weights.imageToCaption = 0
      settings.method.weights.captionToImage = 0
    }
    try expect("image-only", is: "emoji") {
      imagesAlone(&$0)
      $0.evaluation.selection = .linearProbe
    }
    try expect("inter-only", is: "emoji") {
      $0.method.weights.imageIntra = 0
      $0.method.weights.tags = 0
      $0.method.weights.captionIntra = 0
    }
    try expect("intra-inter", is: "emoji") { $0.method.weights.tags = 0 }
    try expect("no-caption-intra", is: "emoji") { $0.method.weights.captionIntra = 0 }
    try expect("one-direction", is: "emoji") { $0.method.weights.captionToImage = 0 }
    try expect("shuffled-tags", is: "emoji") { $0.data.shufflesTags = true }
    try expect("hinge", is: "emoji") { $0.method.inter = .hinge }
    try expect("hinge-hardest", is: "hinge") { $0.method.reduction = .hardest }
    try expect("no-shuffle-bn", is: "image-only") { $0.model.shufflesKeys = false }
    try expect("simclr", is: "image-only") {
      $0.method.intra = .batch
      $0.method.temperature = 0.5
      $0.model.normalisationGroups = 1
    }
    try expect("moco-v1", is: "image-only") {
      $0.model.head = .linear
      $0.method.temperature = 0.07
      $0.training.schedule = .step
      $0.augmentation.image.minimumArea = 0.2
      $0.augmentation.image.jitterProbability = 1
      $0.augmentation.image.hue = 0.4
      $0.augmentation.image.blurProbability = 0
    }
    try expect("clip", is: "inter-only") {
      $0.model.normalisationGroups = 1
      $0.method.inter = .clip
      $0.method.interTemperature = 0.07
      $0.method.weights.imageToCaption = 0.5
      $0.method.weights.captionToImage = 0.5
    }
    for size in [128, 2048, 4096] { try expect("queue-\(size)", is: "image-only") { $0.method.queueSize = size } }
    for (name, momentum) in [("0", 0), ("09", 0.9), ("0999", 0.999)] {
      try expect("momentum-\(name)", is: "image-only") { $0.method.momentum = momentum }
    }
    for (name, temperature) in [("007", 0.07), ("05", 0.5)] {
      try expect("temperature-\(name)", is: "image-only") { $0.method.temperature = temperature }
    }
  }

  @Test(arguments: [
    ("training.batchSize=1", "`training.batchSize` must be 2 to 1000000"),
    (
      "model.normalisationGroups=65",
      "`model.normalisationGroups` must leave 2 of training.batchSize (128) in every part"
    ),
    ("model.textHeads=3", "`model.textHeads` must divide model.textDimensions (64)"),
    ("model.imageWidths=[]", "`model.imageWidths` must name at least one stage"),
    ("method.temperature=0", "`method.temperature` must be positive"),
    ("method.momentum=1.1", "`method.momentum` must be in 0...1"),
    ("method.queueSize=0", "`method.queueSize` must be 1 to 16777215"),
    ("method.weights.tags=-1", "`method.weights.tags` must not be negative"),
    ("method.weights.tag=1", "unknown key `method.weights.tag`; did you mean `method.weights.tags`?"),
    ("method.inter=hing", "`method.inter` cannot be `hing`; did you mean `hinge`?"),
    ("augmentation.image.hue=2", "`augmentation.image.hue` must be in 0...0.5"),
    ("augmentation.caption.deletionProbability=2", "`augmentation.caption.deletionProbability` must be in 0...1"),
    ("data.captions=[]", "`data.captions` must name a modality, since method.weights has terms of captions"),
    ("evaluation.penalties=[]", "`evaluation.penalties` must be positive numbers"),
    ("evaluation.everyEpochs=0", "`evaluation.everyEpochs` must be positive"),
  ]) func aBrokenSettingIsNamed(override: String, message: String) {
    let error = #expect(throws: UserError.self) { try catalogue.recipe("mct/emoji", overrides: [override]) }
    #expect(error?.description == "`\(override)`: \(message)")
    #expect(error?.kind == .usage)
  }

  @Test func settingsThatContradictEachOtherAreNamed() {
    func error(_ name: String, _ overrides: String...) -> UserError? {
      #expect(throws: UserError.self) { try catalogue.recipe(name, overrides: overrides) }
    }
    let clip = error("mct/clip", "method.weights.captionToImage=0")
    #expect(clip?.what.contains("must be method.weights.imageToCaption where method.inter is clip") == true)
    let retrieval = error("mct/image-only", "evaluation.selection=retrieval")
    #expect(retrieval?.what.contains("cannot be retrieval without a term between images and captions") == true)
    let none = error("mct/image-only", "method.weights.imageIntra=0")
    #expect(none?.what.contains("must leave at least one term") == true)
  }
}
