import Autograd
import Kernels
import Layers
import ModuleGradients
import SampleTensors
import Testing

@Suite struct TransformerTests {
  @Test func attentionHasItsShapesAndPaths() {
    var stream = initialStream()
    let attention = MultiHeadAttention(dimensions: 8, heads: 2, stream: &stream)
    #expect(
      attention.parameters.map(\.path) == ["project.weight", "project.bias", "output.weight", "output.bias"])
    #expect(attention.parameterCount == 24 * 8 + 24 + 64 + 8)
    #expect(attention(example([2, 5, 8])).shape == [2, 5, 8])
  }

  @Test func causalOutputsDoNotSeeLaterTokens() {
    var stream = initialStream()
    let attention = MultiHeadAttention(dimensions: 8, heads: 2, stream: &stream)
    let before = example([1, 6, 8])
    var values = before.values
    for i in 3 * 8..<values.count { values[i] += 1 }
    let changed = Tensor(values, shape: [1, 6, 8])
    func rows(_ input: Tensor, isCausal: Bool) -> [Float] {
      attention(input, mask: AttentionMask(isCausal: isCausal)).values
    }
    let (a, b) = (rows(before, isCausal: true), rows(changed, isCausal: true))
    #expect(a[..<24] == b[..<24])
    #expect(a[24...] != b[24...])
    // Without the mask the first token sees the change.
    #expect(rows(before, isCausal: false)[..<8] != rows(changed, isCausal: false)[..<8])
  }

  @Test func paddingIsNotSeen() {
    var stream = initialStream()
    let transformer = Transformer(layers: 2, dimensions: 8, heads: 2, stream: &stream)
    let mask = AttentionMask(allowedKeys: [true, true, false])
    let before = example([1, 3, 8])
    var values = before.values
    for i in 16..<24 { values[i] = 7 }
    let a = transformer(before, mask: mask, in: .evaluation).values
    let b = transformer(Tensor(values, shape: [1, 3, 8]), mask: mask, in: .evaluation).values
    #expect(a[..<16] == b[..<16])
    #expect(a[16...] != b[16...])
  }

  @Test func blockGradients() {
    var stream = initialStream()
    let block = TransformerBlock(dimensions: 8, heads: 2, ratio: 2, stream: &stream)
    let input = example([2, 3, 8])
    for isCausal in [false, true] {
      let (error, path) = ModuleGradientCheck().largestError(at: block) {
        block(input, mask: AttentionMask(isCausal: isCausal), in: .evaluation)
      }
      #expect(error < 5e-3, "\(path)")
    }
    // Norms 32, attention 8·24 + 24 + 72, perceptron 8·16 + 16 + 16·8 + 8.
    #expect(block.parameterCount == 32 + 288 + 280)
  }

  @Test func stackGradientsAndPaths() {
    var stream = initialStream()
    let transformer = Transformer(layers: 2, dimensions: 4, heads: 2, stream: &stream)
    let input = example([2, 3, 4])
    let (error, path) = ModuleGradientCheck(samples: 3).largestError(at: transformer) {
      transformer(input, in: .evaluation)
    }
    #expect(error < 1e-2, "\(path)")
    let paths = transformer.parameters.map(\.path)
    #expect(paths.first == "0.attentionNorm.gain" && paths.last == "norm.bias")
    #expect(paths.contains("1.perceptron.1.weight"))
    #expect(Set(paths).count == 2 * 12 + 2)
  }

  @Test func dropoutActsInTrainingAlone() {
    var stream = initialStream()
    let transformer = Transformer(layers: 1, dimensions: 8, heads: 2, dropout: 0.5, stream: &stream)
    let input = example([1, 4, 8])
    let plain = transformer(input, in: .evaluation).values
    #expect(transformer(input, in: .evaluation).values == plain)
    func trained() -> [Float] {
      transformer(input, in: ForwardPass(dropout: RandomStream(seed: 4, name: "dropout"))).values
    }
    #expect(trained() != plain)
    #expect(trained() == trained())
  }
}
