import Datasets
import Evaluation

extension FrozenModel {
  /// What is right for which query: the one rule for everything that ranks.
  ///
  /// Observations that have all modalities of both take part. Their items are those of the modalities, equal ones once, see
  /// ``Relevance``; an item of several modalities is equal to another where all of them are.
  ///
  /// - Parameters:
  ///   - queries: the modalities that queries are made of.
  ///   - candidates: those of candidates.
  ///   - side: the side; nil for the reported one.
  ///   - classes: the class of each observation where whatever is of the same class is right, below 0 for none.
  ///   - members: the observations that take part; nil for all that have the modalities.
  public func relevance(
    of candidates: [Int], for queries: [Int], on side: AlignedData.Side? = nil, classes: [Int32]? = nil,
    among members: [Int]? = nil
  ) -> Relevance {
    let side = side ?? self.side
    let presence = data.presence(side)
    let rows = members ?? (presence.isWhole ? nil : presence.observations(having: Set(queries + candidates)))
    let (own, others) = (itemNumbers(of: queries, on: side), itemNumbers(of: candidates, on: side))
    guard let classes else { return Relevance(queries: own, candidates: others, among: rows) }
    return Relevance(queries: own, candidates: others, classes: classes.map { Int($0) }, among: rows)
  }

  private func itemNumbers(of members: [Int], on side: AlignedData.Side) -> [Int] {
    let numbers = members.map { itemNumbers(of: $0, on: side) }
    guard numbers.count != 1 else { return numbers[0] }
    var known: [[Int]: Int] = [:]
    return (0..<data.count(side)).map { row in
      let item = numbers.map { $0[row] }
      let number = known[item] ?? known.count
      known[item] = number
      return number
    }
  }
}
