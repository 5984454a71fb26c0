/// A page that needs no other file: its style and its script are in it, and it may ask for nothing.
///
/// It follows the reader's choice of light or dark, is readable without its script, on a phone and in print.
package struct HTMLPage {
  /// The title of the window.
  package let title: String
  /// What stands above the contents.
  package let header: HTML
  /// The parts, each with the name of its place, its heading and its content.
  package let sections: [(anchor: String, title: String, content: HTML)]
  /// What runs after the page's own script.
  private let addition: String

  package init(
    title: String, header: HTML, sections: [(anchor: String, title: String, content: HTML)], script: String = ""
  ) {
    self.title = title
    self.header = header
    self.sections = sections
    addition = script
  }

  /// The document.
  package var text: String {
    let links = sections.map { "<li><a href=\"#\($0.anchor)\">\($0.title)</a></li>\n" as HTML }
    let parts = sections.map {
      """
      <section id="\($0.anchor)">
      <h2>\($0.title)</h2>
      \($0.content)</section>

      """ as HTML
    }
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
      script-src 'unsafe-inline'; img-src data:">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <link rel="icon" href="data:,">
      <style>
      \(HTML(source: Self.style))
      </style>
      </head>
      <body>
      <header>
      \(header)</header>
      <nav aria-label="Contents"><ul>
      \(links)</ul></nav>
      <main>
      \(parts)</main>
      <script>
      \(HTML(source: Self.script + addition))
      </script>
      </body>
      </html>

      """
    return page.source
  }

  private static let style = """
    :root {
      color-scheme: light dark;
      --ground: #ffffff; --raised: #f5f6f8; --text: #1c2126; --faint: #59636e; --line: #d5dae0; --accent: #0b5cad;
      --mark: #e8f1fb;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #14171b; --raised: #1d2228; --text: #e4e8ec; --faint: #a0abb6; --line: #363e47; --accent: #7ab8f5;
        --mark: #1b3048;
      }
    }
    * { box-sizing: border-box; }
    html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
    body {
      margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 4rem; max-width: 76rem;
      background: var(--ground); color: var(--text);
      font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
    }
    h1 { font-size: clamp(1.4rem, 4vw, 1.9rem); line-height: 1.25; margin: 0 0 .75rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.3rem; margin: 2.75rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
    h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; overflow-wrap: anywhere; }
    a { color: var(--accent); }
    p, ul { margin: .5rem 0; }
    code, pre { font: .9em/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
    code { overflow-wrap: anywhere; }
    pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem;
      overflow-x: auto; }
    .finding { font-size: clamp(1.08rem, 2.4vw, 1.3rem); line-height: 1.45; max-width: 62rem; margin: 0 0 1.25rem;
      overflow-wrap: anywhere; }
    .provenance { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1.1rem;
      margin: 0; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; }
    dt { color: var(--faint); }
    dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
    nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; list-style: none; margin: 1.1rem 0 0; padding: 0; }
    figure { margin: 1rem 0 1.75rem; }
    figcaption { margin-bottom: .5rem; }
    figcaption .from { display: block; color: var(--faint); font-size: .85rem; }
    .scroll { overflow: auto; max-height: min(85vh, 60rem); border: 1px solid var(--line); border-radius: 6px;
      width: fit-content; max-width: 100%;
      background: linear-gradient(to left, var(--ground) 40%, transparent) right / 2.5rem 100% no-repeat local,
        linear-gradient(to left, var(--line), transparent) right / .9rem 100% no-repeat scroll; }
    .scroll:focus-visible { outline: 2px solid var(--accent); }
    table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; font-size: .93rem; }
    th, td { padding: .32rem .8rem; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
    tbody tr:last-child > * { border-bottom: 0; }
    .numbers td, .numbers thead th:not(:first-child) { text-align: right; }
    .texts td { white-space: normal; min-width: 6rem; max-width: 28rem; overflow-wrap: break-word; }
    thead th { position: sticky; top: 0; z-index: 2; background: var(--raised); font-weight: 600; }
    tbody th { position: sticky; left: 0; z-index: 1; background: var(--ground); font-weight: 400; }
    thead th:first-child { left: 0; z-index: 3; }
    tbody tr:hover > * { background: var(--mark); }
    td strong { font-weight: 700; }
    .interval { color: var(--faint); font-size: .88em; }
    strong .interval { font-weight: 400; }
    th button { all: unset; cursor: pointer; }
    th button::after { content: "\\a0\\2195"; color: var(--faint); opacity: .55; }
    th[aria-sort="ascending"] button::after { content: "\\a0\\2191"; color: var(--accent); opacity: 1; }
    th[aria-sort="descending"] button::after { content: "\\a0\\2193"; color: var(--accent); opacity: 1; }
    th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    .beside, .gallery { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 1.75rem; align-items: start; }
    @media (min-width: 62rem) {
      .beside:not(.wide), .gallery:has(> :nth-child(2)) { grid-template-columns: repeat(2, minmax(0, 1fr)); }
    }
    .gallery > figure:only-child, .beside.wide > figure { max-width: 48rem; }
    .beside:not(.wide) table { font-size: .87rem; }
    .beside:not(.wide) thead th { white-space: normal; vertical-align: bottom; }
    .beside:not(.wide) :is(th, td) { padding: .3rem .5rem; }
    figure.table:has(> details[open]) .excerpt { display: none; }
    details.rows { border: 0; margin: .25rem 0 0; padding: 0; }
    details.rows > summary { font-weight: 400; color: var(--accent); }
    .drawing { overflow-x: auto; background: #ffffff; border: 1px solid var(--line); border-radius: 6px; padding: .5rem; }
    .drawing svg, .drawing img { display: block; width: 100%; height: auto; max-height: 52rem; }
    .hits { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1rem; list-style: none;
      margin: 1rem 0; padding: 0; }
    .hits figure { margin: 0; }
    .hits figcaption { margin: .35rem 0 0; font-size: .9rem; overflow-wrap: anywhere; }
    img.hit { width: 10rem; max-width: 100%; height: auto; background: #ffffff; border: 1px solid var(--line);
      border-radius: 6px; image-rendering: pixelated; }
    details { border: 1px solid var(--line); border-radius: 6px; margin: .75rem 0; padding: .1rem 1rem; }
    details[open] { padding-bottom: 1rem; }
    summary { cursor: pointer; padding: .5rem 0; font-weight: 600; overflow-wrap: anywhere; }
    select { font: inherit; max-width: 100%; }
    .standard { color: var(--faint); }
    @media (prefers-color-scheme: dark) { .drawing { filter: brightness(.9); } }
    @media (max-width: 40rem) {
      dl { grid-template-columns: 1fr; gap: 0; }
      dd { margin-bottom: .5rem; }
      th, td { padding: .3rem .55rem; }
      tbody th, thead th:first-child { max-width: 10rem; white-space: normal; overflow-wrap: break-word; }
      .numbers tbody th { min-width: 6.5rem; }
      .numbers thead th { white-space: normal; vertical-align: bottom; }
      .drawing svg, .drawing img { min-width: 32rem; }
    }
    @media print {
      :root { --ground: #ffffff; --raised: #ffffff; --text: #000000; --faint: #444444; --line: #bbbbbb; --mark: #ffffff;
        --accent: #000000; color-scheme: light; }
      body { max-width: none; padding: 0; font-size: 9.5pt; }
      nav, th button::after { display: none; content: none; }
      .scroll { overflow: visible; max-height: none; border: 0; }
      th, td { white-space: normal; padding: .15rem .5rem; }
      thead th, tbody th { position: static; }
      figure, .provenance { break-inside: avoid; }
      h2, h3, figcaption { break-after: avoid; }
      .drawing { border: 0; padding: 0; }
      .drawing svg, .drawing img { min-width: 0; max-height: 18cm; }
      details.rows::details-content { content-visibility: visible; block-size: auto; }
    }
    """

  /// Makes the heads of tables of numbers into buttons that sort: by falling numbers, by rising ones, as at first; opens
  /// what is folded for the printer.
  private static let script = """
    "use strict";
    addEventListener("beforeprint", () => document.querySelectorAll("details.rows").forEach(rows => rows.open = true));
    for (const table of document.querySelectorAll("table.numbers")) {
      const body = table.tBodies[0], original = [...body.rows], heads = [...table.tHead.rows[0].cells];
      heads.forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...head.childNodes);
        head.append(button);
        const order = column ? ["descending", "ascending"] : ["ascending", "descending"];
        button.addEventListener("click", () => {
          const next = order[order.indexOf(head.getAttribute("aria-sort")) + 1];
          heads.forEach(other => other.removeAttribute("aria-sort"));
          if (next) head.setAttribute("aria-sort", next);
          const sign = next === "ascending" ? 1 : -1;
          const value = row => column ? parseFloat(row.cells[column].dataset.value) : row.cells[0].textContent;
          const compare = (a, b) => {
            const x = value(a), y = value(b);
            if (!column) return sign * x.localeCompare(y);
            return isNaN(x) || isNaN(y) ? isNaN(x) - isNaN(y) : sign * (x - y);
          };
          body.append(...(next ? [...original].sort(compare) : original));
        });
      });
    }
    """
}
