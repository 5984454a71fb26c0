import Foundation

/// How the values of a metric are shown, and which direction is better.
public struct Metric: Equatable, Sendable {
  /// The name, as in ``Score``.
  public let name: String
  /// Whether values are fractions of 1, shown in percent.
  public let isFraction: Bool
  /// Whether a higher value is better; `nil` where neither is.
  public let higherIsBetter: Bool?

  /// Creates a metric.
  public init(_ name: String, isFraction: Bool, higherIsBetter: Bool?) {
    (self.name, self.isFraction, self.higherIsBetter) = (name, isFraction, higherIsBetter)
  }

  /// Unit and direction, as results record them.
  public struct Kind: Codable, Equatable, Sendable {
    /// What values are.
    public enum Unit: String, Codable, Sendable {
      /// Fractions of 1, shown in percent.
      case fraction
      /// Plain numbers.
      case number
    }

    /// Which values are better.
    public enum Direction: String, Codable, Sendable {
      /// Greater ones.
      case higher
      /// Lesser ones.
      case lower
      /// Neither.
      case neither
    }

    /// What values are.
    public let unit: Unit
    /// Which values are better.
    public let better: Direction
  }

  /// Unit and direction.
  public var kind: Kind {
    Kind(
      unit: isFraction ? .fraction : .number, better: higherIsBetter.map { $0 ? .higher : .lower } ?? .neither)
  }

  /// The metric of a name with a recorded unit and direction, or by its name alone where none is recorded.
  public init(named name: String, kind: Kind?) {
    guard let kind else {
      self.init(named: name)
      return
    }
    let higherIsBetter: Bool? =
      switch kind.better {
      case .higher: true
      case .lower: false
      case .neither: nil
      }
    self.init(name, isFraction: kind.unit == .fraction, higherIsBetter: higherIsBetter)
  }

  /// The metric of a name in results that do not say unit and direction themselves; one that is not on the list is a
  /// fraction of which more is better.
  public init(named name: String) {
    self.name = name
    let key = name.lowercased()
    if let direction = Self.plain[key] {
      (isFraction, higherIsBetter) = (false, direction)
    } else if key.hasPrefix("gain of ") {
      (isFraction, higherIsBetter) = (false, true)
    } else if key.hasSuffix("duality gap") {
      (isFraction, higherIsBetter) = (false, false)
    } else {
      (isFraction, higherIsBetter) = (true, true)
    }
  }

  private static let plain: [String: Bool?] = [
    "median rank": false, "mean rank": false, "loss": false, "alignment": false, "uniformity": false,
    "modality gap": false, "mean cosine": nil, "cosine": nil, "positive cosine": true, "negative cosine": false,
    "seconds": false, "samples per second": true, "parameters": nil, "effective rank": nil, "spread": nil, "count": nil,
    "components": nil, "rsum": true, "perplexity": nil, "support": nil,
    "peak memory": false, "reward": true, "episode deviation": nil,
    "cider-d": true, "mae": false, "correlation": true, "log likelihood": true, "pairs": nil, "gain": true,
  ]

  /// The name as the head of a column, with its unit.
  public var heading: String { isFraction ? "\(name) (%)" : name }

  /// What a value is multiplied by to be shown.
  public var scale: Double { isFraction ? 100 : 1 }

  /// A value as it is shown, without its interval.
  public func text(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "not a number" : value < 0 ? "−∞" : "∞" }
    return String(format: "%.\(decimals)f", value * scale)
  }

  /// A mean with the half-width of its interval, such as `97.2 ± 0.4`.
  public func text(_ mean: Double, halfWidth: Double?) -> String {
    guard let halfWidth else { return text(mean) }
    return "\(text(mean)) ± \(text(halfWidth))"
  }

  private var decimals: Int {
    if name == "pairs" { return 0 }
    let tenths = ["components", "rsum", "support"]
    return isFraction || tenths.contains(name.lowercased()) || name.lowercased().hasSuffix("rank") ? 1 : 3
  }
}
