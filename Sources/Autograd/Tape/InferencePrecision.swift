/// What layers multiply in passes without gradients.
public enum InferencePrecision: String, Codable, CaseIterable, Sendable {
  /// 32-bit floats.
  case float32
  /// Factors rounded to bfloat16.
  case bfloat16
  /// Dense layers in 8-bit integers, everything else in float32.
  case int8
}
