import Diagnostics
import Foundation
import Recipes
import Reports
import Runs
import SampleRuns
import StrictYAML
import Testing
import Training

@Suite struct RunListingTests {
  private let sample: SampleRun

  init() throws { sample = try SampleRun() }

  /// Three runs, the last begun being the one with the least scores.
  private func make() throws {
    for (index, shift) in [0.0, 0.02, -0.3].enumerated() {
      _ = try sample.finished(
        overrides: ["seeds=[0,1,2]", "training.epochs=\(index + 1)"],
        results: [0, 0.01, -0.01].map { SampleRun.seed(shift + $0) }, start: Double(index) * 100)
    }
  }

  private func epochs(_ listing: RunListing) -> [JSONValue?] { listing.runs.map { $0.value(of: "training.epochs") } }

  private func listing() throws -> RunListing { try RunListing(in: sample.folder.url) }

  @Test func theNewestRunComesFirst() throws {
    try make()
    #expect(try epochs(listing()) == [.integer(3), .integer(2), .integer(1)])
    let run = try #require(try listing().runs.first)
    #expect(run.recipeName == "sample/small" && run.ending == "finished" && run.faults.isEmpty)
    #expect(run.mainScore?.text == "retrieval R@1 of image → sound 20.0 ± 2.5 %")
    #expect(try listing().text().contains("1970-01-01T00:03:20Z"))
  }

  @Test func aQueryChooses() throws {
    try make()
    func kept(_ query: String) throws -> [JSONValue?] {
      var listing = try listing()
      try listing.keep(try RunQuery(query))
      return epochs(listing)
    }
    #expect(try kept("training.epochs >= 2") == [.integer(3), .integer(2)])
    // A score has the unit that tables show.
    #expect(try kept("'retrieval R@1' >= 50") == [.integer(2), .integer(1)])
    #expect(try kept("'retrieval | image → sound | R@1' < 50") == [.integer(3)])
    #expect(try kept("retrieval/R@1 < 50 or 'accuracy image accuracy' > 96") == [.integer(3), .integer(2)])
    #expect(try kept("recipe == sample/small and seeds contains 2 and ending == finished").count == 3)
    #expect(try kept("seed == 7").isEmpty)
    #expect(
      try kept("profile == null and commit contains c0ff and threads == 2 and overrides contains 'training.epochs=1'")
        == [.integer(1)])
  }

  @Test func anUnknownKeyNamesTheNearest() throws {
    try make()
    var listing = try listing()
    let error = #expect(throws: UserError.self) { try listing.keep(try RunQuery("seeds == 0 and training.epoch == 3")) }
    #expect(error?.description == "query, column 16: no run has `training.epoch`; did you mean training.epochs?")
    let score = #expect(throws: UserError.self) { try listing.sort(by: "retrieval R@2") }
    #expect(score?.description == "--sort: no run has `retrieval R@2`; did you mean 'retrieval R@1'?")
    // A key that runs have, though not those that are left, is known.
    try listing.keep(try RunQuery("seeds == 9"))
    try listing.sort(by: "retrieval R@1")
    #expect(listing.runs.isEmpty)
  }

  @Test func runsAreSortedByAnything() throws {
    try make()
    let unfinished = try sample.finished(overrides: ["training.epochs=9"], start: 500)
    try FileManager.default.removeItem(at: unfinished.results)
    var listing = try listing()
    try listing.sort(by: "retrieval R@1")
    #expect(epochs(listing) == [.integer(2), .integer(1), .integer(3), .integer(9)])
    // What has no value is last in both directions.
    try listing.sort(by: "retrieval R@1", ascending: true)
    #expect(epochs(listing) == [.integer(3), .integer(1), .integer(2), .integer(9)])
    try listing.sort(by: "training.epochs")
    listing.limit(to: 2)
    #expect(epochs(listing) == [.integer(9), .integer(3)])
  }

  @Test func damagedAndUnfinishedRunsAreListedWithWhatIsKnown() throws {
    let runs = try (0..<5).map {
      try sample.finished(overrides: ["training.epochs=\($0 + 1)"], start: Double($0) * 100)
    }
    try Data("{".utf8).write(to: runs[0].manifest)
    try FileManager.default.removeItem(at: runs[1].recipe)
    try FileManager.default.removeItem(at: runs[2].manifest)
    try Data("[]".utf8).write(to: runs[3].results)
    var manifest = try runs[4].readManifest()
    manifest.ending = .interrupted
    try runs[4].write(manifest)
    try FileManager.default.removeItem(at: runs[4].results)
    try runs[4].write(SampleRun.seed(0), seed: 1)
    let listed = try listing().runs
    #expect(listed.map { $0.folder.url.lastPathComponent } == runs.reversed().map { $0.url.lastPathComponent })
    #expect(listed.map(\.ending) == ["interrupted", "damaged", "damaged", "damaged", "damaged"])
    #expect(
      listed[4].hash == runs[4].url.lastPathComponent.split(separator: "-").last.map(String.init)
        || listed[4].hash != nil)
    #expect(listed[4].mainScore != nil && listed[4].start == Date(timeIntervalSince1970: 0))
    #expect(listed[3].mainScore != nil && listed[3].faults == ["recipe.yaml: the file cannot be read"])
    #expect(listed[1].mainScore == nil && listed[1].faults[0].hasPrefix("results.json: the file is damaged"))
    let text = try listing().text()
    #expect(text.contains("interrupted  1 of \(manifest.seeds.count) seeds done"))
    #expect(text.contains("damaged      results.json: the file is damaged"))
    #expect(try listing().json().json.contains("\"ending\""))
  }

  @Test func theCellsOfAComparisonAreListedAndItsRowsAreNot() throws {
    let run = try sample.finished()
    let files = FileManager.default
    let comparison = sample.folder.url.appendingPathComponent("compare-made")
    for folder in ["cells/a", "rows"] {
      try files.createDirectory(at: comparison.appendingPathComponent(folder), withIntermediateDirectories: true)
    }
    try Data("{}".utf8).write(to: comparison.appendingPathComponent("plan.json"))
    try files.copyItem(
      at: run.url, to: comparison.appendingPathComponent("cells/a").appendingPathComponent(run.url.lastPathComponent))
    try files.copyItem(at: run.url, to: comparison.appendingPathComponent("rows/a"))
    try files.createDirectory(
      at: sample.folder.url.appendingPathComponent(".hidden/20260101T000000Z-1"), withIntermediateDirectories: true)
    let paths = try listing().runs.map(\.folder.url.path)
    #expect(paths.count == 2 && paths.count { $0.contains("/cells/a/") } == 1)
  }

  @Test func aFolderThatIsNotThereIsNamed() {
    let missing = sample.folder.url.appendingPathComponent("none")
    let error = #expect(throws: UserError.self) { try RunListing(in: missing) }
    #expect(error?.description == "\(missing.path): there is no such folder; name the folder with --runs")
  }
}
