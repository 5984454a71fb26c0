import ArgumentParser
import Diagnostics
import Foundation
import Harness

/// `concord run`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a recipe: trains and evaluates every seed, then writes tables and figures.",
    discussion: """
      Example:  concord run gmc/emoji seeds=[0,1,2] --jobs 2

      Each seed runs in a process of its own. Ctrl-C stops at the next step, a second one at once.
      """)

  @OptionGroup var arguments: RecipeArguments

  @Option(help: "How many seeds to run at a time.")
  var jobs = 1

  @Option(help: "The folder that run folders are made in.")
  var runs = "runs"

  @Option(name: .customLong("data-root"), help: "The folder of downloaded data.")
  var dataRoot: String?

  func validate() throws {
    if jobs < 1 { throw ValidationError("--jobs must be at least 1, not \(jobs)") }
  }

  func run() throws {
    let recipe = try arguments.resolve()
    if let dataRoot {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: dataRoot, isDirectory: &isFolder), isFolder.boolValue else {
        throw UserError(.inputOutput, "there is no such folder", at: dataRoot, mend: "see --data-root")
      }
    }
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let root = dataRoot
    let launch = Run.Launch(program: program) { folder, seed, threads in
      ["run-seed", folder.url.path, "\(seed)", "--threads", "\(threads)"] + (root.map { ["--data-root", $0] } ?? [])
    }
    let run = Run(
      recipe: recipe, runs: URL(fileURLWithPath: runs, isDirectory: true), jobs: jobs, dataRoot: dataRoot,
      launch: launch, machine: .current(executable: program), versions: Version.all)
    let interruptions = StopRequest(signal: SIGINT)
    let (folder, result) = try run.execute(display: .standard(), interruptions: interruptions.times)
    try draw(folder)
    let report = try Report.write(for: folder)
    say(report.plain)
    say("report: \(folder.report.path)")
    guard result.meetsExpectations else {
      throw UserError(.outsideTolerance, "a result lies outside its tolerance", at: folder.report.path)
    }
  }

  /// Draws the figures; a run is not lost for want of them.
  private func draw(_ folder: RunFolder) throws {
    do {
      try RunFigures(folder).draw()
    } catch {
      StandardStream.error.write("concord: no figures: \(error)\n")
    }
  }
}
