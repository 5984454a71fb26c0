import ArgumentParser
import Diagnostics
import Foundation
import Reports
import Runs
import StrictYAML

/// `concord runs`
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "Lists what was run, the newest first.",
    discussion: """
      Example:  concord runs 'method.name == clip and training.batchSize >= 128' --sort 'retrieval R@1'

      A query compares a setting (training.epochs), a field of the manifest (recipe, profile, hash, seeds, ending, \
      threads, jobs, commit, processor, start, end, overrides, folder) or a score ('retrieval R@1', 'retrieval | image → \
      caption-en | R@1') with a value by ==, !=, <, <=, >, >= or contains, and joins comparisons by and, or, not and \
      parentheses. A score has the unit that tables show, and is that of the first pair where several fit. What a run \
      lacks is null; of a list one value has to fit.
      """)

  @Argument(help: "Which runs to list; all where it is left out.")
  var query: String?

  @Option(
    parsing: .unconditional,
    help: "A setting, field or score to sort by, the greatest first; -KEY has the least first.")
  var sort: String?

  @Flag(help: "Turn the order round: the least value, or the oldest run, first.")
  var ascending = false

  @Option(help: "The most runs to list.")
  var limit: Int?

  @Option(help: "The folder that runs are looked for in.")
  var runs = "runs"

  @Flag(help: "Write JSON for a machine to read.")
  var json = false

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, not \(limit)") }
    if let sort, sort.isEmpty || sort == "-" { throw ValidationError("--sort names no key") }
  }

  func run() throws {
    let query = try query.map { try RunQuery($0) }
    var listing = try RunListing(in: URL(fileURLWithPath: runs, isDirectory: true))
    if let query { try listing.keep(query) }
    let key = sort.map { $0.hasPrefix("-") ? String($0.dropFirst()) : $0 }
    if let key {
      // Both signs together cancel out.
      try listing.sort(by: key, ascending: (sort?.hasPrefix("-") ?? false) != ascending)
    } else if ascending {
      listing.reverse()
    }
    if let limit { listing.limit(to: limit) }
    if json { return say(listing.json(showing: key).json) }
    guard !listing.runs.isEmpty else { return say(query == nil ? "no runs" : "no run meets the query") }
    say(listing.text(showing: key), terminator: "")
  }
}
