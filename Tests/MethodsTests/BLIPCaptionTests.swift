import Autograd
import Datasets
import Encoders
import Foundation
import Kernels
import Layers
import Methods
import Testing
import TextGeneration

/// BLIP writes captions token by token as it reads them at once.
@Suite struct BLIPCaptionTests {
  private struct All: Module {
    let encoders: EncoderSet
    let method: any AlignmentMethod
    var parts: [ModulePart] { [.module("encoders", encoders), .module("method", method)] }
  }

  private static func pairs(steps: Int, _ change: (inout BLIPOptions) -> Void = { _ in }) throws -> SmallPairs {
    var options = BLIPOptions()
    (options.queueSize, options.labelSmoothing) = (4, 0)
    (options.weights.contrast, options.weights.matching) = (0, 0)
    change(&options)
    let pairs = try SmallPairs(options) { ($0.imageDimensions, $0.textDimensions, $0.textLayers) = (16, 16, 2) }
    let optimiser = Optimiser(.adam(), for: All(encoders: try #require(pairs.method.encoders), method: pairs.method))
    for step in 0..<steps {
      let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
      _ = try Tape.backpropagate { try pairs.method.step(pairs.batch(step: step), in: pass).total }
      optimiser.update(learningRate: 0.005)
    }
    return pairs
  }

  private static func write(
    _ method: any CaptioningMethod, _ pictures: ModalityInput, _ options: DecodingOptions
  ) -> [WrittenText] {
    var stream = options.stream
    return method.captions(
      for: pictures, in: SmallPairs.caption, banned: [], options: options, using: &stream)
  }

  /// Written texts as captions that are read.
  private static func captions(_ texts: [WrittenText], length: Int) -> ModalityInput {
    .tokens(
      texts.flatMap { text -> [Int32] in
        let own = [SubwordTokeniser.begin] + text.tokens + (text.isFinished ? [SubwordTokeniser.end] : [])
        return own + [Int32](repeating: 0, count: length - own.count)
      }, length: length)
  }

  @Test func whatWasLearntIsWrittenAndAsLikelyAsReadAtOnce() throws {
    let pairs = try Self.pairs(steps: 200)
    let method = try #require(pairs.method as? any CaptioningMethod)
    #expect(method.writtenModalities == [SmallPairs.caption] && method.describedModality == SmallPairs.picture)
    let (pictures, own) = (try pairs.input(of: SmallPairs.picture), try pairs.input(of: SmallPairs.caption))
    guard case .tokens(let tokens, let length) = own else { return #expect(Bool(false), "no tokens") }
    for strategy in DecodingOptions.Strategy.allCases {
      var options = DecodingOptions()
      (options.strategy, options.topP) = (strategy, 0.5)
      let written = Self.write(method, pictures, options)
      for (row, text) in written.enumerated() {
        let expected = tokens[row * length..<(row + 1) * length].filter { $0 > SubwordTokeniser.end }
        #expect(text.tokens == expected && text.isFinished, "\(strategy)")
      }
      // The writer leaves out padding and the begin token, which are all but impossible by now.
      let read = method.tokenLogLikelihoods(
        of: Self.captions(written, length: length), in: SmallPairs.caption, given: pictures)
      for (text, likelihoods) in zip(written, read) {
        #expect(likelihoods.count == text.tokens.count + 1)
        #expect(abs(likelihoods.reduce(0, +) - text.score) < 0.01, "\(strategy)")
      }
    }
    func sum(_ pictures: ModalityInput) -> Double {
      method.tokenLogLikelihoods(of: own, in: SmallPairs.caption, given: pictures).flatMap { $0 }.reduce(0, +)
    }
    #expect(sum(pictures) > sum(pictures.gathering([1, 0])) + 2)
  }

  /// Networks of random numbers, whose texts go on to the greatest length.
  @Test(arguments: DecodingOptions.Strategy.allCases) func aBatchIsItsRows(strategy: DecodingOptions.Strategy) throws {
    let pairs = try Self.pairs(steps: 0)
    let method = try #require(pairs.method as? any CaptioningMethod)
    let pictures = try pairs.input(of: SmallPairs.picture).gathering([0, 1, 0, 1, 1])
    var options = DecodingOptions()
    (options.strategy, options.samples, options.temperature) = (strategy, 2, 2)
    var (stream, apart) = (options.stream, options.stream)
    let all = method.captions(for: pictures, in: SmallPairs.caption, banned: [], options: options, using: &stream)
    let each = (0..<5).flatMap { row in
      method.captions(
        for: pictures.gathering([row]), in: SmallPairs.caption, banned: [], options: options, using: &apart)
    }
    #expect(all.count == 5 * options.textsPerRow && all.map(\.tokens) == each.map(\.tokens))
    for (one, other) in zip(all, each) { #expect(abs(one.score - other.score) < 1e-4) }
    // There are six positions, the first of which is the begin token's.
    #expect(all.allSatisfy { (1...5).contains($0.tokens.count) && ($0.tokens.count < 5 || !$0.isFinished) })
    #expect(strategy != .nucleus || Set(all.map(\.tokens)).count > 2)
  }

  @Test func bannedTokensAreNotWritten() throws {
    let pairs = try Self.pairs(steps: 0)
    let method = try #require(pairs.method as? any CaptioningMethod)
    var options = DecodingOptions()
    options.strategy = .greedy
    var stream = options.stream
    let pictures = try pairs.input(of: SmallPairs.picture)
    let free = method.captions(for: pictures, in: SmallPairs.caption, banned: [], options: options, using: &stream)
    let banned = Set(free.flatMap(\.tokens))
    let other = method.captions(
      for: pictures, in: SmallPairs.caption, banned: banned, options: options, using: &stream)
    #expect(!banned.isEmpty && banned.isDisjoint(with: other.flatMap(\.tokens)))
  }

  @Test func withoutWritingNothingIsWritten() throws {
    let pairs = try Self.pairs(steps: 0) { ($0.weights.contrast, $0.weights.language) = (1, 0) }
    #expect(try #require(pairs.method as? any CaptioningMethod).writtenModalities == [])
  }
}
