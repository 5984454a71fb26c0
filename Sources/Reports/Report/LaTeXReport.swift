import Foundation
import Runs

/// A report in LaTeX: booktabs tables and the figures beside it, for pdflatex, or for xelatex and lualatex where letters of
/// other scripts, such as Hangul, are to be seen.
package struct LaTeXReport {
  private let report: Report
  /// The formats of pictures, the best first.
  package static let pictures = ["pdf", "png"]
  /// Tables with more rows than this go over several pages.
  private static let longestTable = 36

  init(_ report: Report) { self.report = report }

  /// The document.
  var text: String {
    Self.document(
      title: report.title, date: report.records.map(\.provenance).joined(separator: "; "), sections: report.sections)
  }

  /// A document of sections.
  package static func document(title: String, date: String, sections: [ReportSection]) -> String {
    let sections = sections.map { section -> LaTeX in
      if section.isBare { return "\n\(section.blocks.map(source(of:)))" }
      return "\n\\section*{\(section.title)}\n\(section.blocks.map(source(of:)))"
    }
    let document: LaTeX = """
      % Compile with: pdflatex report.tex; with xelatex or lualatex for letters of other scripts, by the first font below.
      \\documentclass[10pt]{article}
      \\usepackage{iftex}
      \\ifPDFTeX
      \\usepackage[utf8]{inputenc}
      \\usepackage[T1]{fontenc}
      \\usepackage{textcomp}
      \\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}
      \\DeclareRobustCommand{\\otherletter}[1]{{[}U+#1{]}}
      \\else
      \\usepackage{fontspec}
      \(Self.otherFonts)
      \\DeclareRobustCommand{\\otherletter}[1]{{\\otherfont\\symbol{"#1}}\\hskip0pt plus0.1pt\\relax}
      \\fi
      \\usepackage[a4paper,margin=22mm]{geometry}
      \\usepackage{array,booktabs,longtable,float,graphicx}
      \\usepackage[font=small]{caption}
      \\setlength{\\parindent}{0pt}
      \\setlength{\\parskip}{4pt}
      \\setlength{\\emergencystretch}{3em}
      % A table wider than the page is made smaller.
      \\newsavebox{\\tablebox}
      \\newcommand{\\fittable}{\\ifdim\\wd\\tablebox>\\linewidth\\resizebox{\\linewidth}{!}{\\usebox{\\tablebox}}%
        \\else\\usebox{\\tablebox}\\fi}
      \\title{\(title)}
      \\author{}
      \\date{\(date)}
      \\begin{document}
      \\maketitle
      \(sections)
      \\end{document}

      """
    return document.source
  }

  /// Fonts with Hangul, kana and Chinese characters, the first that is there.
  private static var otherFonts: LaTeX {
    let names = ["Noto Sans CJK KR", "Noto Serif CJK KR", "NanumGothic", "Baekmuk Gulim", "UnDotum"]
    let none = "\\newcommand{\\otherfont}{}"
    let choice = names.reversed().reduce(none) { rest, name in
      "\\IfFontExistsTF{\(name)}{\\newfontfamily\\otherfont{\(name)}}%\n{\(rest)}"
    }
    return LaTeX(source: choice)
  }

  private static func source(of block: ReportSection.Block) -> LaTeX {
    switch block {
    case .finding(let sentence): return "\(sentence)\n"
    case .heading(let title): return "\\subsection*{\(title)}\n"
    case .facts(let facts):
      return """
        \\begin{description}
        \\setlength{\\itemsep}{0pt}
        \(facts.map { "\\item[\($0.name)] \(source(of: $0.spans))\n" as LaTeX })\\end{description}

        """
    case .notes(let notes):
      return """
        \\begin{itemize}
        \(notes.map { "\\item \($0)\n" as LaTeX })\\end{itemize}

        """
    case .table(let table, let caption):
      // Several tables of a section are told apart by their titles.
      return self.table(table, caption: "\(table.title). \(caption)")
    case .illustrated(let table, let caption, let figures):
      let sources = figures.map(figure)
      let own = self.table(table, caption: "\(table.title). \(caption)")
      return (sources.prefix(1) + [own] + sources.dropFirst()).joined()
    case .figures(let figures): return figures.map(figure).joined()
    case .command(let command): return "\\begin{flushleft}\n\(LaTeX.code(command))\n\\end{flushleft}\n"
    }
  }

  private static func source(of spans: [ReportSection.Span]) -> LaTeX {
    spans.map { span in
      switch span {
      case .text(let text): LaTeX(text)
      case .code(let text): LaTeX.code(text)
      }
    }.joined()
  }

  /// A table with its caption above; a long one may go over several pages.
  static func table(_ table: ScoreTable, caption: LaTeX) -> LaTeX {
    let columns = LaTeX(source: columns(of: table))
    func row(_ cells: [LaTeX]) -> LaTeX { "\(cells.joined(" & ")) \\\\\n" }
    let head = row(table.heads.map { LaTeX($0) })
    let rows = table.rows.map { cells in
      row(cells.enumerated().map { $0.offset == 0 ? LaTeX($0.element.text) : LaTeX.number($0.element) })
    }
    guard table.rows.count <= longestTable else {
      return """
        {\\small
        \\begin{longtable}{@{}\(columns)@{}}
        \\caption{\(caption)} \\\\
        \\toprule
        \(head)\\midrule
        \\endfirsthead
        \\toprule
        \(head)\\midrule
        \\endhead
        \\bottomrule
        \\endfoot
        \(rows)\\end{longtable}}

        """
    }
    return """
      \\begin{table}[H]
      \\centering
      \\caption{\(caption)}
      \\small
      \\begin{lrbox}{\\tablebox}
      \\begin{tabular}{@{}\(columns)@{}}
      \\toprule
      \(head)\\midrule
      \(rows)\\bottomrule
      \\end{tabular}
      \\end{lrbox}
      \\fittable
      \\end{table}

      """
  }

  /// Numbers to the right, texts to the left; a column of long texts is broken into lines.
  private static func columns(of table: ScoreTable) -> String {
    table.heads.indices.map { column in
      let longest = table.rows.map { $0[column].text.count }.max() ?? 0
      if longest > 40, column == 0 || !table.isNumeric {
        return ">{\\raggedright\\arraybackslash}p{\(longest > 80 ? "0.4" : "0.28")\\linewidth}"
      }
      return column > 0 && table.isNumeric ? "r" : "l"
    }.joined()
  }

  /// A figure with its caption below, from the PDF where there is one, else the PNG; nothing where there is neither.
  private static func figure(_ figure: ReportFigure) -> LaTeX {
    guard
      let format = figure.format(of: pictures),
      // The path goes to TeX as it is, so it may not hold what TeX would read as a command.
      !figure.path(format).contains(where: { "\\{}%#~^$&\"".contains($0) })
    else { return "" }
    return """
      \\begin{figure}[H]
      \\centering
      \\includegraphics[width=\\linewidth,height=0.44\\textheight,keepaspectratio]{\(LaTeX(source: figure.path(format)))}
      \\caption{\(figure.title). \(figure.entry.caption) \\emph{\(figure.provenance).}}
      \\end{figure}

      """
  }
}
