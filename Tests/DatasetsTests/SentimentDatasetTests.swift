import Datasets
import Diagnostics
import Foundation
import Interchange
import Options
import SampleFolders
import Testing

struct SentimentDatasetTests {
  /// Arrays of the published form with few utterances of few steps.
  private static func arrays(_ channels: [Int] = [300, 5, 20]) -> [String: NumericArray] {
    var arrays: [String: NumericArray] = [:]
    for (side, count) in [("train", 3), ("valid", 2), ("test", 2)] {
      for (name, width) in zip(["text", "audio", "vision"], channels) {
        // The first step of each utterance is padding.
        let values = (0..<count * 4 * width).map { $0 / width % 4 == 0 ? 0 : Float($0 % 7) + 1 }
        arrays["\(side)_\(name)"] = NumericArray(values, shape: [count, 4, width])
      }
      arrays["\(side)_labels"] = NumericArray([-1.2, 0, 2.8].prefix(count).map { Float($0) }, shape: [count, 1])
    }
    return arrays
  }

  private func load(
    _ arrays: [String: NumericArray], cut: Int = 0, scenario: SentimentDataset.Scenario = .mosi
  ) throws -> Result<MultimodalDataset, UserError> {
    var result: Result<MultimodalDataset, UserError>?
    try withTemporaryFolder { root in
      let folder = root.appendingPathComponent("cmu-sentiment")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let name = scenario == .mosi ? "mosi.npz" : "mosei_senti.npz"
      if !arrays.isEmpty {
        try NumpyArchive(arrays: arrays).encoded().dropLast(cut).write(to: folder.appendingPathComponent(name))
      }
      var options = SentimentDataset()
      options.scenario = scenario
      do throws(UserError) {
        result = .success(try options.load(DataRequest(dataRoot: root)))
      } catch {
        #expect(!error.description.contains("\n"))
        result = .failure(error)
      }
    }
    return try #require(result)
  }

  private func fault(_ change: (inout [String: NumericArray]) -> Void, cut: Int = 0) throws -> String {
    var arrays = Self.arrays()
    change(&arrays)
    guard case .failure(let error) = try load(arrays, cut: cut) else { return "" }
    return error.what
  }

  @Test func convertedFeaturesAreRead() throws {
    let set = try load(Self.arrays()).get()
    #expect(set.name == "mosi")
    #expect([set.train, set.validation, set.test].map(\.count) == [3, 2, 2])
    #expect(
      set.modalities.map(\.kind) == [
        .series(length: 4, channels: 300), .series(length: 4, channels: 5), .series(length: 4, channels: 20),
        .vector(count: 1),
      ])
    guard case .numbers(let audio) = set.test.items(of: "audio", at: [0]) else { return }
    #expect(audio == [0, 0, 0, 0, 0, 0] + [1, 6, 7, 1, 2, 3] + [1, 4, 5, 6, 7, 1] + [1, 2, 3, 4, 5, 6])
    #expect(set.train.items(of: "sentiment", at: 0..<3) == .numbers([-1.2, 0, 2.8]))
    #expect(set.train.labels["polarity"] == [0, -1, 1])
  }

  @Test func theTargetIsNotAlignedAndCanBeAbsent() throws {
    var options = DataOptions()
    options.target = "sentiment"
    let data = try AlignedData(try load(Self.arrays()).get(), options: options)
    #expect(data.modalities.map(\.name) == ["text", "audio", "vision"])
    #expect(data.targets(at: [2, 0], in: .train) == [2.8, -1.2])
    options.target = "mood"
    #expect(throws: UserError.self) { try AlignedData(try load(Self.arrays()).get(), options: options) }
    options.target = "audio"
    let error = #expect(throws: UserError.self) {
      try AlignedData(try load(Self.arrays()).get(), options: options)
    }
    #expect(error?.place == "data.target")
  }

  @Test func wrongCutAndForeignFilesHaveOneLine() throws {
    #expect(try fault({ _ in }, cut: 40) != "")
    #expect(try fault { $0 = [:] }.hasPrefix("mosi.npz is missing in"))
    #expect(try fault { $0["valid_audio"] = nil } == "has no array valid_audio")
    #expect(
      try fault { $0["train_audio"] = NumericArray([Float](repeating: 1, count: 3 * 4 * 74), shape: [3, 4, 74]) }
        == "train_audio has 74 numbers a step, and mosi 5")
    #expect(
      try fault { $0["train_vision"] = NumericArray([Float](repeating: 1, count: 3 * 9 * 20), shape: [3, 9, 20]) }
        == "train_vision has shape [3, 9, 20], not [3, 4, …]")
    #expect(
      try fault { $0["train_audio"] = NumericArray([Float](repeating: -.infinity, count: 60), shape: [3, 4, 5]) }
        == "train_audio has a number that is not finite")
    #expect(
      try fault { $0["test_labels"] = NumericArray([1, 8] as [Float], shape: [2, 1]) }
        == "test_labels of shape [2, 1] is no list of sentiments in -3 to 3")
    guard case .failure(let error) = try load(Self.arrays(), scenario: .mosei) else {
      Issue.record("features of MOSI were taken for those of MOSEI")
      return
    }
    #expect(error.mend == "these may be the features of mosi")
  }

  @Test(arguments: SentimentDataset.Form.allCases) func generatedUtterancesCarryWhatTheySay(
    form: SentimentDataset.Form
  ) throws {
    var options = SentimentDataset()
    (options.source, options.form) = (.generated, form)
    (options.trainingCount, options.validationCount, options.testCount) = (300, 4, 4)
    let set = try options.load(DataRequest())
    #expect(set.name == "sentiment-generated")
    #expect(set.provenance.notes == ["the series are made up: results say nothing about CMU-MOSI or CMU-MOSEI"])
    guard case .numbers(let truths) = set.train.items(of: "sentiment", at: 0..<300) else { return }
    #expect(truths.allSatisfy { abs($0) <= 3 })
    /// The square of the correlation of the sentiment with the mean first number of a modality's steps.
    func share(_ modality: String) -> Double {
      guard case .series(let length, let channels) = set.train.column(of: modality).modality.kind,
        case .numbers(let values) = set.train.items(of: modality, at: 0..<300)
      else { return -1 }
      let means = (0..<300).map { item in
        let steps = (0..<length).map { item * length + $0 }.filter { values[$0 * (1 + channels)] != 0 }
        return Double(steps.reduce(0) { $0 + values[$1 * (1 + channels) + 1] }) / Double(steps.count)
      }
      let (mean, middle) = (means.reduce(0, +) / 300, Double(truths.reduce(0, +)) / 300)
      let product = zip(means, truths).reduce(0.0) { $0 + ($1.0 - mean) * (Double($1.1) - middle) }
      let (own, other) = (
        means.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) },
        truths.reduce(0.0) { $0 + (Double($1) - middle) * (Double($1) - middle) }
      )
      return product * product / (own * other)
    }
    // Half of the variance each, whatever noise leaves of it, and all or nothing.
    #expect((0.3...0.6).contains(share("text")) && (0.3...0.6).contains(share("audio")))
    #expect(form == .redundant ? share("vision") > 0.6 : share("vision") < 0.05)
  }
}
