/// Text of a LaTeX document, in the preamble of ``LaTeXReport``: for pdflatex, and for xelatex and lualatex, which show
/// letters of other scripts where pdflatex names them.
package struct LaTeX: Markup, ExpressibleByStringInterpolation {
  package let source: String

  package init(source: String) { self.source = source }
  package init(stringLiteral value: String) { source = value }
  package init(stringInterpolation: MarkupInterpolation<LaTeX>) { source = stringInterpolation.source }

  /// Escapes every character with a meaning; one that pdflatex's fonts lack is left to the command `\otherletter`, which
  /// shows it or names its code point.
  package static func escaped(_ text: String) -> String {
    var result = ""
    var last: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      // Two hyphens, commas, or quotation marks in a row would become another character.
      if scalar == last, "-,'`".unicodeScalars.contains(scalar) { result += "{}" }
      result += command(for: scalar)
      last = scalar
    }
    return result
  }

  /// Text in typewriter letters; long words may be broken.
  package static func code(_ text: String) -> LaTeX {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map { word -> String in
      var pieces: [String] = []
      var rest = word[...]
      while rest.count > 24 {
        pieces.append(escaped(String(rest.prefix(8))))
        rest = rest.dropFirst(8)
      }
      pieces.append(escaped(String(rest)))
      return pieces.joined(separator: "\\allowbreak{}").replacing("'", with: "\\textquotesingle{}")
    }
    return LaTeX(source: "\\texttt{\(words.joined(separator: " "))}")
  }

  /// A number with its interval in mathematics, such as `97.2 ± 0.4`; any other text escaped.
  package static func number(_ cell: ScoreTable.Cell) -> LaTeX {
    guard cell.value != nil, cell.text.allSatisfy({ "0123456789.-± ".contains($0) }) else {
      return cell.isMarked ? "\\textbf{\(cell.text)}" : "\(cell.text)"
    }
    let mathematics = cell.text.replacing("±", with: "\\pm")
    return LaTeX(source: cell.isMarked ? "{\\boldmath$\(mathematics)$}" : "$\(mathematics)$")
  }

  /// What shows a character.
  private static func command(for scalar: Unicode.Scalar) -> String {
    if let known = commands[scalar] { return known }
    switch scalar.value {
    case 0x09, 0x0a, 0x0d: return " "
    case 0x20..<0x7f: return String(scalar)
    // Letters of Latin-1 and Latin Extended-A that the T1 fonts have.
    case 0xc0...0xd6, 0xd8...0xf6, 0xf8...0x107, 0x10a...0x113, 0x116...0x11f, 0x122...0x123, 0x128...0x12b,
      0x12e...0x137, 0x139...0x13e, 0x141...0x148, 0x14a...0x14d, 0x150...0x165, 0x168...0x17e:
      return String(scalar)
    case _ where scalar.properties.generalCategory == .control: return ""
    default:
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "\\otherletter{" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "}"
    }
  }

  private static let commands: [Unicode.Scalar: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "%": "\\%", "_": "\\_",
    "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", "<": "\\textless{}", ">": "\\textgreater{}",
    "|": "\\textbar{}", "\"": "\\textquotedbl{}", "`": "\\textasciigrave{}",
    // A bracket at the beginning of a row would be taken for an argument of the row's end, as would a star.
    "[": "{[}", "]": "{]}", "*": "{*}",
    "\u{a0}": "~", "±": "$\\pm$", "×": "$\\times$", "·": "$\\cdot$", "÷": "$\\div$", "−": "$-$", "–": "--", "—": "---",
    "…": "\\ldots{}", "’": "'", "‘": "`", "“": "``", "”": "''", "°": "\\textdegree{}", "§": "\\S{}", "£": "\\pounds{}",
    "€": "\\texteuro{}",
    "¡": "\\textexclamdown{}", "¿": "\\textquestiondown{}", "«": "\\guillemotleft{}", "»": "\\guillemotright{}",
    "®": "\\textregistered{}", "™": "\\texttrademark{}", "‰": "\\textperthousand{}", "†": "\\textdagger{}",
    "©": "\\copyright{}",
    "→": "$\\rightarrow$", "←": "$\\leftarrow$", "↔": "$\\leftrightarrow$",
    "↑": "$\\uparrow$", "↓": "$\\downarrow$", "⇒": "$\\Rightarrow$", "∞": "$\\infty$",
    "≤": "$\\leq$", "≥": "$\\geq$", "≠": "$\\neq$", "≈": "$\\approx$", "∑": "$\\sum$", "√": "$\\surd$", "∈": "$\\in$",
    "²": "$^2$", "³": "$^3$", "½": "$\\frac12$", "µ": "$\\mu$", "•": "$\\bullet$",
    "α": "$\\alpha$", "β": "$\\beta$", "γ": "$\\gamma$", "δ": "$\\delta$", "ε": "$\\varepsilon$", "η": "$\\eta$",
    "θ": "$\\theta$", "κ": "$\\kappa$", "λ": "$\\lambda$", "μ": "$\\mu$", "ν": "$\\nu$", "π": "$\\pi$",
    "ρ": "$\\rho$", "σ": "$\\sigma$", "τ": "$\\tau$", "φ": "$\\varphi$", "ω": "$\\omega$", "Δ": "$\\Delta$",
    "Σ": "$\\Sigma$", "Ω": "$\\Omega$",
  ]
}
