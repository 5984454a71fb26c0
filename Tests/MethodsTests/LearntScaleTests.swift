import Autograd
import Foundation
import Kernels
import Layers
import Methods
import Objectives
import Testing

/// Every method that learns what multiplies similarities keeps it in its range between steps.
@Suite struct LearntScaleTests {
  private static let methods: [any MethodOptions] = {
    var contrast = MCTOptions()
    contrast.objective.inter = .clip
    contrast.objective.weights.tags = 0
    return [CLIPOptions(), SigLIPOptions(), FDTOptions(), contrast]
  }()

  @Test(arguments: methods.indices) func aStepBringsTheScaleIntoItsRange(index: Int) throws {
    let pairs = try SmallPairs(Self.methods[index])
    let scale = try #require(pairs.method.parameters.first { $0.path.hasSuffix("scale.logarithm") }?.parameter)
    scale.assign(Tensor(9))
    try pairs.method.beginStep(pairs.batch())
    #expect(abs(expf(scale.value.scalar) - 100) < 1e-3)
    let own = try #require(pairs.method.similarityScale)
    #expect(abs(own.value - 100) < 1e-3 && own.origin == "the scale that the run has learnt")
  }

  @Test(arguments: methods.indices) func theLastStepOfAnEpochToo(index: Int) throws {
    let pairs = try SmallPairs(Self.methods[index])
    let scale = try #require(pairs.method.parameters.first { $0.path.hasSuffix("scale.logarithm") }?.parameter)
    scale.assign(Tensor(9))
    try pairs.method.endEpoch(1, of: MethodTraining(data: pairs.data, inputs: pairs.inputs, checkInterruption: {}))
    #expect(abs(expf(scale.value.scalar) - 100) < 1e-3)
  }
}
