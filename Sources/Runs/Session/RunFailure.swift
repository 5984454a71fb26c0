/// The end of a run without a result.
public struct RunFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The exit code to pass on; 130 after Ctrl-C.
  public let exitCode: Int32
  /// Why, on one line.
  public let description: String

  /// Creates a failure.
  public init(exitCode: Int32, _ description: String) {
    self.exitCode = exitCode
    self.description = description
  }

  /// The exit code after Ctrl-C, as shells have it.
  public static let interrupted: Int32 = 130
}
