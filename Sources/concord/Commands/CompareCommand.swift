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
  }

  func run() throws {
    let suite = try SuiteCatalogue.suite(suite, profile: profile, overrides: overrides)
    if let dataRoot {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: dataRoot, isDirectory: &isFolder), isFolder.boolValue else {
        throw UserError(.inputOutput, "there is no such folder", at: dataRoot, mend: "see --data-root")
      }
    }
    let cells = try ComparisonPlan(suite, catalogue: catalogue)
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let conditions = ComparisonRun.Conditions(
      runs: URL(fileURLWithPath: runs, isDirectory: true), jobs: jobs, threads: threads, dataRoot: dataRoot,
      launch: launch(program), machine: .current(executable: program), versions: Version.all,
      fingerprints: FingerprintProcess(program: program), isStrict: strict)
    if plan { return say(try cells.text(conditions, catalogue: catalogue), terminator: "") }
    let comparison = try ComparisonRun(cells, conditions: conditions, catalogue: catalogue, isFresh: fresh)
    let stop = StopRequest(signals: SIGINT, SIGTERM, SIGHUP)
    defer { withExtendedLifetime((stop, comparison)) {} }
    let failures = try comparison.execute(display: .standard(), interruptions: stop.times)
    let (report, fault) = try ComparisonReport.write(for: comparison.folder)
    if let fault { StandardStream.error.write("concord: not all figures: \(fault)\n") }
    if json {
      say(
        String(
          decoding: try ComparisonFolder.json(report.result, for: comparison.folder.result), as: UTF8.self),
        terminator: "")
    } else {
      say(report.plain)
      if timings { say(report.plainTimings) }
      for format in ReportFormat.allCases { say("report: \(comparison.folder.asRun.report(format).path)") }
    }
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
