import Comparison
import Diagnostics
import Foundation
import Interchange
import Reports
import Runs
import Testing

struct ComparisonReportTests {
  let sample: SampleSuite
  let folder: ComparisonFolder

  init() throws {
    sample = try SampleSuite()
    folder = try sample.run(try sample.plan()).folder
  }

  @Test func tablesNameTheBestAndWhatIsMissing() throws {
    let (report, _) = try ComparisonReport.write(for: folder, hasFigures: false)
    let markdown = try report.text(.markdown)
    // Alone is the best of its column beyond every other row; it has no other score, and shows an empty cell.
    #expect(
      markdown.contains(
        """
        ## Retrieval

        | method | first (%) ↑ | other (%) ↑ |
        | :-- | --: | --: |
        | Low | 13.0 ± 7.5 | 13.0 ± 7.5 |
        | High | 51.0 ± 2.5 | **51.0 ± 2.5** |
        | Searched | 42.7 ± 6.3 | 42.7 ± 6.3 |
        | Alone | **70.0 ± 0.0** | — |

        """))
    #expect(markdown.contains("| Low | -57.0 ± 7.5 |") || markdown.contains("| Low | **-57.0 ± 7.5** |"))
    #expect(markdown.contains("| first | **Alone** | 70.0 ± 0.0 | beyond every other row |"))
    #expect(markdown.contains("From 3 seeds only 10 unlike samples can be drawn"))
    #expect(markdown.contains("holds the median of all runs 75 % of the time"))
    #expect(markdown.contains("| method.temperature | 0.1 (Low); 0.5 (High); 0.4 (Searched); 0.7 (Alone) |"))
    #expect(markdown.contains("- cost: 3 cells, 0:09\n"))
    #expect(markdown.contains("| Searched | method.temperature=0.4 | **40.0** | 4 | chosen |"))
    #expect(markdown.contains("```sh\nconcord compare made.yaml --threads 1\n```"))
    #expect(report.plain.contains("Alone") && report.plain.contains("* best of its column"))
  }

  @Test func aRowOfFoldsHasTheMeanOfEachWholeSeed() throws {
    let sample = try SampleSuite()
    try sample.write("broken-5-1-2")
    let folder = try sample.run(try sample.plan(overrides: ["folds=3", "seeds=[0, 1]"])).folder
    try ComparisonReport.write(for: folder, hasFigures: false)
    let low = try RunFolder(folder.rows.appendingPathComponent("low")).readResult()
    // The fold is the last digit of a score: 0.100, 0.101 and 0.102, then 0.130 to 0.132.
    let score = try #require(low.scores.first { $0.subject == "a" && $0.metric == "R@1" })
    #expect(low.seeds == [0, 1] && low.wallSeconds == [3, 3])
    #expect(zip(score.values, [0.101, 0.131]).allSatisfy { abs($0 - $1) < 1e-12 }, "\(score.values)")
    #expect(try RunFolder(folder.rows.appendingPathComponent("high")).readResult().seeds == [0])
  }

  @Test func everyRowHasTheResultOfAllItsSeeds() throws {
    let (report, _) = try ComparisonReport.write(for: folder, hasFigures: false)
    // Two rows are of the recipe sample/low, so they go by their own names.
    for (row, name) in zip(report.result.rows, ["low", "high", "searched", "alone"]) {
      let written = RunFolder(folder.rows.appendingPathComponent(name))
      let result = try written.readResult()
      #expect(result.seeds == [0, 1, 2] && result.recipe == row.recipe)
      #expect(try written.readManifest().recipeHash == row.cells[0].hash)
      #expect(try RecordedRecipe(of: written).settings.isEmpty == false)
      let score = try #require(result.scores.first { $0.subject == "a" && $0.metric == "R@1" })
      let entry = try #require(report.result.columns[0].entries[report.result.rows.firstIndex(of: row) ?? -1])
      #expect(score.values == entry.values.compactMap { $0 })
      #expect(score.halfWidth == entry.halfWidth)
    }
  }

  @Test func cellsOnOtherDataAreRemarkedOn() throws {
    let (report, _) = try ComparisonReport.write(for: folder, hasFigures: false)
    #expect(!report.plain.contains("not the same"))
    let cell = RunFolder(folder.url.appendingPathComponent(report.result.rows[1].cells[0].folder))
    var manifest = try cell.readManifest()
    manifest.datasetChecksums["sample"] = "abd"
    try cell.write(manifest)
    let remark = "The data set sample was not the same for all cells: these scores cannot be compared."
    let (other, _) = try ComparisonReport.write(for: folder, hasFigures: false)
    #expect(try other.plain.contains(remark) && other.text(.markdown).contains(remark))
  }

  @Test func aComparisonIsNoRun() throws {
    let error = #expect(throws: UserError.self) { try RunFolder.find(folder.url.path) }
    #expect(error?.description.contains("this is the folder of a comparison, not of a run") == true)
  }

  @Test func everyFormatIsWritten() throws {
    let (report, _) = try ComparisonReport.write(for: folder, hasFigures: false)
    for format in ReportFormat.allCases {
      #expect(FileManager.default.fileExists(atPath: folder.asRun.report(format).path))
    }
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: folder.result)) as? [String: Any])
    #expect((json["rows"] as? [Any])?.count == 4 && (json["columns"] as? [Any])?.count == 6)
    let latex = try report.text(.latex)
    #expect(latex.contains("\\toprule") && latex.contains("Alone & {\\boldmath$70.0 \\pm 0.0$} & --- \\\\"))
    let sheet = try report.text(.csv).split(separator: "\n")
    // A head; three seeds and a mean for each of 3 + 1, 3, 4 and three times 4 entries.
    #expect(sheet.count == 1 + 4 * (4 + 3 + 4 + 12))
    #expect(sheet[1] == "Low,,sample/low,,first,Retrieval,retrieval,a,R@1,higher,0,0.1,,,,,,,,c0ffee00")
    #expect(sheet[4].hasPrefix("Low,,sample/low,,first,Retrieval,retrieval,a,R@1,higher,mean,0.13"))
    #expect(sheet.contains { $0.hasPrefix("Alone") && $0.hasSuffix(",Alone,true,") })
  }

  @Test func thePageComparesAnyTwoRows() throws {
    let page = try ComparisonReport(of: folder).text(.html)
    #expect(page.contains("<select id=\"first-row\">") && page.contains("<select id=\"second-row\">"))
    let start = try #require(page.range(of: "id=\"row-settings\">")).upperBound
    let end = try #require(page[start...].range(of: "</script>")).lowerBound
    let text = String(page[start..<end])
    // A name from a recipe cannot end the element that holds it.
    #expect(text.contains("\\u003c/script>"))
    let data = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(data["rows"] as? [String] == ["Low", "High", "Searched", "Alone"])
    let settings = try #require(data["settings"] as? [[String: Any]])
    let temperature = try #require(settings.first { $0["path"] as? String == "method.temperature" })
    #expect(temperature["values"] as? [String] == ["0.1", "0.5", "0.4", "0.7"])
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("src=\"figures"))
    #expect(page.contains("<summary>plan.json</summary>"))
  }

  @Test func figuresAreDrawnWithTheirSources() throws {
    // Two rows have representations, one of them of one modality.
    let result = try ComparisonReport(of: folder).result
    for (row, names) in [(0, ["image", "text"]), (3, ["image"])] {
      let cell = try #require(result.rows[row].cells.first)
      let own = RunFolder(folder.url.appendingPathComponent(cell.folder)).seed(cell.seed)
      var arrays = ["labels": NumericArray([Int32](arrayLiteral: 0, 1, 0, 1), shape: [4])]
      for (shift, name) in names.enumerated() {
        let values: [Float] = (0..<12).map { Float(($0 * 7 + shift * 5) % 11) - 4 }
        arrays[name] = NumericArray(values, shape: [4, 3])
      }
      try NumpyArchive(arrays: arrays).write(to: own.appendingPathComponent(EmbeddingsFile.name))
    }
    let (report, fault) = try ComparisonReport.write(for: folder)
    #expect(fault == nil)
    let names = [
      "rank-retrieval", "rank-gap", "heat-map", "trade-off", "sweep", "embedding-by-modality", "embedding-by-class",
    ]
    #expect(try FigureList.read(in: folder.asRun).map(\.name) == names)
    for name in names {
      for ending in ["svg", "png", "pdf", "gnuplot", "dat"] {
        let file = folder.asRun.figures.appendingPathComponent("\(name).\(ending)")
        #expect(FileManager.default.fileExists(atPath: file.path), "\(name).\(ending)")
      }
    }
    let sweep = try String(contentsOf: folder.asRun.figures.appendingPathComponent("sweep.dat"), encoding: .utf8)
    #expect(sweep.contains("0.2 0.8") && sweep.contains("0.4 0.6"))
    #expect(try report.text(.html).contains("aria-label=\"Representations by modality\""))
    #expect(try report.text(.markdown).contains("](figures/heat-map.svg)"))
  }

  @Test func aCellThatWaitedHasNoSeconds() throws {
    let sample = try SampleSuite()
    for file in ["waits-5-1", "waits-7-0", "waits-7-1", "waits-7-2"] { try sample.write(file) }
    let folder = try sample.run(try sample.plan()).folder
    let (report, _) = try ComparisonReport.write(for: folder, hasFigures: false)
    let seconds = try #require(report.result.columns.first { $0.column == Column.costs[0] })
    // High took 5 seconds with each seed.
    #expect(seconds.entries.map { $0?.values.map { $0 ?? -1 } } == [[1, 1, 1], [5, -1, 5], [4, 4, 4], nil])
    #expect(try report.text(.markdown).contains("Of 12 cells 4 waited for a processor"))
    #expect(
      try !ComparisonReport.write(for: self.folder, hasFigures: false).report.text(.markdown).contains("waited for"))
  }

  @Test func anUnfinishedComparisonHasAReportToo() throws {
    let other = try SampleSuite()
    let place = try other.open(try other.plan()).folder
    let report = try ComparisonReport(of: place)
    let markdown = try report.text(.markdown)
    #expect(markdown.contains("- Low has no result of seed 0, 1, 2.\n"))
    #expect(markdown.contains("- No row has the score of “first”: retrieval, a, R@1.\n"))
    #expect(report.result.aggregates.isEmpty)
    #expect(try report.text(.html).contains("id=\"first-row\""))
  }
}
