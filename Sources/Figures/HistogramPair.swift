import Diagnostics
import Foundation

/// Two distributions, one over the other, such as the similarities of matching and of other pairs.
public struct HistogramPair: Figure {
  /// One distribution.
  public struct Distribution: Sendable {
    /// What the legend calls it.
    public let name: String
    /// The values.
    public let values: [Double]

    /// Creates a distribution.
    public init(name: String, values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// The title; empty for none.
  public let title: String
  /// The axis of the values; it is linear.
  public let x: Axis
  /// The distribution that is drawn first.
  public let first: Distribution
  /// The distribution that is drawn over it.
  public let second: Distribution
  /// How many bins both share; `nil` lets the data choose.
  public let bins: Int?
  /// The extent on the page.
  public let size: FigureSize

  /// Creates a chart.
  public init(
    title: String, x: Axis, first: Distribution, second: Distribution, bins: Int? = nil, size: FigureSize = .report
  ) {
    precondition(!x.isLogarithmic, "HistogramPair: bins of equal width need a linear axis")
    precondition(bins.map { $0 > 0 } ?? true, "HistogramPair: \(bins ?? 0) bins")
    self.title = title
    self.x = x
    self.first = first
    self.second = second
    self.bins = bins
    self.size = size
  }

  /// The data and the commands that draw them.
  ///
  /// Each bin's height is the share of its distribution's finite values in it, those beyond the axis counted as well.
  public func drawing() throws(UserError) -> Drawing {
    let all = [first, second].map { $0.values.filter(\.isFinite) }
    let joined = all.flatMap { $0 }
    guard let least = joined.min(), let greatest = joined.max() else { throw nothingToDraw() }
    var range = x.range ?? least...greatest
    if range.lowerBound == range.upperBound { range = range.lowerBound - 0.5...range.upperBound + 0.5 }
    let count = bins ?? suggestedBins(all, range: range)
    let width = (range.upperBound - range.lowerBound) / Double(count)
    var drawing = Drawing()
    var areas: [String] = []
    var lines: [String] = []
    for (index, (distribution, values)) in zip([first, second], all).enumerated() where !values.isEmpty {
      var counts = [Int](repeating: 0, count: count)
      for value in values where range.contains(value) {
        counts[min(count - 1, Int((value - range.lowerBound) / width))] += 1
      }
      var outline = ["\(range.lowerBound) 0"]
      for (bin, members) in counts.enumerated() {
        let share = Double(members) / Double(values.count)
        let edges = [bin, bin + 1].map { range.lowerBound + Double($0) * width }
        outline += edges.map { "\($0) \(share)" }
      }
      outline.append("\(range.upperBound) 0")
      drawing.blocks.append(("distribution\(index)", outline))
      let style = "lc rgb '\(Theme.color(index))'"
      areas.append(
        "$distribution\(index) using 1:2 with filledcurves closed \(style) fs transparent solid 0.3 noborder notitle")
      let name = "\(distribution.name) (n = \(values.count))"
      lines.append(
        "$distribution\(index) using 1:2 with lines lw 2 dt \(Theme.dash(index)) \(style) title \(Theme.quoted(name))")
    }
    drawing.commands = Theme.title(title) + x.commands("x")
    drawing.commands += ["set ylabel 'share of values per bin'", "set yrange [0:*]"]
    drawing.commands += Theme.legend([first.name, second.name].map { $0 + " (n = 00000)" }, width: size.width)
    drawing.commands.append("plot " + (areas + lines).joined(separator: ", \\\n  "))
    return drawing
  }

  /// The number of bins that Freedman and Diaconis (1981) advise, within 10…60: a width of 2 IQR / ∛n.
  private func suggestedBins(_ distributions: [[Double]], range: ClosedRange<Double>) -> Int {
    let widths = distributions.filter { $0.count > 3 }.map { values in
      let sorted = values.sorted()
      return 2 * (sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]) / cbrt(Double(sorted.count))
    }.filter { $0 > 0 }
    guard let width = widths.min() else { return 10 }
    return Int(min(60, max(10, ((range.upperBound - range.lowerBound) / width).rounded(.up))))
  }
}
