import Autograd
import Datasets
import Encoders
import Foundation
import Kernels
import Layers
import Methods
import Options
import Testing

/// Pictures of regions with captions, some of which people called false.
private struct Scenes {
  static let (features, classes) = (2, 3)
  let data: AlignedData
  let inputs: InputMaker
  let method: any AlignmentMethod

  /// - Parameter statements: whether each observation's caption is true; nil where nobody said so.
  init(
    captions: [String] = ["a b c", "d e f g", "a b c", "h i"], statements: [Int32]? = nil, classes: Int = Self.classes,
    seed: Int = 2, _ change: (inout ViLBERTOptions) -> Void = { _ in }
  ) throws {
    var stream = RandomStream(seed: 1, name: "scenes")
    let tokeniser = SubwordTokeniser(texts: ["a b c d e f g h i"], minimumCount: 1)
    let rows = captions.indices.map { Int32($0) }
    var numbers: [Float] = []
    for row in rows {
      for region in 0..<3 {
        // The second picture has two regions.
        let isReal = row != 1 || region < 2
        let own = (0..<5 + Self.features).map { _ in stream.uniform() }
        let shares: [Float] =
          classes == 0 ? [] : (0..<classes).map { $0 == (Int(row) + region) % classes ? 0.75 : 0.125 }
        numbers += isReal ? [1] + own + shares : [Float](repeating: 0, count: 6 + Self.features + classes)
      }
    }
    func split(_ name: String) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(
              name: "boxes", kind: .regions(count: 3, features: Self.features, classes: classes)),
            items: .numbers(numbers), rows: rows),
          ModalityColumn(
            modality: Modality(name: "caption", kind: .tokens(length: 6, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(captions.flatMap { tokeniser.encode($0, length: 6) }), rows: rows),
        ], labels: statements.map { [MultimodalDataset.statementLabelling: $0] } ?? [:])
    }
    let set = MultimodalDataset(
      name: "scenes", train: split("train"), validation: split("validation"), test: split("test"),
      classNames: statements == nil ? [:] : [MultimodalDataset.statementLabelling: ["false", "true"]],
      checksum: "scenes", tokenisers: ["caption": tokeniser])
    data = try AlignedData(set, options: DataOptions())
    inputs = InputMaker(data)
    var model = EncoderOptions()
    (model.textDimensions, model.textHeads, model.vectorDimensions, model.dimensions) = (8, 2, [4], 4)
    var draw = RandomStream(seed: UInt64(seed), name: "init")
    let encoders = EncoderSet(data.modalities, options: model, stream: &draw)
    var parts = MethodParts(encoders: encoders, data: data, seed: seed, stream: draw)
    method = Self.options(change).make(&parts)
  }

  static func options(_ change: (inout ViLBERTOptions) -> Void = { _ in }) -> ViLBERTOptions {
    var options = ViLBERTOptions()
    options.text = .init(dimensions: 8, layers: 2, heads: 2, hidden: 8)
    options.vision = .init(dimensions: 6, layers: 1, heads: 2, hidden: 6)
    options.connection = .init(dimensions: 8, layers: 1, heads: 2)
    (options.pooledDimensions, options.dropout) = (8, 0)
    change(&options)
    return options
  }

  func batch(_ rows: [Int]? = nil, step: Int = 0, seed: Int = 1) -> TrainingBatch {
    TrainingBatch(
      rows: rows ?? Array(0..<data.count(.train)), step: step, streams: RandomStreams(seed: seed), data: data,
      inputs: inputs)
  }

  func input(_ place: Int, _ rows: [Int]) throws -> ModalityInput {
    inputs(try data.items(of: place, at: rows, in: .train), of: place)
  }

  func terms(_ batch: TrainingBatch) throws -> [String: Double] {
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    let found = try Tape.withoutRecording { try method.step(batch, in: pass) }
    return Dictionary(uniqueKeysWithValues: found.values.map { ($0.name, $0.value) })
  }

  func monitor(_ subject: String, _ metric: String) -> Double? {
    method.monitors.first { $0.subject == subject && $0.metric == metric }?.value
  }
}

@Suite struct ViLBERTTests {
  private func pass() -> ForwardPass { ForwardPass(dropout: RandomStream(seed: 0, name: "dropout")) }

  @Test func everyParameterHasTheRightGradient() throws {
    // Drawn anew for each loss, all words and regions are the same in every look.
    let scenes = try Scenes {
      ($0.maskedWords, $0.maskedRegions, $0.mismatched, $0.learnsFromMismatched) = (0.9, 0.9, 0.5, true)
    }
    func loss() throws -> Tensor { try scenes.method.step(scenes.batch(), in: pass()).total }
    let method = scenes.method
    for (path, parameter) in method.parameters where path.hasSuffix("table") || path.hasSuffix("positions") {
      var stream = RandomStream(seed: 4, name: path)
      parameter.assign(Tensor((0..<parameter.count).map { _ in 2 * stream.uniform() - 1 }, shape: parameter.shape))
    }
    _ = try Tape.backpropagate { try loss() }
    for (path, parameter) in method.parameters {
      let gradient = try #require(parameter.gradient, "\(path)").values
      let values = parameter.value.values
      let largest = try #require(gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) })
      func value(_ change: Float) throws -> Float {
        var changed = values
        changed[largest] += change
        parameter.assign(Tensor(changed, shape: parameter.shape))
        return try Tape.withoutRecording { try loss().scalar }
      }
      let difference = (try value(5e-3) - value(-5e-3)) / 1e-2
      parameter.assign(Tensor(values, shape: parameter.shape))
      #expect(abs(difference - gradient[largest]) < 1e-2 * max(0.05, abs(gradient[largest])), "\(path)")
    }
  }

  @Test func trainingLowersEveryTerm() throws {
    let scenes = try Scenes(captions: ["a b c", "d e f g", "b c d", "h i"], statements: [1, 0, 1, 0]) {
      ($0.maskedWords, $0.maskedRegions, $0.learnsFromMismatched) = (0.4, 0.4, true)
    }
    let optimiser = Optimiser(.adam(), for: scenes.method)
    func mean(_ steps: Range<Int>) throws -> [String: Double] {
      var sums: [String: Double] = [:]
      for step in steps {
        for (name, value) in try scenes.terms(scenes.batch(step: step, seed: step)) { sums[name, default: 0] += value }
      }
      return sums
    }
    let before = try mean(1000..<1020)
    for step in 0..<150 {
      _ = try Tape.backpropagate { try scenes.method.step(scenes.batch(step: step, seed: step), in: pass()).total }
      optimiser.update(learningRate: 0.005)
    }
    let after = try mean(1000..<1020)
    for (name, value) in before { #expect((after[name] ?? .infinity) < 0.7 * value, "\(name)") }
    // People's word is learnt by heart.
    let method = try #require(scenes.method as? any PairScoringMethod)
    let scores = method.pairScores(
      pictures: try scenes.input(0, [0, 1, 2, 3]), texts: try scenes.input(1, [0, 1, 2, 3]))
    #expect(scores.map { $0 > 0 } == [true, false, true, false])
    // An epoch that is over is counted until the next one begins.
    scenes.method.endEpochForTest(scenes)
    #expect(scenes.monitor("alignment", "prior") == 0.5 && scenes.monitor("masked regions", "prior") != nil)
    _ = try scenes.terms(scenes.batch([0, 2]))
    #expect(scenes.monitor("alignment", "prior") == 1)
  }

  /// Nothing is divided by the number of masked regions or words where there are none.
  @Test(arguments: [3, 0]) func aBatchWithNothingMaskedHasFiniteLosses(classes: Int) throws {
    let scenes = try Scenes(classes: classes) { ($0.maskedWords, $0.maskedRegions) = (0, 0) }
    let terms = try scenes.terms(scenes.batch())
    #expect(terms["regions"] == 0 && terms["words"] == 0)
    #expect(terms["alignment"]?.isFinite == true && terms["total"] == terms["alignment"])
  }

  @Test func untrainedTermsAreThoseOfKnowingNothing() throws {
    let scenes = try Scenes(statements: [1, 1, 0, 0]) {
      ($0.maskedWords, $0.maskedRegions, $0.learnsFromMismatched) = (0.9, 0.9, true)
    }
    for (path, parameter) in scenes.method.parameters
    where ["alignment.weight", "alignment.bias", "regionLayer.weight", "regionLayer.bias"].contains(path)
      || path.hasPrefix("streams.embedding")
    {
      parameter.assign(Tensor(repeating: 0, shape: parameter.shape))
    }
    let terms = try scenes.terms(scenes.batch())
    // ln 2; ln of the vocabulary; ln 3 less the entropy of (.75, .125, .125).
    let vocabulary = try #require(scenes.data.modalities.last).kind
    guard case .tokens(_, let words) = vocabulary else { return }
    #expect(abs((terms["alignment"] ?? 0) - log(2)) < 1e-5)
    #expect(abs((terms["words"] ?? 0) - log(Double(words))) < 1e-4)
    let entropy = -(0.75 * log(0.75) + 0.25 * log(0.125))
    #expect(abs((terms["regions"] ?? 0) - (log(3) - entropy)) < 1e-5)
  }

  /// Equal captions are no negatives of each other, and where all are equal every pair belongs together.
  @Test func negativesAreNeverEqualTexts() throws {
    // Words are learnt from pairs that belong together alone.
    let equal = try Scenes(captions: ["a b c", "a b c", "a b c"]) { ($0.mismatched, $0.maskedWords) = (0.999, 0.9) }
    #expect(try equal.terms(equal.batch())["words"] ?? 0 > 0)
    #expect(equal.monitor("alignment", "prior") == 1)
    let different = try Scenes(captions: ["a b c", "a b c", "d e f"]) { ($0.mismatched, $0.maskedWords) = (0.999, 0.9) }
    #expect(try different.terms(different.batch())["words"] == 0)
    #expect(different.monitor("alignment", "prior") == 1)
    #expect(different.method.notes.contains { $0.contains("never an equal one") })
  }

  @Test func whatPeopleSaidIsTheAlignment() throws {
    let scenes = try Scenes(statements: [1, 0, 1, 1]) { $0.mismatched = 0.99 }
    _ = try scenes.terms(scenes.batch())
    #expect(scenes.monitor("alignment", "prior") == 0.75)
    #expect(scenes.method.notes.contains { $0.contains("people called false") })
  }

  /// Masked words and regions of pairs that do not belong together are learnt from only where that is wanted.
  @Test func mismatchedPairsTeachNoWordsUnlessAsked() throws {
    for (learns, expected) in [(false, false), (true, true)] {
      let scenes = try Scenes(captions: ["a b c", "d e f g"], statements: [0, 0]) {
        ($0.maskedWords, $0.maskedRegions, $0.learnsFromMismatched) = (0.9, 0.9, learns)
      }
      let terms = try scenes.terms(scenes.batch())
      #expect(((terms["words"] ?? 0) > 0) == expected && ((terms["regions"] ?? 0) > 0) == expected)
    }
  }

  @Test func orderOfRegionsDoesNotChangeTheScore() throws {
    let scenes = try Scenes()
    let method = try #require(scenes.method as? any PairScoringMethod)
    let (pictures, texts) = (try scenes.input(0, [0, 1, 3]), try scenes.input(1, [0, 1, 3]))
    guard case .numbers(let regions) = pictures else { return }
    let order: [Int32] = [2, 0, 1]
    let width = regions.shape[2]
    let turned = regions.reshaped(to: [9, width]).gatheringRows(
      (0..<3).flatMap { row in order.map { Int32(3 * row) + $0 } })
    let before = method.pairScores(pictures: pictures, texts: texts)
    let after = method.pairScores(pictures: .numbers(turned.reshaped(to: [3, 3, width])), texts: texts)
    #expect(before.count == 3 && zip(before, after).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(Set(before).count == 3)
    // A pair is scored by itself, whatever stands beside it.
    for row in 0..<3 {
      let own = method.pairScores(pictures: pictures.gathering([Int32(row)]), texts: texts.gathering([Int32(row)]))
      #expect(abs(own[0] - before[row]) < 1e-5)
    }
    let shares = try #require(method.matchProbabilities(pictures: pictures, texts: texts))
    for (score, share) in zip(before, shares) {
      let expected: Double = 1 / (1 + exp(-Double(score)))
      #expect(abs(Double(share) - expected) < 1e-6)
    }
  }

  @Test func aPictureAloneHasNoVector() throws {
    let scenes = try Scenes()
    let members = [MemberInput(0, try scenes.input(0, [0, 1])), MemberInput(1, try scenes.input(1, [0, 1]))]
    #expect(
      scenes.method.representation(of: [members[0]]) == nil && scenes.method.features(of: 1, members[1].input) == nil)
    #expect(scenes.method.representation(of: members)?.shape == [2, 8])
    #expect(scenes.method.notes.contains { $0.contains("only scores pairs") })
  }

  @Test func attentionIsOfWordsAndRegions() throws {
    let scenes = try Scenes()
    let method = try #require(scenes.method as? any CoAttentionMethod)
    let (layers, boxes) = method.attention(pictures: try scenes.input(0, [0, 1]), texts: try scenes.input(1, [0, 1]))
    #expect(layers.count == 1 && boxes.shape == [2, 4, 5] && Array(boxes.values.prefix(5)) == [0, 0, 1, 1, 1])
    #expect(layers[0].words.count == 2 && layers[0].words[0].count == 2 && layers[0].words[0][0].count == 6 * 4)
    // The third region of the second picture is none.
    for head in layers[0].words[1] { #expect((0..<6).allSatisfy { head[$0 * 4 + 3] == 0 }) }
  }

  @Test func patchesArePartsOfThePictureWithTheirPlaces() throws {
    // A picture of 4 × 6 with one channel; pixel = 10 row + column.
    let pixels = (0..<4).flatMap { row in (0..<6).map { Float(10 * row + $0) } }
    let found = ModalityInput.numbers(Tensor(pixels, shape: [1, 4, 6, 1])).patches(side: 2)
    #expect(found.features.shape == [1, 6, 4] && found.boxes.shape == [1, 6, 5])
    #expect(Array(found.features.values[16..<20]) == [22, 23, 32, 33])
    let box = Array(found.boxes.values[20..<25])
    #expect(zip(box, [1 / 3, 0.5, 2 / 3, 1, 1 / 6] as [Float]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func picturesAreSeenByPatches() throws {
    var options = Scenes.options()
    options.patchSize = 4
    let pairs = try SmallPairs(options)
    let terms = try Tape.withoutRecording { try pairs.method.step(pairs.batch(), in: pass()) }
    #expect(terms.total.scalar.isFinite)
    options.patchSize = 3
    let unmet = options.needs(of: pairs.data).filter { !$0.isMet }
    #expect(unmet.map(\.key) == ["method.vilbert.patchSize"])
    options.connection.layers = 3
    let refused = options.requirements.filter { !$0.holds }
    #expect(refused.map(\.key) == ["connection.layers"])
  }
}

extension AlignmentMethod {
  /// Ends an epoch of small data.
  fileprivate func endEpochForTest(_ scenes: Scenes) {
    try? endEpoch(1, of: MethodTraining(data: scenes.data, inputs: scenes.inputs) {})
  }
}

@Suite struct MaskedPartsTests {
  private static let vocabulary = 300
  private static let length = 10

  /// Texts of eight words between begin and end.
  private func words(_ texts: Int, share: Double, learns: Bool = true) -> (before: [Int32], found: MaskedWords) {
    let before = (0..<texts).flatMap { text -> [Int32] in
      let words: [Int32] = (text..<text + 8).map { Int32(100 + $0 % 150) }
      return [1] + words + [2]
    }
    var stream = RandomStream(seed: 3, name: "words")
    let found = MaskedWords(
      before, length: Self.length, share: share, vocabulary: Self.vocabulary,
      learns: [Bool](repeating: learns, count: texts), using: &stream)
    return (before, found)
  }

  @Test func wordsAreMaskedInBERTsShares() {
    let (before, found) = words(2_000, share: 0.15)
    let all = 2_000.0 * 8
    #expect(abs(Double(found.places.count) / all - 0.15) < 0.01)
    let drawn = found.places.map { (before: before[Int($0)], after: found.tokens[Int($0)]) }
    #expect(zip(drawn, found.truths).allSatisfy { $0.before == $1 })
    let masked = drawn.count { $0.after == Int32(Self.vocabulary) }
    let kept = drawn.count { $0.after == $0.before }
    #expect(abs(Double(masked) / Double(drawn.count) - 0.8) < 0.03)
    #expect(abs(Double(kept) / Double(drawn.count) - 0.1) < 0.02)
    #expect(drawn.allSatisfy { $0.after > 2 && $0.after <= Int32(Self.vocabulary) })
    // All others stay, begin and end among them.
    let places = Set(found.places)
    #expect(before.indices.allSatisfy { places.contains(Int32($0)) || found.tokens[$0] == before[$0] })
    #expect(found.places.allSatisfy { $0 % 10 != 0 && $0 % 10 != 9 })
  }

  @Test func wordsThatTeachNothingAreMaskedAllTheSame() {
    let (before, found) = words(50, share: 0.5, learns: false)
    #expect(found.places.isEmpty && found.tokens != before)
    #expect(words(50, share: 0).found.tokens == before)
  }

  @Test func endsOfShortTextsStay() {
    var stream = RandomStream(seed: 3, name: "words")
    let found = MaskedWords(
      [1, 2, 0, 0, 1, 50, 2, 0], length: 4, share: 0.999_999, vocabulary: 60, learns: [true, true], using: &stream)
    #expect(found.places == [5] && found.truths == [50])
    #expect([0, 1, 2, 3, 4, 6, 7].map { found.tokens[$0] } == [1, 2, 0, 0, 1, 2, 0])
  }

  @Test func regionsAreHiddenInTheirShares() {
    let (pictures, count) = (1_000, 10)
    let isReal = (0..<pictures * count).map { $0 % count != 9 }
    let regions = RegionBatch(
      boxes: Tensor(repeating: 0.5, shape: [pictures, count, 5]),
      features: Tensor(repeating: 1, shape: [pictures, count, 2]), classes: nil, isReal: isReal)
    var stream = RandomStream(seed: 3, name: "regions")
    let found = MaskedRegions(
      regions, share: 0.15, zeroed: 0.9, learns: (0..<pictures).map { $0 % 2 == 0 }, using: &stream)
    let share = Double(found.places.count) / 4_500
    #expect(abs(share - 0.15) < 0.02)
    #expect(found.places.allSatisfy { $0 / 10 % 2 == 0 && $0 % 10 != 9 })
    let values = found.regions.features.values
    let zeroed = found.places.count { values[2 * Int($0)] == 0 }
    #expect(abs(Double(zeroed) / Double(found.places.count) - 0.9) < 0.04)
    // Those of pictures that teach nothing are hidden, too; boxes stay.
    #expect(abs(Double(values.count { $0 == 0 }) / 18_000 - 0.135) < 0.015)
    #expect(found.regions.boxes.values.allSatisfy { $0 == 0.5 })
  }
}
