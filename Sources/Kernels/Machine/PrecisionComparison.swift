/// How fast this machine multiplies in bfloat16, beside float32.
///
/// Processors without instructions for bfloat16 emulate it, and some with them are slower than in float32; so it is
/// measured rather than assumed.
public struct PrecisionComparison: Sendable {
  /// The rates of float32.
  public let float32: Throughput
  /// The rates of bfloat16.
  public let bfloat16: Throughput

  /// Sets rates beside each other.
  public init(float32: Throughput, bfloat16: Throughput) {
    self.float32 = float32
    self.bfloat16 = bfloat16
  }

  /// Measures three shapes in both precisions; nil where oneDNN has no products of bfloat16 for this processor.
  public static func measure(rounds: Int = 5) -> PrecisionComparison? {
    guard OneDNN.bfloat16Implementation != nil else { return nil }
    return PrecisionComparison(
      float32: Throughput.measure(rounds: rounds), bfloat16: Throughput.measure(rounds: rounds, rounded: true))
  }

  /// What was measured, with how many times as fast as float32 it is in bfloat16.
  public var gains: [(name: String, factor: Double)] {
    [
      ("products", bfloat16.gemm / float32.gemm), ("convolutions", bfloat16.convolution / float32.convolution),
      ("both in turn", bfloat16.alternating / float32.alternating),
    ]
  }

  /// What bfloat16 slows down; nil where nothing.
  public var warning: String? {
    let slow = gains.filter { $0.factor < 1 }
    guard !slow.isEmpty else { return nil }
    let list = slow.map { "\($0.name) run at \(Int((100 * $0.factor).rounded())) % of float32's rate" }
    return "bfloat16 is slow on this processor: \(list.joined(separator: ", ")); training.precision=float32 is faster"
  }
}
