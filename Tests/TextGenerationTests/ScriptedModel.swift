import Autograd
import Foundation
import Kernels
import TextGeneration

/// A model whose probabilities are said for each beginning of a text.
struct ScriptedModel: NextTokenModel, Sendable {
  static let (padding, begin, end, a, b, c): (Int32, Int32, Int32, Int32, Int32, Int32) = (0, 1, 2, 3, 4, 5)
  static let writer = TextWriter(begin: begin, end: end, banned: [padding])

  var vocabularySize = 6
  /// What is added to all logits, which changes no probability.
  var shift: Float = 0
  /// The probability of each token behind the tokens so far, the begin token among them.
  let probabilities: @Sendable ([Int32]) -> [Int32: Float]

  func advance(_ state: inout [[Int32]], by tokens: [Int32]) -> Tensor {
    precondition(tokens.count == state.count, "\(tokens.count) tokens")
    for row in state.indices { state[row].append(tokens[row]) }
    let logits = state.flatMap { text in
      let known = probabilities(text)
      return (0..<Int32(vocabularySize)).map { log(known[$0] ?? 0) + shift }
    }
    return Tensor(logits, shape: [state.count, vocabularySize])
  }

  func selecting(_ rows: [Int], of state: [[Int32]]) -> [[Int32]] { rows.map { state[$0] } }

  /// Probabilities that are drawn anew for each beginning.
  static func random(_ seed: UInt64) -> ScriptedModel {
    ScriptedModel { text in
      var stream = RandomStream(seed: seed, name: text.map(String.init).joined(separator: " "))
      let weights = [end, a, b, c].map { ($0, stream.uniform() + 0.01) }
      let total = weights.reduce(0) { $0 + $1.1 }
      return Dictionary(uniqueKeysWithValues: weights.map { ($0, $1 / total) })
    }
  }

  /// Texts of some rows that the model knows nothing of yet.
  func write(_ rows: Int = 1, by writer: TextWriter = writer, _ change: (inout DecodingOptions) -> Void)
    -> [WrittenText]
  {
    var options = DecodingOptions()
    change(&options)
    var stream = options.stream
    return writer.write(
      rows: rows, from: [[Int32]](repeating: [], count: rows), by: self, options: options, using: &stream)
  }

  /// The best of all texts there are, by going through them.
  func best(maximumLength: Int, lengthPenalty: Double) -> WrittenText {
    var found: [WrittenText] = []
    func go(_ text: [Int32], _ score: Double) {
      if text.count == maximumLength {
        found.append(WrittenText(tokens: text, score: score, isFinished: false))
        return
      }
      var known = probabilities([Self.begin] + text)
      // The fewest tokens are one.
      if text.isEmpty {
        let rest = 1 - (known[Self.end] ?? 0)
        known = known.filter { $0.key != Self.end }.mapValues { $0 / rest }
      }
      for (token, probability) in known where probability > 0 {
        let sum = score + Double(log(probability))
        if token == Self.end {
          found.append(WrittenText(tokens: text, score: sum, isFinished: true))
        } else {
          go(text + [token], sum)
        }
      }
    }
    go([], 0)
    return found.max { $0.score(lengthPenalty: lengthPenalty) < $1.score(lengthPenalty: lengthPenalty) }
      ?? WrittenText(tokens: [], score: 0, isFinished: false)
  }
}
