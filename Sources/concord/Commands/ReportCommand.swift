import ArgumentParser
import Comparison
import Diagnostics
import Foundation
import Reports
import Runs

/// `concord report`
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Writes the report of a run again, or of several runs side by side.",
    discussion: """
      Example:  concord report runs/gmc-emoji
      Example:  concord report runs/gmc-emoji runs/gmc-emoji-cold --output comparison

      The report of one run goes into its own folder as report.md, report.tex, report.csv and report.html. With \
      --output it goes into another folder, with copies of its figures. The tables are printed too. Of the folder of a \
      comparison, made by concord compare, its own report is written again, with its figures.
      """)

  @Argument(help: "Folders of runs; a folder of runs means the newest.")
  var paths: [String]

  @Option(help: "The formats, separated by commas: \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
  var format = ReportFormat.allCases.map(\.rawValue).joined(separator: ",")

  @Option(help: "The folder to write into; needed for several runs.")
  var output: String?

  @Flag(help: "Replace files in the folder of --output.")
  var force = false

  func validate() throws {
    if paths.count > 1, output == nil { throw ValidationError("several runs need --output FOLDER") }
    if force, output == nil { throw ValidationError("--force belongs to --output") }
    _ = try formats()
  }

  func run() throws {
    if paths.count == 1, output == nil, ComparisonFolder.isComparison(paths[0]) { return try writeComparison() }
    let folders = try paths.map { try RunFolder.find($0) }
    guard let output else {
      let report = try Report.write(for: folders[0], formats: try formats())
      say(report.plain)
      for format in try formats() { say("report: \(folders[0].report(format).path)") }
      return
    }
    for (index, folder) in folders.enumerated()
    where folders[..<index].contains(where: { $0.url.standardizedFileURL == folder.url.standardizedFileURL }) {
      throw UserError(.usage, "both \(paths[index]) and another path mean this run", at: folder.url.path)
    }
    let report = Report(try folders.map { try RunRecord(of: $0) })
    let files = try report.write(
      try formats(), to: URL(fileURLWithPath: output, isDirectory: true), overwriting: force)
    say(report.plain)
    if !report.unpublishable.isEmpty {
      let names = report.unpublishable.map(\.name).joined(separator: ", ")
      StandardStream.error.write("concord: left out, since their pictures may not be passed on: \(names)\n")
    }
    for file in files { say("report: \(file.path)") }
  }

  /// Writes the report of a comparison again, from its cells.
  private func writeComparison() throws {
    let folder = ComparisonFolder(URL(fileURLWithPath: paths[0], isDirectory: true))
    let (report, fault) = try ComparisonReport.write(for: folder, formats: try formats())
    if let fault { StandardStream.error.write("concord: not all figures: \(fault)\n") }
    say(report.plain)
    for format in try formats() { say("report: \(folder.asRun.report(format).path)") }
  }

  /// The formats that were asked for, each once.
  private func formats() throws -> [ReportFormat] {
    let known = ReportFormat.allCases.map(\.rawValue)
    let names = format.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    guard !names.isEmpty else { throw ValidationError("--format names none of \(known.joined(separator: ", "))") }
    if let unknown = names.first(where: { !known.contains($0) }) {
      let nearest = nearestName(to: unknown, among: known).map { "did you mean \($0)?" }
      throw ValidationError(
        "there is no format '\(unknown)'; \(nearest ?? "choose of \(known.joined(separator: ", "))")")
    }
    return ReportFormat.allCases.filter { names.contains($0.rawValue) }
  }
}
