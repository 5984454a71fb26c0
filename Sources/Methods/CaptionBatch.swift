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
    guard case .tokens(let all, let whole) = input else { preconditionFailure("BLIP: texts that are no tokens") }
    let last = all.indices.filter { all[$0] != 0 }.map { $0 % whole }.max() ?? 0
    self.init(
      tokens: last + 1 == whole
        ? all : stride(from: 0, to: all.count, by: whole).flatMap { all[$0...$0 + last] }, length: last + 1)
  }

  private init(tokens: [Int32], length: Int) {
    (self.tokens, self.length) = (tokens, length)
    isReal = tokens.map { $0 != 0 }
  }

  /// Some of the texts, in a given order.
  func gathering(_ rows: [Int32]) -> CaptionBatch {
    CaptionBatch(tokens: rows.flatMap { tokens[Int($0) * length..<(Int($0) + 1) * length] }, length: length)
  }
}
