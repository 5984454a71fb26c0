import ArgumentParser
import Comparison
import Diagnostics
import Foundation
import Reports
import Runs

/// `concord compare`
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Trains the methods of a suite under the same conditions and says who wins.",
    discussion: """
      Example:  concord compare emoji --profile quick --jobs 2

      Every method runs with every seed, each in a run folder of its own; what a method has to choose is chosen on the \
      validation side before. --plan shows what would be run. Ctrl-C stops at the next step; the same command again \
      goes on, and never runs again what has finished, in this or another comparison, and is still what the program \
      computes: `concord help run-folders` says what that is.

      Many processes, on one machine or many, share a comparison by --join, where they see the same folder of runs; or by \
      --cells, --cell and --collect, where each has a folder of its own: `concord help machines` says how.
      """)

  @Argument(help: "A built-in suite (\(SuiteCatalogue.names.joined(separator: ", "))), or the path of a .yaml file.")
  var suite: String

  @Argument(help: "Settings shared among all rows, as a dotted key and a value in YAML; or seeds=[0,1,2].")
  var overrides: [String] = []

  @Option(help: "Apply a profile of the suite, such as quick.")
  var profile: String?

  @Option(help: "How many cells to run at a time, each one method with one seed.")
  var jobs = 1

  @Option(help: "The threads of each cell; the cores shared out among the jobs where it is left out.")
  var threads: Int?

  @Option(help: "The folder that run folders are made in.")
  var runs = "runs"

  @Option(name: .customLong("data-root"), help: "The folder of downloaded data.")
  var dataRoot: String?

  @Flag(help: "Begin another comparison, also where one is unfinished or finished.")
  var fresh = false

  @Flag(help: "Train again also what nobody can tell to be out of date, as from another kind of processor.")
  var strict = false

  @Flag(help: "Show the cells, which are valid, missing or out of date, and an estimate of the time, and run none.")
  var plan = false

  @Flag(help: "List the cells by their numbers, with what there is of each, and run none.")
  var cells = false

  @Option(help: "Train these cells alone, such as 3 or 0,4,7-9, and write no report.")
  var cell: String?

  @Flag(help: "Train cells that no other process trains, until all are there, and write no report.")
  var join = false

  @Option(
    parsing: .upToNextOption,
    help: "Take finished cells from other folders of runs, or published comparisons; report where all are there.")
  var collect: [String] = []

  @Option(help: "With --cell, the rows' settings (choices.json of --collect), where the searches are elsewhere.")
  var choices: String?

  @Flag(
    name: .customLong("any-machine"),
    help: "With --cell and --join, work also on a comparison that began on another kind of processor.")
  var anyMachine = false

  @Flag(help: "Write JSON for a machine to read.")
  var json = false

  @Option(
    name: .customLong("checkpoint-seconds"),
    help: "The longest time between two checkpoints of a training; 0 writes one after each step.")
  var checkpointSeconds = 60.0

  @Flag(help: "Say where the time went: data, steps, monitors, each evaluator, checkpoints, figures, report.")
  var timings = false

  func validate() throws {
    guard checkpointSeconds >= 0, checkpointSeconds.isFinite else {
      throw ValidationError("--checkpoint-seconds must be 0 or more, not \(checkpointSeconds)")
    }
    if jobs < 1 { throw ValidationError("--jobs must be at least 1, not \(jobs)") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be 1 to 1024, not \(threads)")
    }
    if timings, json || plan { throw ValidationError("--timings takes no --json and no --plan") }
    if plan, json { throw ValidationError("--plan takes no --json") }
    let modes = [
      ("--plan", plan), ("--cells", cells), ("--cell", cell != nil), ("--join", join), ("--collect", !collect.isEmpty),
    ].filter(\.1).map(\.0)
    if modes.count > 1 { throw ValidationError("give one of \(modes.joined(separator: " and "))") }
    if choices != nil, cell == nil { throw ValidationError("--choices belongs to --cell") }
    if anyMachine, cell == nil, !join { throw ValidationError("--any-machine belongs to --cell and --join") }
    if fresh, !modes.isEmpty, modes != ["--plan"] { throw ValidationError("\(modes[0]) takes no --fresh") }
    if timings, cells { throw ValidationError("--cells writes no report") }
    if timings || json, cell != nil || join { throw ValidationError("\(modes[0]) writes no report") }
    _ = try numbers()
  }

  /// The numbers of --cell; none where it is left out.
  private func numbers() throws -> [Int] {
    guard let cell else { return [] }
    guard let numbers = CellNumbers.read(cell) else {
      throw ValidationError("--cell takes numbers such as 3 or 0,4,7-9, not `\(cell)`")
    }
    return numbers
  }

  func run() throws {
    let suite = try SuiteCatalogue.suite(suite, profile: profile, overrides: overrides)
    if let dataRoot {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: dataRoot, isDirectory: &isFolder), isFolder.boolValue else {
        throw UserError(.inputOutput, "there is no such folder", at: dataRoot, mend: "see --data-root")
      }
    }
    let trainings = try ComparisonPlan(suite, catalogue: catalogue)
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    var conditions = ComparisonRun.Conditions(
      runs: URL(fileURLWithPath: runs, isDirectory: true), jobs: jobs, threads: threads, dataRoot: dataRoot,
      launch: launch(program), machine: .current(executable: program), versions: Version.all,
      fingerprints: FingerprintProcess(program: program), isStrict: strict)
    conditions.isShared = join || cell != nil
    conditions.takesAnyMachine = anyMachine
    if plan { return say(try trainings.text(conditions, catalogue: catalogue), terminator: "") }
    if cells { return try list(trainings, conditions) }
    let comparison = try ComparisonRun(trainings, conditions: conditions, catalogue: catalogue, isFresh: fresh)
    if !collect.isEmpty {
      try collect(into: comparison)
      return try report(on: comparison)
    }
    let stop = StopRequest(signals: SIGINT, SIGTERM, SIGHUP)
    defer { withExtendedLifetime((stop, comparison)) {} }
    let failures: [CellQueue.Failure]
    if cell != nil {
      failures = try comparison.execute(
        cells: try numbers(), choices: try choices.map { try ComparisonChoices(readingFrom: $0) }, display: .standard(),
        interruptions: stop.times)
    } else {
      failures = try comparison.execute(display: .standard(), interruptions: stop.times)
    }
    if !conditions.isShared { try report(on: comparison) }
    try check(failures)
  }

  private func list(_ trainings: ComparisonPlan, _ conditions: ComparisonRun.Conditions) throws {
    let listed = try trainings.list(conditions, catalogue: catalogue)
    guard json else { return say(listed.plain, terminator: "") }
    let data = try RecordFile.data(listed, for: URL(fileURLWithPath: "cells.json"))
    say(String(decoding: data, as: UTF8.self), terminator: "")
  }

  /// Takes cells from elsewhere; throws where some are missing still.
  private func collect(into comparison: ComparisonRun) throws {
    let places = collect.map { URL(fileURLWithPath: $0, isDirectory: true) }
    let found = try comparison.collect(from: places, display: .standard())
    func count(_ number: Int) -> String { "\(number) \(number == 1 ? "cell" : "cells")" }
    var lines = [
      "\(count(found.taken)) taken, \(found.done) there now, \(found.missing.count) missing: \(comparison.folder.url.path)"
    ]
    if found.hasChoices { lines.append("choices: \(comparison.folder.choices.path)") }
    // A machine reads the report alone.
    for line in lines {
      if json { StandardStream.error.write(line + "\n") } else { say(line) }
    }
    guard !found.isComplete else { return }
    throw RunFailure(
      exitCode: UserError.Kind.notYet.rawValue,
      "\(count(found.missing.count)) missing: --cell \(CellNumbers.text(found.missing.map(\.number)))"
    )
  }

  private func report(on comparison: ComparisonRun) throws {
    let (report, fault) = try ComparisonReport.write(for: comparison.folder)
    if let fault { StandardStream.error.write("concord: not all figures: \(fault)\n") }
    if json {
      say(
        String(
          decoding: try RecordFile.data(report.result, for: comparison.folder.result), as: UTF8.self),
        terminator: "")
    } else {
      say(report.plain)
      if timings { say(report.plainTimings) }
      for format in ReportFormat.allCases { say("report: \(comparison.folder.asRun.report(format).path)") }
    }
  }

  private func check(_ failures: [CellQueue.Failure]) throws(RunFailure) {
    guard let first = failures.first else { return }
    throw RunFailure(
      exitCode: first.error.exitCode,
      "\(failures.count) \(failures.count == 1 ? "cell" : "cells") failed, the first \(first.title): \(first.error); "
        + "run the same command to try again")
  }

  /// The command of a cell's process.
  private func launch(_ program: URL) -> Run.Launch {
    let (named, seconds) = (dataRoot, checkpointSeconds)
    return Run.Launch(program: program) { folder, seed, threads in
      // A run that goes on looks for its data where it began, unless told otherwise.
      let root = named ?? (try? folder.readManifest())?.dataRoot
      return ["run-seed", folder.url.path, "\(seed)", "--threads", "\(threads)", "--watched"]
        + ["--checkpoint-seconds", "\(seconds)"] + (root.map { ["--data-root", $0] } ?? [])
    }
  }
}
