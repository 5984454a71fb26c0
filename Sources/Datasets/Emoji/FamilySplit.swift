import Kernels

/// Which observations are for training (0), validation (1) and test (2), where families of them stay together.
enum FamilySplit {
  /// A family's place in the order in which families are assigned.
  struct Stratum {
    /// The number of its group.
    let group: Int
    /// The number of its subgroup.
    let subgroup: Int
  }

  /// Assigns whole families to sides, evenly over groups, sizes and subgroups.
  ///
  /// Families are visited by group, by the power of two in their size, the largest first, and by subgroup; ties in an
  /// order drawn from the family's own stream. A family joins a side drawn in proportion to how many families that side
  /// lags behind its share so far; so shares are kept closely in every stretch of the list, and the result depends on
  /// the seed and the names alone. A subgroup's last family is for training where no other is, so that every class can
  /// be learnt.
  ///
  /// - Parameters:
  ///   - families: for each observation, the number of its family.
  ///   - names: each family's name, which selects its random stream.
  ///   - strata: each family's stratum.
  ///   - fractions: the shares of validation and test.
  ///   - dataset: the data set's name, which selects the random streams too.
  static func sides(
    families: [Int], names: [String], strata: [Stratum], fractions: (validation: Double, test: Double), seed: UInt64,
    dataset: String
  ) -> [Int] {
    var sizes = [Int](repeating: 0, count: names.count)
    for family in families { sizes[family] += 1 }
    let draws = names.map { name in
      var stream = RandomStream(seed: seed, name: "\(dataset)/split/\(name)")
      return (order: stream.next(), side: stream.uniform())
    }
    let scales = sizes.map { Int.bitWidth - $0.leadingZeroBitCount }
    let order = names.indices.sorted { first, second in
      (strata[first].group, -scales[first], strata[first].subgroup, draws[first].order, first)
        < (strata[second].group, -scales[second], strata[second].subgroup, draws[second].order, second)
    }
    let shares = [1 - fractions.validation - fractions.test, fractions.validation, fractions.test]
    var assigned = [0.0, 0.0, 0.0]
    var sides = [Int](repeating: 0, count: names.count)
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
      if remaining[subgroup] == 0, !trained.contains(subgroup) { side = 0 }
      if side == 0 { trained.insert(subgroup) }
      sides[family] = side
      assigned[side] += 1
    }
    return families.map { sides[$0] }
  }

  /// The number of each observation's family, where observations that share anything are one family, and the families'
  /// names, which are their first members'.
  ///
  /// - Parameters:
  ///   - names: each observation's name.
  ///   - shared: for each thing that may be shared, its number for each observation; nil where one has none.
  static func families(names: [String], shared: [[Int?]]) -> (numbers: [Int], names: [String]) {
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
  static func numbers<Value: Hashable>(of values: [Value]) -> [Int] {
    var known: [Value: Int] = [:]
    return values.map { value in
      let number = known[value] ?? known.count
      known[value] = number
      return number
    }
  }
}
