/// Names numbered in the order in which they first occur.
struct NumberedNames {
  /// The names.
  private(set) var names: [String] = []
  /// The number of each label.
  private(set) var numbers: [Int32] = []

  init(_ labels: [String]) {
    var known: [String: Int32] = [:]
    for label in labels {
      let number = known[label] ?? Int32(names.count)
      if known.updateValue(number, forKey: label) == nil { names.append(label) }
      numbers.append(number)
    }
  }
}

/// Classes of files by the folders that they lie in: that at the top, and the two at the top together.
struct ClassTree {
  /// The top folder of each file.
  let categories: NumberedNames
  /// The two top folders of each file, such as `animals/birds`; the top one where there is no other.
  let subcategories: NumberedNames
  /// The folders of each file, from the top.
  let folders: [[String]]

  /// Takes the paths of files, relative to the folder above the top ones.
  init(paths: [String]) {
    folders = paths.map { path in path.split(separator: "/").dropLast().map(String.init) }
    categories = NumberedNames(folders.map { $0.first ?? "" })
    subcategories = NumberedNames(folders.map { $0.prefix(2).joined(separator: "/") })
  }

  /// The observations for training, validation and test, families staying together, evenly over the classes.
  func sides(
    families: (numbers: [Int], names: [String]), validation: Double, test: Double, seed: UInt64, dataset: String,
    fold: DataFold?
  ) -> [[Int]] {
    var strata = [FamilySplit.Stratum?](repeating: nil, count: families.names.count)
    for (index, family) in families.numbers.enumerated() where strata[family] == nil {
      strata[family] = .init(group: Int(categories.numbers[index]), subgroup: Int(subcategories.numbers[index]))
    }
    let sides = FamilySplit.sides(
      families: families.numbers, names: families.names, strata: strata.compactMap { $0 },
      fractions: (validation, test), seed: seed, dataset: dataset, fold: fold)
    return (0..<3).map { side in sides.indices.filter { sides[$0] == side } }
  }
}
