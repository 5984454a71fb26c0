/// An axis: what it shows, in which unit and how.
public struct Axis: Hashable, Sendable {
  /// What it shows.
  public var label: String
  /// The unit, shown in parentheses.
  public var unit: String?
  /// Whether it is logarithmic; only positive numbers are drawn then.
  public var isLogarithmic: Bool
  /// What it spans; `nil` spans the data.
  public var range: ClosedRange<Double>?

  /// Creates an axis.
  public init(
    _ label: String, unit: String? = nil, isLogarithmic: Bool = false, range: ClosedRange<Double>? = nil
  ) {
    self.label = label
    self.unit = unit
    self.isLogarithmic = isLogarithmic
    self.range = range
  }

  /// The label with its unit.
  var text: String { unit.map { "\(label) (\($0))" } ?? label }

  /// Whether a number can be drawn along this axis.
  func admits(_ value: Double) -> Bool {
    value.isFinite && (!isLogarithmic || value > 0)
  }

  /// The commands for this axis, named `x` or `y`.
  func commands(_ name: String) -> [String] {
    var lines = ["set \(name)label \(Theme.quoted(text))"]
    if isLogarithmic { lines += ["set logscale \(name)"] }
    if let range {
      lines += ["set \(name)range [\(range.lowerBound):\(range.upperBound)]"]
    }
    return lines
  }
}
