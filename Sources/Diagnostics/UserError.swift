/// Something a user caused and can mend, told on one line: what, where, and how.
///
/// The command line prints `description` and ends with `kind`'s exit code; no stack trace is ever shown for it.
public struct UserError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What sort of trouble it is; the raw value is the exit code.
  public enum Kind: Int32, Sendable {
    /// A result lies outside its tolerance.
    case outsideTolerance = 1
    /// The command line is wrong (`EX_USAGE`).
    case usage = 64
    /// A recipe, data file or checkpoint is wrong (`EX_DATAERR`).
    case data = 65
    /// A file or folder cannot be read or written (`EX_IOERR`).
    case inputOutput = 74
    /// Another process is at work on it, or has to be done with something first (`EX_TEMPFAIL`).
    case notYet = 75
  }

  /// The sort of trouble.
  public let kind: Kind
  /// Where: a file with line and column, a key, an argument.
  public let place: String?
  /// What is wrong, in a few words.
  public let what: String
  /// How to mend it, in a few words.
  public let mend: String?
  /// Whether each of several processes that train one model meets it, since it follows from numbers that all of them have.
  public let isOfAllRanks: Bool

  /// Creates an error.
  public init(_ kind: Kind, _ what: String, at place: String? = nil, mend: String? = nil, isOfAllRanks: Bool = false) {
    self.kind = kind
    self.what = what
    self.place = place
    self.mend = mend
    self.isOfAllRanks = isOfAllRanks
  }

  /// One line: `place: what; mend`, without control characters.
  public var description: String {
    let parts = [place?.onOneLine(), what.onOneLine()].compactMap { $0 }
    return parts.joined(separator: ": ") + (mend.map { "; \($0.onOneLine())" } ?? "")
  }
}
