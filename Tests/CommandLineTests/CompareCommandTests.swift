import Comparison
import Foundation
import Testing

@Suite(.serialized) struct CompareCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func compare(_ arguments: [String]) throws -> Program.Outcome {
    try Program.run(
      ["compare"] + arguments + ["--runs", folder.url.appendingPathComponent("runs").path],
      environment: ["CONCORD_CACHE": folder.url.path])
  }

  /// The path of the suite, beside its recipe.
  private func written() throws -> String { try SmallSuite.write(to: folder) }

  @Test(
    arguments: [
      "clipart", "crossmodal", "digits", "emoji", "folder", "precision", "precision-digits", "shift", "stamps",
    ],
    [[], ["--profile", "quick"]])
  func everySuiteOfOursIsAPlan(name: String, profile: [String]) throws {
    let outcome = try compare([name, "--plan"] + (name == "folder" ? ["data.folder.path=pets"] : []) + profile)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("cells"))
  }

  @Test func theSuitesOfOursAreAllPlanned() {
    #expect(
      SuiteCatalogue.names == [
        "clipart", "crossmodal", "digits", "emoji", "folder", "precision", "precision-digits", "shift", "stamps",
      ])
  }

  @Test func aSuiteIsComparedOnceAndReportedAgain() throws {
    let path = try written()
    let planned = try compare([path, "--profile", "quick", "--plan"])
    #expect(planned.exitCode == 0, "\(planned.errors)")
    #expect(planned.output.hasSuffix("2 cells, 2 to do, 1 at a time: no finished run tells how long they take\n"))
    #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("runs").path))

    let first = try compare([path, "--jobs", "2", "--threads", "1"])
    #expect(first.exitCode == 0, "\(first.errors)")
    #expect(first.errors.contains("\n[4/4] "))
    let report = try #require(first.output.split(separator: "\n").last { $0.hasPrefix("report: ") }?.dropFirst(8))
    let place = URL(fileURLWithPath: String(report)).deletingLastPathComponent()
    #expect(place.lastPathComponent.hasPrefix("compare-digits-"))
    for name in ["suite.yaml", "plan.json", "comparison.json", "report.md", "report.tex", "report.csv", "report.html"] {
      #expect(FileManager.default.fileExists(atPath: place.appendingPathComponent(name).path), "\(name) is missing")
    }

    let again = try compare([path, "--threads", "1", "--json"])
    #expect(again.exitCode == 0 && again.errors.contains("compare: 4 cells, 4 of them done before\n"))
    let result = try #require(JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any])
    let rows = try #require(result["rows"] as? [[String: Any]])
    #expect(rows.map { $0["name"] as? String } == ["GMC", "Fusion"])
    for row in rows {
      let cells = try #require(row["cells"] as? [[String: Any]])
      #expect(cells.count == 2)
      // A process takes some megabytes at least.
      #expect(cells.allSatisfy { ($0["peakMemory"] as? Int ?? 0) > 1 << 20 && $0["threads"] as? Int == 1 })
    }

    try FileManager.default.removeItem(at: place.appendingPathComponent("report.html"))
    let reported = try Program.run("report", place.path, "--format", "html")
    #expect(reported.exitCode == 0, "\(reported.errors)")
    #expect(reported.output.hasSuffix("report: \(place.path)/report.html\n"))
    #expect(FileManager.default.fileExists(atPath: place.appendingPathComponent("report.html").path))
  }

  /// Workers with folders of their own, whose cells are brought together, come to what one process comes to.
  @Test func cellsOfManyFoldersAreOneComparison() throws {
    let path = try SmallSuite.write(to: folder, searches: true)
    func worker(_ name: String, _ arguments: String...) throws -> Program.Outcome {
      try Program.run(
        ["compare", path, "--threads", "1", "--runs", folder.url.appendingPathComponent(name).path] + arguments,
        environment: ["CONCORD_CACHE": folder.url.path])
    }
    let listed = try worker("all", "--cells", "--json")
    #expect(listed.exitCode == 0, "\(listed.errors)")
    let cells = try #require(JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
    #expect(cells.map { $0["number"] as? Int } == Array(0..<8))
    #expect(
      cells.map { $0["phase"] as? String } == Array(repeating: "search", count: 4)
        + Array(repeating: "compare", count: 4))
    #expect(cells.map { $0["state"] as? String }.suffix(4) == Array(repeating: "waits for its search", count: 4))

    let early = try worker("a", "--cell", "5")
    #expect(early.exitCode == 75 && early.errors.contains("cell 5, Fusion seed 0, waits for its row's searches"))
    #expect(early.errors.contains("train cells 2-3 first, as with --cell 2-3,5,"), "\(early.errors)")
    // A row's searches can be given together with its trainings, which they come before.
    let row = try worker("row", "--cell", "7,5,2-3")
    #expect(row.exitCode == 0 && row.output.isEmpty, "\(row.errors)")
    let states = try worker("row", "--cells", "--json")
    let rows = try #require(JSONSerialization.jsonObject(with: Data(states.output.utf8)) as? [[String: Any]])
    #expect(rows.filter { $0["state"] as? String == "done" }.map { $0["number"] as? Int } == [2, 3, 5, 7])
    let beyond = try worker("a", "--cell", "8")
    #expect(
      beyond.exitCode == 64 && beyond.errors.hasSuffix("there is no cell 8; the cells are 0 to 7\n"), "\(beyond.errors)"
    )
    for (name, cells) in [("a", "0,3"), ("b", "1-2")] {
      let outcome = try worker(name, "--cell", cells)
      #expect(outcome.exitCode == 0 && outcome.output.isEmpty, "\(outcome.errors)")
    }
    let folders = ["a", "b"].map { folder.url.appendingPathComponent($0).path }
    let first = try worker("all", "--collect", folders[0], folders[1])
    #expect(first.exitCode == 75 && first.errors.hasSuffix("concord: 4 cells missing: --cell 4-7\n"), "\(first.errors)")
    #expect(first.output.hasPrefix("4 cells taken, 4 there now, 4 missing: "), "\(first.output)")
    let line = try #require(first.output.split(separator: "\n").first { $0.hasPrefix("choices: ") })
    let choices = String(line.dropFirst(9))
    for (name, cells) in [("a", "4,6"), ("b", "5,7")] {
      let outcome = try worker(name, "--cell", cells, "--choices", choices)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }
    let second = try worker("all", "--collect", folders[0], folders[1])
    #expect(
      second.exitCode == 0 && second.output.hasPrefix("4 cells taken, 8 there now, 0 missing: "), "\(second.output)")
    let serial = try worker("serial", "--json")
    #expect(serial.exitCode == 0, "\(serial.errors)")
    let collected = try worker("all", "--json")
    #expect(collected.errors.contains("compare: 4 cells, 4 of them done before\n"), "\(collected.errors)")
    #expect(try scores(collected) == scores(serial) && !scores(serial).isEmpty)

    // What is committed is enough to go on from, with the same scores and choices.
    let results = folder.url.appendingPathComponent("results").path
    try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: true)
    let place = try #require(
      FileManager.default.contentsOfDirectory(atPath: folder.url.appendingPathComponent("all").path).first {
        $0.hasPrefix("compare-")
      })
    let published = try Program.run(
      ["publish", folder.url.appendingPathComponent("all/\(place)").path, "--results", results])
    #expect(published.exitCode == 0, "\(published.errors)")
    let again = try worker("again", "--collect", results + "/Compare/digits")
    #expect(
      again.exitCode == 0 && again.output.hasPrefix("8 cells taken, 8 there now, 0 missing: "),
      "\(again.output) \(again.errors)")
    let republished = try worker("again", "--json")
    #expect(republished.errors.contains("compare: 4 cells, 4 of them done before\n"), "\(republished.errors)")
    #expect(try scores(republished) == scores(serial))
    #expect(try chosen(republished) == chosen(serial))

    let nowhere = try worker("all", "--collect", path + "-none")
    #expect(nowhere.exitCode == 74 && nowhere.errors.contains("holds no comparison"), "\(nowhere.errors)")
  }

  /// The page on many machines has the numbers of the suite that it shows.
  @Test func thePageHasTheNumbersOfEmoji() throws {
    let listed = try compare(["emoji", "--cells", "--json"])
    let cells = try #require(JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
    let searches = cells.count { $0["phase"] as? String == "search" }
    let page = try Program.run("help", "machines").output
    for text in ["--array=0-\(searches - 1)%8", "--array=\(searches)-\(cells.count - 1)%8", "seq 0 \(searches - 1) "] {
      #expect(page.contains(text), "\(text)")
    }
  }

  /// Two processes that share a folder train each cell once, and what one leaves the other takes over.
  @Test func twoProcessesShareAComparison() throws {
    let path = try written()
    let arguments = [
      "compare", path, "--threads", "1", "--join", "--runs", folder.url.appendingPathComponent("runs").path,
    ]
    let environment = ["CONCORD_CACHE": folder.url.path]
    var second: Program.Outcome?
    let first = try Program.run(arguments, environment: environment) { _ in
      second = try? Program.run(arguments, environment: environment)
    }
    for outcome in [first, try #require(second)] {
      #expect(outcome.exitCode == 0 && outcome.output.isEmpty, "\(outcome.errors)")
    }
    let joined = try compare([path, "--threads", "1", "--json"])
    #expect(joined.errors.contains("compare: 4 cells, 4 of them done before\n"), "\(joined.errors)")
    let families = folder.url.appendingPathComponent("runs")
    let cells =
      FileManager.default.enumerator(atPath: families.path)?.compactMap { $0 as? String }
      .filter { $0.hasSuffix("/results.json") && $0.contains("/cells/") } ?? []
    #expect(cells.count == 4, "\(cells)")
    let serial = try Program.run(
      ["compare", path, "--threads", "1", "--json", "--runs", folder.url.appendingPathComponent("serial").path],
      environment: environment)
    #expect(try scores(joined) == scores(serial) && !scores(serial).isEmpty)
  }

  /// The candidates with their scores, and which is chosen.
  private func chosen(_ outcome: Program.Outcome) throws -> [String] {
    let result = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    return try #require(result["rows"] as? [[String: Any]]).flatMap { row in
      (row["candidates"] as? [[String: Any]] ?? []).map {
        "\(row["name"] ?? "") \($0["settings"] ?? "") \($0["score"] ?? "") \($0["isChosen"] ?? "")"
      }
    }
  }

  /// The values of all columns but the costs.
  private func scores(_ outcome: Program.Outcome) throws -> [String] {
    let result = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let columns = try #require(result["columns"] as? [[String: Any]])
    return columns.filter { ($0["column"] as? [String: Any])?["group"] as? String != "Cost" }.flatMap { column in
      (column["entries"] as? [[String: Any]] ?? []).map { "\($0["values"] ?? "")" }
    }
  }

  @Test func faultsAreOneLine() throws {
    let path = try written()
    for (arguments, errors, code) in [
      (["emojis"], "there is no suite `emojis`; did you mean `emoji`?", 64),
      ([path, "--jobs", "0"], "--jobs must be at least 1, not 0; see `concord compare --help`", 64),
      ([path, "--threads", "0"], "--threads must be 1 to 1024, not 0; see `concord compare --help`", 64),
      ([path, "--plan", "--json"], "--plan takes no --json; see `concord compare --help`", 64),
      ([path, "--plan", "--join"], "give one of --plan and --join; see `concord compare --help`", 64),
      (
        [path, "--cell", "3-1"], "--cell takes numbers such as 3 or 0,4,7-9, not `3-1`; see `concord compare --help`",
        64
      ),
      ([path, "--choices", "c.json"], "--choices belongs to --cell; see `concord compare --help`", 64),
      ([path, "--join", "--json"], "--join writes no report; see `concord compare --help`", 64),
      ([path, "--profile", "quik"], "the suite has no profile `quik`; did you mean `quick`?", 64),
      (
        [path, "training.epoch=2"],
        "`training.epoch=2`: row `GMC`: unknown key `training.epoch`; did you mean `training.epochs`?", 64
      ),
      ([path, "seeds=[]"], "`seeds=[]`: `seeds` must be a list of whole numbers; for example [0, 1, 2]", 64),
    ] as [([String], String, Int32)] {
      let outcome = try compare(arguments)
      #expect(outcome.errors == "concord: \(errors)\n")
      #expect(outcome.exitCode == code && outcome.output.isEmpty)
    }
    let broken = try folder.write(SmallSuite.text.replacing("rows:", with: "raws:"), to: "broken.yaml")
    let outcome = try compare([broken])
    #expect(outcome.errors == "concord: \(broken):4:1: unknown key `raws`; did you mean `rows`?\n")
    #expect(outcome.exitCode == 65)
  }
}
