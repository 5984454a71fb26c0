import ArgumentParser
import Reports
import Runs
import StrictYAML

/// `concord diff`
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Prints what sets two finished runs apart: settings, data, commit, scores.",
    discussion: """
      Example:  concord diff runs/gmc-emoji runs/gmc-emoji-cold

      Score differences are paired by seed where both runs have the same seeds, else unpaired by Welch's formula; the \
      output says which. A star marks a difference whose 95 % interval leaves zero out.
      """)

  @Argument(help: "The folder of a run, or a folder of runs, which means the newest.")
  var first: String

  @Argument(help: "The folder of the run to compare with it.")
  var second: String

  @Flag(help: "Write JSON for a machine to read; numbers are in the metric's own unit.")
  var json = false

  func run() throws {
    let difference = RunDifference(
      try RunRecord(of: try RunFolder.find(first)), try RunRecord(of: try RunFolder.find(second)))
    say(json ? difference.json.json : difference.plain, terminator: json ? "\n" : "")
  }
}
