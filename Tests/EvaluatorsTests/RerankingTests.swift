import Autograd
import Datasets
import Encoders
import Evaluators
import Foundation
import Kernels
import Layers
import Methods
import Objectives
import Options
import Testing
import Training

private enum Letters {
  static let all = ["a", "b", "c", "d", "e", "f", "g"]
  static let tokeniser = SubwordTokeniser(texts: all + all, minimumCount: 1)
  static let tokens = all.map { tokeniser.encode($0, length: 4) }
}

/// A method that knows which pictures and texts belong together only where it looks at pairs.
private struct PairOracle: PairScoringMethod {
  let encoders: EncoderSet? = nil
  var parts: [ModulePart] { [] }
  /// Whether the method says the right pairs or the wrong ones.
  var isRight = true

  struct Options: MethodOptions {
    static let key = "oracle"
    static let summary = "an oracle"
    static let source = "none"
    func make(_ parts: inout MethodParts) -> any AlignmentMethod { PairOracle() }
  }

  init(_ options: Options, _ parts: inout MethodParts) {}
  init(isRight: Bool = true) { self.isRight = isRight }

  func representations(of batch: TrainingBatch, in pass: ForwardPass) -> [Tensor?] { [] }
  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) -> LossTerms {
    LossTerms(summing: [("none", Tensor(0))])
  }
  func features(of place: Int, _ input: ModalityInput) -> Tensor? { nil }

  private func number(_ input: ModalityInput) -> [Int] {
    switch input {
    case .numbers(let pixels): pixels.values.map { Int(($0 * 10).rounded()) }
    case .tokens(let tokens, let length):
      (0..<tokens.count / length).map { text in
        Letters.tokens.firstIndex(of: Array(tokens[text * length..<(text + 1) * length])) ?? -1
      }
    }
  }

  /// All lie on a circle; a text stands a little nearer to the next picture than to its own.
  func representation(of members: [MemberInput]) -> Tensor? {
    let angles = number(members[0].input).map { 2 * Float.pi / 7 * (Float($0) + (members[0].place == 0 ? 0 : 0.6)) }
    return Tensor(angles.flatMap { [cosf($0), sinf($0)] }, shape: [angles.count, 2])
  }

  func pairScores(pictures: ModalityInput, texts: ModalityInput) -> [Float] {
    zip(number(pictures), number(texts)).map { ($0 == $1) == isRight ? 5 : -5 }
  }

  func matchProbabilities(pictures: ModalityInput, texts: ModalityInput) -> [Float]? {
    pairScores(pictures: pictures, texts: texts).map { $0 > 0 ? 0.9 : 0.1 }
  }
}

@Suite struct RerankingEvaluatorTests {
  private static let dataset: MultimodalDataset = {
    func split(_ name: String) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "picture", kind: .image(height: 1, width: 1, channels: 1)),
            items: .numbers((0..<7).map { Float($0) / 10 }), rows: [0, 1, 2, 3, 4, 5, 6]),
          ModalityColumn(
            modality: Modality(
              name: "caption", kind: .tokens(length: 4, vocabulary: Letters.tokeniser.vocabularyCount)),
            items: .tokens(Letters.tokens.flatMap { $0 }), rows: [0, 1, 2, 3, 4, 5, 6]),
        ], labels: [:], texts: ["caption": Letters.all])
    }
    return MultimodalDataset(
      name: "letters", train: split("train"), validation: split("validation"), test: split("test"), classNames: [:],
      checksum: "letters", tokenisers: ["caption": Letters.tokeniser])
  }()

  private func tables(
    _ method: any AlignmentMethod, candidates: Int = 3
  ) throws -> (values: [String: Double], notes: [String]) {
    var options = DataOptions()
    options.normalisation = .none
    let data = try AlignedData(Self.dataset, options: options)
    var evaluator = RerankingEvaluator()
    evaluator.candidates = candidates
    let model = FrozenModel(method, data: data, inputs: InputMaker(data), side: .test, seed: 0)
    let entries = try evaluator.tables(of: model, after: []).flatMap { table in
      table.entries.map { ("\(table.evaluator) | \($0.subject.text) | \($0.metric.name)", $0.value) }
    }
    return (Dictionary(uniqueKeysWithValues: entries), evaluator.notes(on: model))
  }

  @Test func pairsMendWhatCosinesConfuse() throws {
    let found = try tables(PairOracle()).values
    for direction in ["picture → caption", "caption → picture"] {
      let before = try #require(found["reranking | \(direction) | R@1 by cosine"])
      let after = try #require(found["reranking | \(direction) | R@1"])
      #expect(before == 0 && after == 1)
      #expect(found["reranking | \(direction) | gain of R@1"] == 1)
      #expect(found["reranking | \(direction) | pairs"] == 21)
    }
    #expect(found["matching of hard pairs | picture – caption | accuracy"] == 1)
  }

  @Test func aMethodThatIsAlwaysWrongIsShownAsSuch() throws {
    let found = try tables(PairOracle(isRight: false), candidates: 7).values
    #expect(found["reranking | picture → caption | R@1"] == 0)
    #expect(found["matching of hard pairs | picture – caption | accuracy"] == 0)
    #expect(found["matching of hard pairs | picture – caption | accuracy on right pairs"] == 0)
  }

  @Test func aSingleCandidateChangesNothing() throws {
    let found = try tables(PairOracle(), candidates: 1).values
    for metric in ["R@1", "R@5"] { #expect(found["reranking | picture → caption | gain of \(metric)"] == 0) }
  }

  @Test func methodsThatSeeNoPairsHaveNoTable() throws {
    var stream = RandomStream(seed: 0, name: "init")
    let data = try AlignedData(Self.dataset, options: DataOptions())
    var model = EncoderOptions()
    (model.patchSize, model.imageDimensions, model.imageLayers, model.imageHeads) = (1, 4, 1, 1)
    (model.textDimensions, model.textLayers, model.textHeads) = (4, 1, 1)
    let encoders = EncoderSet(data.modalities, options: model, stream: &stream)
    var parts = MethodParts(encoders: encoders, data: data, seed: 0, stream: stream)
    #expect(try tables(CLIPOptions().make(&parts)).values.isEmpty)
  }
}
