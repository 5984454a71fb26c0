import Kernels

/// Which emoji are for training (0), validation (1) and test (2).
enum EmojiSplit {
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
  /// the seed and the emoji alone. A subgroup's last family is for training where no other is, so that every class can
  /// be learnt.
  ///
  /// - Parameters:
  ///   - families: for each emoji, the number of its family.
  ///   - names: each family's name, which selects its random stream.
  ///   - strata: each family's stratum.
  ///   - fractions: the shares of validation and test.
  static func sides(
    families: [Int], names: [String], strata: [Stratum], fractions: (validation: Double, test: Double), seed: UInt64
  ) -> [Int] {
    var sizes = [Int](repeating: 0, count: names.count)
    for family in families { sizes[family] += 1 }
    let draws = names.map { name in
      var stream = RandomStream(seed: seed, name: "emoji/split/\(name)")
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

  /// The number of each emoji's family, where emoji with the same key or the very same picture are one family.
  static func families(keys: [String], pictures: [ArraySlice<UInt8>]) -> (numbers: [Int], names: [String]) {
    var parents = Array(keys.indices)
    func root(_ index: Int) -> Int {
      var index = index
      while parents[index] != index { index = parents[index] }
      return index
    }
    var byKey: [String: Int] = [:]
    var byPicture: [ArraySlice<UInt8>: Int] = [:]
    for index in keys.indices {
      for other in [byKey[keys[index]], byPicture[pictures[index]]].compactMap({ $0 }) {
        let (first, second) = (root(index), root(other))
        parents[max(first, second)] = min(first, second)
      }
      byKey[keys[index]] = byKey[keys[index]] ?? index
      byPicture[pictures[index]] = byPicture[pictures[index]] ?? index
    }
    var numbers: [Int: Int] = [:]
    var names: [String] = []
    let assigned = keys.indices.map { index in
      let root = root(index)
      if let number = numbers[root] { return number }
      numbers[root] = names.count
      names.append(keys[root])
      return names.count - 1
    }
    return (assigned, names)
  }
}
