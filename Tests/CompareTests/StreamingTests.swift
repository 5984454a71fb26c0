import Datasets
import Diagnostics
import Foundation
import Runs
import SampleFolders
import Testing
import Training

/// Pictures that stay in their files give the bits that pictures in memory give.
@Suite(.serialized) struct StreamingTests {
  private let album: Album
  private let folder: URL

  init() throws {
    album = try Album()
    folder = album.folder.appending(path: "own")
    try SampleFolder.writeShapes(to: folder, count: 60)
  }

  private func dataset(streams: Bool) throws -> MultimodalDataset {
    var options = FolderDataset.Options()
    options.streams = streams
    return try FolderDataset.load(
      folder: folder, options: options, cache: DatasetCache(folder: album.folder.appending(path: "cache")))
  }

  @Test(arguments: ["clip", "mct", "gmc", "fdt", "simclr", "moco", "gradient-blending", "early-fusion"])
  func everyMethodLearnsTheSame(recipe: String) throws {
    let standardised = ["data.normalisation=standardised"]
    let held = try album.run(recipe, on: dataset(streams: false), overrides: standardised)
    let streamed = try album.run(recipe, on: dataset(streams: true), overrides: standardised)
    #expect(held.result.scores == streamed.result.scores && !held.result.scores.isEmpty)
    #expect(held.result.datasetChecksums == streamed.result.datasetChecksums)
    let networks = try [held, streamed].map {
      try Data(contentsOf: $0.folder.appending(path: Checkpoint.fileName))
    }
    #expect(networks[0] == networks[1])
  }

  @Test func aTrainingThatWasStoppedGoesOnWithTheSameBits() throws {
    let set = try dataset(streams: true)
    let whole = try album.run("mct", on: set)
    #expect(throws: Interruption.self) { try album.run("mct", on: set, in: "stopped", steps: 3) }
    let resumed = try album.run("mct", on: dataset(streams: true), in: "stopped")
    #expect(whole.result.scores == resumed.result.scores)
  }

  /// Readers are for streamed pictures and for those in memory.
  @Test(arguments: [("mct", true), ("simclr", false), ("clip-strong-views", false)])
  func readersChangeNoBits(recipe: String, streams: Bool) throws {
    let set = try dataset(streams: streams)
    func networks(_ readers: Int, in place: String = UUID().uuidString, steps: Int? = nil) throws -> Data {
      let overrides = ["data.readers=\(readers)", "training.epochs=3", "augmentation.isOn=true"]
      let run = try album.run(recipe, on: set, in: place, steps: steps, overrides: overrides)
      return try Data(contentsOf: run.folder.appending(path: Checkpoint.fileName))
    }
    let plain = try networks(0)
    for readers in [1, 4] { #expect(try networks(readers) == plain, "\(readers)") }
    // In the middle of an epoch, behind two batches whose successors were foreseen.
    #expect(throws: Interruption.self) { try networks(2, in: "stopped", steps: 5) }
    #expect(try networks(1, in: "stopped") == plain)
  }

  @Test func aDamagedPictureLosesNoStep() throws {
    let whole = try album.run("mct", on: dataset(streams: true), overrides: ["training.epochs=3"])
    let set = try dataset(streams: true)
    let pictures = try #require(set.train.column(of: "picture").stream as? PictureFiles)
    guard case .file(let file, _) = pictures.places[7] else { return }
    let content = try Data(contentsOf: file)
    try Data("no picture".utf8).write(to: file)
    let error = #expect(throws: UserError.self) {
      try album.run("mct", on: set, in: "damaged", overrides: ["training.epochs=3"])
    }
    #expect(error?.place == file.relativePath && error?.what.contains("is not the file") == true)
    try content.write(to: file)
    let resumed = try album.run("mct", on: dataset(streams: true), in: "damaged", overrides: ["training.epochs=3"])
    #expect(resumed.result.scores == whole.result.scores)
  }
}
