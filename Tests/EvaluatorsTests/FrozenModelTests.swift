import Datasets
import Encoders
import Evaluators
import Kernels
import Methods
import Objectives
import Options
import SampleTensors
import Testing

/// What stands for observations with some of their modalities.
@Suite struct FrozenModelTests {
  private static let dataset: MultimodalDataset = {
    func split(_ name: String) -> MultimodalSplit {
      var stream = RandomStream(seed: 4, name: name)
      return MultimodalSplit(
        name: name,
        columns: ["one", "two", "three"].map { modality in
          ModalityColumn(
            modality: Modality(name: modality, kind: .vector(count: 5)),
            items: .numbers((0..<30).map { _ in stream.uniform() - 0.5 }), rows: [0, 1, 2, 3, 4, 5])
        }, labels: ["kind": [0, 1, 0, 1, 0, 1]])
    }
    return MultimodalDataset(
      name: "vectors", train: split("train"), validation: split("validation"), test: split("test"),
      classNames: ["kind": ["a", "b"]], checksum: "vectors")
  }()

  private func model(_ options: any MethodOptions) throws -> FrozenModel {
    let data = try AlignedData(Self.dataset, options: DataOptions())
    var model = EncoderOptions()
    (model.vectorDimensions, model.dimensions) = ([6], 4)
    var stream = RandomStream(seed: 2, name: "init")
    let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
    var parts = MethodParts(encoders: encoders, data: data, seed: 2, stream: stream)
    return FrozenModel(options.make(&parts), data: data, inputs: InputMaker(data), side: .test, seed: 0)
  }

  private func representations(_ model: FrozenModel, _ members: [Int]) throws -> [Float] {
    let found = try #require(try model.representations(of: .test, by: members))
    #expect(found.rows == 6 && found.columns == 4)
    return found.values
  }

  private func mean(_ model: FrozenModel, _ members: [Int]) throws -> [Float] {
    let all = try members.map { try representations(model, [$0]) }
    return all[0].indices.map { index in all.reduce(0) { $0 + $1[index] } / Float(members.count) }
  }

  @Test func withoutAJointEncoderSeveralModalitiesAreTheirMean() throws {
    var pairwise = GMCOptions()
    pairwise.objective.negatives = .pairwise
    for options in [CLIPOptions(), FDTOptions(), pairwise] as [any MethodOptions] {
      let model = try model(options)
      #expect(!model.hasJointEncoder)
      for members in [[0, 1], [0, 2], [0, 1, 2]] {
        #expect(distance(try representations(model, members), try mean(model, members)) < 1e-6)
      }
      // The mean is that of rows of length 1, and is not scaled to length 1 again.
      let lengths = try #require(try model.representations(of: .test, by: [0, 1])).rowLengths()
      #expect(
        try #require(try model.representations(of: .test, by: [0])).rowLengths().allSatisfy { abs($0 - 1) < 1e-4 })
      #expect(lengths.contains { $0 < 0.99 })
    }
  }

  @Test func aJointEncoderReadsCompleteObservationsOnly() throws {
    let model = try model(GMCOptions())
    #expect(model.hasJointEncoder)
    #expect(distance(try representations(model, [0, 1]), try mean(model, [0, 1])) < 1e-6)
    #expect(distance(try representations(model, [0, 1, 2]), try mean(model, [0, 1, 2])) > 1e-2)
  }

  @Test func aFusionRepresentsEachSubsetByItself() throws {
    let model = try model(FusionOptions())
    #expect(model.hasJointEncoder)
    for members in [[0, 1], [0, 1, 2]] {
      #expect(distance(try representations(model, members), try mean(model, members)) > 1e-3)
    }
  }

  @Test func aViewIsOfTheReportedSide() throws {
    let model = try model(CLIPOptions())
    let view = try #require(try model.view(1))
    #expect(view.name == "two" && view.members == [1] && view.place == 1)
    #expect(view.values.values == (try representations(model, [1])))
    let other = try #require(try model.view(1, on: .train))
    #expect(other.values.values != view.values.values)
    let complete = try #require(try model.completeView())
    #expect(complete.name == "complete" && complete.members == [0, 1, 2] && complete.place == nil)
    #expect(model.common(view, complete) == nil)
  }
}
