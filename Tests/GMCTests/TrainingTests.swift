import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import GMCPaper
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

  /// What every run must give: two steps, finite scores for all subsets, files that fit.
  private func expectWhole(_ run: (folder: RunFolder, result: SeedResult), modalities: [String], labellings: [String])
    throws
  {
    let events = try MetricsLog.events(in: run.folder.metrics(ofSeed: 0))
    let steps = events.compactMap { if case .step(let record) = $0 { record } else { nil } }
    #expect(steps.count == 2)
    #expect(steps.allSatisfy { ($0.gradientNorm ?? 0) > 0 && ($0.terms.first?.name == "total") })
    #expect(events.last == .finished)

    let accuracies = run.result.scores.filter { $0.evaluator == "accuracy" }
    let subsets = 1 << modalities.count - 1
    #expect(accuracies.count == subsets * labellings.count)
    #expect(Set(accuracies.map { "\($0.subject) \($0.metric)" }).count == accuracies.count)
    #expect(Set(accuracies.map(\.metric)) == Set(labellings))
    #expect(accuracies.contains { $0.subject == modalities.joined(separator: "+") })
    for modality in modalities { #expect(accuracies.contains { $0.subject == modality }) }
    #expect(accuracies.allSatisfy { (0...1).contains($0.value) })
    #expect(run.result.scores.allSatisfy { $0.value.isFinite })
    // From complete and each modality to each other one, four metrics each.
    let retrieval = run.result.scores.filter { $0.evaluator.hasPrefix("retrieval") }
    #expect(retrieval.count == 4 * modalities.count * modalities.count)
    // Each modality, and other complete observations, against complete ones.
    let components = run.result.scores.filter { $0.evaluator == "Delaunay components" }
    #expect(components.count == 4 * (modalities.count + 1))
    #expect(components.allSatisfy { $0.metric == "components" || (0...1).contains($0.value) })

    let checkpoint = try SafetensorsFile(readingFrom: run.folder.seed(0).appending(path: Checkpoint.fileName))
    #expect(checkpoint.metadata["seed"] == "0")
    let counts = checkpoint.arrays.filter { !$0.key.contains("running") }.map { $0.value.shape.reduce(1, *) }
    #expect(counts.reduce(0, +) == run.result.parameterCount)
    let embeddings = try NumpyArchive(readingFrom: run.folder.seed(0).appending(path: EmbeddingsFile.name))
    // Without a joint encoder the figures show modalities alone.
    let hasJoint = !run.folder.url.path.contains("no-joint")
    #expect(
      Set(embeddings.arrays.keys) == Set(modalities + (hasJoint ? ["complete"] : []) + [EmbeddingsFile.labels]))
    #expect(embeddings.arrays[hasJoint ? "complete" : "image"]?.shape == [10, 8])
  }

  @Test(arguments: names.filter { $0.hasPrefix("gmc/digits") }) func digitsRecipesTrain(name: String) throws {
    let run = try runs.run(name)
    let modalities = ["image", "sound", "trajectory"] + (name == "gmc/digits" ? ["label"] : [])
    try expectWhole(run, modalities: modalities, labellings: ["digit"])
    #expect(run.result.scores.contains { $0.evaluator == "retrieval by class" })
  }

  @Test func convertedFilesOfMHDTrain() throws {
    let root = runs.subfolder("data")
    try SampleMHD.write(to: root.appending(path: "mhd"), train: 44, test: 40)
    let run = try runs.run("gmc/mhd", overrides: ["data.mhd.dataRoot=\"\(root.path)\""])
    try expectWhole(run, modalities: ["image", "sound", "trajectory", "label"], labellings: ["digit"])
    #expect(run.result.scores.contains { $0.evaluator == "retrieval by class" })
    let settings = try SmallRuns.catalogue.recipe("gmc/mhd").settings(as: AlignmentSettings.self)
    var data = MHDDataset()
    data.dataRoot = root.path
    #expect(try GMCExperiment().parameterCount(settings: settings, dataset: try data.dataset()) == 2_884_224)
  }

  @Test(
    .enabled(if: SmallRuns.hasEmoji, "the Debian packages with the emoji are not installed"))
  func emojiRecipesTrain() throws {
    let recipes = names.filter {
      !["gmc/digits", "gmc/mhd", "gmc/pendulum", "gmc/mos", "gmc/sentiment", "gmc/folder", "gmc/stamps"].contains(
        where: $0.hasPrefix)
    }
    #expect(recipes.count >= 9)
    // One folder, so that the pictures are drawn once.
    for name in recipes {
      try expectWhole(
        try runs.run(name), modalities: ["image", "caption-en", "caption-ko", "tags"],
        labellings: ["group", "subgroup"])
    }
  }

  @Test(arguments: [("gmc/digits", 2), ("gmc/digits-fusion-dropout", 1)])
  func aSeedDecidesEverything(name: String, threads: Int) throws {
    let (first, second) = (try runs.run(name, threads: threads), try runs.run(name, threads: threads))
    let other = try runs.run(name, seed: 1, threads: threads)
    #expect(first.result.scores == second.result.scores)
    #expect(try SmallRuns.log(of: first.folder, seed: 0) == SmallRuns.log(of: second.folder, seed: 0))
    func checkpoint(_ folder: RunFolder, _ seed: Int) throws -> Data {
      try Data(contentsOf: folder.seed(seed).appending(path: Checkpoint.fileName))
    }
    #expect(try checkpoint(first.folder, 0) == checkpoint(second.folder, 0))
    #expect(first.result.scores != other.result.scores)
    #expect(first.result.scores.map(\.subject) == other.result.scores.map(\.subject))
    #expect(try SmallRuns.log(of: first.folder, seed: 0) != SmallRuns.log(of: other.folder, seed: 1))
  }

  @Test func trainingLearnsTheGeneratedDigits() throws {
    let learnt = try runs.run(
      "gmc/digits-no-label",
      overrides: [
        "data.digits.trainingPairs=200", "data.digits.testPairs=50", "training.epochs=3",
        "evaluation.accuracy.epochs=20",
        "evaluation.accuracy.learningRate=0.01",
      ])
    let complete = learnt.result.scores.first {
      $0.evaluator == "accuracy" && $0.subject == "image+sound+trajectory"
    }
    // Chance is 0.1.
    #expect((complete?.value ?? 0) > 0.3)
  }

  @Test func aLossThatIsNotFiniteStopsTheRun() {
    let error = runs.error("gmc/digits-no-label", overrides: ["training.learningRate=1e30"])
    #expect(error?.kind == .data)
    #expect(error?.place == "step 2")
    #expect(error?.what == "the loss term image is nan")
    #expect(error?.description.hasSuffix("; lower training.learningRate or set training.clippingNorm") == true)
  }

  @Test(arguments: [
    (
      "data.modalities=[image, smell]",
      "data.modalities: digits has no modality \"smell\"; it has image, sound, trajectory"
    ),
    ("data.modalities=[imag, sound]", "data.modalities: digits has no modality \"imag\"; did you mean image?"),
    (
      "training.batchSize=64",
      "training.batchSize: digits has 40 training observations, too few for batches of 64; make it at most 40"
    ),
    (
      "data.modalities=[image]",
      "data.modalities: must name 2 to 10 different modalities of digits, not 1; it has image, sound, trajectory"
    ),
    (
      "data.modalities=[image, image]",
      "`data.modalities=[image, image]`: `data.modalities` must name different modalities, at least one"
    ),
    ("evaluation.labellings=[colour]", "evaluation.labellings: digits has no labelling \"colour\"; it has digit"),
    ("evaluation.labellings=[]", "`evaluation.labellings=[]`: `evaluation.labellings` must name a labelling"),
    ("data.digits.trainingPairs=1", "1 training observations are too few; contrasting needs at least 2"),
  ]) func whatTheDataSetHasNotIsNamed(override: String, message: String) {
    #expect(runs.error("gmc/digits-no-label", overrides: [override])?.description == message)
  }

  @Test func modalitiesCanBeChosen() throws {
    let run = try runs.run("gmc/digits-no-label", overrides: ["data.modalities=[trajectory, image]"])
    try expectWhole(run, modalities: ["trajectory", "image"], labellings: ["digit"])
  }

  @Test func theUserCanStop() throws {
    let recipe = try SmallRuns.catalogue.recipe(
      "gmc/digits", overrides: SmallRuns.overrides(of: "gmc/digits", seed: 0))
    let folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let context = SeedContext(
      folder: folder, events: NullSink(), cacheFolder: folder, threads: 1, stopRequested: { true })
    #expect(throws: Interruption.self) {
      try GMCExperiment().run(seed: 0, settings: try recipe.settings(as: AlignmentSettings.self), context: context)
    }
    // What the networks need of their data is written first; nothing of the training is.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [RunFolder.dataForm])
  }
}
