import ComparisonRecipes
import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import Recipes
import Runs
import Testing
import Training

@Suite(.serialized) struct TrainingTests {
  static let recipes = [
    "clip", "clip-strong-views", "clip-tutorial", "clip-noise", "clip-noise-plain", "siglip", "triplet", "vse-sum",
    "vse-hardest",
    "vse-warmup", "vicreg", "simclr", "moco", "mct", "mct-strong-views", "fdt", "declip", "declip-fdt", "gmc",
    "early-fusion",
    "intermediate-fusion", "late-fusion",
    "fusion-dropout", "gradient-blending", "gradient-blending-equal",
    "clipart", "clipart-raw", "clipart-all", "mvae", "mmvae", "mopoe", "jmvae", "vq", "vq-cross-modal", "fsq",
    "blip",
  ]
  private let album: Album

  init() throws { album = try Album() }

  private func names(_ scores: [Score]) -> Set<String> {
    Set(scores.map { "\($0.evaluator) | \($0.subject) | \($0.metric)" })
  }

  private func arrays(_ run: (folder: URL, result: SeedResult)) throws -> [String: NumericArray] {
    try SafetensorsFile(readingFrom: run.folder.appending(path: Checkpoint.fileName)).arrays
  }

  @Test func everyRecipeIsTested() throws {
    let known = try Album.catalogue.entries().map { String($0.name.dropFirst("compare/".count)) }
    // `shift` needs pictures by another hand, with which `ShiftTests` has it; those on COCO and `vilbert`, which has no vectors,
    // have tests of their own.
    #expect(Set(known) == Set(Self.recipes + ["shift", "coco", "coco-small", "vilbert"]))
  }

  @Test(arguments: Self.recipes) func everyMethodTrainsAndIsMeasured(recipe: String) throws {
    let result = try album.run(recipe).result
    #expect(result.scores.allSatisfy { $0.value.isFinite })
    let scores = names(result.scores)
    let isOfImages = ["simclr", "moco"].contains(recipe)
    #expect(scores.contains("linear probe | picture | colour") && scores.contains("linear probe | picture | tags mAP"))
    #expect(scores.contains("accuracy | picture | form") && scores.contains("uniformity | picture | uniformity"))
    for score in [
      "retrieval | picture → one | R@1", "rsum | picture – two | rsum", "accuracy | complete | colour",
      "accuracy | worst | colour", "accuracy | worst | form", "balanced accuracy | complete | colour",
      "balanced accuracy | worst | form", "summary | worst, balanced | mean", "geometry | picture – one | modality gap",
      "zero-shot | one | colour",
    ] { #expect(scores.contains(score) == !isOfImages, "\(score)") }
    #expect((result.parameterCount ?? 0) > 0)
    let complete = result.scores.filter { $0.evaluator == "accuracy" && $0.subject == "complete" }.map(\.value)
    let summary = result.scores.first { $0.evaluator == "summary" && $0.subject == "complete" }?.value
    #expect(summary == (isOfImages ? nil : (complete[0] + complete[1]) / 2))
    #expect(scores.contains("summary | all | mean") && scores.contains("summary | retrieval | mean") == !isOfImages)
  }

  @Test(arguments: ["clip", "siglip", "vicreg", "fdt", "gmc", "intermediate-fusion", "late-fusion", "vse-warmup"])
  func soundsAndStrokesTrain(recipe: String) throws {
    let result = try album.run(
      recipe, on: Album.sounds, overrides: ["evaluation.retrieval.match=label", "method.fusion.modalityDropout=0.5"]
    ).result
    let scores = names(result.scores)
    #expect(scores.contains("retrieval by class | sound → strokes | R@1"))
    #expect(scores.contains("accuracy | strokes | digit") && scores.contains("linear probe | picture | digit"))
    #expect(!scores.contains { $0.hasPrefix("zero-shot") })
  }

  @Test func encodersBeginTheSameForEveryMethod() throws {
    // A learning rate of almost 0 leaves the initial values, but for what was 0.
    let still = ["training.learningRate=1e-30", "training.epochs=1", "method.fusion.superEpoch=5"]
    func encoders(_ recipe: String) throws -> [String: [Float]] {
      try arrays(try album.run(recipe, overrides: still)).filter { $0.key.hasPrefix("encoders.") }.mapValues {
        ($0.floats ?? []).map { abs($0) < 1e-20 ? 0 : $0 }
      }
    }
    let first = try encoders("clip")
    #expect(first.count > 10 && first.values.contains { $0.contains { $0 != 0 } })
    for recipe in ["siglip", "mct", "moco", "fdt", "gmc", "late-fusion"] {
      let isSame = try encoders(recipe) == first
      #expect(isSame, "\(recipe)")
    }
  }

  @Test func earlyFusionTrainsNoEncoders() throws {
    #expect(try !arrays(try album.run("early-fusion")).keys.contains { $0.hasPrefix("encoders.") })
  }

  @Test(arguments: ["mct", "moco", "triplet", "clip-noise", "gradient-blending", "blip", "declip-fdt"])
  func aTrainingThatWasStoppedGoesOnExactly(recipe: String) throws {
    let overrides = [
      "training.epochs=3", "training.learningRate=0.01", "model.imageDropout=0.2", "model.textDropout=0.2",
    ]
    let whole = try album.run(recipe, overrides: overrides)
    for steps in [1, 3] {
      #expect(throws: Interruption()) {
        try album.run(recipe, in: "broken", steps: steps, overrides: overrides)
      }
    }
    let resumed = try album.run(recipe, in: "broken", overrides: overrides)
    #expect(resumed.result.scores == whole.result.scores)
    #expect(try arrays(resumed) == arrays(whole))
  }

  @Test(.enabled(if: OneDNN.bfloat16Implementation != nil), arguments: ["clip", "moco"])
  func aTrainingInBfloat16GoesOnExactly(recipe: String) throws {
    let overrides = ["training.epochs=3", "training.precision=bfloat16", "model.imageEncoder=resnet"]
    let whole = try album.run(recipe, overrides: overrides)
    #expect(throws: Interruption()) { try album.run(recipe, in: "broken", steps: 1, overrides: overrides) }
    let resumed = try album.run(recipe, in: "broken", overrides: overrides)
    #expect(try arrays(resumed) == arrays(whole))
    let exact = try album.run(recipe, in: "exact", overrides: overrides.filter { !$0.contains("bfloat16") })
    #expect(try arrays(exact) != arrays(whole))
  }

  /// The album with pictures of 256 levels, held as bytes or as the numbers that these stand for.
  private func levels(asBytes: Bool) -> MultimodalDataset {
    func side(_ split: MultimodalSplit) -> MultimodalSplit {
      let columns = split.columns.map { column in
        guard case .image = column.modality.kind, case .numbers(let values) = column.items else { return column }
        let bytes = values.map { UInt8($0 * 255) }
        return asBytes
          ? ModalityColumn(modality: column.modality, bytes: bytes, rows: column.rows)
          : ModalityColumn(
            modality: column.modality, items: .numbers(bytes.map { Float($0) / 255 }), rows: column.rows)
      }
      return MultimodalSplit(name: split.name, columns: columns, labels: split.labels)
    }
    let whole = Album.pictures
    return MultimodalDataset(
      name: "album", train: side(whole.train), validation: side(whole.validation), test: side(whole.test),
      classNames: whole.classNames, checksum: "levels", tokenisers: whole.tokenisers, tagNames: whole.tagNames)
  }

  @Test(arguments: ["clip", "moco"]) func picturesAsBytesTrainToTheSameBits(recipe: String) throws {
    let floats = try album.run(recipe, on: levels(asBytes: false), overrides: ["data.normalisation=standardised"])
    let bytes = try album.run(recipe, on: levels(asBytes: true), overrides: ["data.normalisation=standardised"])
    #expect(try arrays(bytes) == arrays(floats))
    #expect(bytes.result.scores == floats.result.scores && !bytes.result.scores.isEmpty)
  }

  @Test func blendingWeighsTheLossesAnew() throws {
    let run = try album.run("gradient-blending", overrides: ["training.epochs=3", "training.learningRate=0.01"])
    let state = try SafetensorsFile(readingFrom: run.folder.appending(path: "training-state.safetensors")).arrays
    let weights = try #require(state["blend.weights"]?.floats)
    #expect(weights.count == 4 && abs(weights.reduce(0, +) - 1) < 1e-5)
  }

  private func blend(_ recipe: String, superEpoch: Int) throws -> (weights: [Float], losses: [Float]) {
    let run = try album.run(
      recipe,
      overrides: [
        "training.epochs=2", "training.learningRate=0.01", "method.fusion.superEpoch=\(superEpoch)",
      ])
    let state = try SafetensorsFile(readingFrom: run.folder.appending(path: "training-state.safetensors")).arrays
    return (try #require(state["blend.weights"]?.floats), try #require(state["blend.losses"]?.floats))
  }

  @Test func blendingWeighsAfterOneSuperEpoch() throws {
    let found = try blend("gradient-blending", superEpoch: 2)
    #expect(found.weights.contains { abs($0 - 0.25) > 1e-3 })
    // Before that the losses are those of the networks as they began.
    let untrained = try blend("gradient-blending", superEpoch: 3)
    #expect(untrained.weights.allSatisfy { $0 == 0.25 } && untrained.losses.allSatisfy { $0 > 0 })
    #expect(untrained.losses != found.losses)
  }

  @Test func equalWeightsStayEqual() throws {
    let found = try blend("gradient-blending-equal", superEpoch: 1)
    #expect(found.weights.allSatisfy { $0 == 0.25 } && found.losses.allSatisfy { $0 == 0 })
  }

  /// The hardest negatives alone bring all representations together where steps are large (Papers/Comparison.md, claim 2).
  @Test func aCollapseIsSaid() throws {
    func run(_ recipe: String) throws -> SeedResult {
      try album.run(
        recipe, on: ShapeAlbum.dataset,
        overrides: [
          "data.modalities=[picture, caption]", "training.epochs=10", "training.batchSize=32",
          "training.learningRate=0.01", "model.imageDimensions=32", "model.textDimensions=32", "model.dimensions=32",
          "evaluation.evaluators=[retrieval]", "evaluation.labellings=[shape]",
          "evaluation.monitoredObservations=20",
        ]
      ).result
    }
    let collapsed = try run("vse-hardest").notes.filter { $0.hasPrefix("Collapse: after epoch ") }
    #expect(collapsed.count == 1)
    #expect(try !run("clip").notes.contains { $0.hasPrefix("Collapse") })
  }

  @Test func watchingChangesNothing() throws {
    let overrides = ["model.imageDropout=0.2", "training.learningRate=0.01"]
    let watched = try album.run("clip", overrides: overrides)
    let unwatched = try album.run("clip", overrides: overrides + ["evaluation.monitoredObservations=0"])
    #expect(try arrays(watched) == arrays(unwatched) && watched.result.scores == unwatched.result.scores)
  }

  @Test func aMethodWithoutVectorsIsMeasuredByPairs() throws {
    let result = try album.run("vilbert", overrides: ["data.modalities=[picture, one]"]).result
    #expect(result.scores.allSatisfy { $0.value.isFinite })
    let scores = names(result.scores)
    for score in [
      "pair retrieval | picture → one | R@10", "pair retrieval | one → picture | R@1", "accuracy | complete | colour",
      "summary | all | mean",
    ] { #expect(scores.contains(score), "\(score)") }
    #expect(!scores.contains { $0.hasPrefix("retrieval |") || $0.hasPrefix("zero-shot |") })
  }

  @Test func imagesAloneAreOnlyMeasuredAsImages() throws {
    let scores = try album.run("simclr").result.scores
    #expect(Set(scores.filter { $0.evaluator == "accuracy" }.map(\.subject)) == ["picture"])
    #expect(!scores.contains { ["retrieval", "rsum", "zero-shot", "geometry"].contains($0.evaluator) })
  }

  @Test func whatAMethodNeedsIsNamed() {
    func message(_ recipe: String, on dataset: MultimodalDataset, _ overrides: String...) -> String? {
      let error = #expect(throws: UserError.self) { try album.run(recipe, on: dataset, overrides: overrides) }
      return error?.description
    }
    #expect(
      message("mct", on: Album.sounds) == "method.name: mct needs captions, and sounds has none; take another method")
    #expect(
      message("moco", on: Album.sounds, "data.modalities=[sound, strokes]")
        == "data.modalities: names no images, which the method needs; sounds has picture")
    #expect(
      message("blip", on: Album.pictures, "model.textEncoder=lstm")
        == "model.textEncoder: must be transformer for blip, whose texts are read by a transformer of its own; "
        + "set it to transformer")
    #expect(
      message("blip", on: Album.pictures, "data.modalities=[picture, one, tags]")
        == "data.modalities: blip knows images and captions only, not tags; name images and captions, or take another method"
    )
    #expect(
      message("late-fusion", on: Album.pictures, "method.fusion.labelling=shape")
        == "method.fusion.labelling: album has no labelling \"shape\"; it has form, colour")
    #expect(
      message("clip", on: Album.pictures, "model.patchSize=3")
        == "model.patchSize: patches of 3 do not fill images of 8 × 8; give a number that divides both")
    #expect(
      message("clip", on: Album.pictures, "data.modalities=[picture, three]")
        == "data.modalities: album has no modality \"three\"; it has picture, one, two, tags")
    #expect(
      message("clip", on: Album.pictures, "data.modalities=[picture]")
        == "data.modalities: must name 2 to 10 different modalities of album, not 1; it has picture, one, two, tags")
  }
}
