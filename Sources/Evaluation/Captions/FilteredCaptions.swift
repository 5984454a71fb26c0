/// What a filter does with captions of which it is known which are wrong.
public struct FilteredCaptions: Equatable, Sendable {
  /// Whether each is kept.
  public let isKept: [Bool]
  /// Whether each is wrong.
  public let isWrong: [Bool]
  private let probabilities: [Float]

  /// Keeps captions from a probability of a match on.
  public init(_ probabilities: [Float], isWrong: [Bool], threshold: Double) {
    precondition(
      probabilities.count == isWrong.count,
      "FilteredCaptions: \(probabilities.count) probabilities of \(isWrong.count) captions")
    (self.probabilities, self.isWrong) = (probabilities, isWrong)
    isKept = probabilities.map { Double($0) >= threshold }
  }

  /// The share of wrong captions, which is the precision of a filter that drops at random; 0 without captions.
  public var prior: Double { share(isWrong.count { $0 }, of: isWrong.count) }

  /// The share of captions that are kept; 0 without captions.
  public var kept: Double { share(isKept.count { $0 }, of: isKept.count) }

  /// The share of wrong captions among the dropped ones; 0 where none is dropped.
  public var precision: Double { share(droppedWrong, of: isKept.count { !$0 }) }

  /// The share of dropped captions among the wrong ones; 0 where none is wrong.
  public var recall: Double { share(droppedWrong, of: isWrong.count { $0 }) }

  /// The wrong captions that are kept.
  public var keptWrong: Int { zip(isKept, isWrong).count { $0 && $1 } }

  /// How often a wrong caption has a lower probability than a right one, equal ones counted half: the area under the curve of
  /// the receiver's operating characteristic, ½ for a filter that knows nothing; nil where all are right or all are wrong.
  public var area: Double? {
    let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
    let (wrong, right) = (isWrong.count { $0 }, isWrong.count { !$0 })
    guard wrong > 0, right > 0 else { return nil }
    // Halves of pairs that are in the right order.
    var (halves, wrongBefore, start) = (0, 0, 0)
    while start < order.count {
      var end = start
      while end < order.count, probabilities[order[end]] == probabilities[order[start]] { end += 1 }
      let equal = order[start..<end].count { isWrong[$0] }
      halves += (end - start - equal) * (2 * wrongBefore + equal)
      wrongBefore += equal
      start = end
    }
    return Double(halves) / Double(2 * wrong * right)
  }

  private var droppedWrong: Int { zip(isKept, isWrong).count { !$0 && $1 } }

  private func share(_ count: Int, of all: Int) -> Double { all > 0 ? Double(count) / Double(all) : 0 }
}
