import Autograd
import Diagnostics
import FDT
import Objectives
import Recipes
import Testing
import Training

@Suite struct RecipeTests {
  private let catalogue = SmallRuns.catalogue

  private func settings(_ name: String) throws -> FDTSettings {
    try catalogue.recipe("fdt/\(name)").settings(as: FDTSettings.self)
  }

  @Test func everyRecipeResolves() throws {
    let entries = try catalogue.entries()
    #expect(entries.count >= 20)
    for entry in entries {
      #expect(entry.profiles.contains("quick"), "\(entry.name)")
      let (full, quick) = (try catalogue.recipe(entry.name), try catalogue.recipe(entry.name, profile: "quick"))
      let (settings, small) = (try full.settings(as: FDTSettings.self), try quick.settings(as: FDTSettings.self))
      #expect(small.training.epochs < settings.training.epochs && quick.seeds == [0], "\(entry.name)")
      try FDTExperiment().validate(settings)
      try FDTExperiment().validate(small)
    }
    #expect(Set(entries.map(\.title)).count == entries.count)
  }

  @Test func recipesDifferInWhatTheirTitlesSay() throws {
    let base = try settings("emoji")
    func expect(_ name: String, _ change: (inout FDTSettings) -> Void) throws {
      var expected = base
      change(&expected)
      #expect(try settings(name) == expected, "\(name)")
    }
    try expect("clip") { $0.method.head = .projection }
    try expect("clip-control") { $0.method.head = .control }
    try expect("softmax") { $0.method.attention = .softmax }
    try expect("mean-pool") { $0.method.pooling = .mean }
    try expect("exclude-padding") { $0.method.padding = .excluded }
    for codes in [64, 256, 1024, 4096, 16_384] {
      try expect("codes-\(codes)") {
        $0.method.codes = codes
        // T grows with C, so that the share of active codes at first does not depend on it.
        $0.method.temperature.start = 1000 * Double(codes) / 16_384
      }
    }
    #expect(try settings("codes-1024") == base)
    try expect("temperature-tenfold") { $0.method.temperature.start *= 10 }
    for (name, factor) in [("softmax-tenth", 10.0), ("softmax-hundredth", 100)] {
      try expect(name) {
        $0.method.attention = .softmax
        $0.method.temperature.start /= factor
      }
    }
    try expect("temperature-tenth") { $0.method.temperature.start /= 10 }
    try expect("temperature-hundredth") { $0.method.temperature.start /= 100 }
    #expect(try settings("temperature").method.temperature.course == .exponential)
    var boxes = try settings("nlvr")
    #expect(boxes.data.set == .nlvr && boxes.method.sparesRepeatedTexts)
    boxes.method.head = .projection
    #expect(try settings("nlvr-clip") == boxes)
  }

  @Test func theOfficialSettings() throws {
    let official = try settings("cc3m")
    #expect(official.method.codes == 16_384 && official.model.dimensions == 512)
    #expect(official.method.temperature.temperature(step: 86_560) == 1000)
    #expect(official.training.epochs == 32 && official.training.batchSize == 1024)
    #expect(official.method.logScaleRange.map { Double(Float($0)) }.first == 3)
    #expect(try catalogue.recipe("fdt/cc3m").title.contains("never run by us"))
  }

  @Test(arguments: [
    ("method.codes=0", "`method.codes` must be 1 to 1048576"),
    ("method.temperature.start=0", "`method.temperature.start` must be positive"),
    ("method.temperature.interval=0", "`method.temperature.interval` must be positive"),
    ("method.pooling=mx", "`method.pooling` cannot be `mx`; did you mean `max`?"),
    ("method.attention=sparse", "`method.attention` cannot be `sparse`"),
    ("method.padding=none", "`method.padding` cannot be `none`"),
    ("method.orthogonality=-1", "`method.orthogonality` must not be negative"),
    ("method.codebookDecay=-1", "`method.codebookDecay` must not be negative"),
    ("method.logScaleRange=[4, 3]", "`method.logScaleRange` must be two numbers in order, at most 50"),
    ("model.imageHeads=5", "`model.imageHeads` must divide model.imageDimensions (96)"),
    ("data.nlvr.permutations=7", "`data.nlvr.permutations` must be 1 to 6"),
    ("data.shards.imageSize=4", "`data.shards.imageSize` must be 8 to 1024"),
    ("augmentation.image.minimumArea=0", "`augmentation.image.minimumArea` must be above 0"),
    ("evaluation.trackedObservations=1", "`evaluation.trackedObservations` must be 0 or at least 2"),
  ]) func aBrokenSettingIsNamed(override: String, message: String) {
    let error = #expect(throws: UserError.self) { try catalogue.recipe("fdt/emoji", overrides: [override]) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func aPenaltyNeedsACodebook() {
    let error = #expect(throws: UserError.self) {
      try catalogue.recipe("fdt/clip", overrides: ["method.orthogonality=0.1"])
    }
    #expect(error?.description.contains("must be 0 where method.head is not codebook") == true)
  }
}
