/// What a figure gives to gnuplot: numbers in blocks, and the commands that draw them.
public struct Drawing: Equatable, Sendable {
  /// A table of numbers; an empty line in it breaks a line of the chart.
  public struct Block: Equatable, Sendable {
    /// What the table holds.
    public let name: String
    /// What its columns hold.
    public let columns: [String]
    /// The rows of the table, already written out.
    public let lines: [String]
  }

  /// The blocks of the data file, in its order.
  public private(set) var blocks: [Block] = []
  /// The bytes of pictures, three for a pixel, where there are any.
  public internal(set) var pixels: [UInt8]?
  /// The commands, run once for each format.
  public internal(set) var commands: [String] = []

  /// Adds a block and returns how a command names it.
  mutating func add(_ name: String, columns: [String], _ lines: [String]) -> String {
    blocks.append(Block(name: name, columns: columns, lines: lines))
    return "DATA index \(blocks.count - 1)"
  }

  /// The text of the data file: blocks apart by two empty lines, each under a comment that names its columns.
  package func data(title: String, name: String) -> String {
    var lines = ["# \(Theme.plain(title.isEmpty ? name : title))", "# Drawn by \(Theme.plain(name)).gnuplot."]
    for (index, block) in blocks.enumerated() {
      if index > 0 { lines += ["", ""] }
      lines.append("# index \(index): \(Theme.plain(block.name))")
      lines.append("# " + block.columns.map { Theme.plain($0) }.joined(separator: " | "))
      lines += block.lines
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
