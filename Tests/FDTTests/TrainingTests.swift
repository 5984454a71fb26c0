import Datasets
import Diagnostics
import FDTPaper
import Foundation
import Interchange
import Recipes
import Runs
import SampleFolders
import Testing
import Training

private let names = (try? SmallRuns.catalogue.names()) ?? []

@Suite(.serialized) struct TrainingTests {
  private let runs: SmallRuns

  init() throws { runs = try SmallRuns() }

  private func scores(_ result: SeedResult, _ evaluator: String) -> [Score] {
    result.scores.filter { $0.evaluator == evaluator }
  }

  /// What every run must give: two steps, finite scores, files that fit.
  private func expectWhole(
    _ run: (folder: RunFolder, result: SeedResult), picture: String = "image", captions: [String], hasCodes: Bool,
    steps count: Int = 2
  ) throws {
    let events = try MetricsLog.events(in: run.folder.metrics(ofSeed: 0))
    let steps = events.compactMap { if case .step(let record) = $0 { record } else { nil } }
    #expect(steps.count == count)
    #expect(
      steps.allSatisfy { ($0.gradientNorm ?? 0) > 0 && $0.terms.map(\.name).contains("\(picture) – \(captions[0])") })
    // After the epoch, and at the end.
    let tracked = events.compactMap { if case .evaluated(let scores) = $0 { scores } else { nil } }
    #expect(tracked.count == 2)
    #expect(tracked[0].contains { $0.evaluator == "codebook" && $0.metric == "perplexity" } == hasCodes)
    #expect(run.result.scores.allSatisfy { $0.value.isFinite })
    #expect(scores(run.result, "retrieval").count == 8 * captions.count)
    #expect(scores(run.result, "retrieval by codes").count == (hasCodes ? 8 * captions.count : 0))
    #expect(scores(run.result, "rsum").count == captions.count)
    #expect(scores(run.result, "codebook").isEmpty == !hasCodes)
    #expect(scores(run.result, "geometry").count == 3 * captions.count)
    let seed = run.folder.seed(0)
    #expect(FileManager.default.fileExists(atPath: seed.appending(path: "codes.json").path) == hasCodes)
    let checkpoint = try SafetensorsFile(readingFrom: seed.appending(path: Checkpoint.fileName))
    let all = checkpoint.arrays.filter { !$0.key.contains("running") }.map { $0.value.shape.reduce(1, *) }
    #expect((run.result.parameterCount ?? 0) <= all.reduce(0, +))
  }

  @Test(.enabled(if: SmallRuns.hasEmoji, "the Debian packages with the emoji are not installed"))
  func emojiRecipesTrain() throws {
    var counts: [String: Int] = [:]
    for name in names
    where !["nlvr", "cc3m", "folder", "stamps", "clipart", "coco", "flickr30k"].contains(where: {
      name.hasPrefix("fdt/\($0)")
    }) {
      let run = try runs.run(name, overrides: SmallRuns.emojiOverrides)
      let hasCodes = !name.hasPrefix("fdt/clip") && name != "fdt/declip"
      try expectWhole(run, captions: ["caption-en", "caption-ko"], hasCodes: hasCodes)
      // Group and subgroup, each with the mean over the classes, by two languages.
      #expect(scores(run.result, "zero-shot").count == 8, "\(name)")
      #expect(scores(run.result, "zero-shot by codes").count == (hasCodes ? 8 : 0))
      #expect(scores(run.result, "linear probe").count == 9)
      #expect(scores(run.result, "purity").count == 6)
      if hasCodes {
        let files = try FileManager.default.contentsOfDirectory(atPath: run.folder.seed(0).path)
        #expect(Set(files).isSuperset(of: ["examples-codes.json", "examples-codes.npz", "embeddings.npz"]))
      }
      counts[name] = run.result.parameterCount
    }
    #expect(counts["fdt/clip-control"] == counts["fdt/emoji"])
    #expect((counts["fdt/clip"] ?? .max) < counts["fdt/emoji"] ?? 0)
  }

  @Test(arguments: names.filter { $0.hasPrefix("fdt/nlvr") }) func boxesTrain(name: String) throws {
    let run = try runs.run(
      name, overrides: ["training.batchSize=50", "evaluation.completeness.fewest=2"], dataRoot: try runs.writeBoxes())
    // Eleven of fifteen sentences are for training: 132 pictures, two steps of 50.
    try expectWhole(run, captions: ["caption"], hasCodes: name != "fdt/nlvr-clip")
    let complete = scores(run.result, "completeness")
    #expect(complete.contains { $0.subject == "objects, linear probe, 2 or more" && $0.metric == "all found" })
    #expect(complete.contains { $0.subject == "objects, zero-shot caption" && $0.metric == "recall" })
    // Three test sentences have twelve pictures each; all are hits.
    #expect(
      scores(run.result, "retrieval").filter { $0.metric == "R@5" && $0.subject == "image → caption" }[0].value == 1)
  }

  @Test func aFolderOfOnesOwnTrains() throws {
    let folder = runs.folder.appending(path: "own")
    try SampleFolder.writeShapes(
      to: folder, count: 60, others: "tags: { kind: tags, column: tags, separator: \";\" }")
    let run = try runs.run(
      "fdt/folder", overrides: ["data.folder.path=\(folder.path)", "training.batchSize=20", "model.patchSize=4"])
    try expectWhole(
      run, picture: "picture", captions: ["caption"], hasCodes: true, steps: run.result.scores.isEmpty ? 0 : 2)
    #expect(scores(run.result, "linear probe").map(\.metric).contains("shape"))
    // Without prompts classes are called by their names.
    #expect(scores(run.result, "zero-shot").map(\.metric) == ["shape", "shape by class"])
    let error = #expect(throws: UserError.self) { try runs.run("fdt/folder", overrides: []) }
    #expect(error?.place == "data.folder.path")
  }

  @Test func shardsTrain() throws {
    let root = runs.folder.appending(path: "data")
    try SampleFolder.writePictures(to: root.appending(path: "pictures"), count: 48)
    let pictures = root.appending(path: "pictures/images")
    let shards = root.appending(path: "cc3m")
    try FileManager.default.createDirectory(at: shards, withIntermediateDirectories: true)
    let files = try FileManager.default.contentsOfDirectory(atPath: pictures.path).sorted()
    for (shard, part) in [files[..<30], files[30...]].enumerated() {
      for file in part {
        let words = file.split(separator: "-")[0]
        try Data("a \(words) shape".utf8)
          .write(to: pictures.appending(path: file.replacing(".jpg", with: ".txt")))
      }
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.currentDirectoryURL = pictures
      process.arguments =
        ["tar", "cf", shards.appending(path: "0000\(shard).tar").path]
        + part.flatMap { [$0, $0.replacing(".jpg", with: ".txt")] }
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
    }
    let small = [
      "data.shards.imageSize=16", "data.shards.captionLength=6", "data.shards.minimumPieceCount=1",
      "data.shards.validationCount=4", "data.shards.testCount=4", "model.patchSize=8", "training.batchSize=20",
    ]
    let run = try runs.run("fdt/cc3m", overrides: small, dataRoot: root)
    try expectWhole(run, captions: ["caption"], hasCodes: true)
    #expect(scores(run.result, "linear probe").isEmpty && scores(run.result, "purity").isEmpty)
    let few = #expect(throws: UserError.self) {
      try runs.run("fdt/cc3m", overrides: small + ["data.shards.testCount=44"], dataRoot: root)
    }
    #expect(few?.what == "48 pictures, of which 48 are held out")
    let none = #expect(throws: UserError.self) {
      try runs.run("fdt/cc3m", overrides: small + ["data.shards.folder=none"], dataRoot: root)
    }
    #expect(none?.what == "no .tar file")
  }

  @Test(arguments: [
    (
      "data.modalities=[image, caption, smell]",
      "data.modalities: nlvr has no modality \"smell\"; it has image, caption, objects"
    ),
    (
      "data.modalities=[image]",
      "data.modalities: must name 2 to 10 different modalities of nlvr, not 1; it has image, caption, objects"
    ),
    (
      "model.patchSize=3", "model.patchSize: patches of 3 do not fill images of 5 × 20; give a number that divides both"
    ),
  ]) func whatDoesNotFitTheDataIsNamed(override: String, message: String) throws {
    let root = try runs.writeBoxes()
    let error = #expect(throws: UserError.self) {
      try runs.run("fdt/nlvr", overrides: ["training.batchSize=50", override], dataRoot: root)
    }
    #expect(error?.description == message)
  }

  @Test func aSeedDecidesEverything() throws {
    let root = try runs.writeBoxes()
    let overrides = ["training.batchSize=50", "model.imageDropout=0.2"]
    let (first, second) = (
      try runs.run("fdt/nlvr", overrides: overrides, dataRoot: root),
      try runs.run("fdt/nlvr", overrides: overrides, dataRoot: root)
    )
    #expect(first.result.scores == second.result.scores)
    func checkpoint(_ folder: RunFolder) throws -> Data {
      try Data(contentsOf: folder.seed(0).appending(path: Checkpoint.fileName))
    }
    #expect(try checkpoint(first.folder) == checkpoint(second.folder))
  }

  @Test func theCodebookHasADecayOfItsOwn() throws {
    let root = try runs.writeBoxes()
    func codebook(_ overrides: [String]) throws -> [Float] {
      let run = try runs.run("fdt/nlvr", overrides: ["training.batchSize=50"] + overrides, dataRoot: root)
      let file = try SafetensorsFile(readingFrom: run.folder.seed(0).appending(path: Checkpoint.fileName))
      return file.arrays["method.tokens.codebook"]?.floats ?? []
    }
    func length(_ values: [Float]) -> Float { values.reduce(0) { $0 + $1 * $1 } }
    let (decayed, kept) = (
      try codebook(["training.weightDecay=5"]), try codebook(["training.weightDecay=5", "method.fdt.codebookDecay=0"])
    )
    #expect(length(decayed) < length(kept))
    #expect(kept.count == 16 * 8)
  }
}
