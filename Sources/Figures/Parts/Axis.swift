/// An axis: what it shows, in which unit and how.
public struct Axis: Hashable, Sendable {
  /// What the axis shows.
  public var label: String
  /// The unit, shown in parentheses.
  public var unit: String?
  /// Whether it is logarithmic; only positive numbers are drawn then.
  public var isLogarithmic: Bool
  /// What the axis spans; `nil` spans the data.
  public var range: ClosedRange<Double>?

  /// Creates an axis.
  public init(
    _ label: String, unit: String? = nil, isLogarithmic: Bool = false, range: ClosedRange<Double>? = nil
  ) {
    precondition(
      !isLogarithmic || (range?.lowerBound ?? 1) > 0, "Axis: a logarithmic axis begins above 0, not at \(range!)")
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

  /// The axis as it is drawn for some values.
  ///
  /// - Parameters:
  ///   - room: the share of the values' span that is left free at both ends.
  ///   - pixels: the length along which the tics' texts must not touch; `nil` where they stand above each other.
  ///   - containsZero: whether 0 belongs to a linear axis, as for bars.
  func scale(
    over values: [Double], room: Double = 0, pixels: Double? = nil, containsZero: Bool = false
  ) -> Scale {
    let drawable = values.filter { admits($0) }
    var bounds = range ?? (drawable.min() ?? 1)...(drawable.max() ?? 1)
    if range == nil {
      if isLogarithmic {
        let factor = bounds.lowerBound == bounds.upperBound ? 2 : 1 + room
        bounds = bounds.lowerBound / factor...bounds.upperBound * factor
      } else {
        if containsZero { bounds = min(0, bounds.lowerBound)...max(0, bounds.upperBound) }
        let span = bounds.upperBound - bounds.lowerBound
        let slack = span > 0 ? span * room : max(0.5, abs(bounds.lowerBound) * 0.05)
        bounds =
          bounds.lowerBound - (containsZero && bounds.lowerBound == 0 ? 0 : slack)...bounds.upperBound
          + (containsZero && bounds.upperBound == 0 ? 0 : slack)
      }
    } else if bounds.lowerBound == bounds.upperBound {
      let slack = isLogarithmic ? bounds.lowerBound / 2 : 0.5
      bounds = bounds.lowerBound - slack...bounds.upperBound + slack
    }
    return Scale(label: text, range: bounds, isLogarithmic: isLogarithmic, pixels: pixels)
  }
}
