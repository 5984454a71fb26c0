import Foundation
import Options
import Testing
import TextGeneration

@Suite struct TextWriterTests {
  private typealias Model = ScriptedModel

  /// `a` is likelier than `b` at first, but nothing good follows it.
  private static let garden = ScriptedModel { text in
    switch text {
    case [1]: [3: 0.5, 4: 0.4, 2: 0.1]
    case [1, 4]: [2: 0.9, 3: 0.1]
    case [1, 3]: [5: 0.4, 4: 0.3, 2: 0.3]
    default: [2: 0.6, 3: 0.4]
    }
  }

  @Test func beamsFindWhatGreedyMisses() {
    let greedy = Self.garden.write { $0.strategy = .greedy }
    #expect(greedy[0].tokens == [Model.a, Model.c] && greedy[0].isFinished)
    // With `end` forbidden at first, `a` has 5/9 and `b` 4/9.
    #expect(abs(greedy[0].score - log(5.0 / 9 * 0.4 * 0.6)) < 1e-6)
    let beams = Self.garden.write { ($0.strategy, $0.beams, $0.lengthPenalty) = (.beam, 2, 0) }
    #expect(beams[0].tokens == [Model.b] && beams[0].isFinished)
    #expect(abs(beams[0].score - log(4.0 / 9 * 0.9)) < 1e-6)
  }

  @Test func oneBeamIsGreedy() {
    for seed in 0..<8 {
      let model = Model.random(UInt64(seed))
      let greedy = model.write { ($0.strategy, $0.maximumLength) = (.greedy, 5) }
      #expect(model.write { ($0.strategy, $0.beams, $0.maximumLength) = (.beam, 1, 5) } == greedy)
    }
  }

  @Test(arguments: [0, 0.7, 2]) func noBeamIsWorseThanGreedy(penalty: Double) {
    for seed in 0..<20 {
      let model = Model.random(UInt64(seed))
      let greedy = model.write { ($0.strategy, $0.maximumLength) = (.greedy, 6) }[0].score(lengthPenalty: penalty)
      for beams in 2...4 {
        let found = model.write {
          ($0.strategy, $0.beams, $0.maximumLength, $0.lengthPenalty) = (.beam, beams, 6, penalty)
        }
        #expect(found[0].score(lengthPenalty: penalty) >= greedy, "seed \(seed), \(beams) beams")
      }
    }
  }

  @Test(arguments: [0, 0.7, 2]) func beamsForEveryTextFindTheBest(penalty: Double) {
    for seed in 0..<10 {
      let model = Model.random(UInt64(seed))
      let best = model.best(maximumLength: 4, lengthPenalty: penalty)
      let found = model.write {
        ($0.strategy, $0.beams, $0.maximumLength, $0.lengthPenalty) = (.beam, 64, 4, penalty)
      }[0]
      #expect(found.tokens == best.tokens && found.isFinished == best.isFinished, "seed \(seed)")
      #expect(abs(found.score - best.score) < 1e-4)
    }
  }

  @Test(arguments: DecodingOptions.Strategy.allCases) func aTextHasItsLeastAndGreatestLength(
    strategy: DecodingOptions.Strategy
  ) {
    let brief = ScriptedModel { _ in [2: 0.9, 3: 0.06, 4: 0.04] }
    for least in 0...3 {
      let found = brief.write(4) {
        ($0.strategy, $0.minimumLength, $0.topP, $0.lengthPenalty) = (strategy, least, 0.5, 0)
      }
      #expect(found.map(\.tokens.count) == [least, least, least, least] && found.allSatisfy(\.isFinished))
    }
    // A model that never says the end is cut, and its text is there all the same.
    let endless = ScriptedModel { _ in [3: 0.6, 4: 0.4] }
    for most in [1, 5] {
      let found = endless.write(2) { ($0.strategy, $0.maximumLength) = (strategy, most) }
      #expect(found.allSatisfy { $0.tokens.count == most && !$0.isFinished && $0.score < 0 })
    }
  }

  @Test(arguments: DecodingOptions.Strategy.allCases) func whatIsBannedIsNotWritten(
    strategy: DecodingOptions.Strategy
  ) {
    let model = ScriptedModel { _ in [0: 0.5, 1: 0.3, 3: 0.15, 2: 0.05] }
    let found = model.write(3) { ($0.strategy, $0.maximumLength) = (strategy, 4) }
    #expect(found.allSatisfy { !$0.tokens.isEmpty && $0.tokens.allSatisfy { $0 == Model.a } })
    // Nothing may follow: what is there is the text.
    let blocked = ScriptedModel { text in text.count == 1 ? [3: 1] : [0: 1] }
    let rest = blocked.write(2) { $0.strategy = strategy }
    #expect(rest == [WrittenText](repeating: WrittenText(tokens: [3], score: 0, isFinished: false), count: 2))
    let nothing = ScriptedModel { _ in [0: 1] }.write { $0.strategy = strategy }
    #expect(nothing == [WrittenText(tokens: [], score: 0, isFinished: false)])
  }

  @Test func ofEqualTokensTheLowerComesFirst() {
    let model = ScriptedModel { text in text.count < 3 ? [5: 0.25, 4: 0.25, 3: 0.25, 2: 0.25] : [2: 1] }
    #expect(model.write { ($0.strategy, $0.minimumLength) = (.greedy, 2) }[0].tokens == [3, 3])
    let beams = model.write { ($0.strategy, $0.minimumLength, $0.beams) = (.beam, 2, 3) }
    #expect(beams[0].tokens == [3, 3])
  }

  @Test(arguments: [-3, 0, 6]) func repetitionCosts(shift: Float) {
    var model = ScriptedModel { _ in [3: 0.55, 4: 0.4, 2: 0.05] }
    model.shift = shift
    let plain = model.write { ($0.strategy, $0.maximumLength) = (.greedy, 3) }
    #expect(plain[0].tokens == [3, 3, 3])
    let varied = model.write { ($0.strategy, $0.maximumLength, $0.repetitionPenalty) = (.greedy, 2, 2) }
    #expect(varied[0].tokens == [3, 4])
    let strong = model.write { ($0.strategy, $0.maximumLength, $0.repetitionPenalty) = (.greedy, 3, 20) }
    // Positive logits are divided, others multiplied: either way the end is likelier than a third word.
    #expect(strong[0].isFinished)
  }

  @Test(arguments: DecodingOptions.Strategy.allCases) func aBatchIsItsRowsOneByOne(
    strategy: DecodingOptions.Strategy
  ) {
    var options = DecodingOptions()
    (options.strategy, options.samples, options.maximumLength, options.topP) = (strategy, 2, 6, 0.95)
    let model = Model.random(3)
    // Rows that know something of their own.
    let rows: [[Int32]] = [[], [3], [4, 4], [5], [3, 3]]
    var (all, one) = (options.stream, options.stream)
    let together = ScriptedModel.writer.write(rows: 5, from: rows, by: model, options: options, using: &all)
    let apart = rows.flatMap {
      ScriptedModel.writer.write(rows: 1, from: [$0], by: model, options: options, using: &one)
    }
    #expect(together == apart && together.count == 5 * options.textsPerRow)
    #expect(all == one && (strategy == .nucleus) == (all != options.stream))
    #expect(Set(together.map(\.tokens)).count > 1)
  }

  @Test func theNucleusIsDrawnFrom() {
    let model = ScriptedModel { _ in [3: 0.5, 4: 0.3, 5: 0.2] }
    func shares(_ change: (inout DecodingOptions) -> Void) -> [Int32: Double] {
      let found = model.write(2_000) {
        ($0.strategy, $0.maximumLength, $0.topP) = (.nucleus, 1, 0.6)
        change(&$0)
      }
      return Dictionary(grouping: found, by: { $0.tokens[0] }).mapValues { Double($0.count) / 2_000 }
    }
    let usual = shares { _ in }
    #expect(Set(usual.keys) == [3, 4] && abs((usual[3] ?? 0) - 0.625) < 0.04)
    #expect(usual != shares { $0.seed = 1 } && usual == shares { $0.seed = 0 })
    // Squares of probabilities at temperature ½: .25, .09, .04.
    let cold = shares { ($0.temperature, $0.topP) = (0.5, 1) }
    #expect(abs((cold[3] ?? 0) - 0.25 / 0.38) < 0.04 && abs((cold[5] ?? 0) - 0.04 / 0.38) < 0.03)
    #expect(shares { $0.topP = 1e-9 } == [3: 1])
  }

  @Test func aPromptIsTakenInAndNotWritten() {
    let writer = TextWriter(begin: 1, end: 2, banned: [0], prompt: [4, 5])
    let found = Self.garden.write(2, by: writer) { $0.strategy = .greedy }
    // Behind the prompt the end has .6, but a token must come first.
    #expect(found.map(\.tokens) == [[3], [3]])
    let seen = ScriptedModel { text in text.starts(with: [1, 4, 5]) ? [5: 0.8, 2: 0.2] : [3: 1] }
    #expect(seen.write(by: writer) { ($0.strategy, $0.maximumLength) = (.beam, 2) }[0].tokens == [5, 5])
  }

  @Test func optionsAreChecked() {
    func refused(_ change: (inout DecodingOptions) -> Void) -> [String] {
      var options = DecodingOptions()
      change(&options)
      return options.requirements.filter { !$0.holds }.map(\.key)
    }
    #expect(refused { _ in }.isEmpty)
    #expect(refused { $0.beams = 0 } == ["beams"])
    #expect(refused { $0.topP = 0 } == ["topP"] && refused { $0.topP = 1.1 } == ["topP"])
    #expect(refused { $0.temperature = 0 } == ["temperature"] && refused { $0.lengthPenalty = -1 } == ["lengthPenalty"])
    #expect(refused { ($0.minimumLength, $0.maximumLength) = (5, 4) } == ["minimumLength"])
    #expect(refused { $0.repetitionPenalty = .infinity } == ["repetitionPenalty"])
    #expect(refused { $0.samples = 0 } == ["samples"] && refused { $0.maximumLength = 0 }.contains("maximumLength"))
  }
}
