import Diagnostics

/// Options that stand in a section of their own in a recipe, under the name of what they belong to: a data source, a
/// method, an evaluator.
///
/// Every stored property is a key; its first value is the only home of the default.
public protocol OptionSection: Codable, Equatable, Sendable {
  /// The name of the section, and of what the options belong to, such as `clip`.
  static var key: String { get }

  /// The defaults.
  init()

  /// What the values must be to make sense.
  var requirements: [OptionRequirement] { get }

  /// Refuses the first value that makes no sense, beside the requirements also for what they cannot say.
  ///
  /// - Throws: an error whose place is the key within the section.
  func validate() throws(UserError)
}

extension OptionSection {
  /// Nothing is required unless a type says so.
  public var requirements: [OptionRequirement] { [] }

  /// Checks the requirements.
  ///
  /// - Throws: an error whose place is the key within the section.
  public func validate() throws(UserError) {
    for requirement in requirements { try requirement.check() }
  }
}

/// Something that an option must be.
public struct OptionRequirement: Sendable {
  /// The option's key in its section.
  public let key: String
  /// Whether it is so.
  public let holds: Bool
  /// What it must be, to go on from the key, such as `must be positive`.
  public let what: String
  /// How to mend it, where `what` does not say it.
  public let mend: String?

  /// States a requirement.
  public init(_ key: String, _ holds: Bool, _ what: String, mend: String? = nil) {
    (self.key, self.holds, self.what, self.mend) = (key, holds, what, mend)
  }

  /// Throws where it does not hold.
  public func check() throws(UserError) {
    if !holds { throw UserError(.data, what, at: key, mend: mend) }
  }

  /// The requirement of a section within: its key stands behind that of the section.
  public func within(_ section: String) -> OptionRequirement {
    OptionRequirement("\(section).\(key)", holds, what, mend: mend)
  }

  /// A finite number above 0.
  public static func positive(_ key: String, _ value: Double) -> OptionRequirement {
    OptionRequirement(key, value > 0 && value.isFinite, "must be positive")
  }

  /// A finite number of at least 0.
  public static func notNegative(_ key: String, _ value: Double) -> OptionRequirement {
    OptionRequirement(key, value >= 0 && value.isFinite, "must not be negative")
  }

  /// A share below 1.
  public static func share(_ key: String, _ value: Double) -> OptionRequirement {
    OptionRequirement(key, (0..<1).contains(value), "must be in 0..<1")
  }

  /// A whole number in a range.
  public static func count(
    _ key: String, _ value: Int, atLeast least: Int = 1, atMost most: Int = 1_000_000
  ) -> OptionRequirement {
    OptionRequirement(key, (least...most).contains(value), "must be \(least) to \(most)")
  }

  /// Widths of layers.
  public static func widths(_ key: String, _ values: [Int]) -> OptionRequirement {
    OptionRequirement(key, values.allSatisfy { (1...65_536).contains($0) }, "must be 1 to 65536")
  }
}
