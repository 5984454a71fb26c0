import AlignmentExperiments
import BLIPPaper
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

/// A run of BLIP writes captions, which `captioning` measures as those of any other method.
@Suite(.serialized) struct BLIPCaptionTests {
  private static let catalogue = RecipeCatalogue([BLIPExperiment()])
  private let album: Album

  init() throws { album = try Album() }

  private func run(_ recipe: String, on dataset: MultimodalDataset, _ overrides: [String]) throws -> SeedResult {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let url = album.folder.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let settings = try Self.catalogue.recipe(
      "blip/\(recipe)",
      overrides: [
        "seeds=[0]", "training.warmupSteps=10", "augmentation.isOn=false", "evaluation.labellings=null",
        "evaluation.shownObservations=10", "evaluation.captioning.shown=2", "method.blip.queueSize=64",
        "evaluation.captioning.decoding.maximumLength=8",
      ] + overrides
    ).settings(as: AlignmentSettings.self)
    let context = SeedContext(folder: url, events: NullSink(), cacheFolder: album.folder, threads: 1)
    let result = try BLIPExperiment().run(seed: 0, settings: settings, dataset: dataset, context: context)
    let files = try FileManager.default.contentsOfDirectory(atPath: url.path)
    #expect(
      files.contains { $0.hasPrefix("examples-captions") }
        == (settings.method.options[BLIPOptions.self].weights.language > 0))
    return result
  }

  private func value(_ result: SeedResult, _ subject: String, _ metric: String) throws -> Double {
    try #require(
      result.scores.first { $0.evaluator == "captioning" && $0.subject == subject && $0.metric == metric }?.value,
      "\(subject) \(metric)")
  }

  /// Captions such as `red over blue` of pictures that were not seen, though others of their kind were.
  @Test func captionsAreLearnt() throws {
    let result = try run(
      "emoji-captions", on: HalvesAlbum.dataset,
      HalvesAlbum.overrides + ["training.epochs=16", "evaluation.evaluators=[captioning]"])
    #expect(try value(result, "written", "exact match") > 0.7)
    #expect(abs(try value(result, "constant", "exact match") - 1 / Double(HalvesAlbum.kinds)) < 1e-9)
    let (own, other) = (try value(result, "written", "perplexity"), try value(result, "another picture", "perplexity"))
    #expect(own < 1.6 && other > 2 * own, "\(own) \(other)")
  }

  /// Two languages of one vocabulary, each written in its own pieces, in rows of its own.
  @Test func eachLanguageIsWritten() throws {
    let small = [
      "training.epochs=2", "training.batchSize=10", "training.warmupSteps=0", "model.imageDimensions=8",
      "model.imageLayers=1", "model.imageHeads=2", "model.patchSize=4", "model.textDimensions=8", "model.textLayers=1",
      "model.textHeads=2", "model.dimensions=6",
    ]
    let result = try run("emoji-korean", on: Album.pictures, small + ["data.modalities=[picture, one, two]"])
    for subject in ["written, one", "written, two"] {
      #expect(try value(result, subject, "perplexity") >= 1)
      #expect(try value(result, subject, "BLEU-1") >= 0)
    }
    let silent = try run(
      "emoji", on: Album.pictures,
      small + [
        "data.modalities=[picture, one]", "method.blip.weights.language=0",
        "evaluation.evaluators=[retrieval, captioning]",
        "evaluation.captioning.shown=0",
      ])
    #expect(!silent.scores.contains { $0.evaluator == "captioning" })
    #expect(silent.notes.contains { $0.contains("writes no captions") }, "\(silent.notes)")
  }
}
