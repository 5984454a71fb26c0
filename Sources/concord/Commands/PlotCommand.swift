import ArgumentParser
import Diagnostics
import Figures
import Foundation
import Reports
import Runs

/// `concord plot`
struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Draws the figures of a run again, from its files.",
    discussion: """
      Example:  concord plot runs/gmc-emoji --only loss-curves --format pdf
      Example:  concord plot runs/fdt-codes-64 runs/fdt-codes-1024 --score "rsum | image – caption-en | rsum" --against \
      method.fdt.codes --output sizes

      Scores of several runs are drawn as bars, a colour for each run, or with --against as lines over a setting in which \
      they differ. Beside each picture stand a gnuplot script and its data, which draw it without Concord.
      """)

  @Argument(help: "The folder of a run, or a folder of runs, which means the newest; several with --score.")
  var paths: [String]

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

  @Option(help: "A score to draw, as \"evaluator | subject | metric\"; may be given more than once.")
  var score: [String] = []

  @Option(help: "With --score: the setting along the horizontal axis, such as method.fdt.codes.")
  var against: String?

  @Option(help: "With --score: the figure's title.")
  var title = ""

  @Option(help: "With --score: the path of the figure, without ending.")
  var output: String?

  func validate() throws {
    if score.isEmpty {
      if paths.count > 1 { throw ValidationError("several runs need --score") }
      if against != nil || output != nil || !title.isEmpty {
        throw ValidationError("--against, --title and --output belong to --score")
      }
    } else {
      if output == nil { throw ValidationError("--score needs --output") }
      if list || !only.isEmpty { throw ValidationError("--score takes neither --list nor --only") }
    }
    if list && !(only.isEmpty && format.isEmpty) { throw ValidationError("--list takes neither --only nor --format") }
  }

  func run() throws {
    if let output, !score.isEmpty { return try drawScores(to: URL(fileURLWithPath: output)) }
    let path = paths[0]
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

  /// Draws scores of the runs in one figure.
  private func drawScores(to url: URL) throws {
    var choices: [RunScoreFigure.Choice] = []
    for text in score { choices.append(try RunScoreFigure.Choice(text)) }
    let runs = try paths.map { try RunRecord(of: try RunFolder.find($0)) }
    let scores = try RunScoreFigure(runs, scores: choices, title: title)
    let figure = try against.map { try scores.lines(against: $0) } ?? scores.bars()
    let folder = url.deletingLastPathComponent()
    try RunFolder.createFolder(folder)
    let formats = Set(format.isEmpty ? FigureFormat.allCases : format)
    for file in try figure.render(to: folder, name: url.lastPathComponent, formats: formats) { say(file.path) }
  }
}

extension FigureFormat: ExpressibleByArgument {}
