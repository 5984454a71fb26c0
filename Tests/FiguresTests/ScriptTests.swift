import Diagnostics
import Figures
import Testing

@Suite struct ScriptTests {
  private let step = Axis("step")

  /// The data of one block.
  private func block(_ name: String, of figure: some Figure) throws -> [String]? {
    try figure.drawing().blocks.first { $0.name == name }?.lines
  }

  @Test func scriptStandsAlone() throws {
    let script = try Samples.curves.script(name: "curves")
    #expect(script.hasPrefix("# Redraw with: gnuplot curves.gnuplot\n"))
    #expect(script.contains("set terminal svg noenhanced size 1200,800"))
    #expect(script.contains("set terminal pngcairo noenhanced size 2400,1600"))
    #expect(script.contains("set output 'curves.svg'") && script.contains("set output 'curves.png'"))
    #expect(script.contains("set logscale y") && !script.contains("set logscale x"))
    #expect(script.contains("set ylabel 'loss (nats)'"))
    #expect(script.contains("$line0 << EOD\n0.0 ") && script.contains("$band3 << EOD\n0.0 "))
    #expect(script.contains("title 'GMC with joint-negative pairs (ours)'"))
    #expect(try Samples.curves.script(name: "curves") == script)
    #expect(try !Samples.curves.script(name: "curves", formats: [.svg]).contains("pngcairo"))
  }

  @Test func quotesAndControlCharactersCannotEscape() throws {
    let chart = LineChart(
      title: "a'b\nset output\u{0}", x: step, y: step, series: [.init(name: "'; !ls", x: [0], y: [1])])
    let commands = try chart.drawing().commands
    #expect(commands.contains { $0.hasPrefix("set title 'a''b set output '") })
    #expect(commands.last?.contains("title '''; !ls'") == true)
  }

  @Test func linesBreakWhereANumberCannotBeDrawn() throws {
    let chart = LineChart(
      title: "", x: step, y: Axis("loss", isLogarithmic: true),
      series: [
        .init(
          name: "a", x: [0, 1, 2, 3, 4, 5], y: [.nan, 1, .infinity, 0, 2, -1],
          band: (lower: [1, 1, 1, 1, -1, 1], upper: [2, 2, 2, 2, 2, 2])),
        .init(name: "all bad", x: [0], y: [.nan]),
      ])
    #expect(try block("line0", of: chart) == ["1.0 1.0", "", "4.0 2.0"])
    #expect(try block("band0", of: chart) == (0...3).map { "\($0).0 1.0 2.0" } + ["", "5.0 1.0 2.0"])
    #expect(try block("line1", of: chart) == nil)
  }

  @Test func barsStandSideBySide() throws {
    let chart = BarChart(
      title: "", groups: ["g", "h"], y: Axis("score"),
      series: [
        .init(name: "a", values: [1, .nan], intervals: [0.5...2, nil]), .init(name: "b", values: [3, 4]),
      ])
    #expect(try block("bars0", of: chart) == ["-0.2 1.0"])
    #expect(try block("bars1", of: chart) == ["0.2 3.0", "1.2 4.0"])
    #expect(try block("intervals0", of: chart) == ["-0.2 0.5 2.0"])
    #expect(try block("intervals1", of: chart) == nil)
    #expect(try chart.drawing().commands.contains("set xtics ('g' 0, 'h' 1) scale 0"))
  }

  @Test func cellsShowTheirNumbers() throws {
    let map = HeatMap(
      title: "", rows: ["r", "s"], columns: ["c", "d"], values: [[0, 1], [.nan, 0.25]], scale: Axis("score"))
    #expect(
      try block("texts", of: map) == [
        "0 0 0.00 2236962", "1 0 1.00 16777215", "0 1 – 2236962", "1 1 0.25 2236962",
      ])
    #expect(try block("empty", of: map) == ["0 1"])
    #expect(try block("cells", of: map)?.count == 3)
    #expect(try map.drawing().commands.contains("set cbrange [0.0:1.0]"))
    let flat = HeatMap(title: "", rows: ["r"], columns: ["c"], values: [[2]], scale: Axis("score"))
    #expect(try flat.drawing().commands.contains("set cbrange [1.5:2.5]"))
  }

  @Test func onlyTheLargestClassesAreNamed() {
    let classes = [3, 0, 3, 1, 2, 2, 4]
    let panel = ScatterChart.Panel(
      title: "", x: classes.indices.map { Double($0) }, y: classes.map { Double($0) }, classes: classes,
      names: ["a", "b", "c", "d", "e", "absent"], named: 3)
    #expect(panel.groups.map(\.name) == ["a", "c", "d", "2 others"])
    #expect(panel.groups.map(\.isOther) == [false, false, false, true])
    #expect(panel.groups[2].x == [0, 2])
    #expect(panel.groups[3].x == [3, 6])
    let all = ScatterChart.Panel(title: "", x: [1], y: [1], classes: [0], names: ["a"], named: 1)
    #expect(all.groups.map(\.name) == ["a"])
  }

  @Test func panelsShareTheirAxes() throws {
    let chart = ScatterChart(
      title: "", x: step, y: step,
      panels: [
        .init(title: "p", groups: [.init(name: "a", x: [0, .nan], y: [0, 1])]),
        .init(title: "q", groups: [.init(name: "b", x: [10], y: [20]), .init(name: "c", x: [.infinity], y: [0])]),
      ])
    let commands = try chart.drawing().commands
    #expect(commands.filter { $0.hasPrefix("set xrange") } == ["set xrange [-0.5:10.5]"])
    #expect(commands.filter { $0.hasPrefix("set yrange") } == ["set yrange [-1.0:21.0]"])
    #expect(try block("panel0group0", of: chart) == ["0.0 0.0"])
    #expect(try block("panel1group1", of: chart) == nil)
  }

  @Test func groupsDifferInColourAndShape() throws {
    let groups = (0..<40).map { ScatterChart.Group(name: "\($0)", x: [0], y: [0]) }
    let chart = ScatterChart(title: "", x: step, y: step, panels: [.init(title: "", groups: groups)])
    let plot = try #require(try chart.drawing().commands.first { $0.hasPrefix("plot") })
    let looks = plot.split(separator: "\n").compactMap {
      $0.split(separator: " title ").first?.split(separator: " pt ").last
    }
    #expect(looks.count == 40)
    #expect(Set(looks).count == 40)
  }

  @Test func histogramCountsShares() throws {
    let pair = HistogramPair(
      title: "", x: Axis("similarity", range: 0...4), first: .init(name: "a", values: [0, 0.5, 4, 9, .nan]),
      second: .init(name: "b", values: []), bins: 2)
    #expect(
      try block("distribution0", of: pair) == ["0.0 0", "0.0 0.5", "2.0 0.5", "2.0 0.25", "4.0 0.25", "4.0 0"])
    #expect(try block("distribution1", of: pair) == nil)
    #expect(try pair.drawing().commands.last?.contains("title 'a (n = 4)'") == true)
  }

  @Test func figuresWithoutNumbersAreErrors() {
    let figures: [any Figure] = [
      LineChart(title: "empty", x: step, y: step, series: []),
      LineChart(title: "bad", x: step, y: step, series: [.init(name: "a", x: [.nan], y: [1])]),
      BarChart(title: "empty", groups: [], y: step, series: []),
      HeatMap(title: "bad", rows: ["r"], columns: ["c"], values: [[.nan]], scale: step),
      ScatterChart(title: "empty", x: step, y: step, panels: []),
      HistogramPair(
        title: "bad", x: step, first: .init(name: "a", values: [.nan]), second: .init(name: "b", values: [])),
    ]
    for figure in figures {
      let error = #expect(throws: UserError.self) { try figure.drawing() }
      #expect(error?.kind == .data)
      #expect(error?.place == "figure '\(figure.title)'")
    }
  }

  @Test func koreanStaysInTheVectorGraphics() throws {
    let script = try Samples.embedding.script(name: "embedding", formats: [.svg])
    #expect(script.contains("title 'text 한글'"))
  }
}
