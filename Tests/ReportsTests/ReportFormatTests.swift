import Diagnostics
import Foundation
import Reports
import Runs
import SampleRuns
import Testing
import Training

@Suite struct ReportFormatTests {
  let sample: SampleRun

  init() throws { sample = try SampleRun() }

  /// Whatever a format could take for a command.
  static let hostile = #"<b>&amp; "q" 'a' 50 % $1 #2 _x_ {y} ~^ \z | [l] *s* -- ü 안 →"#

  private func hostileRun() throws -> RunFolder {
    let seed = SeedResult(
      scores: [Score(evaluator: "accuracy", subject: Self.hostile, metric: "accuracy", value: 0.5)],
      notes: [Self.hostile], wallSeconds: 1)
    return try sample.finished(overrides: ["seeds=[0]"], results: [seed])
  }

  @Test func theSheetHasOneLineForEverySeedAndOneForTheMean() throws {
    let run = try sample.finished(overrides: ["seeds=[0,1,2]"])
    let lines = try Report(of: run).text(.csv).split(separator: "\n")
    #expect(lines.count == 1 + 5 * 4)
    let hash = try run.readResult().hash
    let note = "The classifier is trained on complete representations."
    #expect(
      lines.prefix(3) == [
        "recipe,profile,hash,seed,evaluator,subject,metric,value,interval_low,interval_high,n,commit,protocol",
        "sample/small,,\(hash),0,accuracy,image,accuracy,0.95,,,1,c0ffee-dirty,\(note)",
        "sample/small,,\(hash),1,accuracy,image,accuracy,0.96,,,1,c0ffee-dirty,\(note)",
      ])
    let mean = lines[4].split(separator: ",", omittingEmptySubsequences: false)
    #expect(mean[3] == "mean" && mean[10] == "3")
    // t(0.975, 2) = 4.302653, s / √3 = 0.00577350
    let ends = try #require([Double(mean[7]), Double(mean[8]), Double(mean[9])] as? [Double])
    for (end, expected) in zip(ends, [0.95, 0.925158623, 0.974841377]) { #expect(abs(end - expected) < 1e-8) }
  }

  @Test func theSheetQuotesWhatMustBe() throws {
    let text = try Report(of: try hostileRun()).text(.csv)
    let quoted = "\"" + Self.hostile.replacing("\"", with: "\"\"") + "\""
    #expect(text.contains(",0,accuracy,\(quoted),accuracy,0.5,,,1,c0ffee-dirty,\(quoted)\n"))
  }

  @Test func latexHasATableForEveryEvaluator() throws {
    let run = try sample.finished(overrides: ["seeds=[0,1,2]"])
    try sample.addFigure(to: run)
    let text = try Report(of: run).text(.latex)
    let hash = try run.readResult().hash
    let from = "sample/small \(hash), commit c0ffee+, seeds 0, 1, 2"
    let values = "mean $\\pm$ half of the 95 \\% interval of the mean over 3 seeds (Student's t)"
    #expect(
      text.contains(
        """
        \\section*{Retrieval}
        \\begin{table}[H]
        \\centering
        \\caption{retrieval. \(from); \(values).}
        \\small
        \\begin{lrbox}{\\tablebox}
        \\begin{tabular}{@{}lrr@{}}
        \\toprule
         & R@1 (\\%) & median rank \\\\
        \\midrule
        image $\\rightarrow$ sound & $50.0 \\pm 2.5$ & $2.0 \\pm 0.0$ \\\\
        sound $\\rightarrow$ image & $25.0 \\pm 0.0$ & -- \\\\
        \\bottomrule
        \\end{tabular}
        \\end{lrbox}
        \\fittable
        \\end{table}

        """))
    #expect(text.contains("keepaspectratio]{figures/loss.pdf}\n\\caption{Loss. It falls \\& falls. \\emph{\(from).}}"))
    #expect(text.contains("\\texttt{concord run sample/small \\textquotesingle{}seeds="))
    #expect(text.hasSuffix("\\end{document}\n"))
  }

  @Test func latexEscapesEveryCommand() throws {
    let text = try Report(of: try hostileRun()).text(.latex)
    #expect(
      text.contains(
        ##"\textless{}b\textgreater{}\&amp; \textquotedbl{}q\textquotedbl{} 'a' 50 \% \$1 \#2 \_x\_ \{y\} "##
          + ##"\textasciitilde{}\textasciicircum{} \textbackslash{}z \textbar{} {[}l{]} {*}s{*} -{}- ü \otherletter{C548} "##
          + ##"$\rightarrow$"##))
  }

  @Test func lettersOfOtherScriptsAreShownWhereAFontHasThem() throws {
    let text = try Report(of: try hostileRun()).text(.latex)
    // xelatex and lualatex show U+C548 by a font that has Hangul; pdflatex names it.
    let parts = text.components(separatedBy: "\\else\n")
    #expect(parts.count == 2 && parts[0].contains(#"\DeclareRobustCommand{\otherletter}[1]{{[}U+#1{]}}"#))
    #expect(
      parts.last?.contains(#"\IfFontExistsTF{Noto Sans CJK KR}{\newfontfamily\otherfont{Noto Sans CJK KR}}"#) == true)
    #expect(parts.last?.contains(##"{\otherfont\symbol{"#1}}"##) == true)
  }

  @Test func thePageNamesWhereItsNumbersAreFrom() throws {
    let run = try sample.finished(overrides: ["seeds=[0,1,2]"])
    let text = try Report(of: run).text(.html)
    let hash = try run.readResult().hash
    #expect(
      text.contains(
        """
        <section id="retrieval">
        <h2>Retrieval</h2>
        <figure class="table">
        <figcaption><span class="from">sample/small \(hash), commit c0ffee+, seeds 0, 1, 2; mean ± half of the 95 % \
        interval of the mean over 3 seeds (Student&#39;s t). <a href="#protocol">Protocol</a></span></figcaption>
        <div class="scroll" tabindex="0" role="region" aria-label="retrieval">
        <table class="numbers">
        <thead><tr><th scope="col">subject</th><th scope="col">R@1 (%)</th><th scope="col">median rank</th></tr></thead>
        <tbody>
        <tr><th scope="row">image → sound</th><td data-value="0.5" title="seed 0: 50.0, seed 1: 51.0, seed 2: 49.0; \
        sample/small \(hash), commit c0ffee+">50.0 <span class="interval">± 2.5</span></td><td data-value="2.0" \
        title="seed 0: 2.0, seed 1: 2.0, seed 2: 2.0; sample/small \(hash), commit c0ffee+">2.0 \
        <span class="interval">± 0.0</span></td></tr>
        """))
    #expect(
      text.contains("<th scope=\"row\">training.<wbr>epochs</th><td><code>10</code></td><td>default</td></tr>"))
    #expect(text.contains("&quot;ending&quot; : &quot;finished&quot;"))
    #expect(text.contains("<dt>commit</dt><dd><code>c0ffee</code>, with changes that are not committed</dd>"))
  }

  @Test func thePageAsksForNothing() throws {
    let run = try sample.finished()
    try sample.addFigure(to: run)
    let text = try Report(of: run).text(.html)
    #expect(!text.contains("src=\"http") && !text.contains("@import") && !text.contains("<link rel=\"stylesheet"))
    #expect(text.contains("content=\"default-src 'none';"))
    // Only names of vocabularies, which nobody fetches.
    #expect(text.ranges(of: "http").count == text.ranges(of: "=\"http://www.w3.org/").count + 1)
  }

  @Test func thePageEscapesItsTexts() throws {
    let text = try Report(of: try hostileRun()).text(.html)
    let escaped = "&lt;b&gt;&amp;amp; &quot;q&quot; &#39;a&#39; 50 % $1 #2 _x_ {y} ~^ \\z | [l] *s* -- ü 안 →"
    #expect(text.contains("<li>\(escaped)</li>"))
    #expect(!text.contains("<b>"))
  }

  @Test func drawingsKeepTheirIdentifiersApart() throws {
    let run = try sample.finished()
    try sample.addFigure(to: run)
    let text = try Report(of: run).text(.html)
    #expect(
      text.contains(
        """
        <figcaption><strong>Loss</strong><br>It falls &amp; falls.<span class="from">
        """))
    #expect(text.contains("<svg viewBox=\"0 0 12 8\" xmlns=\"http://www.w3.org/2000/svg\""))
    #expect(text.contains("role=\"img\" aria-label=\"Loss\">"))
    #expect(text.contains("<circle id=\"loss-gpDot\" r=\"0.5\"/><filter id=\"loss-box\">"))
    #expect(text.contains("<use xlink:href=\"#loss-gpDot\" fill=\"url(#loss-box)\"/><text>a &lt; b</text>"))
    #expect(!text.contains("Gnuplot") && !text.contains("<?xml"))
  }

  @Test(arguments: [
    "<script>x</script>", "<g onload='x'/>", "<image xlink:href='http://x/y.png'/>", "<style>g {}</style>",
    "<a href='#x'/>", "<rect fill='url(http://x)'/>", "<g>", "<g id=x/>", "</g></svg>",
  ]) func drawingsThatWouldDoMoreAreTakenAsPixels(content: String) throws {
    let run = try sample.finished()
    try sample.addFigure(to: run)
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\">\(content)</svg>"
    try Data(svg.utf8).write(to: run.figures.appendingPathComponent("loss.svg"))
    #expect(!(try Report(of: run).text(.html)).contains("<svg"))
    try Data([1, 2, 3]).write(to: run.figures.appendingPathComponent("loss.png"))
    let text = try Report(of: run).text(.html)
    #expect(!text.contains("<svg") && text.contains("<img alt=\"Loss\" src=\"data:image/png;base64,AQID\">"))
  }

  @Test func aLargeDrawingIsTakenAsPixelsWhereThereAreAny() throws {
    let run = try sample.finished()
    try sample.addFigure(to: run)
    let content = String(repeating: "<g/>", count: 100_000)
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\">\(content)</svg>"
    try Data(svg.utf8).write(to: run.figures.appendingPathComponent("loss.svg"))
    #expect(try Report(of: run).text(.html).contains("<svg"))
    try Data([1, 2, 3]).write(to: run.figures.appendingPathComponent("loss.png"))
    #expect(!(try Report(of: run).text(.html)).contains("<svg"))
  }

  @Test func markdownEscapesItsMarks() throws {
    let text = try Report(of: try hostileRun()).text(.markdown)
    #expect(text.contains(#"| \<b\>&amp; "q" 'a' 50 % $1 #2 \_x\_ {y} ~^ \\z \| \[l\] \*s\* -- ü 안 → | 50.0 |"#))
  }
}
