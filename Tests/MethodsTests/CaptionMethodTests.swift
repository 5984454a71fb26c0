import Autograd
import Datasets
import Encoders
import Foundation
import Kernels
import Layers
import Methods
import Options
import Testing
import TextGeneration

@Suite struct CaptionMethodTests {
  private static func options(
    _ look: RecurrentCaptioner.Look, _ change: (inout CaptionOptions) -> Void = { _ in }
  ) -> CaptionOptions {
    var options = CaptionOptions()
    (options.decoder.look, options.decoder.dropout) = (look, 0)
    (options.decoder.embeddingDimensions, options.decoder.dimensions) = (12, 12)
    options.decoder.attentionDimensions = 8
    change(&options)
    return options
  }

  private struct All: Module {
    let encoders: EncoderSet
    let method: any AlignmentMethod
    var parts: [ModulePart] { [.module("encoders", encoders), .module("method", method)] }
  }

  private static func pass() -> ForwardPass { ForwardPass(dropout: RandomStream(seed: 0, name: "dropout")) }

  @Test(arguments: RecurrentCaptioner.Look.allCases, [true, false]) func everyParameterHasAGradient(
    look: RecurrentCaptioner.Look, tied: Bool
  ) throws {
    let pairs = try SmallPairs(Self.options(look) { $0.decoder.tiesOutput = tied })
    let terms = try Tape.backpropagate { () -> (loss: Tensor, extra: [String]) in
      let terms = try pairs.method.step(pairs.batch(), in: Self.pass())
      return (terms.total, terms.parts.map(\.name))
    }
    #expect(terms.loss.isFinite && terms.extra == (look == .regions ? ["words", "attention"] : ["words"]))
    let encoders = try #require(pairs.method.encoders)
    // The captions' encoder is no part of the model, and the class token takes no part where regions alone are looked at.
    #expect(!encoders.parameters.contains { $0.path.hasPrefix("captions") } && !encoders.parameters.isEmpty)
    let idle = (encoders.parameters + pairs.method.parameters).filter { $0.parameter.gradient == nil }.map(\.path)
    #expect(idle.allSatisfy { $0.contains("class") }, "\(idle)")
  }

  @Test(arguments: RecurrentCaptioner.Look.allCases) func captionsAreLearntAndWritten(
    look: RecurrentCaptioner.Look
  ) throws {
    let pairs = try SmallPairs(Self.options(look))
    let method = try #require(pairs.method as? any CaptioningMethod)
    let optimiser = Optimiser(.adam(), for: All(encoders: try #require(method.encoders), method: method))
    var losses: [Float] = []
    for step in 0..<200 {
      losses.append(
        try Tape.backpropagate { try pairs.method.step(pairs.batch(step: step), in: Self.pass()).total }.scalar)
      optimiser.update(learningRate: 0.02)
    }
    #expect(losses[0] > 4 && losses[199] < 0.1 + (look == .regions ? 1 : 0), "\(losses[0]) to \(losses[199])")
    let (picture, caption) = (
      try pairs.input(of: SmallPairs.picture), try pairs.input(of: SmallPairs.caption)
    )
    let vocabulary = try #require(pairs.data.vocabulary.captions.first)
    let banned = pairs.data.vocabulary.foreignTokens(to: vocabulary)
    for strategy in DecodingOptions.Strategy.allCases {
      var options = DecodingOptions()
      (options.strategy, options.topP, options.samples) = (strategy, 0.5, 2)
      var stream = options.stream
      let found = method.captions(
        for: picture, in: SmallPairs.caption, banned: banned, options: options, using: &stream)
      let texts = found.map { pairs.data.vocabulary.text(of: $0.tokens, in: vocabulary) }
      #expect(Set(texts) == ["a b c", "d e f g"] && found.count == 2 * options.textsPerRow, "\(texts)")
    }
    // What is written has the likelihood that is said of it, but for what may not be written.
    var greedy = DecodingOptions()
    (greedy.strategy, greedy.minimumLength) = (.greedy, 0)
    var stream = greedy.stream
    let written = method.captions(for: picture, in: SmallPairs.caption, banned: [], options: greedy, using: &stream)
    let said = method.tokenLogLikelihoods(of: caption, in: SmallPairs.caption, given: picture)
    #expect(said.map(\.count) == [4, 5])
    for (text, own) in zip(written, said) { #expect(abs(text.score - own.reduce(0, +)) < 0.02) }
    let attention = method.attention(of: caption, in: SmallPairs.caption, given: picture)
    #expect((attention?.shape == [2, 5, 8]) == (look == .regions))
    // Behind a caption's own steps nobody looks.
    if let attention { #expect(attention.values[4 * 8..<5 * 8].allSatisfy { $0 == 0 }) }
  }

  @Test func thePictureTellsTheCaption() throws {
    let pairs = try SmallPairs(Self.options(.whole))
    let method = try #require(pairs.method as? any CaptioningMethod)
    let optimiser = Optimiser(.adam(), for: All(encoders: try #require(method.encoders), method: method))
    for step in 0..<200 {
      try Tape.backpropagate { try pairs.method.step(pairs.batch(step: step), in: Self.pass()).total }
      optimiser.update(learningRate: 0.02)
    }
    let (picture, caption) = (
      try pairs.input(of: SmallPairs.picture), try pairs.input(of: SmallPairs.caption)
    )
    func sum(_ pictures: ModalityInput) -> Double {
      method.tokenLogLikelihoods(of: caption, in: SmallPairs.caption, given: pictures).flatMap { $0 }.reduce(0, +)
    }
    #expect(sum(picture) > sum(picture.gathering([1, 0])) + 2)
  }

  @Test func captionsAreDividedIntoSteps() {
    let steps = CaptionSteps(.tokens([1, 5, 6, 2, 0, 1, 7, 2, 0, 0, 0, 0, 0, 0, 0], length: 5))
    #expect(steps.steps == 3 && steps.counts == [3, 2, 0])
    #expect(steps.words == [1, 5, 6, 1, 7, 2, 0, 0, 0])
    #expect(steps.labels == [5, 6, 2, 7, 2, nil, nil, nil, nil])
    let found = steps.logLikelihoods(Tensor(repeating: 0, shape: [9, 8]))
    #expect(found.map(\.count) == [3, 2, 0] && abs(found[0][0] + log(8)) < 1e-6)
  }

  @Test func whatIsMissingIsNamed() throws {
    let pairs = try SmallPairs(Self.options(.whole))
    let unmet = Self.options(.whole) { $0.captions = "caption-xx" }.needs(of: pairs.data).filter { !$0.isMet }
    #expect(unmet.map(\.key) == ["method.caption.captions"])
    #expect(Self.options(.whole) { $0.attentionPenalty = -1 }.requirements.contains { !$0.holds })
    #expect(
      Self.options(.whole) { ($0.decoder.tiesOutput, $0.decoder.dimensions) = (true, 24) }.requirements
        .first { !$0.holds }?.key == "decoder.tiesOutput")
    #expect(Self.options(.whole).contrasted(in: pairs.data).map { [$0.first, $0.second] } == [[0, 1]])
    let single = try SmallPairs(Self.options(.regions)) { ($0.imageEncoder, $0.stridedWidths) = (.strided, [4, 4]) }
    #expect(single.method.warnings.count == 1 && pairs.method.warnings.isEmpty)
  }
}
