import Autograd
import Kernels
import Layers
import ModuleGradients
import SampleTensors
import Testing

@Suite struct CoAttentionTests {
  private func layer(dropout: Float = 0) -> CoAttention {
    var stream = initialStream()
    return CoAttention(
      vision: (dimensions: 4, hidden: 5), text: (dimensions: 6, hidden: 7), inner: 8, heads: 2, dropout: dropout,
      stream: &stream)
  }

  private let vision = example([2, 3, 4])
  private let text = example([2, 5, 6], seed: 1)
  private let isRegion = [true, true, false, true, true, true]
  private let isWord = [true, true, true, false, false, true, true, true, true, true]

  @Test func gradientsAgreeWithDifferences() {
    let layer = layer()
    let found = ModuleGradientCheck().largestError(at: layer) {
      let (v, t) = layer(vision: vision, text: text, isRegion: isRegion, isWord: isWord, in: .evaluation)
      return Tensor.concatenated([v.reshaped(to: [24]), t.reshaped(to: [60])])
    }
    #expect(found.error < 5e-3, "\(found.path)")
    let inputs = GradientCheck().largestError(at: [vision, text]) {
      let (v, t) = layer(vision: $0[0], text: $0[1], isRegion: isRegion, isWord: isWord, in: .evaluation)
      return Tensor.concatenated([v.reshaped(to: [24]), t.reshaped(to: [60])])
    }
    #expect(inputs < 5e-3)
  }

  @Test func theBlockOfBERTHasTheRightGradients() {
    var stream = initialStream(4)
    let block = PostNormBlock(dimensions: 6, heads: 2, hidden: 9, stream: &stream)
    let mask = AttentionMask(allowedKeys: isWord)
    let found = ModuleGradientCheck().largestError(at: block) { block(text, mask: mask, in: .evaluation) }
    #expect(found.error < 5e-3, "\(found.path)")
  }

  /// Without what comes out of co-attention each stream is what it is without the other.
  @Test func streamsAreIndependentWhereOutputsAreZero() {
    let layer = layer()
    let other = example([2, 3, 4], seed: 7)
    func words(_ regions: Tensor) -> Tensor {
      layer(vision: regions, text: text, isRegion: isRegion, isWord: isWord, in: .evaluation).text
    }
    func regions(_ words: Tensor) -> Tensor {
      layer(vision: vision, text: words, isRegion: isRegion, isWord: isWord, in: .evaluation).vision
    }
    let otherWords = example([2, 5, 6], seed: 8)
    #expect(distance(words(vision), words(other)) > 1e-3 && distance(regions(text), regions(otherWords)) > 1e-3)
    for stream in [layer.vision, layer.text] {
      stream.attention.output.weight.assign(Tensor(repeating: 0, shape: stream.attention.output.weight.shape))
    }
    #expect(words(vision).values == words(other).values)
    #expect(regions(text).values == regions(otherWords).values)
  }

  /// What stands at a pad says nothing.
  @Test func paddingIsNotSeen() {
    let layer = layer()
    var (regions, words) = (vision.values, text.values)
    for i in 0..<4 { regions[2 * 4 + i] += 3 }
    for i in 0..<12 { words[3 * 6 + i] -= 2 }
    let before = layer(vision: vision, text: text, isRegion: isRegion, isWord: isWord, in: .evaluation)
    let after = layer(
      vision: Tensor(regions, shape: [2, 3, 4]), text: Tensor(words, shape: [2, 5, 6]), isRegion: isRegion,
      isWord: isWord, in: .evaluation)
    #expect(before.vision.values[..<8] == after.vision.values[..<8])
    #expect(before.text.values[..<18] == after.text.values[..<18])
    #expect(before.text.values[30...] == after.text.values[30...])
  }

  @Test func shownWeightsAreThoseThatAreUsed() {
    let attention = layer().text.attention
    let weights = attention.weights(text, context: vision, allowedKeys: isRegion)
    #expect(weights.count == 2 && weights[0].count == 2 && weights[0][0].count == 5 * 3)
    for head in weights.flatMap({ $0 }) {
      for row in stride(from: 0, to: 15, by: 3) {
        let sum = head[row..<row + 3].reduce(0, +)
        #expect(abs(sum - 1) < 1e-5)
      }
    }
    #expect(weights[0].allSatisfy { head in stride(from: 2, to: 15, by: 3).allSatisfy { head[$0] == 0 } })
    // The values under these weights are what attention gives.
    let values = attention.value(vision).values
    var heads = [Float](repeating: 0, count: 2 * 5 * 8)
    for (observation, head, word) in [(0, 0, 0), (0, 1, 4), (1, 0, 2), (1, 1, 3)] {
      for column in 0..<4 {
        heads[(observation * 5 + word) * 8 + head * 4 + column] = (0..<3).reduce(0) { sum, region in
          sum + weights[observation][head][word * 3 + region]
            * values[(observation * 3 + region) * 8 + head * 4 + column]
        }
      }
    }
    let found = Tensor.attention(
      query: attention.query(text), key: attention.key(vision), value: attention.value(vision), heads: 2,
      mask: AttentionMask(allowedKeys: isRegion)
    ).values
    for (observation, head, word) in [(0, 0, 0), (0, 1, 4), (1, 0, 2), (1, 1, 3)] {
      for column in 0..<4 {
        let place = (observation * 5 + word) * 8 + head * 4 + column
        #expect(abs(found[place] - heads[place]) < 1e-5)
      }
    }
  }
}

@Suite struct TwoStreamTransformerTests {
  private func network() -> TwoStreamTransformer {
    var stream = initialStream(2)
    return TwoStreamTransformer(
      vocabulary: 11, length: 6, regionFeatures: 3, text: .init(dimensions: 8, layers: 3, heads: 2, hidden: 12),
      vision: .init(dimensions: 6, layers: 2, heads: 3, hidden: 6),
      connection: .init(dimensions: 4, layers: 2, heads: 2),
      stream: &stream)
  }

  private let input = TwoStreamTransformer.Input(
    tokens: [1, 5, 9, 2, 0, 1, 7, 2, 0, 0], isWord: [true, true, true, true, false, true, true, true, false, false],
    features: example([2, 4, 3], seed: 5), boxes: example([2, 4, 5], seed: 6),
    isRegion: [true, true, true, true, true, true, true, false])

  @Test func gradientsAgreeWithDifferences() {
    let network = network()
    // Vectors of tokens begin near 0, where a norm bends.
    for parameter in [network.embedding.table, network.positions] {
      parameter.assign(example(parameter.shape, seed: 3))
    }
    let found = ModuleGradientCheck().largestError(at: network) {
      let (text, vision) = network(input, in: .evaluation)
      return Tensor.concatenated([text.reshaped(to: [80]), vision.reshaped(to: [48])])
    }
    #expect(found.error < 1e-2, "\(found.path)")
  }

  /// Regions are a set: their order says nothing beside their boxes.
  @Test func orderOfRegionsSaysNothing() {
    let network = network()
    let before = network(input, in: .evaluation)
    let order: [Int32] = [2, 0, 3, 1]
    var other = input
    func permuted(_ values: Tensor) -> Tensor {
      let width = values.shape[2]
      let rows = [0, 1].flatMap { row in order.map { Int32(row * 4) + $0 } }
      return values.reshaped(to: [8, width]).gatheringRows(rows).reshaped(to: [2, 4, width])
    }
    (other.features, other.boxes) = (permuted(input.features), permuted(input.boxes))
    other.isRegion = [0, 1].flatMap { row in order.map { input.isRegion[row * 4 + Int($0)] } }
    let after = network(other, in: .evaluation)
    #expect(distance(before.text, after.text) < 1e-5)
    #expect(distance(permuted(before.vision), after.vision) < 1e-5)
    // Boxes that stay behind are another picture.
    other.boxes = input.boxes
    #expect(distance(before.text, network(other, in: .evaluation).text) > 1e-4)
  }

  @Test func theLastLayersOfBothStreamsAreConnected() {
    let network = network()
    #expect(network.connections.count == 2)
    let attention = network.attention(input)
    #expect(attention.count == 2 && attention[0].words[1].count == 2)
    #expect(attention[1].words[0][0].count == 5 * 4 && attention[1].regions[0][1].count == 4 * 5)
    let paths = Set(network.parameters.map { $0.path.split(separator: ".").prefix(2).joined(separator: ".") })
    #expect(paths.isSuperset(of: ["text.2", "vision.1", "connection.1", "boxes.weight"]) && !paths.contains("text.3"))
  }
}
