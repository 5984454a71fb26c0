import Autograd
import Kernels
import Layers
import ModuleGradients
import SampleTensors
import Testing

@Suite struct MultimodalTextTests {
  private static let length = 5
  private static let tokens: [Int32] = [1, 4, 5, 2, 0, 1, 6, 3, 7, 2]
  private static let isReal = tokens.map { $0 != 0 }
  private let context = example([2, 3, 6], seed: 4)

  private func transformer(dropout: Float = 0) -> MultimodalTextTransformer {
    var options = MultimodalTextTransformer.Options()
    (options.vocabulary, options.length, options.dimensions) = (9, Self.length, 8)
    (options.contextDimensions, options.layers, options.heads, options.dropout) = (6, 2, 2, dropout)
    var stream = initialStream()
    return MultimodalTextTransformer(options, embeddingDeviation: 1, positionDeviation: 0.5, stream: &stream)
  }

  private func states(
    _ network: MultimodalTextTransformer, _ use: MultimodalTextTransformer.Use,
    tokens: [Int32] = MultimodalTextTests.tokens,
    context: Tensor? = nil, in pass: ForwardPass = .evaluation
  ) -> Tensor {
    network(
      tokens, batch: 2, isReal: tokens.map { $0 != 0 }, as: use,
      context: use == .text ? nil : .init(context ?? self.context), in: pass)
  }

  @Test(arguments: [MultimodalTextTransformer.Use.text, .grounded, .decoding]) func gradients(
    use: MultimodalTextTransformer.Use
  ) {
    let network = transformer()
    // The other uses' parts have no gradient here, so that only what is used is tried.
    struct Used: Module {
      let parts: [ModulePart]
    }
    Tape.backpropagate { states(network, use).squared().sum() }
    let used = network.parameters.filter { $0.parameter.hasGradient }
    let paths = Set(used.map(\.path))
    #expect(paths.contains("0.text.norm.gain") == (use != .decoding))
    #expect(paths.contains("0.decoder.norm.gain") == (use == .decoding))
    #expect(paths.contains("0.contextAttention.key.weight") == (use != .text))
    #expect(paths.contains("0.perceptron.1.weight") && paths.contains("embedding.table"))
    let (error, path) = ModuleGradientCheck(step: 3e-3, samples: 3).largestError(
      at: Used(parts: used.map { .parameter($0.path, $0.parameter) })
    ) { states(network, use) }
    #expect(error < 1e-2, "\(path)")
  }

  @Test func picturesReceiveGradients() {
    let network = transformer()
    let error = GradientCheck(step: 3e-3).largestError(at: [context]) { inputs in
      let found = states(network, .grounded, context: inputs[0])
      return (found * example(found.shape, seed: 9)).sum()
    }
    #expect(error < 1e-2)
  }

  @Test func aDecoderSeesNoLaterWord() {
    let network = transformer()
    var changed = Self.tokens
    changed[3] = 8
    for (use, sees) in [(MultimodalTextTransformer.Use.decoding, false), (.grounded, true), (.text, true)] {
      let (one, other) = (states(network, use).values, states(network, use, tokens: changed).values)
      #expect((one[..<24] == other[..<24]) == !sees)
      #expect(one[24..<32] != other[24..<32] && one[40...] == other[40...])
    }
  }

  @Test func paddingIsNotSeenAndFirstTokensSayTheUse() {
    let network = transformer()
    let short = network(
      [1, 4, 5, 2], batch: 1, isReal: [true, true, true, true], as: .text, in: .evaluation)
    #expect(distance(short, states(network, .text).slice(0..<1).slice(axis: 1, 0..<4)) < 1e-5)
    var other = Self.tokens
    (other[0], other[5]) = (3, 3)
    for use in [MultimodalTextTransformer.Use.grounded, .decoding] {
      #expect(states(network, use).values == states(network, use, tokens: other).values)
    }
    #expect(states(network, .text).values != states(network, .text, tokens: other).values)
    #expect(states(network, .grounded).values != states(network, .text).values)
  }

  @Test func textsOfOnePictureLookAtItsStates() {
    let network = transformer()
    let rows: [Int32] = [1, 1]
    let shared = network(
      Self.tokens, batch: 2, isReal: Self.isReal, as: .grounded, context: .init(context, rows: rows), in: .evaluation)
    let repeated = context.reshaped(to: [2, 18]).gatheringRows(rows).reshaped(to: [2, 3, 6])
    #expect(distance(shared, states(network, .grounded, context: repeated)) < 1e-6)
    #expect(shared.values != states(network, .grounded).values)
  }

  @Test func writingWordByWordIsWritingAtOnce() {
    let network = transformer()
    let whole = network.transformed(states(network, .decoding)).reshaped(to: [10, 8])
      .linear(weight: network.wordWeight, bias: network.wordOffsets).reshaped(to: [2, 5, 9])
    var writing = network.writing(about: context)
    for place in 0..<4 {
      let found = network.logits(&writing, behind: [Self.tokens[place], Self.tokens[5 + place]])
      #expect(distance(found, whole.selecting(place, axis: 1)) < 1e-5, "\(place)")
    }
    // A row that is taken alone goes on as it did.
    var second = writing.gathering([1])
    let found = network.logits(&second, behind: [Self.tokens[9]])
    #expect(distance(found, whole.selecting(4, axis: 1).slice(1..<2)) < 1e-5)
    #expect(second.count == 5 && writing.count == 4)
  }

  /// The words' vectors are used twice, and their gradient is the sum of both uses.
  @Test func wordsShareTheirVectorsWithTheLastLayer() throws {
    let network = transformer()
    let table = try #require(network.parameters.first { $0.path == "embedding.table" }?.parameter)
    func gradient(_ loss: () -> Tensor) throws -> Tensor {
      for (_, parameter) in network.parameters { parameter.clearGradient() }
      Tape.backpropagate(loss)
      // The next gradient is written into the same place.
      return Tensor(try #require(table.gradient?.values), shape: table.shape)
    }
    let weights = example([10, 9], seed: 5)
    func logits(_ states: Tensor, _ words: Tensor) -> Tensor {
      (network.transformed(states).reshaped(to: [10, 8]).linear(weight: words) * weights).sum()
    }
    let both = try gradient { logits(states(network, .decoding), network.wordWeight) }
    let input = try gradient { logits(states(network, .decoding), network.wordWeight.detached) }
    let output = try gradient { logits(states(network, .decoding).detached, network.wordWeight) }
    #expect(distance(both, input + output) < 1e-4)
    #expect(distance(both, input) > 1e-3 && distance(both, output) > 1e-3)
  }

  @Test func dropoutActsInTrainingAlone() {
    let (plain, dropping) = (transformer(), transformer(dropout: 0.3))
    #expect(states(plain, .grounded).values == states(dropping, .grounded).values)
    let pass = ForwardPass(dropout: RandomStream(seed: 1, name: "dropout"))
    #expect(states(dropping, .grounded, in: pass).values != states(dropping, .grounded).values)
    #expect(states(plain, .grounded, in: pass).values == states(plain, .grounded).values)
  }
}
