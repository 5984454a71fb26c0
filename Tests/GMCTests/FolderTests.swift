import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import GMCPaper
import Runs
import SampleFolders
import Testing
import Training

/// GMC on folders of one's own, from files to scores.
@Suite(.serialized) struct FolderTests {
  private let runs: SmallRuns
  private let folder: URL

  init() throws {
    runs = try SmallRuns()
    folder = runs.subfolder("own")
  }

  private func describe(_ text: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: FolderDataset.descriptionFile))
  }

  private func scores(_ overrides: String...) throws -> (scores: [Score], notes: [String]) {
    let run = try runs.run("gmc/folder", overrides: ["data.folder.path=\"\(folder.path)\""] + overrides)
    #expect(run.result.scores.allSatisfy { $0.value.isFinite })
    #expect(run.result.datasetChecksums.count == 1)
    return (run.result.scores, run.result.notes)
  }

  private let arrays = """
    name: desk
    table: table.tsv
    identifier: id
    modalities:
      gaze: { kind: array, file: gaze.npy }
      motion: { kind: array, file: motion.npy, as: spectrogram }
      keys: { kind: array, file: keys.npy }
    labels: [activity]
    split: { column: split }
    """

  @Test func threeArraysAreLearnt() throws {
    try SampleFolder.writeArrays(to: folder, count: 200)
    try describe(arrays)
    let (scores, _) = try scores(
      "training.epochs=6", "training.learningRate=0.01", "evaluation.accuracy.epochs=30",
      "evaluation.accuracy.learningRate=0.01")
    let accuracies = scores.filter { $0.evaluator == "accuracy" && $0.metric == "activity" }
    #expect(
      accuracies.map(\.subject) == [
        "gaze", "motion", "keys", "gaze+motion", "gaze+keys", "motion+keys", "gaze+motion+keys",
      ])
    // Chance is 0.25.
    #expect((accuracies.last?.value ?? 0) > 0.6)
    #expect(scores.contains { $0.evaluator == "retrieval" && $0.subject == "gaze → motion" && $0.metric == "R@1" })
  }

  @Test(arguments: ["gru", "convolution", "transformer"]) func seriesAreLearnt(encoder: String) throws {
    try SampleFolder.writeArrays(to: folder, count: 80)
    try describe(
      """
      name: desk
      table: table.tsv
      modalities:
        motion: { kind: series, file: motion.npy }
        keys: { kind: array, file: keys.npy }
      labels: [activity]
      split: { column: split }
      """)
    let (scores, _) = try scores(
      "model.seriesEncoder=\(encoder)", "model.seriesDimensions=16", "training.epochs=4",
      "training.learningRate=0.01", "evaluation.accuracy.epochs=30", "evaluation.accuracy.learningRate=0.01")
    let accuracies = scores.filter { $0.evaluator == "accuracy" && $0.metric == "activity" }
    #expect(accuracies.map(\.subject) == ["motion", "keys", "motion+keys"])
    // Chance is 0.25.
    #expect((accuracies.first?.value ?? 0) > 0.35)
  }

  /// As the page on data of one's own has it: animated pictures with captions, described and trained.
  @Test(arguments: ["transformer", "mean"]) func clipsTrain(encoder: String) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var lines = ["clip,caption,action"]
    for index in 0..<60 {
      let way = index % 2 == 0 ? "left" : "right"
      let frames = SampleClips.disc(side: 8, frames: 5, x: index, y: index / 8, step: way == "left" ? -1 : 1)
      try Data(SampleClips.gif(frames, side: 8)).write(to: folder.appending(path: "\(index).gif"))
      lines.append("\(index).gif,a disc goes \(way),\(way)")
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: folder.appending(path: "clips.csv"))
    try describe(
      """
      table: clips.csv
      modalities:
        clip: { kind: video, frames: 3, size: 8 }
        caption: { kind: text }
      labels: [action]
      """)
    let (scores, _) = try scores(
      "model.videoEncoder=\(encoder)", "model.videoDimensions=6", "model.videoHeads=2", "training.epochs=2")
    let accuracies = scores.filter { $0.evaluator == "accuracy" && $0.metric == "action" }
    #expect(accuracies.map(\.subject) == ["clip", "caption", "clip+caption"])
    #expect(scores.contains { $0.evaluator == "retrieval" && $0.subject == "clip → caption" && $0.metric == "R@1" })
  }

  @Test func picturesCaptionsAndTags() throws {
    try SampleFolder.writePictures(to: folder, count: 72)
    try describe(
      """
      table: captions.csv
      modalities:
        picture: { kind: image, column: file, size: 16 }
        caption: { kind: text, length: 10 }
        tags: { kind: tags }
        shape: { kind: label }
      labels: [shape]
      """)
    let whole = try scores()
    #expect(Set(whole.scores.filter { $0.evaluator == "accuracy" }.map(\.metric)) == ["shape"])
    #expect(whole.scores.contains { $0.subject == "picture+caption+tags+shape" })
    let two = try scores("data.modalities=[caption, picture]", "model.imageEncoder=strided")
    #expect(two.scores.contains { $0.subject == "caption+picture" })
    #expect(!two.scores.contains { $0.subject.contains("tags") })
  }

  @Test func observationsMayLackModalities() throws {
    try SampleFolder.writePictures(to: folder, count: 72)
    let table = folder.appending(path: "captions.csv")
    let lines = try String(contentsOf: table, encoding: .utf8).components(separatedBy: "\r\n").filter { !$0.isEmpty }
    // Every fifth row has no picture.
    let holes = lines.enumerated().map { index, line in
      index % 5 == 1 ? "," + line.split(separator: ",", maxSplits: 1)[1] : line
    }
    try Data(holes.joined(separator: "\n").utf8).write(to: table)
    try describe(
      """
      table: captions.csv
      modalities:
        picture: { kind: image, column: file, size: 16 }
        caption: { kind: text, length: 10 }
      missing: allowed
      """)
    let kept = try scores()
    #expect(kept.notes.contains { $0.hasPrefix("Not every observation has every modality") })
    #expect(kept.notes.contains("Without classes there is no accuracy."))
    #expect(!kept.scores.contains { $0.evaluator == "accuracy" })
    #expect(kept.scores.contains { $0.subject == "picture → caption" && $0.metric == "R@1" })
    let dropped = try scores("data.folder.missing=omitted")
    #expect(dropped.notes.contains("Left out of the folder: 15 without `picture`."))
    #expect(!dropped.notes.contains { $0.hasPrefix("Not every") })
  }

  @Test func whatTheFolderLacksIsNamed() throws {
    let path = "data.folder.path=\"\(folder.path)\""
    func message(_ overrides: String...) -> String? {
      runs.error("gmc/folder", overrides: [path] + overrides)?.description
    }
    #expect(message() == "\(folder.path): there is no such folder")
    try SampleFolder.writeArrays(to: folder, count: 40)
    try describe(arrays)
    #expect(message("data.modalities=[gase, keys]")?.hasPrefix("data.modalities: names `gase`") == true)
    #expect(message("data.modalities=[gase, keys]")?.hasSuffix("did you mean `gaze`?") == true)
    #expect(
      message("data.modalities=[gaze]")
        == "data.modalities: must name 2 to 10 different modalities of desk, not 1; it has gaze")
    #expect(
      message("training.batchSize=64")
        == "training.batchSize: desk has 24 training observations, too few for batches of 64; make it at most 24")
    try describe(
      """
      name: desk
      table: table.tsv
      modalities:
        gaze: { kind: array, file: gaze.npy }
      """)
    #expect(
      message()
        == "data.modalities: must name 2 to 10 different modalities of desk, not 1; it has gaze")
  }
}
