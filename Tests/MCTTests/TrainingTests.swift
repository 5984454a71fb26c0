import Datasets
import Diagnostics
import Foundation
import Interchange
import MCTPaper
import Recipes
import Runs
import Testing
import Training

private let names = (try? SmallRuns.catalogue.names()) ?? []

@Suite(.serialized) struct TrainingTests {
  let runs: SmallRuns

  init() throws { runs = try SmallRuns() }

  private func events(_ run: (folder: RunFolder, result: SeedResult)) throws -> [TrainingEvent] {
    try MetricsLog.events(in: run.folder.metrics(ofSeed: 0))
  }

  private func file(_ name: String, of run: (folder: RunFolder, result: SeedResult)) -> URL {
    run.folder.seed(0).appending(path: name)
  }

  /// What a grid of pictures shows.
  private func grid(
    _ name: String, of run: (folder: RunFolder, result: SeedResult)
  ) throws -> (file: PictureGridFile, shape: [Int]) {
    let read = try PictureGridFile.read(name: name, in: run.folder.seed(0))
    return (read.file, read.shape)
  }

  /// What every run must give: two steps, finite scores, files that fit.
  private func expectWhole(
    _ run: (folder: RunFolder, result: SeedResult), labellings: [String], hasCommonSpace: Bool, terms: [String]
  ) throws {
    let events = try events(run)
    let steps = events.compactMap { if case .step(let record) = $0 { record } else { nil } }
    #expect(steps.count == 2)
    for step in steps {
      #expect((step.gradientNorm ?? 0) > 0)
      #expect(step.terms.first?.name == "total" && Set(step.terms.map(\.name)) == Set(["total"] + terms))
    }
    #expect(events.last == .finished)
    let scores = run.result.scores
    #expect(scores.allSatisfy { $0.value.isFinite })
    for evaluator in ["linear probe", "nearest neighbours"] {
      let own = scores.filter { $0.evaluator == evaluator && $0.subject == "image" && !$0.metric.hasSuffix(" mAP") }
      #expect(own.map(\.metric) == labellings && own.allSatisfy { (0...1).contains($0.value) })
    }
    #expect(scores.count { $0.evaluator == "retrieval" } == (hasCommonSpace ? 16 : 0))
    #expect(scores.count { $0.evaluator == "zero-shot" } == (hasCommonSpace ? labellings.count : 0))
    #expect(scores.count { $0.evaluator == "geometry" } == (hasCommonSpace ? 6 : 0))
    #expect(scores.count { $0.evaluator == "uniformity" } == (hasCommonSpace ? 4 : 2))
    #expect(scores.last?.evaluator == "chosen epoch" && scores.last?.value == 1)

    let checkpoint = try SafetensorsFile(readingFrom: file(Checkpoint.fileName, of: run))
    #expect(checkpoint.metadata["epoch"] == "1")
    #expect(checkpoint.arrays["inputs.channelMean"]?.shape == [3])
    let prefixes = ["encoders.", "method.head.", "method.objective.", "inputs.channel"]
    #expect(checkpoint.arrays.keys.allSatisfy { key in prefixes.contains { key.hasPrefix($0) } })
    let embeddings = try NumpyArchive(readingFrom: file(EmbeddingsFile.name, of: run)).arrays
    // Where pictures share no space with captions, their features are what represents them.
    #expect(embeddings["image"]?.shape == [10, hasCommonSpace ? 8 : 4])
    let neighbours = try grid("neighbours", of: run)
    #expect(neighbours.shape.prefix(2) == [3, 6] && neighbours.file.columnNames?.count == 6)
    #expect(neighbours.file.kinds == ["the same \(labellings[0])"])
    for row in neighbours.file.rows {
      let cosines = row.captions.dropFirst().compactMap { Double($0.prefix { $0 != " " }.replacing("−", with: "-")) }
      #expect(!row.name.isEmpty && cosines.count == 5 && cosines == cosines.sorted(by: >))
      // The query is not one of the found.
      #expect(row.frames?[0] == nil && row.wordsOnly == nil)
    }
    let names = PictureGridFile.names(in: run.folder.seed(0))
    #expect(names == (hasCommonSpace ? ["captions-by-image", "images-by-caption", "neighbours"] : ["neighbours"]))
  }

  @Test(
    .enabled(if: SmallRuns.hasEmoji, "the Debian packages with the emoji are not installed"))
  func emojiRecipesTrain() throws {
    let all = ["image intra", "tags", "caption intra", "image → caption", "caption → image"]
    let terms: [String: [String]] = [
      "mct/inter-only": Array(all[3...]), "mct/clip": ["clip"],
      "mct/intra-inter": ["image intra"] + all[2...], "mct/no-caption-intra": Array(all[..<2] + all[3...]),
      "mct/one-direction": Array(all[..<4]),
    ]
    let full: Set = ["mct/emoji", "mct/shuffled-tags", "mct/hinge", "mct/hinge-hardest"]
    let dataset = try runs.emoji()
    let others = ["cifar-moco", "cifar-moco-20", "folder", "stamps", "clipart", "coco", "coco-small"]
    for name in names where !others.contains(String(name.dropFirst(4))) {
      let run = try runs.run(name, dataset: dataset)
      let own = full.contains(name) ? all : terms[name] ?? ["image intra"]
      try expectWhole(
        run, labellings: ["subgroup", "group"], hasCommonSpace: own.contains { $0.contains("→") || $0 == "clip" },
        terms: own)
      #expect(run.result.scores.contains { $0.evaluator == "linear probe" && $0.metric == "tags mAP" })
      let hasQueue = !["mct/simclr", "mct/clip", "mct/inter-only"].contains(name)
      #expect(run.result.scores.contains { $0.evaluator == "pretext, last epoch" } == hasQueue, "\(name)")
      let hasKeys = !["mct/simclr", "mct/clip"].contains(name)
      #expect(LineChartFile.names(in: run.folder.seed(0)) == (hasKeys ? ["queue-age"] : []), "\(name)")
      // The small training set has 300 emoji.
      let isLarge = name.contains("queue-2") || name.contains("queue-4")
      #expect(run.result.notes.contains { $0.contains("larger than the training set") } == isLarge, "\(name)")
      #expect(
        try events(run).contains { if case .note = $0 { true } else { false } } == isLarge, "\(name)")
    }
  }

  @Test(
    .enabled(if: SmallRuns.hasEmoji, "the Debian packages with the emoji are not installed"))
  func aSeedDecidesEverythingAndTheBestEpochIsKept() throws {
    let overrides = ["training.epochs=3", "training.learningRate=0.01"]
    let dataset = try runs.emoji()
    let first = try runs.run("mct/emoji", overrides: overrides, dataset: dataset)
    let second = try runs.run("mct/emoji", overrides: overrides, dataset: dataset)
    #expect(first.result.scores == second.result.scores)
    let files = try [first, second].map { try Data(contentsOf: file(Checkpoint.fileName, of: $0)) }
    #expect(files[0] == files[1])
    #expect(
      try runs.run("mct/emoji", seed: 1, overrides: overrides, dataset: dataset).result.scores != first.result.scores)

    let looks = try events(first).compactMap { event -> Double? in
      guard case .evaluated(let scores) = event, scores.first?.evaluator == "validation" else { return nil }
      return scores[0].value
    }
    #expect(looks.count == 3)
    let best = try #require(looks.firstIndex(of: looks.max() ?? 0)) + 1
    #expect(first.result.scores.last?.value == Double(best))
    let chosen = try SafetensorsFile(readingFrom: file(Checkpoint.fileName, of: first))
    #expect(chosen.metadata["epoch"] == "\(best)")
    let last = try runs.run("mct/emoji", overrides: overrides + ["evaluation.selection=last"], dataset: dataset)
    #expect(!last.result.scores.contains { $0.evaluator == "chosen epoch" })
    #expect(last.result.notes.contains("The networks are those of the last epoch."))
    // What is not looked at on the way does not change the way.
    let lastFile = try SafetensorsFile(readingFrom: file(Checkpoint.fileName, of: last))
    let isSame: Bool = lastFile.arrays == chosen.arrays
    #expect(isSame == (best == 3))
    let retrieval = try runs.run(
      "mct/emoji", overrides: overrides + ["evaluation.selection=retrieval"], dataset: dataset)
    #expect(retrieval.result.notes.contains { $0.contains("mean R@10") })

    let (images, captions) = (try grid("images-by-caption", of: first), try grid("captions-by-image", of: first))
    #expect(images.shape.prefix(2) == [3, 7] && captions.shape.prefix(2) == [3, 6])
    for row in images.file.rows {
      #expect(row.wordsOnly == [0] && !row.captions[0].isEmpty)
      let rank = try #require(Double(row.captions[6].dropFirst("rank ".count)))
      // Among the five first it is framed in its place, else not at all; ties may move it.
      let place = row.frames?.keys.first.map(Double.init)
      #expect(place.map { abs($0 - rank) < 5 } ?? (rank > 4), "\(row)")
    }
    for row in captions.file.rows {
      #expect(row.name.hasPrefix("rank ") && row.wordsOnly == [1, 2, 3, 4, 5])
      for place in row.frames?.keys.map({ $0 }) ?? [] { #expect(row.captions[place].hasSuffix(row.captions[0])) }
    }
  }

  @Test(
    .enabled(if: SmallRuns.hasEmoji, "the Debian packages with the emoji are not installed"))
  func whatTheDataSetHasNotIsNamed() throws {
    let dataset = try runs.emoji()
    let all = "it has image, caption-en, caption-ko, tags"
    for (override, message) in [
      ("data.modalities=[picture, caption-en]", "data.modalities: emoji has no modality \"picture\"; \(all)"),
      (
        "data.modalities=[image, caption-en, tags]",
        "data.modalities: mct knows images and captions only, not tags; name images and captions, or take another method"
      ),
      ("data.modalities=[caption-en]", "data.modalities: names no images, which the method needs; emoji has image"),
      (
        "data.modalities=[image]",
        "data.modalities: names no captions, which the method needs; emoji has caption-en, caption-ko"
      ),
      ("data.tags=keywords", "data.tags: emoji has no modality \"keywords\"; \(all)"),
      ("data.tags=image", "data.tags: `image` is no modality of tags"),
      ("data.tags=tag", "data.tags: emoji has no modality \"tag\"; did you mean tags?"),
      ("augmentation.neverFlipped=[Flag]", "augmentation.neverFlipped: emoji has no class `Flag`"),
      ("evaluation.labellings=[hue]", "evaluation.labellings: emoji has no labelling \"hue\"; it has group, subgroup"),
    ] {
      let error = #expect(throws: UserError.self) {
        try runs.run("mct/emoji", overrides: [override], dataset: dataset)
      }
      #expect(error?.description == message)
    }
  }

  @Test func photographsTrain() throws {
    try runs.writePhotographs()
    let run = try runs.run("mct/cifar-moco")
    try expectWhole(run, labellings: ["class"], hasCommonSpace: false, terms: ["image intra"])
    #expect(run.result.datasetChecksums["cifar"]?.count == 64)
  }

  @Test func photographsThatAreMissingAreNamed() {
    let error = runs.error("mct/cifar-moco", overrides: [])
    #expect(error?.kind == .data)
    #expect(error?.what.hasPrefix("data_batch_1.bin of CIFAR-10 is missing in ") == true)
  }
}
