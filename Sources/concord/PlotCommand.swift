import ArgumentParser
import Diagnostics
import Figures
import Foundation
import Harness

/// `concord plot`
struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Draws the figures of a run again, from its files.",
    discussion: """
      Example:  concord plot runs/gmc-emoji --only loss-curves --format pdf

      Beside each picture stand a gnuplot script and its data, which draw it without Concord.
      """)

  @Argument(help: "The folder of a run, or a folder of runs, which means the newest.")
  var path: String

  @Option(help: "Draw this figure only; may be given more than once.")
  var only: [String] = []

  @Option(
    help: """
      A format: \(FigureFormat.allCases.map(\.rawValue).joined(separator: ", ")); may be given more than once, all by \
      default.
      """)
  var format: [FigureFormat] = []

  @Flag(help: "List the figures of the run instead.")
  var list = false

  func validate() throws {
    if list && !(only.isEmpty && format.isEmpty) { throw ValidationError("--list takes neither --only nor --format") }
  }

  func run() throws {
    let figures = try RunFigures(try RunFolder.find(path))
    if list {
      let width = figures.figures.map(\.name.count).max() ?? 0
      for figure in figures.figures {
        say("\(figure.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(figure.title)")
      }
      return
    }
    let formats = Set(format.isEmpty ? FigureFormat.allCases : format)
    let files = try figures.draw(only: only.isEmpty ? nil : only, formats: formats)
    guard !files.isEmpty else {
      throw UserError(.data, "the run has no files to draw from", at: path, mend: "let it train first")
    }
    for file in files { say(file.path) }
  }
}

extension FigureFormat: ExpressibleByArgument {}
