import Diagnostics
import Foundation

/// A chart of plain numbers that gnuplot draws in the project's one theme.
///
/// Numbers that cannot be drawn, which are those that are not finite and, on a logarithmic axis, those that are not
/// positive, are left out: a line breaks there, a bar or point is missing, a cell shows a dash. A figure with nothing
/// left to draw is an error.
public protocol Figure: Sendable {
  /// The title; empty for none.
  var title: String { get }
  /// The extent on the page.
  var size: FigureSize { get }
  /// The data and the commands that draw them.
  ///
  /// - Throws: a `UserError` of kind `data` where there is nothing to draw.
  func drawing() throws(UserError) -> Drawing
}

/// A figure's width and height in SVG pixels; a PNG has twice as many, a PDF 96 to the inch.
public struct FigureSize: Hashable, Sendable {
  /// The width.
  public let width: Int
  /// The height.
  public let height: Int

  /// Creates a size.
  public init(width: Int, height: Int) {
    precondition(width >= 200 && height >= 150, "FigureSize: \(width) by \(height) has no room for a chart")
    self.width = width
    self.height = height
  }

  /// The size for a report.
  public static let report = FigureSize(width: 960, height: 620)
}

/// A file format of figures.
public enum FigureFormat: String, CaseIterable, Sendable {
  /// Vector graphics for pages.
  case svg
  /// Pixels, at twice the figure's size.
  case png
  /// Vector graphics for print and LaTeX.
  case pdf
}

extension Figure {
  /// The gnuplot script that draws the figure from `name.dat` to a file for each format, all beside itself.
  ///
  /// - Throws: a `UserError` of kind `data` where there is nothing to draw.
  public func script(name: String, formats: Set<FigureFormat> = Set(FigureFormat.allCases)) throws(UserError) -> String
  {
    script(of: try drawing(), name: name, formats: formats)
  }

  private func script(of drawing: Drawing, name: String, formats: Set<FigureFormat>) -> String {
    var lines = [
      "# Redraw with: gnuplot \(Theme.plain(name)).gnuplot", "set encoding utf8", "set datafile separator whitespace",
    ]
    // A viewer of an SVG has fonts of its own.
    let isPainted = !formats.isDisjoint(with: [.png, .pdf])
    let painted = isPainted ? FontCoverage.drawable(drawing.commands) : []
    if !drawing.blocks.isEmpty { lines.append("DATA = \(Theme.quoted("\(name).dat"))") }
    if drawing.pixels != nil { lines.append("PIXELS = \(Theme.quoted("\(name).rgb"))") }
    for format in FigureFormat.allCases where formats.contains(format) {
      lines += ["reset"] + Theme.terminal(format, size: size)
      lines += ["set output \(Theme.quoted("\(name).\(format.rawValue)"))"]
      lines += Theme.settings
      lines += format == .svg ? drawing.commands : painted
      lines += ["set output"]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Draws the figure to `name.svg`, `name.png` and `name.pdf`, and writes beside them what redraws it: the script
  /// `name.gnuplot` and its data `name.dat`; each atomically.
  ///
  /// - Returns: the files: pictures, data, script.
  /// - Throws: a `UserError` of kind `data` where there is nothing to draw, `inputOutput` where gnuplot is missing or
  ///   fails, or a file cannot be written; no file is then written in part.
  @discardableResult
  public func render(
    to folder: URL, name: String, formats: Set<FigureFormat> = Set(FigureFormat.allCases),
    with gnuplot: Gnuplot = Gnuplot()
  ) throws(UserError) -> [URL] {
    precondition(
      !name.isEmpty && !name.contains("/"), "Figure.render: '\(name)' is not a file name without its ending")
    let drawing = try drawing()
    var sources: [(String, Data)] = []
    if !drawing.blocks.isEmpty { sources.append(("\(name).dat", Data(drawing.data(title: title, name: name).utf8))) }
    if let pixels = drawing.pixels { sources.append(("\(name).rgb", Data(pixels))) }
    let workshop = FileManager.default.temporaryDirectory.appending(path: "concord-figure-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: workshop, withIntermediateDirectories: false)
      for (file, data) in sources { try data.write(to: workshop.appending(path: file)) }
    } catch {
      try? FileManager.default.removeItem(at: workshop)
      throw UserError(
        .inputOutput, "cannot make a temporary folder", at: workshop.path,
        mend: "make room there, or set TMPDIR to a folder you may use")
    }
    defer { try? FileManager.default.removeItem(at: workshop) }
    let script = script(of: drawing, name: name, formats: formats)
    _ = try gnuplot.run(script, in: workshop, subject: name)

    var contents: [(URL, Data)] = []
    for format in FigureFormat.allCases where formats.contains(format) {
      let file = "\(name).\(format.rawValue)"
      guard let data = try? Data(contentsOf: workshop.appending(path: file)), !data.isEmpty else {
        throw UserError(
          .inputOutput, "\(gnuplot.program) ended well but drew nothing", at: file,
          mend: "check that it is gnuplot, from the package gnuplot-nox")
      }
      contents.append((folder.appending(path: file), data))
    }
    for (file, data) in sources { contents.append((folder.appending(path: file), data)) }
    contents.append((folder.appending(path: "\(name).gnuplot"), Data(script.utf8)))
    for (url, data) in contents { try AtomicFile.write(data, to: url) }
    return contents.map(\.0)
  }

  /// The error of a figure without any number to draw.
  func nothingToDraw() -> UserError {
    UserError(
      .data, "nothing to draw: no number is finite and within its axis", at: title.isEmpty ? nil : "figure '\(title)'",
      mend: "check the run's results")
  }
}
