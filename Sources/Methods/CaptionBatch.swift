import Encoders

/// Texts as a transformer takes them, without the padding that all of them have.
struct CaptionBatch {
  /// The numbers, text by text.
  let tokens: [Int32]
  /// For each whether it is a token.
  let isReal: [Bool]
  /// The tokens of the longest text.
  let length: Int
  /// How many texts there are.
  var count: Int { tokens.count / length }

  /// Takes a batch of captions.
  init(_ input: ModalityInput) {
    guard case .tokens(let all, let whole) = input else { preconditionFailure("CaptionBatch: no tokens") }
    let last = all.indices.filter { all[$0] != 0 }.map { $0 % whole }.max() ?? 0
    self.init(
      tokens: last + 1 == whole
        ? all : stride(from: 0, to: all.count, by: whole).flatMap { all[$0...$0 + last] }, length: last + 1)
  }

  private init(tokens: [Int32], length: Int) {
    (self.tokens, self.length) = (tokens, length)
    isReal = tokens.map { $0 != 0 }
  }

  /// For each token the one that follows it in its text; nil where there is none.
  var followers: [Int32?] {
    tokens.indices.map { place in
      (place + 1) % length > 0 && isReal[place + 1] ? tokens[place + 1] : nil
    }
  }

  /// Neighbouring texts, as long.
  func rows(_ rows: Range<Int>) -> CaptionBatch {
    CaptionBatch(tokens: Array(tokens[rows.lowerBound * length..<rows.upperBound * length]), length: length)
  }

  /// Some of the texts, in a given order.
  func gathering(_ rows: [Int32]) -> CaptionBatch {
    CaptionBatch(tokens: rows.flatMap { tokens[Int($0) * length..<(Int($0) + 1) * length] }, length: length)
  }
}
