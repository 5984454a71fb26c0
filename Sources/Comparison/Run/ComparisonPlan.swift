import Diagnostics
import Foundation
import Kernels
import Recipes
import StrictYAML

/// The trainings of a suite: every row's candidates, each with its search and its seeds, as resolved recipes.
package struct ComparisonPlan: Sendable {
  /// Settings that a row could be reported with.
  package struct Candidate: Sendable {
    /// The settings that were searched, as overrides; empty where nothing is.
    package let settings: [String]
    /// The training on the validation side; `nil` where there is nothing to choose between.
    package let search: Cell?
    /// The trainings that are reported, one a seed, or one a seed and fold.
    package let finals: [Cell]
  }

  /// A method.
  package struct Row: Sendable {
    /// The row as the suite has it.
    package let row: Suite.Row
    /// The candidates, in the order of the file.
    package let candidates: [Candidate]
  }

  /// The suite.
  package let suite: Suite
  /// The rows.
  package let rows: [Row]

  /// Puts the recipes of all cells together.
  ///
  /// - Throws: where a recipe does not resolve, sets what `shared` sets too, or is reported on the side it is chosen on.
  package init(_ suite: Suite, catalogue: RecipeCatalogue) throws(UserError) {
    self.suite = suite
    let prepared = try suite.rows.map { row throws(UserError) in try PreparedRow(row, catalogue: catalogue) }
    try Self.checkShared(suite, prepared)
    try Self.checkDistinct(suite, prepared)
    var rows: [Row] = []
    for (row, prepared) in zip(suite.rows, prepared) {
      let grid = try Self.grid(of: row, search: suite.search)
      var candidates: [Candidate] = []
      for chosen in grid {
        let common = Suite.put(chosen, over: Suite.put(row.settings, over: suite.shared))
        // Seeds share all but their number, so a recipe is put together once for each fold.
        var recipes: [Int?: Recipe] = [:]
        var finals: [Cell] = []
        for replicate in suite.replicates {
          if recipes[replicate.fold] == nil {
            recipes[replicate.fold] = try prepared.recipe(common, fold: replicate.fold, of: suite.folds)
          }
          guard let recipe = recipes[replicate.fold] else { continue }
          finals.append(Cell(recipe.reseeded(replicate.seed), fold: replicate.fold))
        }
        var search: Cell?
        if let plan = suite.search, grid.count > 1 {
          let settings = Suite.put(
            chosen, over: Suite.put(plan.on, over: Suite.put(plan.settings, over: common)))
          // Settings are chosen in one fold, for all.
          let fold = suite.replicates[0].fold
          let recipe = try prepared.recipe(settings, fold: fold, of: suite.folds)
          let cell = Cell(recipe.reseeded(plan.seed), fold: fold)
          try Self.checkSides(of: cell, and: finals[0], row: row, search: plan)
          search = cell
        }
        candidates.append(Candidate(settings: chosen.map(\.override), search: search, finals: finals))
      }
      rows.append(Row(row: row, candidates: candidates))
    }
    self.rows = rows
  }

  /// The trainings that choose candidates, each once.
  package var searches: [(title: String, cell: Cell)] {
    unique(
      rows.flatMap { row in
        row.candidates.compactMap { candidate in
          candidate.search.map { ("\(row.row.name) \(candidate.settings.joined(separator: " "))", $0) }
        }
      })
  }

  /// Every training that the comparison may come to.
  var everyCell: [Cell] {
    rows.flatMap { row in row.candidates.flatMap { ($0.search.map { [$0] } ?? []) + $0.finals } }
  }

  /// The trainings that are reported, each once, where the candidate of each row is known.
  ///
  /// Seeds and folds come before rows, so that a comparison that is stopped has seeds of all rows.
  ///
  /// - Parameter choices: the index of each row's candidate; `nil` for a row without one.
  package func finals(_ choices: [Int?]) -> [(title: String, cell: Cell)] {
    unique(
      suite.replicates.enumerated().flatMap { index, replicate in
        zip(rows, choices).compactMap { row, choice in
          choice.map { ("\(row.row.name) \(replicate.text)", row.candidates[$0].finals[index]) }
        }
      })
  }

  private func unique(_ cells: [(title: String, cell: Cell)]) -> [(title: String, cell: Cell)] {
    var seen: Set<Cell.Name> = []
    return cells.filter { seen.insert($0.cell.name).inserted }
  }

  /// The first 8 hexadecimal digits of the SHA-256 checksum of the names of rows and cells: what is computed.
  package var hash: String {
    let names = rows.flatMap { row in
      [row.row.name]
        + row.candidates.flatMap { candidate in
          (candidate.search.map { ["search \($0.name.family) \($0.name.hash)"] } ?? [])
            + candidate.finals.map { "\($0.name.family) \($0.name.hash)" }
        }
    }
    return String(SHA256.hexDigest(of: JSONValue.list(names.map(JSONValue.text)).canonicalJSON.utf8).prefix(8))
  }

  /// A shared override must not make rows the same that differ without it, as `method.name=gmc` would.
  private static func checkDistinct(_ suite: Suite, _ rows: [PreparedRow]) throws(UserError) {
    let overrides = suite.shared.filter { $0.place.hasPrefix("`") }
    guard !overrides.isEmpty else { return }
    func hashes(_ shared: [Suite.Setting]) throws(UserError) -> [String] {
      try rows.map { prepared throws(UserError) in
        try prepared.recipe(Suite.put(prepared.row.settings, over: shared)).hash
      }
    }
    let (before, after) = (try hashes(suite.shared.filter { !$0.place.hasPrefix("`") }), try hashes(suite.shared))
    for first in suite.rows.indices {
      for second in suite.rows.indices where second > first {
        let (one, other) = (suite.rows[first].search, suite.rows[second].search)
        let isSameGrid = one.map(\.path) == other.map(\.path) && one.map(\.values) == other.map(\.values)
        guard suite.search == nil || isSameGrid else { continue }
        guard before[first] != before[second], after[first] == after[second] else { continue }
        throw UserError(
          .usage, "rows `\(suite.rows[first].name)` and `\(suite.rows[second].name)` would train the same",
          at: overrides.map(\.place).joined(separator: ", "), mend: "leave out what tells the rows apart")
      }
    }
  }

  /// The choices of a row: all, or as many of them as every row has.
  ///
  /// Which ones is drawn by the seed of the search and the row's name, so that another row changes nothing.
  private static func grid(of row: Suite.Row, search: Suite.Search?) throws(UserError) -> [[Suite.Setting]] {
    guard let search else { return [[]] }
    let own = Set(row.search.map(\.path))
    let all = product(row.search + search.axes.filter { !own.contains($0.path) })
    guard let trials = search.trials else { return all }
    guard all.count >= trials else {
      throw UserError(
        .data, "row `\(row.name)` has \(all.count) \(all.count == 1 ? "choice" : "choices") for \(trials) trials",
        at: row.place, mend: "give it or `search.shared` more values, or lower `search.trials`")
    }
    var stream = RandomStream(seed: UInt64(search.seed), name: "trials of \(row.name)")
    return stream.permutation(of: all.count).prefix(trials).sorted().map { all[$0] }
  }

  /// Every choice of one value an axis, the last axis changing fastest.
  private static func product(_ axes: [Suite.Axis]) -> [[Suite.Setting]] {
    axes.reduce([[]]) { products, axis in
      products.flatMap { product in
        axis.values.map { product + [Suite.Setting(path: axis.path, value: $0, place: axis.place)] }
      }
    }
  }

  /// What a search and a report evaluate on must differ, or the report would be of what was chosen for it.
  private static func checkSides(
    of search: Cell, and final: Cell, row: Suite.Row, search plan: Suite.Search
  ) throws(UserError) {
    let isSame = plan.on.allSatisfy { setting in
      let keys = setting.path.split(separator: ".").map(String.init)
      return search.recipe.content.value(at: keys) == final.recipe.content.value(at: keys)
    }
    guard isSame else { return }
    throw UserError(
      .data, "row `\(row.name)` is reported on the side that its search chooses on", at: plan.on[0].place,
      mend: "let \(plan.on.map { "`\($0.path)`" }.joined(separator: ", ")) be another in the recipe")
  }

  /// Looks for shared settings that rows set otherwise.
  ///
  /// A value that every row takes from the same line, such as that of a common parent, is replaced in all of them alike
  /// and so is no conflict.
  private static func checkShared(_ suite: Suite, _ rows: [PreparedRow]) throws(UserError) {
    var plain: [Recipe] = []
    var shared: [Recipe] = []
    for (row, prepared) in zip(suite.rows, rows) {
      let searched = row.search + (suite.search?.axes ?? [])
      let own = row.settings.map { ($0.path, $0.place) } + searched.map { ($0.path, $0.place) }
      for (path, place) in own {
        for setting in suite.shared where overlap(path, setting.path) {
          throw UserError(
            .data, "row `\(row.name)` sets `\(path)`, which \(setting.place) shares among all rows", at: place,
            mend: "take it out of one of the two")
        }
      }
      plain.append(try prepared.recipe([]))
      shared.append(try prepared.recipe(suite.shared))
    }
    for setting in suite.shared where !setting.place.hasPrefix("`") {
      let keys = setting.path.split(separator: ".").map(String.init)
      let origins = plain.map { $0.origin(of: setting.path) }
      let firm = suite.rows.indices.filter { !suite.rows[$0].yields.contains(setting.path) }
      func likes(_ index: Int) -> Int { firm.count { origins[$0] == origins[index] } }
      if firm.allSatisfy({ likes($0) == firm.count }) { continue }
      // The row that is most unlike the others is the one to name.
      for index in firm.sorted(by: { (likes($0), $0) < (likes($1), $1) }) {
        if case .standard = origins[index] { continue }
        let row = suite.rows[index]
        guard let before = plain[index].content.value(at: keys), before != shared[index].content.value(at: keys) else {
          continue
        }
        throw UserError(
          .data,
          "`\(setting.path)` is shared as `\(setting.value.yaml)`, but row `\(row.name)`'s recipe sets `\(before.yaml)` "
            + "(\(origins[index]))", at: setting.place,
          mend: "take it out of one of the two, or add `yields: [\(setting.path)]` to the row")
      }
    }
  }

  /// Whether one path is the other or leads to it.
  private static func overlap(_ first: String, _ second: String) -> Bool {
    first == second || first.hasPrefix(second + ".") || second.hasPrefix(first + ".")
  }
}

/// A row with its recipe's files read, for settings to be put over them.
private struct PreparedRow {
  let row: Suite.Row
  private let prepared: PreparedRecipe

  /// Reads the files of a row's recipe.
  init(_ row: Suite.Row, catalogue: RecipeCatalogue) throws(UserError) {
    self.row = row
    do {
      prepared = try catalogue.prepared(row.recipe, profile: row.profile)
    } catch {
      throw Self.error(error, of: row, at: error.place)
    }
  }

  /// The recipe with settings over it, and with a fold; an error names the place in the suite.
  func recipe(_ settings: [Suite.Setting], fold: Int? = nil, of folds: Int = 1) throws(UserError) -> Recipe {
    let own = fold.map { fold in
      [("data.folds", folds), ("data.fold", fold)].map { path, value in
        Suite.Setting(path: path, value: .integer(value), place: row.place)
      }
    }
    let settings = settings + (own ?? [])
    do {
      return try prepared.recipe(overrides: settings.map(\.override))
    } catch {
      let setting = settings.first { error.place == "`\($0.override)`" }
      throw Self.error(error, of: row, at: setting?.place ?? error.place)
    }
  }

  private static func error(_ error: UserError, of row: Suite.Row, at place: String?) -> UserError {
    let place = place ?? row.place
    let isFiles = !place.hasPrefix("`")
    return UserError(
      isFiles && error.kind == .usage ? .data : error.kind, "row `\(row.name)`: \(error.what)", at: place,
      mend: error.mend)
  }
}

extension Suite {
  /// What every row is trained for.
  package var replicates: [Cell.Replicate] { Cell.Replicate.all(seeds: seeds, folds: folds) }
}
