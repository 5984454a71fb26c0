import Autograd
import Foundation

/// Keeps the likeliest texts of each row beside each other until no other can become better.
///
///     each step: of all live texts and tokens the k likeliest;  those that end leave with their score
///     at the greatest length: the live texts leave as they are;  in the end: the best by score / length^γ
///
/// The greedy text is a candidate as well, which pruning may have lost, so that no beam is worse than it.
struct BeamSearch {
  /// A text that is being written.
  private struct Beam {
    let tokens: [Int32]
    let score: Double
  }

  /// A token behind a beam.
  private struct Step {
    let score: Double
    let token: Int
    let beam: Int
  }

  private let options: DecodingOptions
  private let end: Int32
  private var live: [[Beam]]
  private var ended: [[WrittenText]]

  /// Begins with the greedy text of each row.
  init(_ greedy: [WrittenText], options: DecodingOptions, end: Int32) {
    (self.options, self.end) = (options, end)
    live = greedy.map { _ in [Beam(tokens: [], score: 0)] }
    ended = greedy.map { [$0] }
  }

  /// A score divided by a power of its length.
  static func normalised(_ score: Double, length: Int, penalty: Double) -> Double {
    penalty == 0 ? score : score / pow(Double(max(length, 1)), penalty)
  }

  /// The best text of each row.
  mutating func run<Model: NextTokenModel>(
    by model: Model, _ choice: NextTokens, _ writer: TextWriter, from state: Model.State
  ) -> [WrittenText] {
    var state = state
    var logits = writer.open(&state, rows: live.count, by: model)
    while true {
      let beams = live.flatMap { $0 }
      let found = choice.logProbabilities(logits, behind: beams.map(\.tokens))
      var (parents, next): ([Int], [Int32]) = ([], [])
      var first = 0
      for row in live.indices where !live[row].isEmpty {
        let count = live[row].count
        let values = found[first * choice.vocabulary..<(first + count) * choice.vocabulary]
        for step in advance(row, values, vocabulary: choice.vocabulary) {
          parents.append(first + step.beam)
          next.append(Int32(step.token))
        }
        first += count
      }
      guard !next.isEmpty else { break }
      state = model.selecting(parents, of: state)
      logits = model.advance(&state, by: next)
    }
    return ended.map { best(of: $0) }
  }

  /// Goes on with a row's beams.
  ///
  /// - Returns: the steps of those that are live then, in order.
  private mutating func advance(_ row: Int, _ values: ArraySlice<Float>, vocabulary: Int) -> [Step] {
    let beams = live[row]
    let steps = candidates(beams, values, vocabulary: vocabulary)
    var kept: [Step] = []
    for (rank, step) in steps.enumerated() where kept.count < options.beams {
      if step.token != Int(end) {
        kept.append(step)
      } else if rank < options.beams {
        ended[row].append(WrittenText(tokens: beams[step.beam].tokens, score: step.score, isFinished: true))
      }
    }
    if steps.isEmpty {
      // Nothing may follow any of them.
      ended[row] += beams.map { WrittenText(tokens: $0.tokens, score: $0.score, isFinished: false) }
    }
    let grown = kept.map { Beam(tokens: beams[$0.beam].tokens + [Int32($0.token)], score: $0.score) }
    guard let first = grown.first, first.tokens.count < options.maximumLength else {
      ended[row] += grown.map { WrittenText(tokens: $0.tokens, score: $0.score, isFinished: false) }
      live[row] = []
      return []
    }
    // Log probabilities are not positive: no text can become better than the best live one is at the greatest length.
    let bound = Self.normalised(first.score, length: options.maximumLength, penalty: options.lengthPenalty)
    if best(of: ended[row]).score(lengthPenalty: options.lengthPenalty) >= bound {
      live[row] = []
      return []
    }
    live[row] = grown
    return kept
  }

  /// The likeliest tokens behind all beams, twice as many as beams, so that as many go on whichever end.
  private func candidates(_ beams: [Beam], _ values: ArraySlice<Float>, vocabulary: Int) -> [Step] {
    let most = 2 * options.beams
    func isBefore(_ a: Step, _ b: Step) -> Bool {
      a.score != b.score ? a.score > b.score : a.token != b.token ? a.token < b.token : a.beam < b.beam
    }
    var steps: [Step] = []
    for (beam, known) in beams.enumerated() {
      let start = values.startIndex + beam * vocabulary
      for token in 0..<vocabulary {
        let value = values[start + token]
        guard value > -.infinity else { continue }
        let step = Step(score: known.score + Double(value), token: token, beam: beam)
        if steps.count == most, !isBefore(step, steps[most - 1]) { continue }
        steps.insert(step, at: steps.firstIndex { isBefore(step, $0) } ?? steps.count)
        if steps.count > most { steps.removeLast() }
      }
    }
    return steps
  }

  /// The best of some texts; of equal ones that of the lower tokens.
  private func best(of texts: [WrittenText]) -> WrittenText {
    var best = texts[0]
    for text in texts.dropFirst() {
      let (own, other) = (
        text.score(lengthPenalty: options.lengthPenalty), best.score(lengthPenalty: options.lengthPenalty)
      )
      if own > other || own == other && text.tokens.lexicographicallyPrecedes(best.tokens) { best = text }
    }
    return best
  }
}
