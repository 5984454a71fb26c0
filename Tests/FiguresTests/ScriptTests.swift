import Diagnostics
import Figures
import Testing

@Suite struct ScriptTests {
  private let step = Axis("step")

  /// The data of one block.
  private func block(_ name: String, of figure: some Figure) throws -> [String]? {
    try figure.drawing().blocks.first { $0.name == name }?.lines
  }

  /// The texts that a figure writes on its page.
  private func texts(of figure: some Figure) throws -> [String] {
    try figure.drawing().commands.filter { $0.hasPrefix("set label '") }
      .map { String($0.dropFirst(11).prefix { $0 != "'" }) }
  }

  @Test func scriptAndDataStandAlone() throws {
    let script = try Samples.curves.script(name: "curves")
    #expect(script.hasPrefix("# Redraw with: gnuplot curves.gnuplot\n"))
    #expect(script.contains("DATA = 'curves.dat'"))
    #expect(script.contains("set terminal svg noenhanced size 960,620"))
    #expect(script.contains("set terminal pngcairo noenhanced size 1920,1240"))
    #expect(script.contains("set terminal pdfcairo noenhanced size 10.0000,6.4583"))
    for format in ["svg", "png", "pdf"] { #expect(script.contains("set output 'curves.\(format)'")) }
    #expect(script.contains("set logscale y") && script.contains("unset logscale x"))
    #expect(script.contains("'loss (nats)'") && script.contains("'GMC with joint-negative pairs (ours)'"))
    #expect(try Samples.curves.script(name: "curves") == script)
    #expect(try !Samples.curves.script(name: "curves", formats: [.svg]).contains("cairo"))
    let data = try Samples.curves.drawing().data(title: "Loss", name: "curves").split(separator: "\n\n\n")
    #expect(data.count == 8)
    #expect(
      data[0].hasPrefix(
        """
        # Loss
        # Drawn by curves.gnuplot.
        # index 0: line GMC with joint-negative pairs (ours)
        # training step | loss (nats)
        0.0 4.15
        """))
    #expect(data[7].hasPrefix("# index 7: band MCT inter-modal hinge\n# training step | lower | upper\n0.0 "))
  }

  @Test func quotesAndControlCharactersCannotEscape() throws {
    let chart = LineChart(
      title: "a'b\nset output\u{0}", x: step, y: step, series: [.init(name: "'; !ls\nplot", x: [0], y: [1])])
    let commands = try chart.drawing().commands
    #expect(commands.contains { $0.hasPrefix("set label 'a''b set output' at ") })
    #expect(commands.contains { $0.hasPrefix("set label '''; !ls plot' at ") })
    let data = try chart.drawing().data(title: chart.title, name: "x").split(separator: "\n")
    #expect(data.dropLast().allSatisfy { $0.hasPrefix("#") } && data.last == "0.0 1.0")
  }

  @Test func longTitlesTakeSeveralLinesWithinThePage() throws {
    let lines = try Samples.tall.drawing().commands.filter { $0.contains("font F(18)") }.map {
      String($0.dropFirst(11).prefix { $0 != "'" })
    }
    #expect(lines.count == 3)
    #expect(lines.joined(separator: " ") + " " == Samples.tall.title)
    let room = Double(Samples.tall.size.width) - 2 * Theme.margin
    #expect(lines.allSatisfy { TextWidth.pixels($0, size: Theme.titleSize) <= room })
    let short = HeatMap(title: "", rows: ["r"], columns: ["c"], values: [[1]], scale: step)
    #expect(Samples.tall.size.height > short.size.height + 38 * 36)
  }

  @Test func longNamesAreAbbreviatedAndStayDifferent() {
    let names = ["a name that is much too long, first", "a name that is much too long, second", "short"]
    let short = TextWidth.abbreviated(names, size: 15, width: 110)
    #expect(short[2] == "short" && Set(short).count == 3)
    #expect(short.allSatisfy { TextWidth.pixels($0, size: 15) <= 110 })
    #expect(TextWidth.wrapped("one two three", size: 10, width: 45) == ["one two", "three"])
    #expect(TextWidth.wrapped("unbreakable", size: 10, width: 30).joined() == "unbreakable")
    #expect(TextWidth.wrapped("", size: 10, width: 30).isEmpty)
  }

  @Test func ticsAreRound() {
    func ticks(_ range: ClosedRange<Double>, _ isLogarithmic: Bool = false) -> [String] {
      Scale(label: "", range: range, isLogarithmic: isLogarithmic).ticks.map(\.text)
    }
    #expect(ticks(0...100) == ["0", "20", "40", "60", "80", "100"])
    #expect(ticks(-0.31...0.3) == ["−0.3", "−0.2", "−0.1", "0.0", "0.1", "0.2", "0.3"])
    #expect(ticks(1...3_000_000) == ["5e5", "1e6", "1.5e6", "2e6", "2.5e6", "3e6"])
    #expect(ticks(0.999996...1.0000002) == ["0.999996", "0.999997", "0.999998", "0.999999", "1"])
    #expect(ticks(2e-7...8e-7) == ["2e−7", "3e−7", "4e−7", "5e−7", "6e−7", "7e−7", "8e−7"])
    #expect(ticks(0.01...100, true) == ["0.01", "0.1", "1", "10", "100"])
    #expect(ticks(1...60, true) == ["1", "2", "5", "10", "20", "50"])
    #expect(ticks(20...30, true) == ["20", "22", "24", "26", "28", "30"])
    let many = Scale(label: "", range: 1e-12...1e12, isLogarithmic: true)
    #expect((4...9).contains(many.ticks.count))
    let narrow = Scale(label: "", range: 10000...20000, isLogarithmic: false, pixels: 150)
    #expect(narrow.ticks.map(\.text) == ["10000", "20000"])
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
    #expect(try block("line a", of: chart) == ["1.0 1.0", "", "4.0 2.0"])
    #expect(try block("band a", of: chart) == (0...3).map { "\($0).0 1.0 2.0" } + ["", "5.0 1.0 2.0"])
    #expect(try block("line all bad", of: chart) == nil)
  }

  @Test func marksOfLongLinesStandApart() throws {
    let plot = try #require(try Samples.curves.drawing().commands.last)
    #expect(plot.contains("every 12::0 ") && plot.contains("every 12::3 ") && plot.contains("every 12::9 "))
  }

  @Test func referenceLinesFollowTheirSlope() throws {
    let chart = LineChart(
      title: "", x: Axis("n", isLogarithmic: true, range: 1...100), y: Axis("t", isLogarithmic: true),
      series: [.init(name: "a", x: [1, 100], y: [1, 10000])],
      references: [.init(name: "square", slope: 2, through: (1, 0.5))])
    #expect(try block("reference square", of: chart) == ["1.0 0.5", "100.0 5000.0"])
    let linear = LineChart(
      title: "", x: Axis("n", range: 0...4), y: step, series: [.init(name: "a", x: [1], y: [1])],
      references: [.init(name: "up", slope: 2, through: (1, 1))])
    #expect(try block("reference up", of: linear) == ["0.0 -1.0", "4.0 7.0"])
  }

  @Test func barsStandSideBySide() throws {
    let chart = BarChart(
      title: "", groups: ["g", "h"], y: Axis("score"),
      series: [
        .init(name: "a", values: [1, .nan], intervals: [0.5...2, nil]), .init(name: "b", values: [3, 4]),
      ], decimals: 1)
    #expect(try block("a", of: chart) == ["-0.2 1.0"])
    #expect(try block("b", of: chart) == ["0.2 3.0", "1.2 4.0"])
    #expect(try block("interval a", of: chart) == ["-0.2 0.5 2.0"])
    #expect(try block("interval b", of: chart) == nil)
    #expect(try texts(of: chart).filter { !$0.isEmpty } == ["a", "b", "g", "h", "score", "1.0", "3.0", "4.0"])
    #expect(try texts(of: Samples.bars).contains("linear probe accuracy"))
  }

  @Test func namesAreSlantedOnlyWhereTheyHaveNoRoom() throws {
    #expect(CategoryLabels(["accuracy", "F1"], unit: 120).height < 30)
    #expect(CategoryLabels(["linear probe accuracy", "F1"], unit: 120).height < 50)
    #expect(CategoryLabels(["linear probe accuracy", "F1"], unit: 40).height > 80)
    let slanted = CategoryLabels(["complete → trajectory"], unit: 40)
    #expect(slanted.reach(firstAt: 0) > 100 && CategoryLabels(["F1"], unit: 40).reach(firstAt: 0) == 0)
  }

  @Test func cellsShowTheirNumbers() throws {
    let map = HeatMap(
      title: "", rows: ["r", "s"], columns: ["c", "d"], values: [[0, 1], [.nan, 0.25]],
      halfWidths: [[0.5, nil], [0.1, .infinity]], scale: Axis("score"))
    #expect(try block("cells", of: map) == ["0 0 0.0", "1 0 1.0", "1 1 0.25"])
    #expect(try block("cells without a number", of: map) == ["0 1"])
    let commands = try map.drawing().commands
    #expect(
      try texts(of: map).filter { !$0.isEmpty } == ["c", "d", "r", "s", "0.00 ± 0.50", "1.00", "–", "0.25", "score"])
    #expect(commands.contains { $0.hasPrefix("set label '1.00'") && $0.contains("#FFFFFF") })
    #expect(commands.contains { $0.hasPrefix("set label '0.25'") && $0.contains(Theme.textColor) })
    #expect(commands.contains("set cbrange [0.0:1.0]"))
    let flat = HeatMap(title: "", rows: ["r"], columns: ["c"], values: [[2]], scale: Axis("score", range: 2...2))
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

  @Test func panelsShareTheirAxesAndLegends() throws {
    let chart = ScatterChart(
      title: "", x: step, y: step,
      panels: [
        .init(title: "p", kind: "class", groups: [.init(name: "a", x: [0, .nan], y: [0, 1])]),
        .init(title: "q", kind: "class", groups: [.init(name: "a", x: [10], y: [20])]),
        .init(
          title: "r", kind: "modality",
          groups: [.init(name: "b", x: [1], y: [2]), .init(name: "c", x: [.infinity], y: [0])]),
      ])
    let commands = try chart.drawing().commands
    #expect(Set(commands.filter { $0.hasPrefix("set xrange") }) == ["set xrange [-0.5:10.5]"])
    #expect(Set(commands.filter { $0.hasPrefix("set yrange") }) == ["set yrange [-1.0:21.0]"])
    #expect(commands.filter { $0.hasPrefix("plot") }.count == 3)
    #expect(try block("p: a", of: chart) == ["0.0 0.0"])
    #expect(try block("r: c", of: chart) == nil)
    let texts = try texts(of: chart)
    #expect(texts.filter { $0 == "a" }.count == 1 && texts.filter { $0.hasSuffix(":") } == ["class:", "modality:"])
  }

  @Test func groupsDifferInColourAndShape() throws {
    let groups = (0..<40).map { ScatterChart.Group(name: "\($0)", x: [0], y: [0]) }
    let chart = ScatterChart(title: "", x: step, y: step, panels: [.init(title: "", groups: groups)])
    let plot = try #require(try chart.drawing().commands.first { $0.hasPrefix("plot") })
    let looks = plot.split(separator: "\n").compactMap { $0.split(separator: " pt ").last }
    #expect(looks.count == 40)
    #expect(Set(looks).count == 40)
  }

  @Test func everyPairOfNeighbouringColoursDiffersInGrey() {
    func lightness(_ color: String) -> Double {
      let value = Int(color.dropFirst(), radix: 16) ?? 0
      return 0.299 * Double(value >> 16) + 0.587 * Double(value >> 8 & 255) + 0.114 * Double(value & 255)
    }
    for (first, second) in zip(Theme.colors, Theme.colors.dropFirst()) {
      #expect(abs(lightness(first) - lightness(second)) > 20, "\(first) and \(second)")
    }
  }

  @Test func distributionsCountShares() throws {
    let values = DistributionChart.Distribution(name: "a", values: [0, 0.5, 4, 9, .nan], range: 0...4, bins: 2)
    #expect(values.shares == [0.5, 0.25])
    #expect(DistributionChart.Distribution(name: "b", values: [], range: 0...1, bins: 1).shares == [0])
    let chart = DistributionChart(
      title: "", x: Axis("similarity", range: 0...4), panels: [.init(title: "p", distributions: [values])])
    #expect(try block("p: a", of: chart) == ["0.0 0", "0.0 0.5", "2.0 0.5", "2.0 0.25", "4.0 0.25", "4.0 0"])
  }

  @Test func theAxisOfDistributionsEndsWhereTheyEnd() throws {
    var shares = [Double](repeating: 0, count: 10)
    shares[6] = 1
    let chart = DistributionChart(
      title: "", x: Axis("similarity", range: 0...10),
      panels: [.init(title: "p", distributions: [.init(name: "a", shares: shares)])])
    #expect(try chart.drawing().commands.contains("set xrange [5.0:8.0]"))
  }

  @Test func classesAreDividedByLines() throws {
    let map = SimilarityMap(
      title: "", panels: [.init(title: "p", values: [[1, 0.5, 0], [0.5, 1, 0], [0, 0, .nan]])],
      classes: [("cat", 2), ("dog", 1)], scale: Axis("cosine"))
    let commands = try map.drawing().commands
    #expect(commands.filter { $0.hasPrefix("set arrow from first 1.5,") }.count == 1)
    #expect(commands.filter { $0.hasPrefix("set arrow from graph 0,first 1.5 ") }.count == 1)
    #expect(
      try block("p, one row a line", of: map) == ["1.000 0.500 0.000", "0.500 1.000 0.000", "0.000 0.000 NaN"])
    #expect(try texts(of: map).contains("cat") && texts(of: map).contains("dog"))
    // Names that would touch are left out, the largest classes' last.
    let named = try texts(of: Samples.similarity).filter { $0.hasPrefix("subgroup") }
    #expect(named.count < 30 && named.contains("subgroup 27 of faces"))
  }

  @Test func aKindLooksAlikeWhicheverOthersAreThere() throws {
    func styles(_ kinds: [String]) throws -> (rank: [String], tradeOff: [String]) {
      func points(_ figure: any Figure) throws -> [String] {
        try figure.drawing().commands.flatMap {
          $0.matches(of: /with points (pt \d+ ps [\d.]+ lc rgb '[^']+')/).map { String($0.1) }
        }
      }
      let rank = RankPlot(
        title: "", x: step, entries: kinds.map { .init(name: $0, value: 2, kind: $0) }, kinds: ["k", "l"])
      let tradeOff = TradeOffChart(
        title: "", x: step, y: step, points: kinds.map { .init(name: $0, x: 1, y: 2, kind: $0) }, kinds: ["k", "l"])
      return try (points(rank), points(tradeOff))
    }
    let (both, one) = try (styles(["l", "k"]), styles(["l"]))
    #expect(both.rank.count == 2 && both.rank[0] != both.rank[1])
    #expect(one.rank == [both.rank[1]] && one.tradeOff == [both.tradeOff[1]])
  }

  @Test func ranksShowIntervals() throws {
    let plot = RankPlot(
      title: "", x: step,
      entries: [
        .init(name: "a", value: 2, interval: 1...3, kind: "k"),
        .init(name: "b", value: 1.5, interval: 1...3, kind: "l"),
        .init(name: "c", value: .nan, kind: "k"),
      ], reference: ("chance", 0.5))
    #expect(try block("values k", of: plot) == ["2.0 0"])
    #expect(try block("intervals l", of: plot) == ["1.0 3.0 1"])
    #expect(try block("reference chance", of: plot) == ["0.5 -0.5", "0.5 2.5"])
    let texts = try texts(of: plot)
    #expect(texts.contains("2.0 ± 1.0") && texts.contains("1.5 [1.0, 3.0]") && texts.contains("–"))
    #expect(texts.contains("k") && texts.contains("chance"))
  }

  @Test func namesOfPointsDoNotTouch() {
    let box = Box(left: 0, top: 0, right: 400, bottom: 300)
    let places: [Double] = [0, 6, 12, 18, 24, 30]
    let points = places.map { (x: 200.0, y: 150.0 + $0) }
    let names = (0..<6).map { "name \($0)" }
    let labels = PointLabels(names: names, places: points, inside: box)
    var boxes: [Box] = []
    for (name, place) in zip(labels.names, labels.places) {
      let right = place.x + TextWidth.pixels(name, size: Theme.smallSize)
      boxes.append(Box(left: place.x, top: place.y - 7, right: right, bottom: place.y + 7))
    }
    for (index, first) in boxes.enumerated() {
      for second in boxes[(index + 1)...] {
        let isBeside = first.right <= second.left || second.right <= first.left
        let isAbove = first.bottom <= second.top || second.bottom <= first.top
        #expect(isBeside || isAbove, "\(first) and \(second)")
      }
    }
    let edge = PointLabels(names: ["a long name"], places: [(x: 395, y: 150)], inside: box)
    #expect(edge.places[0].x < 330)
  }

  @Test func picturesKeepTheirBytes() throws {
    let thin = PictureGrid.Picture(width: 1, height: 2, pixels: [1, 2, 3, 4, 5, 6])
    #expect(thin.drawable.pixels == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6] && thin.drawable.width == 2)
    #expect(PictureGrid.Picture(width: 1, height: 1, values: [-1, 0.5, .nan]).pixels == [0, 128, 0])
    #expect(PictureGrid.Picture(width: 1, height: 1, values: [2, 1, 0]).drawable.pixels.count == 12)
    let square = PictureGrid.Picture(width: 2, height: 2, pixels: (0..<12).map { UInt8($0) })
    let grid = PictureGrid(title: "", rows: [[.init(picture: square), .init(picture: square)], []])
    let drawing = try grid.drawing()
    #expect(drawing.pixels == square.pixels + square.pixels && drawing.blocks.isEmpty)
    #expect(drawing.commands.last?.contains("skip=12 array=(2,2)") == true)
  }

  /// A grid of wide pictures is no higher than they and the names of their rows.
  @Test func widePicturesTakeNoMoreHeightThanTheyNeed() {
    func height(_ width: Int, name: String = "a") -> Int {
      let picture = PictureGrid.Picture(width: width, height: 2, pixels: [UInt8](repeating: 9, count: 6 * width))
      return PictureGrid(
        title: "", rows: [[PictureGrid.Cell]](repeating: [.init(picture: picture)], count: 4),
        rowNames: [String](repeating: name, count: 4)
      ).size.height
    }
    // Four rows of a quarter of the height of 96 pixels, unless a name needs more.
    #expect(height(2) - height(8) == 4 * 72)
    let name = "a row with a name that has to be broken into several lines of words"
    #expect((4..<4 * 72).contains(height(2, name: name) - height(8, name: name)))
  }

  @Test func longCaptionsOfPicturesEndWithAnEllipsis() throws {
    let words = "person climbing: medium-light skin tone, with a rope and a helmet of another colour and boots"
    let square = PictureGrid.Picture(width: 2, height: 2, pixels: (0..<12).map { UInt8($0) })
    func lines(_ cell: PictureGrid.Cell) throws -> [String] {
      try PictureGrid(title: "", rows: [[cell]]).drawing().commands.filter { $0.hasPrefix("set label") }
    }
    let (under, alone) = (
      try lines(.init(picture: square, caption: words)), try lines(.init(picture: nil, caption: words))
    )
    #expect(under.count == 3 && alone.count == 5)
    for last in [under[2], alone[4]] { #expect(last.contains("…'") && last.count { $0 == "…" } == 1, "\(last)") }
    #expect(under[0].contains("person"))
  }

  @Test func figuresWithoutNumbersAreErrors() {
    let figures: [any Figure] = [
      LineChart(title: "empty", x: step, y: step, series: []),
      LineChart(title: "bad", x: step, y: step, series: [.init(name: "a", x: [.nan], y: [1])]),
      BarChart(title: "empty", groups: [], y: step, series: []),
      HeatMap(title: "bad", rows: ["r"], columns: ["c"], values: [[.nan]], scale: step),
      HeatMap(title: "empty", rows: [], columns: [], values: [], scale: step),
      ScatterChart(title: "empty", x: step, y: step, panels: []),
      DistributionChart(title: "empty", x: Axis("x", range: 0...1), panels: []),
      DistributionChart(
        title: "bad", x: Axis("x", range: 0...1),
        panels: [.init(title: "", distributions: [.init(name: "a", shares: [0, .nan])])]),
      SimilarityMap(title: "empty", panels: [], classes: [], scale: step),
      RankPlot(title: "bad", x: step, entries: [.init(name: "a", value: .nan)]),
      TradeOffChart(title: "empty", x: step, y: step, points: []),
      PictureGrid(title: "empty", rows: [[]]),
    ]
    for figure in figures {
      let error = #expect(throws: UserError.self) { try figure.drawing() }
      #expect(error?.kind == .data)
      #expect(error?.place == "figure '\(figure.title)'")
    }
  }

  @Test func koreanStaysInTheVectorGraphics() throws {
    let script = try Samples.embedding.script(name: "embedding", formats: [.svg])
    #expect(script.contains("'text 한글'"))
  }
}
