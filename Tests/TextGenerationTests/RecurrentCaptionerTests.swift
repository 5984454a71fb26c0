import Autograd
import Foundation
import Kernels
import Layers
import ModuleGradients
import Options
import SampleTensors
import Testing
import TextGeneration

@Suite struct RecurrentCaptionerTests {
  private static func model(
    _ look: RecurrentCaptioner.Look, vocabulary: Int = 8, pictures: Int = 5,
    _ change: (inout RecurrentCaptioner.Options) -> Void = { _ in }
  ) -> RecurrentCaptioner {
    var stream = RandomStream(seed: 2, name: "init")
    var options = RecurrentCaptioner.Options()
    (options.look, options.embeddingDimensions, options.dimensions) = (look, 6, 6)
    (options.attentionDimensions, options.dropout) = (7, 0)
    change(&options)
    return RecurrentCaptioner(options, vocabulary: vocabulary, pictureDimensions: pictures, stream: &stream)
  }

  @Test(arguments: RecurrentCaptioner.Look.allCases, [true, false]) func wordByWordIsAllAtOnce(
    look: RecurrentCaptioner.Look, tied: Bool
  ) {
    let model = Self.model(look) { $0.tiesOutput = tied }
    let (whole, regions) = (example([3, 5]), example([3, 4, 5]))
    let words: [Int32] = [1, 3, 4, 5, 1, 7, 7, 2, 1, 6, 3, 3]
    let found = model.states(behind: words, whole: whole, regions: regions, in: .evaluation)
    #expect(found.states.shape == [3, 4, 6] && found.attention?.shape == (look == .regions ? [3, 4, 4] : nil))
    let all = found.states.linear(weight: model.outputWeight, bias: model.outputBiases)
    var state = model.state(whole: whole, regions: regions)
    for place in 0..<4 {
      let logits = model.advance(&state, by: (0..<3).map { words[$0 * 4 + place] })
      #expect(distance(logits, all.selecting(place, axis: 1)) < 1e-5)
      if place == 1 { state = model.selecting([1, 2, 0], of: model.selecting([2, 0, 1], of: state)) }
    }
    if let attention = found.attention {
      #expect(distance(attention.sum(axis: 2), Tensor(repeating: 1, shape: [3, 4])) < 1e-5)
    }
  }

  @Test(arguments: RecurrentCaptioner.Look.allCases, [true, false]) func gradients(
    look: RecurrentCaptioner.Look, tied: Bool
  ) {
    let model = Self.model(look) { $0.tiesOutput = tied }
    model.embedding.table.assign(example(model.embedding.table.shape, seed: 3))
    let (whole, regions) = (example([2, 5]), example([2, 4, 5]))
    // All words, so that every vector has a gradient.
    let words: [Int32] = [1, 3, 4, 5, 0, 7, 6, 2]
    let (error, path) = ModuleGradientCheck(samples: 5).largestErrorOfLoss(at: model) {
      let found = model.states(behind: words, whole: whole, regions: regions, in: .evaluation)
      let logits = found.states.reshaped(to: [8, 6]).linear(weight: model.outputWeight, bias: model.outputBiases)
      let loss = logits.crossEntropy(targets: [3, 4, 5, 2, 7, 6, 2, 0]).mean()
      return found.attention.map { loss + SoftAttention.penalty($0, steps: [4, 2]).value } ?? loss
    }
    #expect(error < 5e-3, "\(path)")
  }

  /// A caption is the colours of three places, which a model must come to read off; where it looks at regions, of pictures
  /// that it has not seen, too.
  @Test(arguments: RecurrentCaptioner.Look.allCases) func coloursAreReadOff(look: RecurrentCaptioner.Look) {
    let (colours, places) = (3, 3)
    let model = Self.model(look, vocabulary: 3 + colours, pictures: look == .whole ? 9 : 6) {
      ($0.embeddingDimensions, $0.dimensions, $0.attentionDimensions) = (16, 32, 16)
    }
    let all = (0..<27).map { number in (0..<places).map { number / [1, 3, 9][$0] % colours } }
    let known = all.indices.filter { look == .whole || $0 % 5 != 2 }
    let held = all.indices.filter { look == .whole || $0 % 5 == 2 }
    func oneHot(_ index: Int, of count: Int) -> [Float] { (0..<count).map { $0 == index ? 1 : 0 } }
    func pictures(_ rows: [Int]) -> (whole: Tensor, regions: Tensor) {
      let whole = rows.flatMap { all[$0].flatMap { oneHot($0, of: colours) } }
      // A region is its colour and its place.
      let regions = rows.flatMap { row in
        all[row].enumerated().flatMap { oneHot($1, of: colours) + oneHot($0, of: places) }
      }
      return (Tensor(whole, shape: [rows.count, 9]), Tensor(regions, shape: [rows.count, places, 6]))
    }
    func captions(_ rows: [Int]) -> [[Int32]] { rows.map { all[$0].map { Int32($0) + 3 } } }
    let optimiser = Optimiser(.adam(), for: model)
    let (seen, words) = (pictures(known), captions(known))
    for _ in 0..<(look == .whole ? 150 : 250) {
      Tape.backpropagate { () -> Tensor in
        let found = model.states(
          behind: words.flatMap { [1] + $0 }, whole: seen.whole, regions: seen.regions, in: .evaluation)
        let states = found.states.reshaped(to: [known.count * 4, 32])
        return states.linear(weight: model.outputWeight, bias: model.outputBiases)
          .crossEntropy(targets: words.flatMap { $0 + [2] }).mean()
      }
      optimiser.update(learningRate: 0.02)
    }
    let other = pictures(held)
    let writer = TextWriter(begin: 1, end: 2, banned: [0])
    for strategy in [DecodingOptions.Strategy.greedy, .beam] {
      var options = DecodingOptions()
      options.strategy = strategy
      var stream = options.stream
      let written = writer.write(
        rows: held.count, from: model.state(whole: other.whole, regions: other.regions), by: model, options: options,
        using: &stream)
      #expect(written.map(\.tokens) == captions(held) && written.allSatisfy(\.isFinished), "\(strategy)")
    }
  }

  @Test func thePenaltyIsOfACaptionsOwnSteps() {
    let attention = Tensor([0.5, 0.5, 1, 0, 0.25, 0.75, 0.6, 0.4], shape: [2, 2, 2])
    let (value, own) = SoftAttention.penalty(attention, steps: [2, 1])
    // Sums 1.5, .5 and .25, .75.
    #expect(abs(value.scalar - (0.25 + 0.25 + 0.5625 + 0.0625) / 4) < 1e-6)
    #expect(own.values == [0.5, 0.5, 1, 0, 0.25, 0.75, 0, 0])
  }

  /// Whatever the sums are held against, since all of them together are the number of steps.
  @Test func whatThePenaltyIsHeldAgainstDoesNotMatter() {
    let logits = example([2, 3, 5])
    func gradient(_ target: Float) -> Tensor {
      Tape.gradients(at: [logits]) { (target - $0[0].softmax().sum(axis: 1)).squared().mean() }.gradients[0]
    }
    #expect(distance(gradient(1), gradient(0.6)) < 1e-6 && distance(gradient(1), gradient(1) * 0) > 1e-3)
  }

  @Test func tiedWordsAreAsWideAsTheMemory() {
    var options = RecurrentCaptioner.Options()
    (options.tiesOutput, options.dimensions) = (true, 64)
    #expect(options.requirements.filter { !$0.holds }.map(\.key) == ["tiesOutput"])
    let (tied, own) = (Self.model(.whole) { $0.tiesOutput = true }, Self.model(.whole))
    #expect(own.parameterCount - tied.parameterCount == 8 * 6)
  }
}
