import Autograd
import Datasets
import Diagnostics
import Encoders
import Foundation
import Kernels
import Layers
import Methods
import ModuleGradients
import Options
import SampleTensors
import Testing
import TextGeneration

@Suite struct VisualPrefixTests {
  private static func options(_ change: (inout VisualPrefixOptions) -> Void = { _ in }) -> VisualPrefixOptions {
    var options = VisualPrefixOptions()
    (options.decoder.dimensions, options.decoder.layers, options.decoder.heads) = (12, 1, 2)
    (options.decoder.ratio, options.decoder.dropout, options.questionLength) = (2, 0, 8)
    change(&options)
    return options
  }

  private struct All: Module {
    let encoders: EncoderSet
    let method: any AlignmentMethod
    var parts: [ModulePart] { [.module("encoders", encoders), .module("method", method)] }
  }

  private static func pass() -> ForwardPass { ForwardPass(dropout: RandomStream(seed: 0, name: "dropout")) }
  private static let many = (0..<16).map { $0 % 2 }

  /// The loss of a step, whose gradients stay with the parameters.
  private static func step(_ pairs: SmallPairs, _ step: Int = 0, streams: RandomStreams = RandomStreams(seed: 1)) throws
    -> Float
  {
    try Tape.backpropagate {
      try pairs.method.step(pairs.batch(step: step, rows: many, streams: streams), in: pass()).total
    }.scalar
  }

  /// The parameters that have a gradient, by the first part of their path.
  private static func learning(_ pairs: SmallPairs) throws -> Set<String> {
    let all = All(encoders: try #require(pairs.method.encoders), method: pairs.method).parameters
    return Set(
      all.filter { $0.parameter.gradient != nil }.map { entry in
        entry.path.split(separator: ".").prefix(2).joined(separator: ".")
      })
  }

  @Test(arguments: VisualPrefixOptions.Projector.allCases, [true, false]) func everyParameterHasAGradient(
    projector: VisualPrefixOptions.Projector, tied: Bool
  ) throws {
    let pairs = try SmallPairs(
      Self.options { ($0.projector, $0.decoder.tiesOutput, $0.blankShare) = (projector, tied, 0.5) })
    #expect(try Self.step(pairs).isFinite)
    let encoders = try #require(pairs.method.encoders)
    let idle = (encoders.parameters + pairs.method.parameters).filter { $0.parameter.gradient == nil }.map(\.path)
    // The captions' encoder is no part of the model, and the class token takes no part where parts alone are looked at.
    #expect(!encoders.parameters.contains { $0.path.hasPrefix("captions") })
    #expect(idle.allSatisfy { $0.contains("class") }, "\(idle)")
    #expect(pairs.method.parameters.contains { $0.path == "projector.1.weight" } == (projector == .perceptron))
  }

  /// The decoder learns alone, then the projector, then both; what rests has no gradient, so that no optimiser moves it.
  @Test func stagesTrainWhatTheySay() throws {
    let pairs = try SmallPairs(
      Self.options { ($0.languageShare, $0.alignmentShare, $0.blankShare) = (0.25, 0.25, 0.5) }, steps: 8)
    func learning(at step: Int) throws -> Set<String> {
      for (_, parameter) in All(encoders: try #require(pairs.method.encoders), method: pairs.method).parameters {
        parameter.clearGradient()
      }
      _ = try Self.step(pairs, step)
      return try Self.learning(pairs).filter { $0.hasPrefix("method") }
    }
    let (text, picture): (Set<String>, Set<String>) = (["method.decoder", "method.blank"], ["method.projector"])
    for step in 0..<8 {
      #expect(try learning(at: step) == (step < 2 ? text : step < 4 ? picture : text.union(picture)), "step \(step)")
    }
    let stages = VisualPrefixStages(Self.options { ($0.languageShare, $0.alignmentShare) = (0.2, 0.1) }, steps: 10)
    #expect((0..<10).map { stages[$0] } == [.language, .language, .alignment] + Array(repeating: .questions, count: 7))
    // A model that is not trained asks.
    #expect(VisualPrefixStages(Self.options(), steps: nil)[0] == .questions)
  }

  @Test func gradients() throws {
    for steps in [nil, 1_000] as [Int?] {
      let pairs = try SmallPairs(Self.options { $0.blankShare = 0.5 }, steps: steps)
      let decoder = try #require(pairs.method.parameters.first { $0.path == "decoder.embedding.table" }).parameter
      decoder.assign(example(decoder.shape, seed: 1))
      // A step of questions, and one of the language, in which the projector rests.
      struct Trained: Module {
        let parts: [ModulePart]
      }
      let trained = Trained(
        parts: pairs.method.parts.filter { part in
          if case .module("projector", _) = part { steps == nil } else { true }
        })
      let worst = ModuleGradientCheck().largestErrorOfLoss(at: trained) {
        do {
          return try pairs.method.step(pairs.batch(rows: Self.many), in: Self.pass()).total
        } catch {
          Issue.record(error)
          return Tensor(0)
        }
      }
      #expect(worst.error < 0.01, "\(worst)")
    }
  }

  @Test func tokensAndTargetsArePutTogether() {
    let texts = TextPieces([
      [.given([1, 10, 11, 9]), .told([20, 2])], [.given([1]), .told([10, 9]), .told([21, 22, 2])], [.given([1, 9])],
    ])
    #expect(texts.length == 5 && texts.hasTargets)
    #expect(texts.words == [1, 10, 11, 9, 20, 1, 10, 9, 21, 22, 1, 0, 0, 0, 0])
    #expect(texts.labels == [nil, nil, nil, 20, 2, 10, 9, 21, 22, 2, nil, nil, nil, nil, nil])
    #expect(!TextPieces([[.given([1, 9])]]).hasTargets)
  }

  /// The loss is of answers and their ends alone: the mean of what the method says of the same questions' answers.
  @Test func theLossIsThatOfAnswers() throws {
    let pairs = try SmallPairs(Self.options { $0.blankShare = 0 })
    let method = try #require(pairs.method as? any AnsweringMethod)
    let loss = try Self.step(pairs)
    let set = QuestionSet(pairs.data, caption: SmallPairs.caption)
    var stream = RandomStreams(seed: 1)["questions"]
    let questions = try Self.many.map { row in
      _ = stream.uniform()
      return try #require(set.drawn(about: row, in: .train, using: &stream))
    }
    #expect(Set(questions.map(\.kind)).count == 3)
    let pictures = try pairs.input(of: SmallPairs.picture).gathering(Self.many.map(Int32.init))
    let each = method.answerLogLikelihoods(
      of: questions.map(\.answer), to: questions.map(\.text), about: pictures)
    #expect(
      zip(each, questions).allSatisfy { $0.count == method.reader.tokens(of: $1.answer).count + 1 })
    let all = each.flatMap { $0 }
    #expect(abs(Double(loss) + all.reduce(0, +) / Double(all.count)) < 1e-4)
  }

  /// Sentences that people called false say nothing of what a picture shows, so that a projector has nothing to learn of them.
  @Test func aBatchWithoutAnswersIsRefused() throws {
    let tokeniser = SubwordTokeniser(texts: ["a b", "c d"], minimumCount: 1)
    func split(_ name: String) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "picture", kind: .image(height: 8, width: 8, channels: 3)),
            items: .numbers([Float](repeating: 0.5, count: 2 * 192)), rows: [0, 1]),
          ModalityColumn(
            modality: Modality(name: "caption", kind: .tokens(length: 6, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(["a b", "c d"].flatMap { tokeniser.encode($0, length: 6) }), rows: [0, 1]),
        ], labels: [MultimodalDataset.statementLabelling: [0, 0]], texts: ["caption": ["a b", "c d"]])
    }
    let data = try AlignedData(
      MultimodalDataset(
        name: "false", train: split("train"), validation: split("validation"), test: split("test"),
        classNames: [MultimodalDataset.statementLabelling: MultimodalDataset.statementClasses], checksum: "false",
        tokenisers: ["caption": tokeniser]), options: DataOptions())
    var model = EncoderOptions()
    (model.imageDimensions, model.imageLayers, model.imageHeads) = (8, 1, 2)
    var stream = RandomStream(seed: 2, name: "init")
    var parts = MethodParts(
      encoders: EncoderSet(data.modalities, options: model, stream: &stream), data: data, seed: 2, steps: 4,
      stream: stream)
    let method = Self.options { ($0.languageShare, $0.alignmentShare) = (0, 0.5) }.make(&parts)
    func step(_ number: Int) throws {
      let batch = TrainingBatch(
        rows: [0, 1], step: number, streams: RandomStreams(seed: 1), data: data, inputs: InputMaker(data))
      _ = try method.step(batch, in: Self.pass())
    }
    let error = #expect(throws: UserError.self) { try step(0) }
    #expect(error?.description.contains("no observation of a batch has an answer to learn") == true)
    // Whether they are true is asked afterwards.
    try step(2)
  }

  private static func trained(_ change: (inout VisualPrefixOptions) -> Void = { _ in }) throws -> SmallPairs {
    let pairs = try SmallPairs(Self.options { change(&$0) })
    let all = All(encoders: try #require(pairs.method.encoders), method: pairs.method)
    let optimiser = Optimiser(.adam(), for: all)
    let streams = RandomStreams(seed: 1)
    for step in 0..<250 {
      _ = try Self.step(pairs, step, streams: streams)
      optimiser.update(learningRate: 0.01)
    }
    return pairs
  }

  @Test func answersAreLearntAndComeFromThePicture() throws {
    let pairs = try Self.trained()
    let method = try #require(pairs.method as? any AnsweringMethod)
    let pictures = try pairs.input(of: SmallPairs.picture)
    var options = DecodingOptions()
    (options.strategy, options.minimumLength) = (.greedy, 1)
    func answers(_ questions: [String], _ pictures: ModalityInput?) -> [String] {
      var stream = options.stream
      return method.answers(to: questions, about: pictures, options: options, using: &stream)
        .map { method.reader.text(of: $0.tokens) }
    }
    let asked = ["What is it?", "What is its kind?", "Is this a?"]
    let truths = [["a b c", "d e f g"], ["a", "b"], ["yes", "no"]]
    for (question, truth) in zip(asked, truths) {
      let both = [question, question]
      #expect(answers(both, pictures) == truth, "\(question)")
      // The answers are those of the pictures that are shown, and without one both are the same.
      #expect(answers(both, pictures.gathering([1, 0])) == truth.reversed())
      #expect(Set(answers(both, nil)).count == 1)
    }
    // A batch of questions of several lengths gives what each gives alone, in every way of writing but drawing.
    let questions = [asked[0], asked[2], asked[1], asked[2], asked[0]]
    let five = pictures.gathering([0, 1, 1, 0, 1])
    for strategy in [DecodingOptions.Strategy.greedy, .beam] {
      options.strategy = strategy
      var stream = options.stream
      let together = method.answers(to: questions, about: five, options: options, using: &stream)
      let apart = questions.indices.flatMap { row in
        method.answers(
          to: [questions[row]], about: five.gathering([Int32(row)]), options: options, using: &stream)
      }
      #expect(together.map(\.tokens) == apart.map(\.tokens), "\(strategy)")
      #expect(zip(together, apart).allSatisfy { abs($0.score - $1.score) < 1e-4 })
    }
    // Written token by token an answer has the likelihood that all positions at once give it, but for what may not be written.
    options.strategy = .greedy
    var stream = options.stream
    let written = method.answers(to: questions, about: five, options: options, using: &stream)
    let said = method.answerLogLikelihoods(
      of: written.map { method.reader.text(of: $0.tokens) }, to: questions, about: five)
    for (text, own) in zip(written, said) { #expect(abs(text.score - own.reduce(0, +)) < 0.02 && text.isFinished) }
  }

  @Test func picturesAreRepresentedByTheirParts() throws {
    let pairs = try SmallPairs(Self.options())
    let picture = MemberInput(SmallPairs.picture, try pairs.input(of: SmallPairs.picture))
    #expect(pairs.method.representation(of: [picture])?.shape == [2, 8])
    #expect(
      pairs.method.representation(of: [MemberInput(SmallPairs.caption, try pairs.input(of: SmallPairs.caption))]) == nil
    )
    #expect(
      pairs.method.notes[0].contains("8 positions") && pairs.method.notes[0].contains("kind, yes or no (templated)"))
    // Nothing is frozen here.
    #expect(pairs.method.warnings.count == 1)
    let single = try SmallPairs(Self.options()) { ($0.imageEncoder, $0.stridedWidths) = (.strided, [4, 4]) }
    #expect(single.method.warnings.count == 2)
  }

  @Test func whatIsMissingOrMakesNoSenseIsNamed() throws {
    let pairs = try SmallPairs(Self.options())
    let unmet = Self.options { $0.captions = "caption-xx" }.needs(of: pairs.data).filter { !$0.isMet }
    #expect(unmet.map(\.key) == ["method.prefix.captions"])
    func refused(_ change: (inout VisualPrefixOptions) -> Void) -> [String] {
      Self.options(change).requirements.filter { !$0.holds }.map(\.key)
    }
    #expect(refused { $0.decoder.heads = 5 } == ["decoder.heads"])
    #expect(refused { $0.decoder.heads = 0 } == ["decoder.heads"])
    #expect(refused { ($0.languageShare, $0.alignmentShare) = (0.5, 0.5) } == ["alignmentShare"])
    #expect(refused { $0.blankShare = 1 } == ["blankShare"] && refused { _ in }.isEmpty)
    let remarks = Self.options().remarks(on: TrainingLength(epochs: 1, stepsPerEpoch: 2, batchSize: 4))
    #expect(remarks.count == 1 && remarks[0].contains("method.prefix.languageShare"))
    #expect(Self.options().remarks(on: TrainingLength(epochs: 1, stepsPerEpoch: 20, batchSize: 4)).isEmpty)
    #expect(Self.options().contrasted(in: pairs.data).map { [$0.first, $0.second] } == [[0, 1]])
  }
}
