import Autograd
import Foundation
import Kernels
import Layers
import ModuleGradients
import SampleTensors
import Testing
import TextGeneration

@Suite struct CausalTransformerTests {
  private static func model(vocabulary: Int = 9, tied: Bool = true, layers: Int = 2) -> CausalTransformer {
    var stream = RandomStream(seed: 4, name: "init")
    var options = CausalTransformer.Options()
    (options.vocabulary, options.length, options.dimensions, options.layers) = (vocabulary, 12, 16, layers)
    (options.heads, options.ratio, options.tiesOutput) = (2, 2, tied)
    let model = CausalTransformer(options, stream: &stream)
    // Vectors that are far enough apart for a difference to be seen.
    model.embedding.table.assign(example(model.embedding.table.shape, seed: 1))
    return model
  }

  @Test(arguments: [0, 3], [true, false]) func cachedDecodingIsFullDecoding(prefix: Int, tied: Bool) {
    let model = Self.model(tied: tied)
    var stream = RandomStream(seed: 0, name: "tokens")
    let (rows, length) = (3, 6)
    let tokens = exampleTokens(rows * length, from: 0, below: 9, stream: &stream)
    let before = prefix > 0 ? example([rows, prefix, 16]) : nil
    let full = model.logits(model(prefix: before, tokens, batch: rows, in: .evaluation))
    var state = model.state(prefix: before, rows: rows)
    #expect(state.count == prefix)
    for place in 0..<length {
      let logits = model.advance(&state, by: (0..<rows).map { tokens[$0 * length + place] })
      #expect(distance(logits, full.selecting(prefix + place, axis: 1)) < 1e-5, "place \(place)")
      // Rows that change places, as beams do, and change back.
      if place == 2 {
        state = model.selecting([2, 0, 1, 0], of: state)
        state = model.selecting([1, 2, 0], of: state)
      }
    }
    #expect(state.count == prefix + length && state.rows == rows)
  }

  @Test func aRowIsTheSameAloneAndAmongOthers() {
    let model = Self.model()
    var stream = RandomStream(seed: 0, name: "tokens")
    let tokens = exampleTokens(4 * 5, from: 0, below: 9, stream: &stream)
    let all = model.logits(model(tokens, batch: 4, in: .evaluation))
    for row in 0..<4 {
      let own = model.logits(model(Array(tokens[row * 5..<(row + 1) * 5]), batch: 1, in: .evaluation))
      #expect(distance(own, all.slice(row..<(row + 1))) < 1e-5)
    }
    let writer = TextWriter(begin: 1, end: 2, banned: [0])
    var options = DecodingOptions()
    options.maximumLength = 8
    let pictures = example([4, 2, 16], seed: 2)
    for strategy in DecodingOptions.Strategy.allCases {
      options.strategy = strategy
      var (one, each) = (options.stream, options.stream)
      let together = writer.write(
        rows: 4, from: model.state(prefix: pictures, rows: 4), by: model, options: options, using: &one)
      let apart = (0..<4).flatMap { row in
        writer.write(
          rows: 1, from: model.state(prefix: pictures.slice(row..<(row + 1)), rows: 1), by: model, options: options,
          using: &each)
      }
      #expect(together.map(\.tokens) == apart.map(\.tokens), "\(strategy)")
      #expect(zip(together, apart).allSatisfy { abs($0.score - $1.score) < 1e-4 })
    }
  }

  @Test func noPositionSeesLaterTokens() {
    let model = Self.model()
    let tokens: [Int32] = [1, 5, 3, 7, 4, 2]
    let before = example([1, 2, 16])
    let usual = model.logits(model(prefix: before, tokens, batch: 1, in: .evaluation)).values
    for place in 0..<tokens.count {
      var changed = tokens
      changed[place] = 8
      let other = model.logits(model(prefix: before, changed, batch: 1, in: .evaluation)).values
      let first = (2 + place) * 9
      #expect(usual[..<first] == other[..<first] && usual[first...] != other[first...], "place \(place)")
    }
  }

  /// Random words cannot be told: whoever does better than ln V has seen them.
  @Test func aLeakIsCaughtByRandomLabels() {
    let (vocabulary, length, batch) = (8, 6, 32)
    func lastLoss(of module: some Module, _ states: ([Int32]) -> Tensor, _ weight: () -> Tensor) -> Double {
      let optimiser = Optimiser(.adam(), for: module)
      var stream = RandomStream(seed: 0, name: "random labels")
      var losses: [Double] = []
      for _ in 0..<120 {
        let tokens = exampleTokens(batch * length, from: 0, below: vocabulary, stream: &stream)
        let loss = Tape.backpropagate { () -> Tensor in
          let known = states(tokens).slice(axis: 1, 0..<(length - 1)).reshaped(to: [batch * (length - 1), 16])
          let next = stride(from: 0, to: batch * length, by: length).flatMap { tokens[$0 + 1..<$0 + length] }
          return known.linear(weight: weight()).crossEntropy(targets: next).mean()
        }
        losses.append(Double(loss.scalar))
        optimiser.update(learningRate: 0.01)
      }
      return losses.suffix(20).reduce(0, +) / 20
    }
    let causal = Self.model(vocabulary: vocabulary, tied: false, layers: 1)
    let honest = lastLoss(of: causal, { causal($0, batch: batch, in: .evaluation) }, { causal.outputWeight })
    #expect(honest > log(Double(vocabulary)) - 0.05, "\(honest)")
    // The same with a mask that lets everything be seen: what the test is for.
    var stream = RandomStream(seed: 4, name: "init")
    var options = TextTransformer.Options()
    (options.vocabulary, options.length, options.dimensions, options.layers) = (vocabulary, length, 16, 1)
    (options.heads, options.isCausal) = (2, false)
    let leaking = TextTransformer(options, stream: &stream)
    let seen = lastLoss(
      of: leaking, { leaking($0, batch: batch, in: .evaluation) }, { leaking.embedding.table.tensor })
    #expect(seen < log(Double(vocabulary)) - 0.3, "\(seen)")
  }

  @Test(arguments: [true, false]) func gradients(tied: Bool) {
    let model = Self.model(tied: tied, layers: 1)
    let before = example([2, 2, 16])
    let tokens: [Int32] = [1, 3, 4, 1, 5, 0]
    let (error, path) = ModuleGradientCheck(samples: 5).largestErrorOfLoss(at: model) {
      let states = model(prefix: before, tokens, batch: 2, in: .evaluation).slice(axis: 1, 2..<5)
      return model.logits(states).reshaped(to: [6, 9]).crossEntropy(targets: [3, 4, 2, 5, 6, 2]).mean()
    }
    #expect(error < 5e-3, "\(path)")
  }
}
