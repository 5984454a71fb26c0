import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import GMCPaper
import Interchange
import Recipes
import Runs
import Testing
import Training

/// Observations that lack modalities, and data sets that lack labels.
@Suite(.serialized) struct IncompleteTests {
  private let runs: SmallRuns

  init() throws { runs = try SmallRuns() }

  /// The generated digits, each modality taken from some observations of every side: of six in a row the second lacks the
  /// image, the third the sound, the fourth both.
  private func dataset(
    labelled: Bool = true,
    lacking: (_ modality: Int, _ observation: Int) -> Bool = { modality, observation in
      [[1, 3], [2, 3], []][modality].contains(observation % 6)
    }
  ) throws -> MultimodalDataset {
    let settings = try SmallRuns.catalogue.recipe(
      "gmc/digits-no-label", overrides: SmallRuns.overrides(of: "gmc/digits", seed: 0)
    ).settings(as: AlignmentSettings.self)
    let whole = try DigitsDataset.load(settings.digits)
    func side(_ split: MultimodalSplit) -> MultimodalSplit {
      let columns = split.columns.enumerated().map { index, column in
        column.with(rows: column.rows.enumerated().map { lacking(index, $0) ? ModalityColumn.absent : $1 })
      }
      return MultimodalSplit(name: split.name, columns: columns, labels: labelled ? split.labels : [:])
    }
    return MultimodalDataset(
      name: "own", train: side(whole.train), validation: side(whole.validation), test: side(whole.test),
      classNames: labelled ? whole.classNames : [:], checksum: whole.checksum)
  }

  private func isWhole(_ value: Double) -> Bool { abs(value - value.rounded()) < 1e-9 }

  @Test(arguments: [
    "gmc/digits-no-label", "gmc/digits-joint-negatives", "gmc/digits-no-joint", "gmc/digits-fusion-dropout",
  ])
  func incompleteObservationsTrain(name: String) throws {
    let scores = try runs.run(name, on: dataset(), overrides: ["evaluation.retrieval.match=observation"]).result.scores
    #expect(scores.allSatisfy { $0.value.isFinite })
    // Of 20 test observations, 0 to 19: four lack the image alone, three the sound alone, three both.
    let counts = ["image": 13, "sound": 14, "trajectory": 20, "image+sound": 10, "image+sound+trajectory": 10]
    for (subset, count) in counts {
      let accuracy = scores.first { $0.evaluator == "accuracy" && $0.subject == subset }
      #expect(accuracy.map { isWhole($0.value * Double(count)) } == true, "\(subset)")
    }
    let recall = scores.first { $0.subject == "sound → trajectory" && $0.metric == "R@1" }
    #expect(recall.map { isWhole($0.value * 14) } == true)
  }

  @Test func aRunSaysWhatIsMissing() throws {
    let (folder, result) = try runs.run("gmc/digits-no-label", on: dataset())
    #expect(
      result.notes.contains {
        $0.hasPrefix(
          "Not every observation has every modality (train: 19 of 40 complete, image 26, sound 26, trajectory 40; "
            + "test: 10 of 20 complete, image 13, sound 14, trajectory 20)")
      })
    let shown = try NumpyArchive(readingFrom: folder.appending(path: EmbeddingsFile.name)).arrays
    #expect(shown["complete"]?.shape == [10, 8] && shown["image"]?.shape == [10, 8])
  }

  @Test func nothingMissingChangesNothing() throws {
    let whole = try runs.run("gmc/digits-no-label", on: dataset { _, _ in false })
    let usual = try runs.run("gmc/digits-no-label")
    #expect(whole.result.scores == usual.result.scores)
    func checkpoint(_ folder: URL) throws -> Data { try Data(contentsOf: folder.appending(path: Checkpoint.fileName)) }
    #expect(try checkpoint(whole.folder) == checkpoint(usual.folder.seed(0)))
    #expect(!whole.result.notes.contains { $0.contains("lack") || $0.hasPrefix("Not every") })
  }

  @Test func aRareModalityIsLeftOutOfMostBatches() throws {
    // Only two of 40 training observations have the image, so batches of 10 have at most two.
    let rare = try dataset { modality, observation in modality == 0 && observation > 1 }
    let scores = try runs.run("gmc/digits-no-label", on: rare, overrides: ["training.batchSize=10"]).result.scores
    #expect(scores.contains { $0.subject == "image" } && scores.allSatisfy { $0.value.isFinite })
  }

  @Test func anEpochIsChosenByObservationsThatHaveBoth() throws {
    let (folder, result) = try runs.run(
      "gmc/digits-no-label", on: dataset(),
      overrides: [
        "evaluation.retrieval.match=observation", "evaluation.selection=retrieval", "evaluation.side=validation",
      ])
    let recalls = ["image → sound", "sound → image"].compactMap { subject in
      result.scores.first { $0.evaluator == "retrieval" && $0.subject == subject && $0.metric == "R@10" }?.value
    }
    try #require(recalls.count == 2)
    let metadata = try SafetensorsFile(readingFrom: folder.appending(path: Checkpoint.fileName)).metadata
    let chosen = try #require(metadata["score"].flatMap(Double.init))
    #expect(abs(chosen - recalls.reduce(0, +) / 2) < 1e-9)
  }

  @Test func anEpochIsChosenOnlyWhereThereIsAValidationSide() throws {
    let whole = try dataset()
    let sideless = MultimodalDataset(
      name: "own", train: whole.train, validation: whole.validation.gathering([]), test: whole.test,
      classNames: whole.classNames, checksum: whole.checksum)
    let error = #expect(throws: UserError.self) {
      try runs.run("gmc/digits-no-label", on: sideless, overrides: ["evaluation.selection=retrieval"])
    }
    #expect(
      error?.description
        == "evaluation.selection: cannot be retrieval, since own has no validation observations; give last, or the split "
        + "a validation side")
  }

  @Test func withoutLabelsThereIsNoAccuracy() throws {
    let (folder, result) = try runs.run(
      "gmc/digits-no-label", on: dataset(labelled: false), overrides: ["evaluation.retrieval.match=observation"])
    #expect(!result.scores.contains { $0.evaluator == "accuracy" })
    #expect(
      Set(result.scores.map(\.evaluator)) == ["retrieval", "rsum", "geometry", "uniformity", "Delaunay components"])
    #expect(result.notes.contains("Without classes there is no accuracy."))
    let shown = try NumpyArchive(readingFrom: folder.appending(path: EmbeddingsFile.name)).arrays
    #expect(shown[EmbeddingsFile.labels]?.integers == [Int](repeating: 0, count: 10))
    let names = try Data(contentsOf: folder.appending(path: EmbeddingsFile.classNames))
    #expect(try JSONDecoder().decode([String].self, from: names) == ["observations"])
  }

  @Test func whatADataSetLacksIsNamed() throws {
    func message(_ dataset: MultimodalDataset, _ overrides: String..., name: String = "gmc/digits-no-label") -> String?
    {
      let error = #expect(throws: UserError.self) { try runs.run(name, on: dataset, overrides: overrides) }
      return error?.description
    }
    let unlabelled = try dataset(labelled: false)
    #expect(
      message(unlabelled)
        == "evaluation.retrieval.match: hits by class need classes, and own has none; take observation")
    #expect(
      message(unlabelled, name: "gmc/digits-fusion")
        == "method.name: fusion needs classes, and own has none; take another method")
    #expect(
      message(unlabelled, "evaluation.labellings=[digit]")
        == "evaluation.labellings: own has no labelling \"digit\"; it has none")
    #expect(
      message(try dataset { modality, row in modality == 0 ? row % 2 == 0 : modality == 1 && row % 2 == 1 })
        == "data.modalities: no training observation of own has all of image, sound, trajectory, which the classifier "
        + "learns from; name modalities that occur together")
    #expect(
      message(try dataset { modality, row in modality == 0 && row > 0 })
        == "only one training observation of own has image; leave it out by data.modalities")
    let whole = try dataset { _, _ in false }
    let single = MultimodalDataset(
      name: "own", train: MultimodalSplit(name: "train", columns: [whole.train.columns[0]], labels: whole.train.labels),
      validation: whole.validation, test: whole.test, classNames: whole.classNames, checksum: "")
    #expect(
      message(single)
        == "data.modalities: must name 2 to 10 different modalities of own, not 1; it has image")
    let untested = MultimodalDataset(
      name: "own", train: whole.train, validation: whole.validation,
      test: MultimodalSplit(name: "test", columns: [], labels: [:]), classNames: whole.classNames, checksum: "")
    #expect(
      message(untested)
        == "evaluation.side: own has no test observations; give the split a test side, or evaluate the other one")
    let same = [Int32](repeating: 3, count: whole.train.count)
    let uniform = MultimodalDataset(
      name: "own", train: MultimodalSplit(name: "train", columns: whole.train.columns, labels: ["digit": same]),
      validation: whole.validation, test: whole.test, classNames: whole.classNames, checksum: "")
    #expect(
      message(uniform)
        == "evaluation.labellings: labelling digit of own has a single class among complete training observations, so "
        + "there is nothing to tell apart; name another labelling, or remove it from the data set")
  }

  @Test func classesWithoutTrainingItemsAreNamed() throws {
    let whole = try dataset { _, _ in false }
    let kept = (0..<whole.train.count).filter { whole.train.labels["digit"]?[$0] != 7 }
    let train = MultimodalSplit(
      name: "train",
      columns: whole.train.columns.map { column in column.with(rows: kept.map { column.rows[$0] }) },
      labels: ["digit": kept.compactMap { whole.train.labels["digit"]?[$0] }])
    let own = MultimodalDataset(
      name: "own", train: train, validation: whole.validation, test: whole.test, classNames: whole.classNames,
      checksum: "")
    let notes = try runs.run("gmc/digits-no-label", on: own).result.notes
    #expect(
      notes.contains(
        "2 observations are of a digit without a complete training observation (7); the classifier gets them wrong."))
  }

  @Test func smallPicturesAndSoundsAreNamed() throws {
    func own(_ kind: ModalityKind) -> MultimodalDataset {
      func side(_ name: String) -> MultimodalSplit {
        let rows = (0..<20).map(Int32.init)
        return MultimodalSplit(
          name: name,
          columns: [
            ModalityColumn(
              modality: Modality(name: "first", kind: kind),
              items: .numbers((0..<20 * kind.elementCount).map { Float($0 % 7) / 7 }), rows: rows),
            ModalityColumn(
              modality: Modality(name: "second", kind: .vector(count: 2)),
              items: .numbers((0..<40).map { Float($0 % 5) }), rows: rows),
          ], labels: [:])
      }
      return MultimodalDataset(
        name: "own", train: side("train"), validation: side("validation"), test: side("test"), classNames: [:],
        checksum: "")
    }
    func message(_ kind: ModalityKind) -> String? {
      let error = #expect(throws: UserError.self) {
        try runs.run("gmc/folder", on: own(kind), overrides: ["model.imageEncoder=strided"])
      }
      return error?.description
    }
    #expect(
      message(.image(height: 3, width: 8, channels: 1))
        == "model.imageEncoder: first of 3 × 8 pixels is too small to be halved twice; take resnet, or pictures of at "
        + "least 4 × 4")
    #expect(
      message(.spectrogram(frames: 3, bands: 2))
        == "data.modalities: first of 3 frames is too short to be halved twice; make it at least 4 frames long")
    // Sides that no power of two divides, for both encoders, and the smallest picture there is.
    for encoder in ["strided", "resnet"] {
      let size = ModalityKind.image(height: 13, width: 7, channels: 3)
      let scores = try runs.run("gmc/folder", on: own(size), overrides: ["model.imageEncoder=\(encoder)"]).result.scores
      #expect(scores.contains { $0.subject == "first" } && scores.allSatisfy { $0.value.isFinite })
    }
    let point = try runs.run("gmc/folder", on: own(.image(height: 1, width: 1, channels: 1)))
    #expect(point.result.scores.allSatisfy { $0.value.isFinite })
    let sound = try runs.run("gmc/folder", on: own(.spectrogram(frames: 7, bands: 5)))
    #expect(sound.result.scores.allSatisfy { $0.value.isFinite })
  }

  @Test func aFolderMustBeNamed() {
    let error = runs.error("gmc/folder", overrides: [])
    #expect(
      error?.description
        == "data.folder.path: names no folder; add data.folder.path=FOLDER, a folder with dataset.yaml")
  }
}
