import Autograd
import Encoders
import Foundation
import Layers
import Objectives

/// Matching as a score of pairs.
extension BLIP: PairScoringMethod {
  /// With matching alone.
  public var scoresPairs: Bool { options.weights.matching > 0 }

  /// The logit of a match, which BLIP's retrieval adds to the cosine.
  public func pairScores(pictures input: ModalityInput, texts: ModalityInput) -> [Float] {
    matchLogits(pictures: input, texts: CaptionBatch(texts), rows: nil).map { $0.match }
  }

  /// The share of a match after the softmax over both classes.
  public func matchProbabilities(pictures input: ModalityInput, texts: ModalityInput) -> [Float]? {
    matchLogits(pictures: input, texts: CaptionBatch(texts), rows: nil).map { 1 / (1 + exp($0.other - $0.match)) }
  }

  /// Each picture is encoded once.
  public func pairScores(
    pictures input: ModalityInput, texts: ModalityInput, pairs: [(picture: Int32, text: Int32)]
  ) -> [Float] {
    matchLogits(pictures: input, texts: CaptionBatch(texts).gathering(pairs.map(\.text)), rows: pairs.map(\.picture))
      .map { $0.match }
  }

  private func matchLogits(
    pictures input: ModalityInput, texts: CaptionBatch, rows: [Int32]?
  ) -> [(match: Float, other: Float)] {
    let states = pictures(input, by: network, in: .evaluation).states
    let logits = matchLogits(texts, states: states, rows: rows, in: .evaluation).values
    let match = Int(BLIPMatching.match)
    return stride(from: 0, to: logits.count, by: 2).map { (logits[$0 + match], logits[$0 + 1 - match]) }
  }
}
