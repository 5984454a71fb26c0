import Diagnostics
import Foundation
import Reports
import Runs
import StrictYAML

/// The report of a comparison as one page that needs no other file: tables that can be sorted, figures inside, the
/// settings of any two rows side by side, the plan folded.
struct ComparisonPage {
  private let report: ComparisonReport

  init(_ report: ComparisonReport) { self.report = report }

  /// The document.
  var text: String {
    get throws(UserError) {
      let sections = try report.sections()
      var parts: [(anchor: String, title: String, content: HTML)] = []
      for section in sections where !section.isOpening {
        let blocks = section.blocks.map { HTMLReport.content(of: $0, isTitled: section.blocks.count > 1) }
        parts.append(
          (HTMLReport.anchor(section.title, among: parts.map(\.anchor)), section.title, blocks.joined()))
        if section.title == "Versions" {
          parts.insert(("two-rows", "Two rows side by side", choice), at: parts.count - 1)
          parts.insert(("plan", "Plan", plan), at: parts.count - 1)
        }
      }
      return HTMLPage(
        title: report.result.title, header: HTMLReport.header(report.result.title, sections), sections: parts,
        script: Self.script
      ).text
    }
  }

  /// The settings of all rows for the script, and the places that it fills.
  private var choice: HTML {
    let rows = zip(report.result.rows, report.recipes).compactMap { row, recipe in recipe.map { (row, $0) } }
    let paths = ScoreTable.unique(rows.flatMap { $0.1.settings.map(\.path) }).filter { $0 != "seeds" }
    let settings = paths.map { path in
      JSONValue.object([
        JSONValue.Member("path", .text(path)),
        JSONValue.Member(
          "values", .list(rows.map { $0.1[path: path].map { .text($0.value.yaml) } ?? .null })),
      ])
    }
    let data = JSONValue.object([
      JSONValue.Member("rows", .list(rows.map { .text($0.0.name) })), JSONValue.Member("settings", .list(settings)),
    ])
    // What stands in a script element ends at the first `</script`, whatever is around it.
    let text = data.json.replacing("<", with: "\\u003c")
    return """
      <noscript><p>The table of recipe differences has the same without a script.</p></noscript>
      <p class="choice"><label>Row <select id="first-row"></select></label> <label>and row \
      <select id="second-row"></select></label> <span id="row-count" role="status"></span></p>
      <div class="scroll" tabindex="0" role="region" aria-label="settings of two rows">
      <table class="texts" id="two-rows-table"><thead><tr><th scope="col">setting</th><th scope="col"></th>\
      <th scope="col"></th></tr></thead><tbody></tbody></table>
      </div>
      <script type="application/json" id="row-settings">\(HTML(source: text))</script>

      """
  }

  private var plan: HTML {
    let text = FileManager.default.contents(atPath: report.folder.plan.path) ?? Data()
    let first = report.result.rows.lazy.flatMap(\.cells).first.map { cell in
      RunFolder(report.folder.url.appendingPathComponent(cell.folder, isDirectory: true)).manifest
    }
    let manifest = first.flatMap { FileManager.default.contents(atPath: $0.path) } ?? Data()
    let cells = report.result.rows.flatMap { row in
      row.cells.map { cell in
        let replicate = Cell.Replicate(seed: cell.seed, fold: cell.fold).text
        return "<li><code>\(cell.folder)</code> \(row.name), \(replicate)</li>\n" as HTML
      }
    }
    return """
      <details>
      <summary>\(report.result.rows.flatMap(\.cells).count) cells, each with its manifest</summary>
      <ul>
      \(cells)</ul>
      </details>
      <details>
      <summary>manifest.json of the first cell</summary>
      <pre><code>\(String(decoding: manifest, as: UTF8.self))</code></pre>
      </details>
      <details>
      <summary>plan.json</summary>
      <pre><code>\(String(decoding: text, as: UTF8.self))</code></pre>
      </details>

      """
  }

  /// Lists the settings in which the two chosen rows differ.
  private static let script = """

    {
      const data = JSON.parse(document.getElementById("row-settings").textContent);
      const table = document.getElementById("two-rows-table"), count = document.getElementById("row-count");
      const choices = ["first-row", "second-row"].map(name => document.getElementById(name));
      choices.forEach((choice, index) => {
        data.rows.forEach(name => choice.add(new Option(name)));
        choice.selectedIndex = Math.min(index, data.rows.length - 1);
      });
      const cell = (kind, text) => {
        const element = document.createElement(kind);
        if (kind === "th") element.scope = "row";
        element.textContent = text;
        return element;
      };
      const show = () => {
        const [first, second] = choices.map(choice => choice.selectedIndex);
        const unlike = data.settings.filter(one => one.values[first] !== one.values[second]);
        [first, second].forEach((row, index) => {
          table.tHead.rows[0].cells[index + 1].textContent = data.rows[row] ?? "";
        });
        table.tBodies[0].replaceChildren(...unlike.map(one => {
          const line = document.createElement("tr");
          line.append(cell("th", one.path), ...[first, second].map(row => cell("td", one.values[row] ?? "absent")));
          return line;
        }));
        count.textContent = unlike.length === 1 ? "1 setting differs" : `${unlike.length} settings differ`;
      };
      choices.forEach(choice => choice.addEventListener("change", show));
      show();
    }
    """
}
