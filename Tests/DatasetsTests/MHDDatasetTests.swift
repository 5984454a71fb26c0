import Datasets
import Diagnostics
import Foundation
import Interchange
import SampleFolders
import Testing

@Suite struct MHDDatasetTests {
  /// Loads files of which some are changed, cut, missing, or in place of which another stands.
  private func load(
    _ change: (inout [String: NumericArray]) -> Void = { _ in }, cut: Int = 0, options: MHDDataset = MHDDataset(),
    without: String? = nil, original: Bool = false
  ) throws -> Result<MultimodalDataset, UserError> {
    var result: Result<MultimodalDataset, UserError>?
    try withTemporaryFolder { root in
      let folder = root.appendingPathComponent("mhd")
      try SampleMHD.write(to: folder, train: 20, test: 10)
      let train = folder.appendingPathComponent("mhd_train.npz")
      var arrays = SampleMHD.arrays(count: 20)
      change(&arrays)
      try NumpyArchive(arrays: arrays).encoded().dropLast(cut).write(to: train)
      if let without { try FileManager.default.removeItem(at: folder.appendingPathComponent(without)) }
      if original { try Data([0x80, 2]).write(to: folder.appendingPathComponent("mhd_train.pt")) }
      do throws(UserError) {
        result = .success(try options.load(DataRequest(dataRoot: root)))
      } catch {
        #expect(!error.description.contains("\n"))
        result = .failure(error)
      }
    }
    return try #require(result)
  }

  private func fault(_ result: Result<MultimodalDataset, UserError>) -> String {
    guard case .failure(let error) = result else { return "" }
    return error.what
  }

  @Test func convertedFilesAreRead() throws {
    // The first sound is row-major [time, mel] of the blocks that the original file has it in.
    let set = try load {
      $0["sound"] = NumericArray((0..<20 * 4096).map { Float($0 % 5) / 4 }, shape: [20, 1, 32, 128])
    }
    .get()
    #expect([set.train, set.validation, set.test].map(\.count) == [18, 2, 10])
    #expect(
      set.modalities.map(\.kind) == [
        .image(height: 28, width: 28, channels: 1), .spectrogram(frames: 32, bands: 128), .vector(count: 200),
        .label(count: 10),
      ])
    #expect(set.test.labels["digit"] == (0..<10).map { Int32($0) })
    // Observations of both sides of the training file are told by their names, and each is on one side.
    let names = set.train.identifiers + set.validation.identifiers
    #expect(Set(names) == Set((0..<20).map { "mhd-train-\($0)" }) && names.count == 20)
    for (split, place) in [(set.train, 7), (set.validation, 1)] {
      let row = try #require(Int(split.identifiers[place].dropFirst("mhd-train-".count)))
      #expect(split.labels["digit"]?[place] == Int32(row % 10))
      #expect(split.items(of: "label", at: [place]) == .numbers((0..<10).map { $0 == row % 10 ? 1 : 0 }))
      #expect(split.items(of: "sound", at: [place]) == .numbers((0..<4096).map { Float((row * 4096 + $0) % 5) / 4 }))
    }
  }

  @Test func theFirstObservationsAreEnough() throws {
    var options = MHDDataset()
    (options.most, options.withLabel) = (10, false)
    let less = try load(options: options).get()
    #expect(less.train.count + less.validation.count == 10 && less.test.count == 10 && less.modalities.count == 3)
    #expect(less.provenance.notes.last == "of each file the first 10 observations at most")
    options.validationFraction = 0.01
    #expect(
      try fault(load(options: options)) == "the split [10, 0] leaves a side without observations")
    options.most = 0
    #expect(try fault(load(options: options)) == "cannot be 0")
  }

  @Test func wrongCutAndForeignFilesHaveOneLine() throws {
    #expect(try fault(load(without: "mhd_test.npz")).hasPrefix("mhd_test.npz is missing in"))
    #expect(
      try fault(load(without: "mhd_train.npz", original: true))
        == "mhd_train.pt is a pickle of PyTorch, which runs code when it is opened")
    #expect(try fault(load(cut: 30)) == "is not a zip archive, or its end is missing")
    #expect(try fault(load { $0["sound"] = nil }) == "has no array `sound`")
    #expect(try fault(load { $0["label"] = $0["limits"] }) == "has no list of whole numbers under `label`")
    #expect(
      try fault(load { $0["label"] = NumericArray([Int32](repeating: 3, count: 20), shape: [20]) })
        == "has not the ten classes 0 to 9 under `label`")
    // As the authors' file has it, without the conversion.
    #expect(
      try fault(load { $0["sound"] = NumericArray([Float](repeating: 0, count: 81_920), shape: [20, 4, 32, 32]) })
        == "has `sound` of shape [20, 4, 32, 32], not fractions of shape [20, 1, 32, 128]")
    #expect(
      try fault(load { $0["trajectory"] = NumericArray([Int32](repeating: 0, count: 4_000), shape: [20, 200]) })
        == "has `trajectory` of shape [20, 200] and whole numbers, not fractions of shape [20, 200]")
    for value in [1.5, -0.1, Float.nan] {
      #expect(
        try fault(load { $0["trajectory"] = NumericArray([Float](repeating: value, count: 4_000), shape: [20, 200]) })
          == "has a number of `trajectory` outside 0 to 1")
    }
  }
}
