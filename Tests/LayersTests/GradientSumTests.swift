import Autograd
import Layers
import Testing

@Suite struct GradientSumTests {
  private struct Pair: Module {
    let first = Parameter(Tensor([1, 2, 3]))
    let second = Parameter(Tensor(repeating: 1, shape: [20]))
    var parts: [ModulePart] { [.parameter("first", first), .parameter("second", second)] }
  }

  @Test(arguments: 1...9) func itIsTheSumOfAllChunks(chunks: Int) throws {
    let pair = Pair()
    let sum = GradientSum(of: ParameterStore(pair))
    Tape.backpropagate { (pair.first.tensor * 100).sum() }
    sum.takeBeside()
    #expect(pair.first.gradient == nil)
    for chunk in 1...chunks {
      Tape.backpropagate { (pair.first.tensor * Float(chunk)).sum() }
      sum.addChunk()
      #expect(pair.first.gradient == nil)
    }
    sum.finish()
    let expected = Float(100 + chunks * (chunks + 1) / 2)
    #expect(try #require(pair.first.gradient).values == [expected, expected, expected])
    // What no chunk has used rests.
    #expect(pair.second.gradient == nil)
    // Nothing is left over for the next step.
    pair.first.clearGradient()
    Tape.backpropagate { pair.second.tensor.sum() }
    sum.addChunk()
    sum.finish()
    #expect(pair.first.gradient == nil)
    #expect(try #require(pair.second.gradient).values == [Float](repeating: 1, count: 20))
  }

  @Test func chunksAreAddedAsATree() throws {
    // In float32 (1 + 2⁻²⁴) is 1, but 2⁻²⁴ + 2⁻²⁴ counts.
    let pair = Pair()
    let sum = GradientSum(of: ParameterStore(pair))
    for slope: Float in [1, 0, 0x1p-24, 0x1p-24] {
      Tape.backpropagate { (pair.first.tensor * slope).sum() }
      sum.addChunk()
    }
    sum.finish()
    #expect(try #require(pair.first.gradient).values[0] == 1 + 0x1p-23)
  }
}
