import Autograd
import Diagnostics
import Foundation
import Interchange
import Kernels
import Layers
import SampleRuns
import Testing
import Training

@Suite struct CheckpointTests {
  private let folder: TemporaryFolder
  private var url: URL { folder.url.appendingPathComponent(Checkpoint.fileName) }

  init() throws { folder = try TemporaryFolder() }

  private func network(seed: UInt64, width: Int = 3) -> Sequential {
    var stream = RandomStream(seed: seed, name: "init")
    return Sequential(Linear(2, width, stream: &stream), BatchNorm(width))
  }

  private func state(_ network: Sequential) -> [[Float]] {
    network.parameters.map { $0.parameter.value.values } + network.buffers.map { $0.buffer.value.values }
  }

  @Test func aModelReadsBackWithItsBuffers() throws {
    let first = network(seed: 1)
    _ = first(Tensor([1, 2, 3, 4], shape: [2, 2]), in: ForwardPass(dropout: RandomStream(seed: 0, name: "dropout")))
    try Checkpoint.write(first, metadata: ["seed": "1"], to: url)
    let file = try SafetensorsFile(readingFrom: url)
    #expect(file.metadata == ["seed": "1"])
    #expect(
      file.arrays.keys.sorted()
        == ["0.bias", "0.weight", "1.bias", "1.gain", "1.runningMean", "1.runningVariance"])
    let second = network(seed: 2)
    #expect(state(second) != state(first))
    try Checkpoint.read(second, from: url)
    #expect(state(second) == state(first))
    #expect(second.buffers[0].buffer.value.values != [0, 0, 0])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [Checkpoint.fileName])
  }

  @Test func anotherShapeIsNamedAndNothingChanges() throws {
    try Checkpoint.write(network(seed: 1, width: 4), to: url)
    let model = network(seed: 2)
    let before = state(model)
    let error = #expect(throws: UserError.self) { try Checkpoint.read(model, from: url) }
    #expect(error?.kind == .data)
    #expect(
      error?.description
        == "\(url.path): 0.weight has shape [4, 2], the model's is [3, 2]; it belongs to another model")
    #expect(state(model) == before)
  }

  @Test func aMissingOrForeignTensorIsNamedAndNothingChanges() throws {
    try Checkpoint.write(network(seed: 1), to: url)
    var file = try SafetensorsFile(readingFrom: url)
    let gain = file.arrays.removeValue(forKey: "1.runningMean")
    try file.write(to: url)
    let model = network(seed: 2)
    let before = state(model)
    let missing = #expect(throws: UserError.self) { try Checkpoint.read(model, from: url) }
    #expect(missing?.what == "holds no tensor 1.runningMean")
    file.arrays["1.runningMean"] = gain
    file.arrays["2.weight"] = gain
    try file.write(to: url)
    let extra = #expect(throws: UserError.self) { try Checkpoint.read(model, from: url) }
    #expect(extra?.what == "holds 2.weight, which the model has not")
    #expect(state(model) == before)
  }

  @Test func filesThatCannotBeReadAreNamed() throws {
    let model = network(seed: 1)
    #expect(throws: UserError.self) { try Checkpoint.read(model, from: url) }
    try folder.write("no tensors", to: Checkpoint.fileName)
    let error = #expect(throws: UserError.self) { try Checkpoint.read(model, from: url) }
    #expect(error?.kind == .data)
    let nowhere = #expect(throws: UserError.self) {
      try Checkpoint.write(model, to: URL(fileURLWithPath: "/proc/nowhere/checkpoint.safetensors"))
    }
    #expect(nowhere?.kind == .inputOutput)
  }
}
