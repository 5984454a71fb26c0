import Foundation

/// One thing that `concord doctor` looked at.
struct Finding: Encodable {
  /// The state of what was looked at.
  enum State: String, Encodable {
    /// Everything is as it should be.
    case well
    /// Everything runs, but slower or with less than it could.
    case odd
    /// Something that is needed is missing.
    case missing
  }

  let name: String
  let value: String
  var state = State.well
  /// How to mend it, or a remark.
  var mend: String?

  /// A finding that is well where nothing has to be mended.
  init(_ name: String, _ value: String, _ state: State = .well, mend: String? = nil) {
    self.name = name
    self.value = value
    self.state = state
    self.mend = mend
  }

  /// The line for a terminal.
  func line(width: Int) -> String {
    let mark =
      switch state {
      case .well: " "
      case .odd: "?"
      case .missing: "!"
      }
    return "\(mark) \(name.padding(toLength: width, withPad: " ", startingAt: 0))  \(value)"
      + (mend.map { " - \($0)" } ?? "")
  }
}
