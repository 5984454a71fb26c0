import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Objectives
import Options
import TextGeneration

/// A visual prefix on pictures, captions and what can be asked about them (``QuestionSet``).
///
///     x = [P(parts of the picture); begin, question, mark, answer, end],   causal over all
///     L = mean of −ln p(token | tokens before, picture) over the answers' tokens and ends
///
/// P is the projector. A training has three stages (``VisualPrefixStages``): the decoder learns questions with answers and captions as
/// texts, where one learnt vector stands for every part of a picture; the projector learns captions while the decoder stays; both learn
/// answers. The stage is a function of the step alone, so that a training goes on as if it had not stopped.
///
/// *Deviation*: the published decoder is a pretrained language model; here it learns the language in the first stage.
/// *Deviation*: the parts are those behind the encoder's last block, where the published ones are before it.
/// *Deviation*: a share of questions is asked without the picture.
struct VisualPrefix: AnsweringMethod {
  private static let stream = "questions"

  let encoders: EncoderSet?
  let askedModality: Int
  let answeredModality: Int
  let reader: QuestionReader
  let longestQuestion: Int
  let decoder: CausalTransformer
  private let longestAnswer: Int
  private let options: VisualPrefixOptions
  private let questions: QuestionSet
  private let source: EncoderSet
  private let projector: MLP
  private let blank: Parameter
  private let prefixLength: Int
  private let stages: VisualPrefixStages
  private let current = CurrentTexts()

  /// The texts of the step at hand, of the whole batch, and which of them have no picture.
  private final class CurrentTexts {
    var texts = TextPieces([])
    var isBlank: [Bool] = []
  }

  init(_ options: VisualPrefixOptions, _ parts: inout MethodParts) {
    guard let image = parts.data.image, let place = options.place(in: parts.data),
      let caption = parts.data.vocabulary.caption(named: parts.data.modalities[place].name)
    else { preconditionFailure("VisualPrefix: no pictures with captions") }
    (self.options, askedModality, answeredModality) = (options, image, place)
    source = parts.encoders.encoding(only: [image])
    encoders = source
    questions = QuestionSet(parts.data, caption: place)
    let reader = QuestionReader(questions, vocabulary: parts.data.vocabulary, caption: caption)
    self.reader = reader
    stages = VisualPrefixStages(options, steps: parts.steps)
    func longest(_ texts: [String]) -> Int { texts.map { reader.tokens(of: $0).count }.max() ?? 0 }
    // A sentence stands in a question with the words around it.
    let sentence = caption.textLength + 8
    longestQuestion = max(options.questionLength, longest(questions.templated), sentence)
    longestAnswer = max(caption.textLength, longest(questions.answers))
    prefixLength = Self.partCount(of: parts.data.modalities[image], source, at: image)
    let width = options.decoder.dimensions
    let own = parts.encoders.widths[image]
    projector = MLP(
      widths: options.projector == .linear ? [own, width] : [own, width, width], activation: .gelu,
      stream: &parts.stream)
    blank = Parameter(Initialiser.normal([1, 1, width], deviation: 0.02, &parts.stream))
    var sizes = CausalTransformer.Options()
    (sizes.vocabulary, sizes.dimensions, sizes.layers) = (reader.vocabularyCount, width, options.decoder.layers)
    (sizes.heads, sizes.ratio, sizes.tiesOutput) = (
      options.decoder.heads, options.decoder.ratio, options.decoder.tiesOutput
    )
    sizes.dropout = Float(options.decoder.dropout)
    sizes.length = prefixLength + longestQuestion + longestAnswer + 2
    decoder = CausalTransformer(sizes, stream: &parts.stream)
  }

  /// How many parts the encoder makes of a picture.
  private static func partCount(of modality: Modality, _ source: EncoderSet, at place: Int) -> Int {
    let blank = [Float](repeating: 0, count: modality.kind.elementCount)
    return Tape.withoutRecording {
      source.encoding(of: place, ModalityInput(.numbers(blank), kind: modality.kind), in: .evaluation).parts.shape[1]
    }
  }

  var parts: [ModulePart] {
    [.module("projector", projector), .parameter("blank", blank), .module("decoder", decoder)]
  }

  var notes: [String] {
    [
      "A picture is a prefix of \(prefixLength) positions; asked are "
        + questions.kinds.map { $0.isTemplated ? "\($0.name) (templated)" : $0.name }.joined(separator: ", ") + ".",
      "Before step \(stages.languageEnd) the decoder learns texts without pictures, before step \(stages.alignmentEnd) the "
        + "projector captions, then both learn answers, a share of \(options.blankShare) without the picture.",
    ]
  }

  var warnings: [String] {
    let learns = source.parameters.contains { $0.parameter.isTrainable }
    return (learns ? ["The encoder of pictures is trained along; init.freeze=image keeps it as it is."] : [])
      + (prefixLength == 1 ? ["An encoder that sees pictures as a whole gives a prefix of one position."] : [])
  }

  // MARK: - Training

  /// Decides what is trained, and draws what is asked.
  func beginStep(_ batch: TrainingBatch) throws {
    let stage = stages[batch.step]
    for (_, parameter) in projector.parameters { parameter.isTrainable = stage != .language }
    for (_, parameter) in decoder.parameters { parameter.isTrainable = stage != .alignment }
    blank.isTrainable = stage != .alignment
    (current.texts, current.isBlank) = drawn(batch)
    guard current.texts.hasTargets else {
      throw UserError(
        .data, "no observation of a batch has an answer to learn", at: "training.batchSize",
        mend: "make batches larger, or leave out observations without captions and classes")
    }
  }

  /// The texts of a batch, and which of them have no picture.
  private func drawn(_ batch: TrainingBatch) -> (texts: TextPieces, isBlank: [Bool]) {
    var stream = batch.streams[Self.stream]
    defer { batch.streams[Self.stream] = stream }
    var (texts, isBlank): ([[TextPieces.Piece]], [Bool]) = ([], [])
    for row in batch.rows {
      switch stages[batch.step] {
      case .language:
        // As often a caption as a question of any kind.
        let asks = stream.below(questions.kinds.count + 1) > 0
        let question = asks ? questions.drawn(about: row, in: .train, using: &stream) : nil
        if let question {
          texts.append([
            .given([SubwordTokeniser.begin]), .told(tokens(ofQuestion: question.text) + [reader.answerMark]),
            .told(answer(question.answer)),
          ])
        } else {
          texts.append(described(row))
        }
        isBlank.append(true)
      case .alignment:
        texts.append(described(row))
        isBlank.append(false)
      case .questions:
        isBlank.append(Double(stream.uniform()) < options.blankShare)
        let question = questions.drawn(about: row, in: .train, using: &stream)
        texts.append(question.map { asked($0.text) + [.told(answer($0.answer))] } ?? asked(""))
      }
    }
    return (TextPieces(texts), isBlank)
  }

  /// The caption behind no question; nothing is told where there is none.
  private func described(_ row: Int) -> [TextPieces.Piece] {
    asked("") + (questions.name(of: row, in: .train).map { [.told(answer($0))] } ?? [])
  }

  private func asked(_ question: String) -> [TextPieces.Piece] {
    [.given([SubwordTokeniser.begin] + tokens(ofQuestion: question) + [reader.answerMark])]
  }

  private func tokens(ofQuestion question: String) -> [Int32] {
    Array(reader.tokens(of: question).prefix(longestQuestion))
  }

  private func answer(_ text: String) -> [Int32] {
    Array(reader.tokens(of: text).prefix(longestAnswer)) + [SubwordTokeniser.end]
  }

  /// The states behind the texts' tokens, at the captions' place.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let inputs = try batch.inputs()
    // Whether pictures are looked at is decided for the whole batch, so that all its chunks draw alike.
    let prefix = prefix(
      current.isBlank.contains(false) ? inputs[askedModality] : nil, isBlank: batch.own(current.isBlank), in: pass)
    var representations = [Tensor?](repeating: nil, count: inputs.count)
    representations[answeredModality] = states(behind: current.texts.rows(batch.range), prefix: prefix, in: pass)
    return representations
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    guard let states = representations[answeredModality] else { preconditionFailure("VisualPrefix: a loss of nothing") }
    let labels = current.texts.labels
    let loss = TokenCrossEntropy.loss(
      of: states.reshaped(to: [labels.count, states.shape[2]]), weight: decoder.outputWeight, labels: labels)
    return LossTerms(summing: [("words", loss)])
  }

  /// The states behind the tokens of texts, `[texts, length, d]`.
  private func states(behind texts: TextPieces, prefix: Tensor, in pass: ForwardPass) -> Tensor {
    decoder(prefix: prefix, texts.words, batch: prefix.shape[0], in: pass)
      .slice(axis: 1, prefixLength..<(prefixLength + texts.length))
  }

  /// What stands before the texts, `[rows, parts, d]`: pictures as the projector gives them, or the same vector for every part.
  private func prefix(_ pictures: ModalityInput?, isBlank: [Bool], in pass: ForwardPass) -> Tensor {
    let rows = isBlank.count
    let empty = Tensor(repeating: 0, shape: [rows, prefixLength, options.decoder.dimensions]) + blank.tensor
    guard let pictures else { return empty }
    let seen = projector(source.encoding(of: askedModality, pictures, in: pass).parts, in: pass)
    guard isBlank.contains(true) else { return seen }
    let isSeen = Tensor(isBlank.map { $0 ? 0 : 1 }, shape: [rows, 1, 1])
    return seen * isSeen + empty * (1 - isSeen)
  }

  // MARK: - Use

  func answers(
    to questions: [String], about pictures: ModalityInput?, options: DecodingOptions, using stream: inout RandomStream
  ) -> [WrittenText] {
    var options = options
    options.maximumLength = min(options.maximumLength, longestAnswer)
    options.minimumLength = min(options.minimumLength, options.maximumLength)
    let tokens = questions.map { [SubwordTokeniser.begin] + self.tokens(ofQuestion: $0) }
    let writer = TextWriter(begin: reader.answerMark, end: SubwordTokeniser.end, banned: reader.foreignTokens)
    var found = [[WrittenText]](repeating: [], count: questions.count)
    Tape.withoutRecording {
      let prefix = self.prefix(
        pictures, isBlank: [Bool](repeating: pictures == nil, count: questions.count), in: .evaluation)
      // Questions of one length together, so that nothing is padded and every position is what it was in training.
      for (_, rows) in Dictionary(grouping: tokens.indices, by: { tokens[$0].count }).sorted(by: { $0.key < $1.key }) {
        let state = decoder.state(
          prefix: prefix.reshaped(to: [questions.count, prefix.count / questions.count]).gatheringRows(
            rows.map(Int32.init)
          ).reshaped(to: [rows.count, prefixLength, self.options.decoder.dimensions]),
          tokens: rows.flatMap { tokens[$0] }, rows: rows.count)
        let texts = writer.write(rows: rows.count, from: state, by: decoder, options: options, using: &stream)
        let each = options.textsPerRow
        for (place, row) in rows.enumerated() { found[row] = Array(texts[place * each..<(place + 1) * each]) }
      }
    }
    return found.flatMap { $0 }
  }

  func answerLogLikelihoods(
    of answers: [String], to questions: [String], about pictures: ModalityInput?
  ) -> [[Double]] {
    Tape.withoutRecording {
      let texts = TextPieces(zip(questions, answers).map { asked($0) + [.told(answer($1))] })
      let prefix = self.prefix(
        pictures, isBlank: [Bool](repeating: pictures == nil, count: questions.count), in: .evaluation)
      let states = states(behind: texts, prefix: prefix, in: .evaluation)
      let losses = decoder.logits(states.reshaped(to: [texts.words.count, states.shape[2]]))
        .crossEntropy(targets: texts.labels.map { $0 ?? 0 }).values
      return questions.indices.map { row in
        (row * texts.length..<(row + 1) * texts.length).compactMap { place in
          texts.labels[place].map { _ in -Double(losses[place]) }
        }
      }
    }
  }

  /// The mean of a picture's parts; captions have no representation.
  func representation(of members: [MemberInput]) -> Tensor? {
    guard members.count == 1, members[0].place == askedModality else { return nil }
    return source.encoding(of: askedModality, members[0].input, in: .evaluation).parts.mean(axis: 1)
  }

  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    guard place == askedModality else {
      throw UserError(
        .data, "answers are written, not encoded, so that they are not written as operators of ONNX", at: "method.name",
        mend: "export the pictures' encoder by --part image")
    }
    return source.described(place, input).parts.mean(axes: [1])
  }

  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    representation(of: [MemberInput(place, input)])
  }
}
