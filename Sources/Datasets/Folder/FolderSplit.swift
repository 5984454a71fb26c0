import Diagnostics
import Kernels

/// Which side each observation is on: 0 training, 1 validation, 2 test.
struct FolderSplit {
  /// The names of the sides.
  static let names = ["train", "validation", "test"]

  /// The side of each selected row.
  private(set) var sides: [Int]
  /// The row of the first member of each selected row's family.
  let firstMembers: [Int]
  /// How the split came about.
  private(set) var notes: [String] = []

  /// What a split column's cells mean; an empty one is nil.
  ///
  /// - Throws: `UserError` with the first row whose cell is neither empty nor a side's name.
  static func sides(_ column: FolderDescription.Name, table: FolderTable) throws(UserError) -> [Int?] {
    var sides: [Int?] = []
    for (row, cell) in try table.cells(of: column).enumerated() {
      guard let side = side(named: cell) else {
        guard cell.isEmpty else {
          throw UserError(
            .data, "`\(column.text)` cannot be `\(cell)`", at: table.place(ofRow: row),
            mend: "write train, validation or test")
        }
        sides.append(nil)
        continue
      }
      sides.append(side)
    }
    return sides
  }

  /// The side that a word names.
  static func side(named word: String) -> Int? {
    switch word.lowercased() {
    case "train", "training": 0
    case "validation", "val", "valid", "dev": 1
    case "test", "testing": 2
    default: nil
    }
  }

  /// Assigns the selected rows to sides.
  ///
  /// A drawn split keeps observations together that share a file (or one with the same content) or a value of the group
  /// column, and gives each side its share of every class, see ``FamilySplit``.
  ///
  /// - Parameters:
  ///   - given: the sides that the split column says.
  ///   - stratum: each selected row's class.
  ///   - group: each selected row's value of the group column.
  ///   - fold: what is tested in a cross-validation; nil for the share of the description.
  /// - Throws: `UserError` where a side has no observations, or a column says the sides that a fold should.
  init(
    _ description: FolderDescription, rows: [Int], given: [Int?]?, stratum: [String]?, group: [String]?,
    pools: [FolderPool], table: FolderTable, fold: DataFold? = nil
  ) throws(UserError) {
    let split = description.split
    if fold != nil, let column = split.column {
      throw UserError(
        .data, "column `\(column.text)` says the sides, which folds cannot replace", at: "fold",
        mend: "set it to 1, or take `split.column` out of \(description.source)")
    }
    let shared = Self.shared(rows, group: group, pools: pools)
    let names = rows.map(String.init)
    let (families, familyNames) = FamilySplit.families(names: names, shared: shared)
    firstMembers = families.map { Int(familyNames[$0]) ?? 0 }
    if let given {
      sides = rows.map { given[$0] ?? 0 }
      notes.append("split by column `\(split.column?.text ?? "")`")
      if !sides.contains(1), split.validationFraction > 0 {
        drawValidation(split, families, familyNames, stratum)
      }
      noteSharing(families)
    } else {
      sides = Self.drawn(
        families, familyNames, stratum, fractions: (split.validationFraction, split.testFraction), seed: split.seed,
        fold: fold)
      notes.append("split drawn with seed \(split.seed)" + (fold.map { ", \($0.text)" } ?? ""))
      if familyNames.count < rows.count {
        notes.append(
          "\(rows.count) observations are split as \(familyNames.count) that share no file"
            + (split.group.map { " and no `\($0.text)`" } ?? ""))
      }
    }
    for (side, name) in Self.names.enumerated() where !sides.contains(side) {
      let what = "nothing is left in the \(name) side of the split"
      if let column = split.column, given != nil {
        throw UserError(.data, what, at: split.place, mend: "name \(name) in `\(column.text)`")
      }
      let (cause, mend) = Self.cause(
        families: families, count: familyNames.count, stratum: stratum, labels: description.labels, split: split)
      throw UserError(.data, "\(what): \(cause)", at: split.place, mend: mend)
    }
    notes += Self.sharedFiles(rows, pools, table: table, sides: sides, split: given == nil && fold == nil ? split : nil)
  }

  /// Why a side that was drawn has nothing, and what helps.
  private static func cause(
    families: [Int], count: Int, stratum: [String]?, labels: [FolderDescription.Name], split: FolderDescription.Split
  ) -> (cause: String, mend: String) {
    let rows = families.count == 1 ? "the only row is" : "all \(families.count) rows are"
    if count < 3, families.count > count {
      let by = split.group.map { "a file or a value of `\($0.text)`" } ?? "a file, or files of the same content"
      return (
        "\(rows) kept together in \(count == 1 ? "one group" : "\(count) groups"), since they share \(by)",
        "give rows with other files, or say the side of each row in a column: `split: { column: … }`"
      )
    }
    if let stratum, let name = (split.stratum ?? labels.first)?.text {
      let classes = Dictionary(zip(stratum, families).map { ($0, Set([$1])) }, uniquingKeysWith: { $0.union($1) })
      if classes.values.allSatisfy({ $0.count == 1 }), classes.count > 1 {
        return (
          "every class of `\(name)` has one member only, which is for training",
          split.stratum == nil
            ? "take `\(name)` out of `labels`, or name a column of fewer classes in `split.stratify`"
            : "name a column of fewer classes in `split.stratify`, or take it out"
        )
      }
    }
    return (
      "\(count) \(count == 1 ? "row is" : "rows are") too few for three sides", "give more rows or other shares"
    )
  }

  /// Notes files whose content so many observations share that it moves the split, such as a placeholder's.
  private static func sharedFiles(
    _ rows: [Int], _ pools: [FolderPool], table: FolderTable, sides: [Int], split: FolderDescription.Split?
  ) -> [String] {
    var notes: [String] = []
    for pool in pools where !pool.digests.isEmpty {
      var owners: [String: [Int]] = [:]
      for (index, row) in rows.enumerated() where pool.isPresent(row: row) {
        owners[pool.digests[Int(pool.rows[row])], default: []].append(index)
      }
      guard !owners.isEmpty else { continue }
      let usual = owners.values.map(\.count).sorted()[owners.count / 2]
      // Several rows of a picture are its captions; many times as many as usual are something else.
      let many = owners.values.filter { 20 * $0.count >= rows.count && $0.count >= 8 && $0.count >= 4 * usual }
      for owners in many.sorted(by: { ($1.count, $0[0]) < ($0.count, $1[0]) }).prefix(3) {
        let side = sides[owners[0]]
        let name = pool.names[Int(pool.rows[rows[owners[0]]])]
        var note =
          "\(owners.count) of \(rows.count) observations have the same `\(pool.modality.name)`, \(name), the first at "
          + "\(table.place(ofRow: rows[owners[0]]))"
        if let split {
          let shares = [
            1 - split.validationFraction - split.testFraction, split.validationFraction, split.testFraction,
          ]
          let percent = { (share: Double) in "\(Int((100 * share).rounded())) %" }
          note +=
            "; they stay together in \(names[side]), which has "
            + "\(percent(Double(sides.count { $0 == side }) / Double(rows.count))) for \(percent(shares[side])) asked"
        }
        notes.append(note + "; where it is a placeholder, leave these rows out")
      }
    }
    return notes
  }

  /// For each thing that must not be on two sides, its number for each row.
  private static func shared(_ rows: [Int], group: [String]?, pools: [FolderPool]) -> [[Int?]] {
    var shared: [[Int?]] = []
    if let group {
      let numbers = FamilySplit.numbers(of: group)
      shared.append(zip(group, numbers).map { $0.isEmpty ? nil : $1 })
    }
    for pool in pools where !pool.digests.isEmpty {
      let contents = FamilySplit.numbers(of: pool.digests)
      shared.append(rows.map { pool.isPresent(row: $0) ? contents[Int(pool.rows[$0])] : nil })
    }
    return shared
  }

  private static func drawn(
    _ families: [Int], _ names: [String], _ stratum: [String]?, fractions: (validation: Double, test: Double),
    seed: UInt64, fold: DataFold? = nil
  ) -> [Int] {
    // A family of several classes counts as its first member's.
    let classes = stratum.map { FamilySplit.numbers(of: $0) }
    var strata = [FamilySplit.Stratum?](repeating: nil, count: names.count)
    for (index, family) in families.enumerated() where strata[family] == nil {
      let number = classes?[index] ?? 0
      strata[family] = .init(group: number, subgroup: number)
    }
    var sides = FamilySplit.sides(
      families: families, names: names, strata: strata.compactMap { $0 }, fractions: fractions, seed: seed,
      dataset: "folder", fold: fold)
    // A fold tests its own share and no other.
    fillEmptySides(
      &sides, families, classes, isWanted: [true, fractions.validation > 0, fractions.test > 0 && fold == nil])
    return sides
  }

  /// In a small data set a side may have drawn nothing; then it gets the last training family of a class that keeps one.
  private static func fillEmptySides(_ sides: inout [Int], _ families: [Int], _ classes: [Int]?, isWanted: [Bool]) {
    for side in 1...2 where isWanted[side] && !sides.contains(side) {
      var trained: [Int: Set<Int>] = [:]
      for (index, family) in families.enumerated() where sides[index] == 0 {
        trained[classes?[index] ?? 0, default: []].insert(family)
      }
      let index = families.indices.last { index in
        sides[index] == 0 && (trained[classes?[index] ?? 0]?.count ?? 0) > 1
      }
      guard let index else { continue }
      for member in families.indices where families[member] == families[index] { sides[member] = side }
    }
  }

  /// Takes validation observations out of the training rows of a split column that names none.
  private mutating func drawValidation(
    _ split: FolderDescription.Split, _ families: [Int], _ names: [String], _ stratum: [String]?
  ) {
    let training = sides.indices.filter { sides[$0] == 0 }
    let used = FamilySplit.numbers(of: training.map { families[$0] })
    var usedNames: [String] = []
    for (index, number) in zip(training, used) where number == usedNames.count {
      usedNames.append(names[families[index]])
    }
    let drawn = Self.drawn(
      used, usedNames, stratum.map { stratum in training.map { stratum[$0] } },
      fractions: (split.validationFraction, 0), seed: split.seed)
    for (index, side) in zip(training, drawn) where side == 1 { sides[index] = 1 }
    notes.append(
      "no row is for validation, so \(drawn.count { $0 == 1 }) training rows are (seed \(split.seed))")
  }

  /// Notes how many observations outside training share a file with it.
  private mutating func noteSharing(_ families: [Int]) {
    let trained = Set(families.indices.filter { sides[$0] == 0 }.map { families[$0] })
    for side in 1...2 {
      let count = families.indices.count { sides[$0] == side && trained.contains(families[$0]) }
      if count > 0 { notes.append("\(count) \(Self.names[side]) observations share a file with training") }
    }
  }
}
