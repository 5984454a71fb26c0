import ArgumentParser
import Diagnostics
import Foundation
import Recipes
import Reports
import Runs
import Teams
import Training

/// `concord run`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a recipe: trains and evaluates every seed, then writes tables and figures.",
    discussion: """
      Example:  concord run gmc/emoji seeds=[0,1,2] --jobs 2

      Each seed runs in a process of its own. Ctrl-C stops at the next step, a second one at once. The same command \
      again goes on where a run was stopped or killed; of one that is finished it shows the result, unless the program \
      computes it otherwise by now. Seeds that an earlier run has are taken over; with --collect those of another \
      machine's runs or of a published result are too: `concord help machines`.
      """)

  @OptionGroup var arguments: RecipeArguments

  @Option(help: "How many seeds to run at a time.")
  var jobs = 1

  @Option(help: "How many processes train a seed together, by Open MPI; see the topic `machines`.")
  var ranks = 1

  @Option(help: "The hosts of these processes with how many each has, such as a:4,b:4.")
  var hosts: String?

  @Option(help: "The folder that run folders are made in.")
  var runs = "runs"

  @Option(name: .customLong("data-root"), help: "The folder of downloaded data.")
  var dataRoot: String?

  @Option(
    parsing: .upToNextOption,
    help: "Take finished seeds over from other runs, folders of runs, or published results such as Results/FDT/emoji.")
  var collect: [String] = []

  @Flag(help: "Start another run, also where one of this recipe is unfinished or finished.")
  var fresh = false

  @Flag(help: "Train again also what nobody can tell to be out of date, as from another kind of processor.")
  var strict = false

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
    if ranks < 1 { throw ValidationError("--ranks must be at least 1, not \(ranks)") }
    if ranks > 1, jobs > 1 { throw ValidationError("--jobs must be 1 with --ranks, not \(jobs)") }
    if hosts != nil, ranks < 2 { throw ValidationError("--hosts needs --ranks") }
  }

  func run() throws {
    guard !Team.isStarted else {
      throw UserError(
        .usage, "`concord run` was started by mpirun or srun, which it starts itself",
        mend: "leave that out and give --ranks, with --hosts where they are several")
    }
    let recipe = try arguments.resolve()
    let team = ranks > 1 ? try TeamLaunch(ranks: ranks, hosts: hosts) : nil
    try catalogue.check(ranks: ranks, of: recipe)
    try team?.check()
    if let dataRoot {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: dataRoot, isDirectory: &isFolder), isFolder.boolValue else {
        throw UserError(.inputOutput, "there is no such folder", at: dataRoot, mend: "see --data-root")
      }
    }
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let run = Run(
      recipe: recipe, runs: URL(fileURLWithPath: runs, isDirectory: true), jobs: jobs, dataRoot: dataRoot,
      launch: launch(program, team), machine: .current(executable: program), versions: Version.all)
    let identities = DataIdentities()
    let judge = ValidityJudge(
      machine: run.machine, versions: run.versions, catalogue: catalogue, identities: identities, runs: run.runs,
      source: FingerprintProcess(program: program), isStrict: strict)
    var session = try run.open(catalogue: catalogue, isFresh: fresh, identities: identities, judge: judge)
    if !collect.isEmpty {
      session = try run.collect(
        from: collect.map { URL(fileURLWithPath: $0, isDirectory: true) }, into: session, catalogue: catalogue,
        identities: identities, judge: judge)
    }
    defer { withExtendedLifetime(session) {} }
    let result = try result(of: session, by: run)
    let report = try report(on: session)
    say(report.plain)
    if timings { say(Self.timings(of: session.folder)) }
    let page = session.folder.report(.html)
    // A run of an earlier version may have none.
    if FileManager.default.fileExists(atPath: page.path) { say("report: \(page.path)") }
    say("report: \(session.folder.report.path)")
    guard result.meetsExpectations else {
      throw UserError(.outsideTolerance, "a result lies outside its tolerance", at: session.folder.report.path)
    }
  }

  /// The command of a seed's process.
  private func launch(_ program: URL, _ team: TeamLaunch?) -> Run.Launch {
    let (named, seconds) = (dataRoot, checkpointSeconds)
    return Run.Launch(program: program, team: team) { folder, seed, threads in
      // A run that goes on looks for its data where it began, unless told otherwise.
      let root = named ?? (try? folder.readManifest())?.dataRoot
      return ["run-seed", folder.url.path, "\(seed)", "--threads", "\(threads)", "--watched"]
        + ["--checkpoint-seconds", "\(seconds)"] + (root.map { ["--data-root", $0] } ?? [])
        + (team == nil ? [] : ["--team"])
    }
  }

  /// The result: that of a run that is finished, else of what is left to do.
  private func result(of session: RunSession, by run: Run) throws -> RunResult {
    if session.beginning == .finished {
      for remark in session.remarks { StandardStream.error.write("concord: \(remark)\n") }
      StandardStream.error.write(
        "\(run.recipe.name) \(run.recipe.hash) is finished: \(session.folder.url.path); --fresh starts another run\n")
      return try session.folder.readResult()
    }
    let stop = StopRequest(signals: SIGINT, SIGTERM, SIGHUP)
    defer { withExtendedLifetime(stop) {} }
    return try run.execute(session, display: .standard(), interruptions: stop.times)
  }

  /// Draws and writes what is not there yet; the report comes last, so where it is, all of it is.
  private func report(on session: RunSession) throws -> Report {
    if session.beginning == .finished, FileManager.default.fileExists(atPath: session.folder.report.path) {
      return try Report(of: session.folder)
    }
    let stopwatch = Stopwatch()
    try stopwatch.measure("figures") { try draw(session.folder) }
    try session.folder.write(stopwatch.timings)
    let report = try stopwatch.measure(Timings.report) { () throws(UserError) in try Report.write(for: session.folder) }
    try session.folder.write(stopwatch.timings)
    return report
  }

  /// Where the time of a run went, for a terminal.
  private static func timings(of folder: RunFolder) -> String {
    guard let record = try? RunRecord(of: folder), let timings = record.timings else {
      return "time: the run's version did not keep where it went\n"
    }
    return ScoreTable.timings(timings).plain
      + String(
        format: "outside the optimiser's steps: %.1f %%\n", 100 * timings.shareOutsideSteps)
  }

  /// Draws the figures; a run is not lost for want of them.
  private func draw(_ folder: RunFolder) throws {
    do {
      try RunFigures(folder).draw()
    } catch {
      let drawn = (try? FigureList.read(in: folder)) ?? []
      StandardStream.error.write("concord: \(drawn.isEmpty ? "no" : "not all") figures: \(error)\n")
    }
  }
}
