/// The numbers that layers multiply: dense layers, convolutions, perceptrons, attention, recurrences, code scores.
///
/// Everything else is float32 in either case: sums of products, statistics of norms, softmax, losses, products of the
/// objectives, parameters and their updates. The values of a rounded pass are float32 too, but for those it keeps for its
/// gradient, and for the feature maps within a network of convolutions (``RoundedImages``).
public enum ArithmeticPrecision: String, Codable, CaseIterable, Sendable {
  /// 32-bit floats.
  case float32
  /// Factors rounded to bfloat16, eight bits of precision in float32's range.
  case bfloat16

  /// What operations that begin in this task compute in; a gradient is computed in what its operation was.
  @TaskLocal static var current = ArithmeticPrecision.float32

  /// Whether operations that begin in this task round what they multiply.
  public static var rounds: Bool { current == .bfloat16 }

  /// Runs `body` with layers in this precision.
  public func use<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$current.withValue(self, operation: body)
  }
}
