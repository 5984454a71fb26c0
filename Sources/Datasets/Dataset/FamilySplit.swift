import Kernels

/// Which observations are for training (0), validation (1) and test (2), where families of them stay together.
package enum FamilySplit {
  /// A family's place in the order in which families are assigned.
  package struct Stratum {
    /// The number of its group.
    package let group: Int
    /// The number of its subgroup.
    package let subgroup: Int

    /// Names a place.
    package init(group: Int, subgroup: Int) { (self.group, self.subgroup) = (group, subgroup) }
  }

  /// Assigns whole families to sides, evenly over groups, sizes and subgroups.
  ///
  /// A subgroup's last family is for training where no other is, so that every class can be learnt. With a fold its share
  /// is the test side, whatever is left to learn from: over all folds every observation is tested once. Validation is
  /// drawn from the rest, for each fold anew.
  ///
  /// - Parameters:
  ///   - families: for each observation, the number of its family.
  ///   - names: each family's name, which selects its random stream.
  ///   - strata: each family's stratum.
  ///   - fractions: the shares of validation and test of all families; a fold replaces that of test.
  ///   - dataset: the data set's name, which selects the random streams too.
  ///   - fold: the fold that is tested; nil where the test side is drawn by its share.
  package static func sides(
    families: [Int], names: [String], strata: [Stratum], fractions: (validation: Double, test: Double), seed: UInt64,
    dataset: String, fold: DataFold? = nil
  ) -> [Int] {
    var all = zip(names, strata).map { Family(name: $0, stratum: $1, size: 0) }
    for family in families { all[family].size += 1 }
    guard let fold else {
      let shares = [1 - fractions.validation - fractions.test, fractions.validation, fractions.test]
      let sides = shared(all, shares: shares, seed: seed, stream: "\(dataset)/split", learnsAll: true)
      return families.map { sides[$0] }
    }
    let folds = shared(
      all, shares: [Double](repeating: 1 / Double(fold.count), count: fold.count), seed: seed,
      stream: "\(dataset)/folds", learnsAll: false)
    let rest = all.indices.filter { folds[$0] != fold.index }
    let validation = min(0.5, fractions.validation * Double(fold.count) / Double(fold.count - 1))
    let drawn = shared(
      rest.map { all[$0] }, shares: [1 - validation, validation], seed: seed,
      stream: "\(dataset)/\(fold.text)", learnsAll: true)
    var sides = [Int](repeating: 2, count: all.count)
    for (family, side) in zip(rest, drawn) { sides[family] = side }
    return families.map { sides[$0] }
  }

  /// Observations that stay together.
  private struct Family {
    let name: String
    let stratum: Stratum
    var size: Int
  }

  /// Shares families out.
  ///
  /// They are visited by group, by the power of two in their size, the largest first, and by subgroup; ties in an order
  /// drawn from the family's own stream. A family joins a share drawn in proportion to how many families that share lags
  /// behind so far; so shares are kept closely in every stretch of the list, and the result depends on the seed and the
  /// names alone.
  ///
  /// - Parameter learnsAll: whether a subgroup's last family joins the first share where no other has.
  private static func shared(
    _ families: [Family], shares: [Double], seed: UInt64, stream: String, learnsAll: Bool
  ) -> [Int] {
    let draws = families.map { family in
      var stream = RandomStream(seed: seed, name: "\(stream)/\(family.name)")
      return (order: stream.next(), side: stream.uniform())
    }
    let scales = families.map { Int.bitWidth - $0.size.leadingZeroBitCount }
    let strata = families.map(\.stratum)
    let order = families.indices.sorted { first, second in
      (strata[first].group, -scales[first], strata[first].subgroup, draws[first].order, first)
        < (strata[second].group, -scales[second], strata[second].subgroup, draws[second].order, second)
    }
    var assigned = [Double](repeating: 0, count: shares.count)
    var sides = [Int](repeating: 0, count: families.count)
    var remaining = Dictionary(strata.map { ($0.subgroup, 1) }, uniquingKeysWith: +)
    var trained: Set<Int> = []
    for (position, family) in order.enumerated() {
      let lags = zip(shares, assigned).map { share, have in max(0, share * Double(position + 1) - have) }
      var left = Double(draws[family].side) * lags.reduce(0, +)
      var side = lags.lastIndex { $0 > 0 } ?? 0
      for (candidate, lag) in lags.enumerated() {
        if left < lag {
          side = candidate
          break
        }
        left -= lag
      }
      let subgroup = strata[family].subgroup
      remaining[subgroup, default: 1] -= 1
      if learnsAll, remaining[subgroup] == 0, !trained.contains(subgroup) { side = 0 }
      if side == 0 { trained.insert(subgroup) }
      sides[family] = side
      assigned[side] += 1
    }
    return sides
  }

  /// The number of each observation's family, where observations that share anything are one family, and the families'
  /// names, which are their first members'.
  ///
  /// - Parameters:
  ///   - names: each observation's name.
  ///   - shared: for each thing that may be shared, its number for each observation; nil where one has none.
  package static func families(names: [String], shared: [[Int?]]) -> (numbers: [Int], names: [String]) {
    var parents = Array(names.indices)
    func root(_ index: Int) -> Int {
      var index = index
      while parents[index] != index {
        parents[index] = parents[parents[index]]
        index = parents[index]
      }
      return index
    }
    for things in shared {
      var owners: [Int: Int] = [:]
      for (index, thing) in things.enumerated() {
        guard let thing else { continue }
        if let owner = owners[thing] {
          let (first, second) = (root(index), root(owner))
          parents[max(first, second)] = min(first, second)
        } else {
          owners[thing] = index
        }
      }
    }
    var numbers: [Int: Int] = [:]
    var familyNames: [String] = []
    let assigned = names.indices.map { index in
      let root = root(index)
      if let number = numbers[root] { return number }
      numbers[root] = familyNames.count
      familyNames.append(names[root])
      return familyNames.count - 1
    }
    return (assigned, familyNames)
  }

  /// Each value's number, equal values having the same.
  package static func numbers<Value: Hashable>(of values: [Value]) -> [Int] {
    var known: [Value: Int] = [:]
    return values.map { value in
      let number = known[value] ?? known.count
      known[value] = number
      return number
    }
  }
}
