import AlignmentExperiments
import Autograd
import Datasets
import Diagnostics
import Encoders
import FDTPaper
import Methods
import Objectives
import Options
import Recipes
import Testing
import Training

@Suite struct RecipeTests {
  private let catalogue = SmallRuns.catalogue

  private func settings(_ name: String) throws -> AlignmentSettings {
    try catalogue.recipe("fdt/\(name)").settings(as: AlignmentSettings.self)
  }

  @Test func everyRecipeResolves() throws {
    let entries = try catalogue.entries()
    #expect(entries.count >= 20)
    for entry in entries {
      #expect(entry.profiles.contains("quick"), "\(entry.name)")
      let (full, quick) = (try catalogue.recipe(entry.name), try catalogue.recipe(entry.name, profile: "quick"))
      let (settings, small) = (
        try full.settings(as: AlignmentSettings.self), try quick.settings(as: AlignmentSettings.self)
      )
      #expect(small.training.epochs < settings.training.epochs && quick.seeds == [0], "\(entry.name)")
      try FDTExperiment().validate(settings)
      try FDTExperiment().validate(small)
    }
    #expect(Set(entries.map(\.title)).count == entries.count)
  }

  @Test func recipesDifferInWhatTheirTitlesSay() throws {
    let base = try settings("emoji")
    func expect(_ name: String, _ change: (inout AlignmentSettings) -> Void) throws {
      var expected = base
      change(&expected)
      #expect(try settings(name) == expected, "\(name)")
    }
    try expect("clip") {
      $0.method.name = EntryName(CLIPOptions.self)
      $0.model.normalisesPatches = true
    }
    try expect("clip-control") {
      $0.method.options[FDTOptions.self].isControl = true
      $0.model.normalisesPatches = true
    }
    try expect("softmax") { $0.method.options[FDTOptions.self].attention = .softmax }
    try expect("mean-pool") { $0.method.options[FDTOptions.self].pooling = .mean }
    try expect("exclude-padding") { $0.method.options[FDTOptions.self].padding = .excluded }
    for codes in [64, 256, 1024, 4096, 16_384] {
      try expect("codes-\(codes)") {
        $0.method.options[FDTOptions.self].codes = codes
        // T grows with C, so that the share of active codes at first does not depend on it.
        $0.method.options[FDTOptions.self].codeTemperature.start = 1000 * Double(codes) / 16_384
      }
    }
    #expect(try settings("codes-1024") == base)
    try expect("temperature-tenfold") { $0.method.options[FDTOptions.self].codeTemperature.start *= 10 }
    for (name, factor) in [("softmax-tenth", 10.0), ("softmax-hundredth", 100)] {
      try expect(name) {
        $0.method.options[FDTOptions.self].attention = .softmax
        $0.method.options[FDTOptions.self].codeTemperature.start /= factor
      }
    }
    try expect("temperature-tenth") { $0.method.options[FDTOptions.self].codeTemperature.start /= 10 }
    try expect("temperature-hundredth") { $0.method.options[FDTOptions.self].codeTemperature.start /= 100 }
    #expect(try settings("temperature").method.options[FDTOptions.self].codeTemperature.course == .exponential)
    let declip = try settings("declip")
    #expect(declip.method.options[DeCLIPOptions.self].weights == DeCLIPOptions.Weights())
    var grounded = declip
    grounded.model.normalisesPatches = false
    grounded.method.options[DeCLIPOptions.self].head = .codebook
    #expect(try settings("declip-fdt") == grounded)
    // The codebook is that of the row beside it.
    let (own, fdt) = (grounded.method.options[DeCLIPOptions.self].codebook, base.method.options[FDTOptions.self])
    #expect(own.codes == fdt.codes && own.codeTemperature == fdt.codeTemperature)
    var boxes = try settings("nlvr")
    #expect(boxes.data.set == EntryName(NLVRDataset.Options.self))
    #expect(boxes.data.sparesEqualItems)
    boxes.method.name = EntryName(CLIPOptions.self)
    boxes.model.normalisesPatches = true
    #expect(try settings("nlvr-clip") == boxes)
  }

  @Test func theOfficialSettings() throws {
    let official = try settings("cc3m")
    let method = official.method.options[FDTOptions.self]
    #expect(method.codes == 16_384 && official.model.dimensions == 512)
    #expect(method.codeTemperature.temperature(step: 86_560) == 1000)
    #expect(official.training.epochs == 32 && official.training.batchSize == 1024)
    #expect(method.logScaleRange.map { Double(Float($0)) }.first == 3)
    #expect(try catalogue.recipe("fdt/cc3m").title.contains("never run by us"))
  }

  @Test(arguments: [
    ("method.fdt.codes=0", "`method.fdt.codes` must be 1 to 1048576"),
    ("method.fdt.codeTemperature.start=0", "`method.fdt.codeTemperature.start` must be positive"),
    ("method.fdt.codeTemperature.interval=0", "`method.fdt.codeTemperature.interval` must be positive"),
    ("method.fdt.pooling=mx", "`method.fdt.pooling` cannot be `mx`; did you mean `max`?"),
    ("method.fdt.attention=sparse", "`method.fdt.attention` cannot be `sparse`"),
    ("method.fdt.padding=none", "`method.fdt.padding` cannot be `none`"),
    ("method.fdt.orthogonality=-1", "`method.fdt.orthogonality` must not be negative"),
    ("method.fdt.codebookDecay=-1", "`method.fdt.codebookDecay` must not be negative"),
    ("method.fdt.logScaleRange=[4, 3]", "`method.fdt.logScaleRange` must be two numbers in order, at most 50"),
    ("model.imageHeads=5", "`model.imageHeads` must divide model.imageDimensions (96)"),
    ("data.modalities=[]", "`data.modalities` must name different modalities, at least one"),
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
      try catalogue.recipe("fdt/clip-control", overrides: ["method.fdt.orthogonality=0.1"])
    }
    #expect(error?.description.contains("`method.fdt.orthogonality` must be 0 for a control") == true)
  }

  /// Recipes of earlier versions are told what has become of their keys.
  @Test(arguments: [
    ("method.head=projection", "method.name, with method.fdt.isControl for the control"),
    ("method.codes=64", "method.fdt.codes"), ("method.temperature.start=10", "method.fdt.codeTemperature"),
    ("data.captions=[caption-en]", "data.modalities"), ("model.residualWidths=[8]", "model.imageWidths"),
    ("evaluation.ridge=0.1", "evaluation.linearProbe.penalties"),
    ("evaluation.prompts=emoji", "evaluation.zeroShot.prompts"),
  ]) func aFormerKeyNamesThePresentOne(override: String, present: String) {
    let error = #expect(throws: UserError.self) { try catalogue.recipe("fdt/emoji", overrides: [override]) }
    #expect(error?.description.contains(present) == true, "\(error?.description ?? "")")
  }
}
