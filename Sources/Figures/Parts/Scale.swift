import Foundation

/// An axis with its ends and tics.
package struct Scale {
  /// A place along the axis with its text.
  package struct Tick: Equatable {
    let value: Double
    package let text: String
  }

  let label: String
  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  package let ticks: [Tick]

  /// Finds round tics; as many as have room in a length of so many pixels, or about six.
  package init(label: String, range: ClosedRange<Double>, isLogarithmic: Bool, pixels: Double? = nil) {
    self.label = label
    self.range = range
    self.isLogarithmic = isLogarithmic
    var ticks: [Tick] = []
    for count in [7, 6, 5, 4, 3, 2, 1] {
      ticks = isLogarithmic ? Self.logarithmic(range, count: count) : Self.linear(range, count: count)
      guard let pixels else { break }
      let widest = ticks.map { TextWidth.pixels($0.text, size: Theme.textSize) }.max() ?? 0
      if Double(ticks.count) * (widest + 14) <= pixels { break }
    }
    self.ticks = ticks
  }

  /// The same axis with tics but no texts, for a panel beside which they stand already.
  var withoutTexts: Scale {
    Scale(label: "", range: range, isLogarithmic: isLogarithmic, ticks: ticks.map { Tick(value: $0.value, text: "") })
  }

  /// The same axis without the text of its last tic where half of that would reach beyond the end by more than half of
  /// a gap, into the panel beside it.
  func withoutLastText(ifWider gap: Double) -> Scale {
    guard let last = ticks.last, lastTickWidth > gap - 4, share(last.value) > 0.97 else { return self }
    return Scale(
      label: label, range: range, isLogarithmic: isLogarithmic,
      ticks: ticks.dropLast() + [Tick(value: last.value, text: "")])
  }

  private init(label: String, range: ClosedRange<Double>, isLogarithmic: Bool, ticks: [Tick]) {
    self.label = label
    self.range = range
    self.isLogarithmic = isLogarithmic
    self.ticks = ticks
  }

  /// An axis of categories, whose texts are written by whoever places them.
  init(label: String, range: ClosedRange<Double>) {
    self.label = label
    self.range = range
    isLogarithmic = false
    ticks = []
  }

  /// The width of the widest tic's text.
  var tickWidth: Double { ticks.map { TextWidth.pixels($0.text, size: Theme.textSize) }.max() ?? 0 }
  /// The width of the last tic's text, half of which may lie beyond the axis.
  var lastTickWidth: Double { ticks.last.map { TextWidth.pixels($0.text, size: Theme.textSize) } ?? 0 }

  /// Where a value lies, 0…1 between the ends.
  func share(_ value: Double) -> Double {
    let place: (Double) -> Double = { isLogarithmic ? log($0) : $0 }
    return (place(value) - place(range.lowerBound)) / (place(range.upperBound) - place(range.lowerBound))
  }

  /// The commands for this axis, named `x`, `y` or `cb`.
  func commands(_ name: String) -> [String] {
    let list = ticks.map { "\(Theme.quoted($0.text)) \($0.value)" }.joined(separator: ", ")
    return [
      isLogarithmic ? "set logscale \(name)" : "unset logscale \(name)",
      "set \(name)range [\(range.lowerBound):\(range.upperBound)]",
      ticks.isEmpty ? "unset \(name)tics" : "set \(name)tics (\(list))",
    ]
  }

  private static func linear(_ range: ClosedRange<Double>, count: Int) -> [Tick] {
    let span = range.upperBound - range.lowerBound
    guard span > 0, span.isFinite else { return [] }
    let rough = span / Double(count)
    let power = pow(10, floor(log10(rough)))
    let factor = [1.0, 2, 2.5, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10
    let step = factor * power
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    guard first <= last, last - first < 100 else { return [] }
    let decimals = max(0, Int(-floor(log10(step) + 1e-9))) + (factor == 2.5 && power < 10 ? 1 : 0)
    return stride(from: first, through: last, by: 1).map { index in
      Tick(
        value: index * step, text: text(index * step, decimals: decimals, largest: abs(max(-first, last)), step: step))
    }
  }

  /// Powers of ten; with 2 and 5 between them, or round numbers, where there are too few.
  private static func logarithmic(_ range: ClosedRange<Double>, count: Int) -> [Tick] {
    let decades = log10(range.upperBound / range.lowerBound)
    if decades < 0.6 { return linear(range, count: count) }
    let exponents = Int(floor(log10(range.lowerBound) - 1e-9))...Int(ceil(log10(range.upperBound) + 1e-9))
    let factors: [Double] = decades < Double(count) / 3 ? [1, 2, 5] : [1]
    let values = exponents.flatMap { exponent -> [Double] in factors.map { $0 * pow(10, Double(exponent)) } }
      .filter { $0 >= range.lowerBound * 0.999999 && $0 <= range.upperBound * 1.000001 }
    let skip = max(1, (values.count + count) / (count + 1))
    return values.enumerated().filter { $0.offset % skip == 0 }.map { Tick(value: $1, text: text($1)) }
  }

  /// The text of a multiple of a step, with digits enough to tell it from the next.
  ///
  /// - Parameter largest: the greatest multiple on the axis.
  private static func text(_ value: Double, decimals: Int, largest: Double, step: Double) -> String {
    if largest * step >= 1e6 || decimals > 5 {
      return text(value, digits: max(4, Int(log10(max(largest, 1)).rounded(.up)) + 1))
    }
    return String(format: "%.\(decimals)f", value == 0 ? 0 : value).replacing("-", with: "−")
  }

  private static func text(_ value: Double, digits: Int = 4) -> String {
    String(format: "%.\(digits)g", value).replacing("e+0", with: "e").replacing("e+", with: "e").replacing(
      "e-0", with: "e-"
    )
    .replacing("-", with: "−")
  }
}
