/// Whether what a run has computed is what the program of now would compute for its recipe.
public enum Validity: Equatable, Sendable {
  /// It is, to the bit, or by the same code on another kind of processor.
  case valid
  /// Nobody can tell, and why; it is kept unless all must be sure.
  case notComparable(String)
  /// It is not, and why.
  case outOfDate(String)

  /// Why it is not sure to be valid.
  public var reason: String? {
    switch self {
    case .valid: nil
    case .notComparable(let reason), .outOfDate(let reason): reason
    }
  }
}
