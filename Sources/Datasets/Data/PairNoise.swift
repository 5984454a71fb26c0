import Kernels

/// Wrong pairs for a share of the observations, to see what a method makes of them (as with ALIGN's alt texts, Jia et al.,
/// 2021).
///
/// Of N observations k exchange what they are paired with among each other, so that each of these gets that of another
/// observation: k is the whole number nearest to p · N, but 2 instead of 1, and 0 where p · N is less than 1. Captions of
/// equal words are not told apart.
public struct PairNoise: Sendable {
  /// p, the share of observations that are paired wrongly.
  public let share: Double

  /// Creates noise of a share in 0…1.
  public init(share: Double) {
    precondition((0...1).contains(share), "PairNoise: a share of \(share) is outside 0...1")
    self.share = share
  }

  /// The number of wrong pairs among some observations.
  public func wrongCount(of count: Int) -> Int {
    let wanted = share * Double(count)
    return count < 2 || wanted < 1 ? 0 : max(2, Int(wanted.rounded()))
  }

  /// For each of `count` observations the one whose items it gets.
  ///
  /// Which get a wrong one is drawn first; these are then joined to one random cycle (Sattolo's shuffle).
  public func sources(count: Int, using stream: inout RandomStream) -> [Int] {
    precondition(count >= 0, "PairNoise.sources: \(count) observations")
    var sources = Array(0..<count)
    let wrong = wrongCount(of: count)
    guard wrong > 0 else { return sources }
    let chosen = stream.permutation(of: count).prefix(wrong)
    var givers = Array(chosen)
    for i in stride(from: wrong - 1, to: 0, by: -1) { givers.swapAt(i, stream.below(i)) }
    for (receiver, giver) in zip(chosen, givers) { sources[receiver] = giver }
    return sources
  }
}
