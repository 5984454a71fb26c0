import Evaluation
import Foundation
import Recipes
import Runs
import Training

/// Who leads in one score of several runs or methods, by how much, and whether the intervals tell them apart.
package struct Lead {
  /// One of those that are compared.
  package struct Contender: Sendable {
    /// Its name.
    package let name: String
    /// Its value, in the unit that is shown.
    package let value: Double
    /// The 95 % interval of the value; `nil` for one seed.
    package let interval: ClosedRange<Double>?
    /// The value as it is shown, with its interval.
    package let text: String

    package init(name: String, value: Double, interval: ClosedRange<Double>?, text: String) {
      self.name = name
      self.value = value
      self.interval = interval
      self.text = text
    }
  }

  private let contenders: [Contender]
  private let higherIsBetter: Bool?
  private let format: (Double) -> String
  private let unit: String
  private let caution: String
  private let tellsApart: (String, String) -> Bool

  /// Orders what is compared; what is not a number takes no part.
  ///
  /// - Parameters:
  ///   - unit: the unit of a difference, such as `points`; empty for none.
  ///   - caution: what the intervals are short of, after their being apart; empty where they are 95 % intervals.
  ///   - tellsApart: whether one, by its name, is better than another beyond the interval of their difference.
  ///   - format: a value in the precision that is shown, without interval and unit.
  package init(
    _ contenders: [Contender], higherIsBetter: Bool?, unit: String, caution: String = "",
    tellsApart: @escaping (String, String) -> Bool = { _, _ in false }, format: @escaping (Double) -> String
  ) {
    let finite = contenders.filter(\.value.isFinite)
    // Equal values keep their order.
    self.contenders = finite.enumerated().sorted { first, second in
      guard first.element.value != second.element.value else { return first.offset < second.offset }
      return (first.element.value > second.element.value) == (higherIsBetter ?? true)
    }.map(\.element)
    self.higherIsBetter = higherIsBetter
    self.format = format
    self.unit = unit
    self.caution = caution
    self.tellsApart = tellsApart
  }

  /// The one that leads; `nil` where there is none, or no direction is better.
  package var leader: String? { higherIsBetter == nil ? nil : contenders.first?.name }

  /// What can be said, without a subject before and a full stop after: `B (97.1 ± 2.5 %) leads A (95.0 ± 2.5 %) by …`.
  package var text: String {
    guard let first = contenders.first else { return "there is no value yet" }
    guard contenders.count > 1 else { return "only \(first.name) has a value, \(first.text)" }
    guard higherIsBetter != nil else {
      return "values go from \(contenders[contenders.count - 1].text) (\(contenders[contenders.count - 1].name)) to "
        + "\(first.text) (\(first.name)), and neither end is better"
    }
    let second = contenders[1]
    let equal = contenders.filter { format($0.value) == format(first.value) }
    guard equal.count == 1 else {
      let shared = equal.count > 3 ? "\(equal.count) of \(contenders.count)" : Self.list(equal.map(\.name))
      return "\(shared) share the lead with \(first.text)"
    }
    let points = unit.isEmpty ? "" : " " + unit
    return "\(first.name) (\(first.text)) leads \(second.name) (\(second.text)) by "
      + "\(format(abs(first.value - second.value)))\(points)\(judgement(first, second))"
  }

  /// Whether the intervals of two lie apart; one of no width, as seeds that agree to the last digit have, says nothing.
  private func judgement(_ first: Contender, _ second: Contender) -> String {
    guard let own = first.interval, let other = second.interval else {
      return ", without intervals to tell them apart"
    }
    func isEmpty(_ range: ClosedRange<Double>) -> Bool {
      range.upperBound - range.lowerBound <= 1e-9 * max(abs(range.lowerBound), abs(range.upperBound))
    }
    if isEmpty(own) || isEmpty(other) { return ", though an interval of no width tells nothing apart" }
    let intervals = caution.isEmpty ? "95 % intervals" : "intervals"
    guard own.overlaps(other) else { return ", and their \(intervals) do not overlap\(caution)" }
    return tellsApart(first.name, second.name)
      ? "; their \(intervals) overlap, but that of the difference leaves zero out"
      : ", but their \(intervals) overlap"
  }

  /// Names in a row: `A, B and C`.
  package static func list(_ names: [String]) -> String {
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }
}
