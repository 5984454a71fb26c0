import ArgumentParser
import Foundation
import Harness

/// `concord plot`
struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Draws the figures of a run again, from its files.",
    discussion: "Example:  concord plot runs/gmc-emoji")

  @Argument(help: "The folder of a run, or a folder of runs, which means the newest.")
  var path: String

  func run() throws {
    for figure in try RunFigures(try RunFolder.find(path)).draw() { say(figure.path) }
  }
}
