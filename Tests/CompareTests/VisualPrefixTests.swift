import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import Methods
import Options
import PrefixPaper
import Recipes
import Runs
import SampleFolders
import Synchronization
import Testing
import Training

/// Questions are learnt, answered and measured beside controls.
@Suite(.serialized) struct VisualPrefixTests {
  private static let catalogue = RecipeCatalogue([PrefixExperiment()])
  private let album: Album

  init() throws { album = try Album() }

  private static let small = [
    "seeds=[0]", "training.epochs=2", "training.batchSize=10", "training.warmupSteps=0", "model.imageDimensions=8",
    "model.imageLayers=1", "model.imageHeads=2", "model.patchSize=4", "model.textDimensions=8", "model.textLayers=1",
    "model.textHeads=2", "model.dimensions=6", "evaluation.labellings=null", "evaluation.shownObservations=10",
    "init={from: null, take: both, freeze: none}",
    "method.prefix.decoder={dimensions: 8, layers: 1, heads: 2, ratio: 2}",
    "evaluation.questions.decoding.maximumLength=8",
  ]

  /// Stops a training after some steps.
  private final class Counter: EventSink {
    private let left: Mutex<Int>
    init(_ steps: Int?) { left = Mutex(steps ?? .max) }
    var isFull: Bool { left.withLock { $0 <= 0 } }
    func receive(_ event: TrainingEvent) throws(UserError) {
      if case .step = event { left.withLock { $0 -= 1 } }
    }
  }

  private func run(
    _ recipe: String, on dataset: MultimodalDataset, in place: String = UUID().uuidString, steps: Int? = nil,
    _ overrides: [String]
  ) throws -> (folder: URL, result: SeedResult) {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let url = album.folder.appending(path: place)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let settings = try Self.catalogue.recipe("prefix/\(recipe)", overrides: overrides)
      .settings(as: AlignmentSettings.self)
    let counter = Counter(steps)
    let context = SeedContext(
      folder: url, events: counter, cacheFolder: album.folder, checkpointSeconds: 0, threads: 1,
      stopRequested: { counter.isFull })
    return (url, try PrefixExperiment().run(seed: 0, settings: settings, dataset: dataset, context: context))
  }

  private func value(_ result: SeedResult, _ subject: String, _ metric: String) -> Double? {
    result.scores.first { $0.evaluator == "questions" && $0.subject == subject && $0.metric == metric }?.value
  }

  private static let columns = ["exact match", "another picture", "question alone", "majority"]

  @Test func everyRecipeResolves() throws {
    let entries = try Self.catalogue.entries()
    #expect(
      entries.map(\.name).sorted() == ["prefix/emoji", "prefix/emoji-korean", "prefix/folder", "prefix/nlvr"])
    for entry in entries {
      let full = try Self.catalogue.recipe(entry.name).settings(as: AlignmentSettings.self)
      let quick = try Self.catalogue.recipe(entry.name, profile: "quick").settings(as: AlignmentSettings.self)
      #expect(quick.training.epochs < full.training.epochs, "\(entry.name)")
      #expect(full.method.name.rawValue == "prefix" && full.evaluation.evaluators.contains("questions"))
      try PrefixExperiment().validate(full)
    }
  }

  @Test func pairsThatAreWrongOnPurposeAreRefused() {
    let error = #expect(throws: UserError.self) {
      try Self.catalogue.recipe("prefix/emoji", overrides: ["data.pairNoise=0.5"])
    }
    #expect(
      error?.description.contains("`data.pairNoise` must be 0 for prefix") == true, "\(String(describing: error))")
  }

  @Test(arguments: ["emoji", "emoji-korean", "folder"])
  func everyKindOfRecipeTrainsAndIsMeasured(recipe: String) throws {
    let (folder, result) = try run(
      recipe, on: Album.pictures, Self.small + ["data.modalities=[picture, one, two]", "method.prefix.captions=two"])
    #expect(result.scores.allSatisfy { $0.value.isFinite })
    for subject in ["name", "colour", "colour, yes or no", "form", "form, yes or no", "all kinds"] {
      for metric in Self.columns { #expect(value(result, subject, metric) != nil, "\(subject) \(metric)") }
    }
    // Whoever knows the question alone, or says yes always, is right half of the time.
    for subject in ["colour, yes or no", "form, yes or no"] { #expect(value(result, subject, "majority") == 0.5) }
    #expect(result.notes.contains { $0.contains("form, yes or no (templated)") })
    #expect(result.notes.contains { $0.contains("one yes and one no") })
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.contains("examples-answers.json") && files.contains("examples-answers.npz"))
    let found = try PictureGridFile.read(name: "answers", in: folder)
    #expect(found.shape == [20, 5, 8, 8, 3] && found.file.rows[0].captions[0] == "What is it?")
  }

  @Test func scenesAndSentencesAboutThemAreAskedAbout() throws {
    try SampleScenes.write(to: album.folder, train: 40, dev: 12, test: 20)
    var options = NLVRScenes()
    (options.dataRoot, options.statements, options.imageHeight) = (album.folder.path, .all, 8)
    let (folder, result) = try run("nlvr", on: try options.dataset(), Self.small)
    for subject in ["statement", "how many", "is there, yes or no", "which colour", "all kinds"] {
      for metric in Self.columns { #expect(value(result, subject, metric) != nil, "\(subject) \(metric)") }
    }
    #expect(value(result, "statement", "majority") == 0.5 && value(result, "name", "exact match") == nil)
    let rows = try PictureGridFile.read(name: "answers", in: folder).file.rows
    #expect(rows[0].name == "asked by people" && rows[0].captions[0].hasPrefix("Is it true: There is a "))
    #expect(rows.last?.name == "")
    let error = #expect(throws: UserError.self) {
      try run("nlvr", on: try options.dataset(), Self.small + ["evaluation.evaluators=[retrieval]"])
    }
    #expect(error?.description.contains("name statements, questions and attention alone") == true)
  }

  private static let learning = [
    "seeds=[0]", "data.modalities=[picture, caption]", "training.batchSize=32", "training.epochs=60",
    "training.learningRate=0.003", "training.warmupSteps=10", "augmentation.isOn=false", "model.imageDropout=0",
    "model.imageDimensions=32", "model.imageLayers=2", "model.imageHeads=2",
    "init={from: null, take: both, freeze: none}",
    "evaluation.labellings=[colour]",
    "method.prefix.decoder={dimensions: 48, layers: 2, heads: 2, ratio: 2, dropout: 0}",
    "method.prefix.languageShare=0.1", "method.prefix.alignmentShare=0.1",
  ]

  /// Colours of pictures that were not seen, though others of their kind were.
  @Test func questionsAreAnsweredByLookingAtThePicture() throws {
    let result = try run("emoji", on: ShapeAlbum.dataset, Self.learning).result
    for subject in ["colour", "colour, yes or no"] {
      let own = try Self.columns.map { try #require(value(result, subject, $0), "\(subject) \($0)") }
      #expect(own[0] > own[1] + 0.25 && own[0] > own[2] + 0.25 && own[0] > own[3] + 0.25, "\(subject) \(own)")
    }
    #expect(try #require(value(result, "colour", "exact match")) > 0.8)
    #expect(abs(try #require(value(result, "colour", "majority")) - 0.25) < 1e-9)
    #expect(abs(try #require(value(result, "colour, yes or no", "question alone")) - 0.5) < 1e-9)
  }

  /// What the test above is for: a network that hardly ever saw a picture answers no better with it than with another one.
  @Test func aNetworkThatSawNoPictureIsCaught() throws {
    let result = try run(
      "emoji", on: ShapeAlbum.dataset,
      Self.learning + ["method.prefix.blankShare=0.9999", "method.prefix.alignmentShare=0", "training.epochs=20"]
    ).result
    for subject in ["colour", "colour, yes or no"] {
      let own = try Self.columns.map { try #require(value(result, subject, $0), "\(subject) \($0)") }
      #expect(own[0] < own[1] + 0.15 && own[0] < own[3] + 0.15, "\(subject) \(own)")
    }
  }

  /// A training that stopped in any of the stages, or between two, goes on as if it had not.
  @Test func aTrainingThatWasStoppedInAStageGoesOnExactly() throws {
    let overrides =
      Self.small + [
        "data.modalities=[picture, one]", "training.epochs=4", "training.learningRate=0.01", "model.imageDropout=0.2",
        "method.prefix.decoder.dropout=0.2", "method.prefix.languageShare=0.25", "method.prefix.alignmentShare=0.25",
      ]
    // Of 8 steps 2 are of the language, 2 of alignment, 4 of questions.
    let whole = try run("emoji", on: Album.pictures, overrides)
    for steps in [1, 1, 1, 2] {
      #expect(throws: Interruption()) {
        try run("emoji", on: Album.pictures, in: "broken", steps: steps, overrides)
      }
    }
    let resumed = try run("emoji", on: Album.pictures, in: "broken", overrides)
    #expect(resumed.result.scores == whole.result.scores)
    func arrays(_ run: (folder: URL, result: SeedResult)) throws -> [String: NumericArray] {
      try SafetensorsFile(readingFrom: run.folder.appending(path: Checkpoint.fileName)).arrays
    }
    #expect(try arrays(resumed) == arrays(whole))
  }

  @Test func whatMakesNoSenseIsNamed() {
    func message(_ overrides: String...) -> String {
      let error = #expect(throws: UserError.self) {
        try run("emoji", on: Album.pictures, Self.small + ["data.modalities=[picture, one]"] + overrides)
      }
      return error?.description ?? ""
    }
    #expect(message("method.prefix.captions=two").contains("is no aligned modality of captions"))
    #expect(message("method.prefix.decoder.heads=3").contains("method.prefix.decoder.heads"))
    #expect(message("method.prefix.languageShare=0.9").contains("method.prefix.alignmentShare"))
    #expect(message("training.chunks=3").contains("training.chunks"))
    #expect(message("evaluation.questions.pictures=1").contains("evaluation.questions.pictures"))
  }
}
