import Autograd
import Foundation
import Kernels

/// A text that a model has written.
public struct WrittenText: Equatable, Sendable {
  /// The tokens, without begin and end.
  public let tokens: [Int32]
  /// The sum of the log probabilities of the tokens, and of the end where it was written: as the model has them among the
  /// tokens that may come, with what repetition costs, before any temperature.
  public let score: Double
  /// Whether the end was written; else the text came to the greatest length, or nothing could follow it.
  public let isFinished: Bool

  /// Puts them together.
  public init(tokens: [Int32], score: Double, isFinished: Bool) {
    (self.tokens, self.score, self.isFinished) = (tokens, score, isFinished)
  }

  /// The score divided by a power of the number of log probabilities that it is the sum of.
  public func score(lengthPenalty: Double) -> Double {
    BeamSearch.normalised(score, length: tokens.count + (isFinished ? 1 : 0), penalty: lengthPenalty)
  }
}

/// Writes texts by a model, one for each row or more.
///
/// What is written of a row does not depend on the other rows, as long as the model's logits do not.
public struct TextWriter: Sendable {
  /// What every text begins with; it is not written.
  public let begin: Int32
  /// What ends a text.
  public let end: Int32
  /// What is never written, such as padding; the beginning is not written either.
  public let banned: Set<Int32>
  /// The tokens that each text begins with behind ``begin``; they are taken in, not written.
  public let prompt: [Int32]

  /// Says what frames texts.
  public init(begin: Int32, end: Int32, banned: Set<Int32> = [], prompt: [Int32] = []) {
    (self.begin, self.end, self.prompt) = (begin, end, prompt)
    self.banned = begin == end ? banned : banned.union([begin])
  }

  /// The numbers of a stream that lie between those of neighbouring texts; a text takes one for each token.
  private static let draws: UInt64 = 1 << 16

  /// Writes texts, ``DecodingOptions/textsPerRow`` of each row, one row behind the other.
  ///
  /// There is always a text: where no text has come to its end, the best one that has not is taken. Of equal probabilities
  /// that of the lower token comes first, so that runs repeat. Texts that are drawn take numbers of their own, so that a batch
  /// of n rows equals n batches of one that are written one after another.
  ///
  /// - Parameters:
  ///   - rows: how many rows the state has.
  ///   - state: what the model knows of each row before the begin token.
  ///   - stream: where `nucleus` draws; the other strategies leave it as it is.
  public func write<Model: NextTokenModel>(
    rows: Int, from state: Model.State, by model: Model, options: DecodingOptions, using stream: inout RandomStream
  ) -> [WrittenText] {
    precondition(
      rows >= 0 && ([begin, end] + prompt).allSatisfy { $0 >= 0 && Int($0) < model.vocabularySize },
      "TextWriter: \(rows) rows, tokens \(begin), \(end), \(prompt) of a vocabulary of \(model.vocabularySize)")
    guard rows > 0 else { return [] }
    let choice = NextTokens(
      end: end, banned: banned, vocabulary: model.vocabularySize, minimumLength: options.minimumLength,
      repetitionPenalty: Float(options.repetitionPenalty))
    return Tape.withoutRecording {
      switch options.strategy {
      case .greedy:
        return steps(rows: rows, from: state, by: model, choice, options) { NextTokens.likeliest($1) }
      case .nucleus:
        var streams = (0..<rows * options.samples).map { _ in
          defer { stream.position &+= Self.draws }
          return stream
        }
        let repeated = (0..<rows).flatMap { row in [Int](repeating: row, count: options.samples) }
        let start = options.samples == 1 ? state : model.selecting(repeated, of: state)
        return steps(rows: repeated.count, from: start, by: model, choice, options) {
          NextTokens.drawn(
            $1, share: options.topP, temperature: options.temperature, number: Double(streams[$0].uniform()))
        }
      case .beam:
        let greedy = steps(rows: rows, from: state, by: model, choice, options) { NextTokens.likeliest($1) }
        guard options.beams > 1 else { return greedy }
        var search = BeamSearch(greedy, options: options, end: end)
        return search.run(by: model, choice, self, from: state)
      }
    }
  }

  /// Takes in what every text begins with.
  func open<Model: NextTokenModel>(_ state: inout Model.State, rows: Int, by model: Model) -> Tensor {
    var logits = model.advance(&state, by: [Int32](repeating: begin, count: rows))
    for token in prompt { logits = model.advance(&state, by: [Int32](repeating: token, count: rows)) }
    precondition(
      logits.shape == [rows, model.vocabularySize],
      "TextWriter: logits of shape \(logits.shape) for \(rows) rows and \(model.vocabularySize) tokens")
    return logits
  }

  /// Writes one text of each row, whose tokens are chosen one by one.
  ///
  /// - Parameter choose: takes the row and the log probabilities of all tokens; nil where none may come.
  private func steps<Model: NextTokenModel>(
    rows: Int, from state: Model.State, by model: Model, _ choice: NextTokens, _ options: DecodingOptions,
    choose: (_ row: Int, _ logProbabilities: ArraySlice<Float>) -> Int?
  ) -> [WrittenText] {
    var texts = [[Int32]](repeating: [], count: rows)
    var scores = [Double](repeating: 0, count: rows)
    var finished = [Bool](repeating: false, count: rows)
    var live = Array(0..<rows)
    var state = state
    var logits = open(&state, rows: rows, by: model)
    while !live.isEmpty {
      let found = choice.logProbabilities(logits, behind: live.map { texts[$0] })
      var (kept, next): ([Int], [Int32]) = ([], [])
      for (place, row) in live.enumerated() {
        let own = found[place * choice.vocabulary..<(place + 1) * choice.vocabulary]
        guard let token = choose(row, own) else { continue }
        scores[row] += Double(own[own.startIndex + token])
        guard token != Int(end) else {
          finished[row] = true
          continue
        }
        texts[row].append(Int32(token))
        guard texts[row].count < options.maximumLength else { continue }
        kept.append(place)
        next.append(Int32(token))
      }
      guard !kept.isEmpty else { break }
      if kept.count < live.count { state = model.selecting(kept, of: state) }
      live = kept.map { live[$0] }
      logits = model.advance(&state, by: next)
    }
    return (0..<rows).map { WrittenText(tokens: texts[$0], score: scores[$0], isFinished: finished[$0]) }
  }
}

/// What may come next, and how likely.
struct NextTokens {
  let end: Int32
  let vocabulary: Int
  private let banned: [Int]
  private let minimumLength: Int
  private let repetitionPenalty: Float

  init(end: Int32, banned: Set<Int32>, vocabulary: Int, minimumLength: Int, repetitionPenalty: Float) {
    (self.end, self.vocabulary, self.minimumLength) = (end, vocabulary, minimumLength)
    self.repetitionPenalty = repetitionPenalty
    self.banned = banned.filter { $0 >= 0 && Int($0) < vocabulary && $0 != end }.map(Int.init).sorted()
  }

  /// The log probabilities of all tokens behind some texts, `[texts, vocabulary]`; −∞ of what may not come.
  func logProbabilities(_ logits: Tensor, behind texts: [[Int32]]) -> [Float] {
    var values = logits.values
    for (row, text) in texts.enumerated() {
      let start = row * vocabulary
      if repetitionPenalty != 1 {
        for token in Set(text) {
          let place = start + Int(token)
          values[place] = values[place] > 0 ? values[place] / repetitionPenalty : values[place] * repetitionPenalty
        }
      }
      for token in banned { values[start + token] = -.infinity }
      if text.count < minimumLength { values[start + Int(end)] = -.infinity }
    }
    return Tensor(values, shape: [texts.count, vocabulary]).logSoftmax().values
  }

  /// The likeliest token, the lowest of equal ones; nil where none may come.
  static func likeliest(_ logProbabilities: ArraySlice<Float>) -> Int? {
    var best: (token: Int, value: Float)?
    for (token, value) in logProbabilities.enumerated() where value > best?.value ?? -.infinity {
      best = (token, value)
    }
    return best?.token
  }

  /// The token of a number in 0..<1 among the likeliest that have a share of the probability together; nil where none may
  /// come.
  static func drawn(
    _ logProbabilities: ArraySlice<Float>, share: Double, temperature: Double, number: Double
  ) -> Int? {
    let known = logProbabilities.enumerated().filter { $0.element > -.infinity }
    guard let most = known.map(\.element).max() else { return nil }
    let weights = known.map { (token: $0.offset, weight: exp((Double($0.element) - Double(most)) / temperature)) }
      .sorted { ($0.weight, $1.token) > ($1.weight, $0.token) }
    let total = weights.reduce(0) { $0 + $1.weight }
    var (kept, sum) = (0, 0.0)
    while kept < weights.count, kept == 0 || sum < share * total {
      sum += weights[kept].weight
      kept += 1
    }
    var rest = number * sum
    for (token, weight) in weights.prefix(kept) {
      rest -= weight
      if rest < 0 { return token }
    }
    return weights[kept - 1].token
  }
}
