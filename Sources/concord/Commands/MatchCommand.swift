import ArgumentParser
import Diagnostics
import Figures
import Foundation
import Search
import StrictYAML

/// `concord match`
struct MatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match", abstract: "Compares pictures with texts, each with each, and ranks every one's own partner.",
    discussion: """
      Example:  concord match runs/fdt-emoji pairs.tsv --figure pairs.svg

      The table has the columns image and text, with a tab between them (a comma in a .csv file); paths start from its \
      folder. Beside the figure stand the gnuplot script and the data that draw it again.
      """)

  /// The most pairs that are compared.
  private static let mostPairs = 2_000

  @OptionGroup var trained: TrainedRunArguments

  @Argument(help: "The table of pictures and texts.")
  var pairs: String

  @Option(help: "Draw the cosines to this .svg, .png or .pdf file.")
  var figure: String?

  @Flag(help: "Replace the file of --figure where it is there already.")
  var force = false

  func validate() throws {
    if force, figure == nil { throw ValidationError("--force belongs to --figure") }
    if let figure {
      let file = URL(fileURLWithPath: figure)
      guard FigureFormat(rawValue: file.pathExtension) != nil, !file.deletingPathExtension().lastPathComponent.isEmpty
      else {
        throw ValidationError("--figure must end with .svg, .png or .pdf, not '\(figure)'")
      }
    }
  }

  func run() throws {
    if let figure {
      // The script and the data that redraw it are written beside it.
      let base = URL(fileURLWithPath: figure).deletingPathExtension()
      for file in [figure] + ["gnuplot", "dat"].map({ base.appendingPathExtension($0).relativePath }) {
        try TrainedRunArguments.check(file, mayReplace: force)
        guard URL(fileURLWithPath: file).standardizedFileURL != URL(fileURLWithPath: pairs).standardizedFileURL else {
          throw UserError(.usage, "the figure would replace its own table", at: file, mend: "give it another name")
        }
      }
    }
    let table = try PairTable(pairs)
    guard table.texts.count <= Self.mostPairs else {
      throw UserError(
        .data, "\(table.texts.count) pairs, of which at most \(Self.mostPairs) can be compared", at: pairs,
        mend: "give a shorter table")
    }
    let (run, search) = try trained.open()
    let queries = try zip(table.texts, table.places).map { text, place in
      try TextQuery.resolve([text], language: trained.language, in: run.embedder.data, places: [place])[0]
    }
    for (query, place) in zip(queries, table.places) {
      if let remark = query.remark { TrainedRunArguments.remark("\(place): \(remark)") }
    }
    let match = PairMatch(
      pictures: table.names, texts: table.texts, pictureVectors: try search.vectors(ofPictures: table.pictures),
      textVectors: try search.vectors(of: queries))
    TrainedRunArguments.remark(onAgreementOf: run)
    if let figure {
      let file = URL(fileURLWithPath: figure)
      try match.figure(title: "\(run.name): pictures and texts").render(
        to: file.deletingLastPathComponent(), name: file.deletingPathExtension().lastPathComponent,
        formats: Set(FigureFormat(rawValue: file.pathExtension).map { [$0] } ?? []))
    }
    if trained.json { return say(match.json(run: run.name).json) }
    say(match.plain(run: run.name), terminator: "")
    say("Pictures: \(run.embedder.data.form).")
    if let figure { say("figure: \(figure)") }
  }
}
