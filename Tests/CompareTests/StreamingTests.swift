import Datasets
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
}
