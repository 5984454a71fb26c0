import Diagnostics

/// Which rows of the table become observations, and why the others do not.
struct FolderSelection {
  /// The rows that are used, in order.
  private(set) var rows: [Int]
  /// What was left out.
  private(set) var omissions: [DatasetProvenance.Omission] = []
  /// Facts about what was kept.
  private(set) var notes: [String] = []

  /// Applies the rules of `dataset.yaml` in turn: labels, broken items, missing items, small classes.
  ///
  /// - Parameter labels: the cells of each label column.
  /// - Throws: `UserError` with the first row that breaks a rule which refuses, or where no row is left.
  init(
    _ description: FolderDescription, table: FolderTable, pools: [FolderPool],
    labels: [(name: String, cells: [String])],
    sides: [Int?]?
  ) throws(UserError) {
    rows = Array(0..<table.count)
    try refuseBroken(description, pools)
    if let fault = pools.lazy.compactMap(\.whole).first { throw fault }
    for (name, cells) in labels { leaveOut("without a value of `\(name)`") { cells[$0].isEmpty } }
    if let sides, let column = description.split.column {
      leaveOut("without a value of `\(column.text)`") { sides[$0] == nil }
    }
    switch description.missing {
    case .allowed:
      for pool in pools {
        guard let first = rows.first(where: { pool.broken[$0] != nil }), let fault = pool.broken[first] else {
          continue
        }
        notes.append(
          "\(rows.count { pool.broken[$0] != nil }) items of `\(pool.modality.name)` cannot be read and count as "
            + "missing, the first: \(fault)")
      }
      leaveOut("without any modality") { row in !pools.contains { $0.isPresent(row: row) } }
    case .omitted:
      for pool in pools {
        let name = pool.modality.name
        if let first = rows.first(where: { pool.broken[$0] != nil }), let fault = pool.broken[first] {
          leaveOut("`\(name)` cannot be read, the first: \(fault)") { pool.broken[$0] != nil }
        }
        leaveOut("without `\(name)`") { !pool.isPresent(row: $0) }
      }
    case .refused:
      for row in rows {
        guard let pool = pools.first(where: { !$0.isPresent(row: row) }) else { continue }
        let count = rows.count { row in pools.contains { !$0.isPresent(row: row) } }
        throw UserError(
          .data,
          "the observation has no `\(pool.modality.name)`\(count > 1 ? ", the first of \(count) such rows" : "")",
          at: table.place(ofRow: row), mend: "fill it in, or set `missing: omitted` or `missing: allowed`")
      }
    }
    if description.minimumClassSize > 1 { leaveOutSmallClasses(labels, description.minimumClassSize) }
    guard rows.isEmpty else { return }
    let reasons = omissions.map { "\($0.count) \($0.reason)" }.joined(separator: ", ")
    throw UserError(.data, "no row is left of \(table.count): \(reasons)", at: table.place)
  }

  private mutating func leaveOut(_ reason: String, where isOut: (Int) -> Bool) {
    let count = rows.count
    rows.removeAll(where: isOut)
    if rows.count < count { omissions.append(.init(reason: reason, count: count - rows.count)) }
  }

  private func refuseBroken(_ description: FolderDescription, _ pools: [FolderPool]) throws(UserError) {
    guard description.broken == .refused else { return }
    let count = pools.map(\.broken.count).reduce(0, +)
    guard count > 0 else { return }
    for row in rows {
      guard let fault = pools.lazy.compactMap({ $0.broken[row] }).first else { continue }
      if let pool = pools.first(where: { $0.broken[row] != nil }), let whole = pool.whole { throw whole }
      let more = count > 1 ? " (the first of \(count) such cells)" : ""
      throw UserError(
        fault.kind, fault.what + more, at: fault.place,
        mend: "\(fault.mend ?? "mend it"), or set `broken: omitted`")
    }
  }

  private mutating func leaveOutSmallClasses(_ labels: [(name: String, cells: [String])], _ smallest: Int) {
    // Leaving out a class of one labelling can make one of another too small.
    var count = -1
    while count != rows.count {
      count = rows.count
      for (name, cells) in labels {
        let counts = Dictionary(rows.map { (cells[$0], 1) }, uniquingKeysWith: +)
        leaveOut("of a class of `\(name)` with fewer than \(smallest)") { counts[cells[$0], default: 0] < smallest }
      }
    }
  }
}
