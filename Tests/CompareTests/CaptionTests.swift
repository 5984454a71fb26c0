import AlignmentExperiments
import CaptionPaper
import Datasets
import Diagnostics
import Foundation
import Kernels
import Methods
import Options
import Recipes
import Runs
import Testing
import Training

/// Captions are learnt, written and measured beside controls.
@Suite(.serialized) struct CaptionTests {
  private static let catalogue = RecipeCatalogue([CaptionExperiment()])
  private let album: Album

  init() throws { album = try Album() }

  private static let small = [
    "seeds=[0]", "training.epochs=2", "training.batchSize=10", "training.warmupSteps=0", "model.imageDimensions=8",
    "model.imageLayers=1", "model.imageHeads=2", "model.patchSize=4", "model.textDimensions=8", "model.textLayers=1",
    "model.textHeads=2", "model.dimensions=6", "evaluation.labellings=null", "evaluation.shownObservations=10",
    "method.caption.decoder.embeddingDimensions=8", "method.caption.decoder.dimensions=8",
    "method.caption.decoder.attentionDimensions=8", "evaluation.captioning.decoding.maximumLength=8",
  ]

  private func run(
    _ recipe: String, on dataset: MultimodalDataset, _ overrides: [String]
  ) throws -> (folder: URL, result: SeedResult) {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let url = album.folder.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let settings = try Self.catalogue.recipe("caption/\(recipe)", overrides: overrides)
      .settings(as: AlignmentSettings.self)
    let context = SeedContext(folder: url, events: NullSink(), cacheFolder: album.folder, threads: 1)
    return (url, try CaptionExperiment().run(seed: 0, settings: settings, dataset: dataset, context: context))
  }

  private func value(_ result: SeedResult, _ subject: String, _ metric: String) -> Double? {
    result.scores.first { $0.evaluator == "captioning" && $0.subject == subject && $0.metric == metric }?.value
  }

  @Test func everyRecipeResolves() throws {
    let entries = try Self.catalogue.entries()
    #expect(entries.count >= 14 && Set(entries.map(\.title)).count == entries.count)
    for entry in entries {
      let full = try Self.catalogue.recipe(entry.name).settings(as: AlignmentSettings.self)
      let quick = try Self.catalogue.recipe(entry.name, profile: "quick").settings(as: AlignmentSettings.self)
      #expect(quick.training.epochs < full.training.epochs, "\(entry.name)")
      #expect(full.method.name.rawValue == "caption" && full.evaluation.evaluators.contains("captioning"))
      try CaptionExperiment().validate(full)
    }
  }

  @Test(arguments: ["emoji", "emoji-attention", "emoji-tied", "emoji-korean", "stamps", "clipart-attention"])
  func everyKindOfRecipeTrainsAndIsMeasured(recipe: String) throws {
    let (folder, result) = try run(
      recipe, on: Album.pictures, Self.small + ["data.modalities=[picture, one, two]", "method.caption.captions=two"])
    #expect(result.scores.allSatisfy { $0.value.isFinite })
    for subject in ["written", "nearest", "constant"] {
      for metric in ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "CIDEr-D", "exact match"] {
        #expect(value(result, subject, metric) != nil, "\(subject) \(metric)")
      }
    }
    for subject in ["written", "another picture", "frequencies"] {
      #expect((value(result, subject, "perplexity") ?? 0) >= 1)
    }
    #expect(result.notes.contains { $0.contains("two is written") })
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.contains("examples-captions.json") && files.contains("examples-captions.npz"))
    #expect(files.contains("examples-attention.npz") == recipe.hasSuffix("attention"))
    // The captions' encoder is neither trained nor kept.
    let counts = result.parameterCount ?? 0
    #expect(counts > 1_000 && counts < 60_000)
  }

  private func learnt(_ look: String, _ overrides: [String]) throws -> SeedResult {
    try run(
      "emoji", on: ShapeAlbum.dataset,
      [
        "seeds=[0]", "data.modalities=[picture, caption]", "training.batchSize=32", "training.learningRate=0.003",
        "training.warmupSteps=10", "augmentation.isOn=false", "model.imageDropout=0", "evaluation.labellings=null",
        "method.caption.decoder.look=\(look)", "method.caption.decoder.dropout=0.1",
        "method.caption.decoder.embeddingDimensions=32", "method.caption.decoder.dimensions=64",
        "method.caption.decoder.attentionDimensions=32", "evaluation.evaluators=[captioning]",
        "evaluation.captioning.decoding.maximumLength=6",
      ] + overrides
    ).result
  }

  private func perplexities(_ result: SeedResult) throws -> [Double] {
    try ["written", "another picture", "frequencies"].map { try #require(value(result, $0, "perplexity")) }
  }

  /// Captions such as `small red disc left` of pictures that were not seen, though others of their kind were.
  @Test func captionsAreLearntByRegions() throws {
    let result = try learnt(
      "regions", ["model.imageDimensions=32", "model.imageLayers=2", "model.imageHeads=2", "training.epochs=48"])
    let exact = try #require(value(result, "written", "exact match"))
    #expect(exact > 0.5, "\(exact)")
    #expect(abs((value(result, "constant", "exact match") ?? 1) - 1 / Double(ShapeAlbum.kinds)) < 1e-9)
    let words = try perplexities(result)
    #expect(words[0] < 1.6 && words[1] > 2 * words[0] && words[2] > 4, "\(words)")
    #expect((value(result, "written", "BLEU-4") ?? 0) > 0.4 && (value(result, "constant", "BLEU-4") ?? 1) < 0.3)
  }

  @Test func captionsAreLearntAsAWhole() throws {
    let result = try learnt(
      "whole", ["model.imageEncoder=strided", "model.stridedWidths=[16, 32]", "training.epochs=40"])
    // Words alone leave 2.64: 128 kinds in five tokens.
    let words = try perplexities(result)
    #expect(words[0] < 2.4 && words[1] > 5 * words[0], "\(words)")
  }

  @Test func aCaptionThatIsNotAlignedIsNamed() {
    let error = #expect(throws: UserError.self) {
      try run(
        "emoji", on: Album.pictures, Self.small + ["data.modalities=[picture, one]", "method.caption.captions=two"])
    }
    #expect(
      error?.description.contains("`method.caption.captions`") == true || error?.place == "method.caption.captions")
    let tied = #expect(throws: UserError.self) {
      try Self.catalogue.recipe(
        "caption/emoji-tied", overrides: ["method.caption.decoder.dimensions=64"])
    }
    #expect(tied?.description.contains("method.caption.decoder.tiesOutput") == true, "\(String(describing: tied))")
    let beams = #expect(throws: UserError.self) {
      try Self.catalogue.recipe("caption/emoji", overrides: ["evaluation.captioning.decoding.beams=0"])
    }
    #expect(beams?.description.contains("`evaluation.captioning.decoding.beams` must be 1 to 64") == true)
  }
}
