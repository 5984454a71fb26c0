import Diagnostics
import Foundation
import Recipes
import Reports
import Runs
import Training

/// A comparison that this process works in, alone or beside others: its searches, its cells, its result.
package struct ComparisonRun {
  /// What a comparison is run with.
  package struct Conditions: Sendable {
    /// The folder of all runs.
    package var runs: URL
    /// The number of cells at a time.
    package var jobs: Int
    /// The number of threads of each cell; `nil` shares the cores out among the jobs.
    package var threads: Int?
    /// The folder of downloaded data that the user named.
    package var dataRoot: String?
    /// How the process of a cell is started.
    package var launch: Run.Launch
    /// The machine, for manifests.
    package var machine: Machine
    /// The versions, for manifests.
    package var versions: [String: String]
    /// Computes what the program does for a recipe; without it only cells of the same program are sure to be valid.
    package var fingerprints: (any FingerprintSource)?
    /// Whether cells that cannot be compared with the present program are computed again.
    package var isStrict: Bool
    /// Whether other processes may train cells of the same comparison.
    package var isShared = false
    /// Whether a comparison that began on another kind of processor is gone on with beside others.
    package var takesAnyMachine = false

    /// Creates conditions.
    package init(
      runs: URL, jobs: Int = 1, threads: Int? = nil, dataRoot: String? = nil, launch: Run.Launch, machine: Machine,
      versions: [String: String], fingerprints: (any FingerprintSource)? = nil, isStrict: Bool = false
    ) {
      precondition(jobs > 0, "Comparison: \(jobs) jobs; at least 1 is needed")
      self.runs = runs
      self.jobs = jobs
      self.threads = threads
      self.dataRoot = dataRoot
      self.launch = launch
      self.machine = machine
      self.versions = versions
      self.fingerprints = fingerprints
      self.isStrict = isStrict
    }

    /// Decides which cells are what the program of now would compute.
    func judge(_ catalogue: RecipeCatalogue, _ identities: DataIdentities) -> ValidityJudge {
      let judge = ValidityJudge(
        machine: machine, versions: versions, catalogue: catalogue, identities: identities, runs: runs,
        source: fingerprints, isStrict: isStrict)
      if fingerprints is FingerprintProcess {
        var named: Set<String> = []
        judge.willCompute = { recipe in
          guard named.insert(recipe.name).inserted else { return }
          StandardStream.error.write("concord: two steps of \(recipe.name), to know what the program computes\n")
        }
      }
      return judge
    }
  }

  /// The folder.
  package let folder: ComparisonFolder
  /// What is computed.
  package let record: ComparisonRecord
  /// What the user is told of the beginning, a line each.
  package let remarks: [String]
  let plan: ComparisonPlan
  private let conditions: Conditions
  private let queue: CellQueue
  /// Held as long as this process works; only for a moment where others may work beside it.
  private let lock: FileLock?

  /// Opens the folder of a comparison, or makes it.
  ///
  /// A comparison that goes on has the threads that it began with unless others are named: they change the last bits.
  ///
  /// - Parameter isFresh: whether to begin another in any case.
  /// - Throws: where another process is at work on it, or a folder or file cannot be written.
  package init(
    _ plan: ComparisonPlan, conditions: Conditions, catalogue: RecipeCatalogue, isFresh: Bool = false
  ) throws(UserError) {
    self.plan = plan
    self.conditions = conditions
    let identities = DataIdentities()
    let judge = conditions.judge(catalogue, identities)
    let (chosen, differences) = try ComparisonFolder.choice(
      plan, in: conditions.runs, dataRoot: conditions.dataRoot, isFresh: isFresh, catalogue: catalogue,
      identities: identities, judge: judge)
    folder = chosen
    try RunFolder.createFolder(folder.cells)
    let gate = try FileLock(folder.lock, on: "this comparison", waiting: conditions.isShared ? 60 : 0)
    lock = conditions.isShared ? nil : gate
    if !conditions.isShared { AtomicFile.removeLeftovers(in: folder.url) }
    let free = max(1, Run.availableCores / conditions.jobs)
    let now = ComparisonRecord(
      plan, threads: conditions.threads ?? free, dataRoot: conditions.dataRoot, adopts: !isFresh,
      processor: conditions.machine.kind ?? conditions.machine.processor, start: Date())
    var remarks = differences
    if FileManager.default.fileExists(atPath: folder.plan.path) {
      var known = try folder.readPlan()
      if conditions.isShared, !conditions.takesAnyMachine, let processor = known.processor, processor != now.processor {
        throw UserError(
          .usage,
          "the comparison began on another kind of processor (\(processor), not \(now.processor ?? "")), whose "
            + "last bits differ", at: folder.url.path, mend: "work on one like it, or add --any-machine")
      }
      known.present(as: now)
      if let named = conditions.threads, named != known.threads {
        remarks.append("cells that have not begun get \(named) threads, not \(known.threads) as those before")
        known.threads = named
      } else if known.threads != free, conditions.threads == nil {
        remarks.append("cells get \(known.threads) \(known.threads == 1 ? "thread" : "threads") as those before")
      }
      known.dataRoot = conditions.dataRoot ?? known.dataRoot
      record = known
    } else {
      record = now
    }
    self.remarks = remarks
    // Of many processes each would rehearse all rows.
    if !conditions.isShared, let source = conditions.fingerprints {
      try ColumnCheck(plan, record: record, folder: folder).check(by: source)
    }
    try AtomicFile.write(plan.suite.text, to: folder.suite)
    try folder.write(record, to: folder.plan)
    withExtendedLifetime(gate) {}
    queue = CellQueue(
      folder: folder, jobs: conditions.jobs, threads: record.threads, dataRoot: record.dataRoot,
      launch: conditions.launch, machine: conditions.machine, versions: conditions.versions, catalogue: catalogue,
      identities: identities, judge: judge)
  }

  /// Runs the cells that have not finished: first those that choose candidates, then those that are reported.
  ///
  /// - Returns: the cells that failed; what the others gave stands in the folder.
  /// - Throws: ``RunFailure`` where the user stopped it.
  package func execute(
    display: ComparisonDisplay, interruptions: () -> Int = { 0 }
  ) throws(RunFailure) -> [CellQueue.Failure] {
    for remark in remarks { display.say(remark) }
    let threads = "\(record.threads) \(record.threads == 1 ? "thread" : "threads") a cell"
    let jobs = "\(conditions.jobs) \(conditions.jobs == 1 ? "cell" : "cells") at a time"
    display.say("\(record.suite) \(record.hash) · \(jobs) · \(threads) · \(folder.url.path)")
    var store = CellStore(folder)
    var estimate = CellEstimate()
    estimate.add(
      runsOf: Set((plan.searches + plan.finals(plan.rows.map { _ in 0 })).map(\.cell.recipe.name)), in: conditions.runs)
    var failures = try run(
      plan.searches, as: "search", store: &store, estimate: &estimate, display: display, interruptions: interruptions)
    // Of processes that share a comparison one must not choose before the searches of another have ended.
    let choices = conditions.isShared ? store.completeChoices(record) : store.choices(record)
    for (row, choice) in zip(plan.rows, choices) where row.candidates.count > 1 {
      let chosen = choice.map { row.candidates[$0].settings.joined(separator: " ") }
      let none = conditions.isShared ? "not trained here, since not all of its searches are there" : "no candidate"
      display.say("\(row.row.name): " + (chosen.map { "\($0) is the best on the validation side" } ?? none))
    }
    failures += try run(
      plan.finals(choices), as: "compare", store: &store, estimate: &estimate, display: display,
      interruptions: interruptions)
    return failures
  }

  /// Runs some cells by their numbers, searches first, and nothing else.
  ///
  /// - Parameter choices: the rows' settings, where the searches are not in this folder.
  /// - Returns: the cells that failed.
  /// - Throws: ``RunFailure`` where the user stopped it, a number is none, or a search that a row needs has neither finished
  ///   nor is it among the cells.
  package func execute(
    cells numbers: [Int], choices: ComparisonChoices? = nil, display: ComparisonDisplay,
    interruptions: () -> Int = { 0 }
  ) throws(RunFailure) -> [CellQueue.Failure] {
    for remark in remarks { display.say(remark) }
    var store = CellStore(folder)
    if choices == nil, record.adopts {
      _ = adoption().adopt(plan.searches.map(\.cell).filter { store.outcome(of: $0.name) == nil })
    }
    var all = plan.numbered(try known(choices, store: &store))
    if let beyond = numbers.first(where: { !all.indices.contains($0) }) {
      throw RunFailure(
        exitCode: UserError.Kind.usage.rawValue, "there is no cell \(beyond); the cells are 0 to \(all.count - 1)")
    }
    if choices == nil { try check(numbers, of: all, haveSearchesIn: &store) }
    let searches = numbers.filter { all[$0].phase == .search }
    var estimate = CellEstimate()
    var failures: [CellQueue.Failure] = []
    if !searches.isEmpty {
      failures = try run(
        searches.compactMap { number in all[number].cell.map { (all[number].title, $0) } }, as: "search", store: &store,
        estimate: &estimate, display: display, interruptions: interruptions)
      all = plan.numbered(try known(choices, store: &store))
    }
    var cells: [(title: String, cell: Cell)] = []
    for number in numbers where all[number].phase == .compare {
      if let cell = all[number].cell {
        cells.append((all[number].title, cell))
      } else if failures.isEmpty {
        let row = all[number].row.map { record.rows[$0].name } ?? ""
        throw choices == nil
          ? RunFailure(
            exitCode: UserError.Kind.data.rawValue, "no search of the row `\(row)` has the score that decides")
          : RunFailure(
            exitCode: UserError.Kind.notYet.rawValue,
            "the choices have no settings of the row `\(row)`; collect again once its searches are there")
      }
    }
    return failures
      + (try run(
        cells, as: "compare", store: &store, estimate: &estimate, display: display, interruptions: interruptions))
  }

  /// Sees to it that each training has its row's searches: those that have finished, and those that run before it.
  private func check(
    _ numbers: [Int], of all: [PlannedCell], haveSearchesIn store: inout CellStore
  ) throws(RunFailure) {
    let given = Set(numbers)
    for number in numbers where all[number].cell == nil {
      guard let row = all[number].row else { continue }
      let names = Set(record.rows[row].candidates.compactMap(\.search))
      var missing: [Int] = []
      for search in all where search.phase == .search && !given.contains(search.number) {
        if let name = search.cell?.name, names.contains(name), store.outcome(of: name) == nil {
          missing.append(search.number)
        }
      }
      guard missing.isEmpty else {
        throw RunFailure(
          exitCode: UserError.Kind.notYet.rawValue,
          "cell \(number), \(all[number].title), waits for its row's searches; train cells \(CellNumbers.text(missing)) "
            + "first, as with --cell \(CellNumbers.text(missing + [number])), or give their choices by --choices")
      }
    }
  }

  private func known(_ choices: ComparisonChoices?, store: inout CellStore) throws(RunFailure) -> [Int?] {
    guard let choices else { return store.completeChoices(record) }
    guard let indices = choices.indices(in: plan) else {
      throw RunFailure(
        exitCode: UserError.Kind.data.rawValue,
        "the choices are of the comparison \(choices.hash), not of \(plan.hash); collect that comparison's cells again")
    }
    return indices
  }

  private func run(
    _ cells: [(title: String, cell: Cell)], as phase: String, store: inout CellStore, estimate: inout CellEstimate,
    display: ComparisonDisplay, interruptions: () -> Int
  ) throws(RunFailure) -> [CellQueue.Failure] {
    guard !cells.isEmpty else { return [] }
    func unfinished() -> [(title: String, cell: Cell)] {
      var left: [(title: String, cell: Cell)] = []
      for cell in cells where store.outcome(of: cell.cell.name) == nil { left.append(cell) }
      return left
    }
    var left = unfinished()
    if record.adopts {
      let (count, refusals) = adoption().adopt(left.map(\.cell))
      if count > 0 {
        display.say("\(count) finished \(count == 1 ? "cell is" : "cells are") taken over from other comparisons")
        left = unfinished()
      }
      for line in refusals { display.say(line) }
    }
    display.begin(phase, total: cells.count, done: cells.count - left.count)
    guard !left.isEmpty else { return [] }
    var waiting = left.map(\.cell)
    let jobs = Double(conditions.jobs)
    display.expect(estimate.seconds(of: waiting).map { $0 / min(jobs, Double(waiting.count)) })
    // The queue's closure may not capture what is passed in and out.
    var (ownStore, ownEstimate) = (store, estimate)
    defer { (store, estimate) = (ownStore, ownEstimate) }
    let failures = try queue.run(left, display: display, interruptions: interruptions) { cell, seconds in
      waiting.removeAll { $0.name == cell.name }
      if let seconds { ownEstimate.add(recipe: cell.recipe.name, epochs: cell.epochs, seconds: seconds) }
      let secondsLeft = ownEstimate.seconds(of: waiting).map { $0 / max(1, min(jobs, Double(waiting.count))) }
      return (Self.table(record, &ownStore), secondsLeft)
    }
    return failures
  }

  /// Looks for cells in other comparisons of the folder of runs, or in given folders of cells.
  func adoption(from others: [URL]? = nil) -> CellAdoption {
    CellAdoption(
      folder: folder, runs: conditions.runs, threads: record.threads, dataRoot: record.dataRoot,
      catalogue: queue.catalogue, identities: queue.identities, judge: queue.judge, from: others)
  }

  /// The first group of columns so far.
  private static func table(_ record: ComparisonRecord, _ store: inout CellStore) -> [String] {
    let result = ComparisonResult(record, store: &store, hasAggregates: false)
    guard let table = ComparisonTables(result).groups.first?.scores else { return [] }
    return table.plain.split(separator: "\n").map(String.init)
  }
}
