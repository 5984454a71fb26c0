import Autograd
import Foundation

/// Positions as sines and cosines (Vaswani et al., 2017) in the order of fairseq and MulT: all sines, then all cosines.
///
///     row(p) = [sin(p f_0), …, sin(p f_{h−1}), cos(p f_0), …, cos(p f_{h−1})],   f_i = 10⁴^(−i / (h − 1)),   h = ⌊d / 2⌋
///
/// with a 0 behind where d is odd. Positions count from 1; row 0 is zeros and belongs to padding.
public enum SinusoidalPositions {
  /// One row, `[d]`.
  public static func row(_ position: Int, dimensions: Int) -> [Float] {
    let half = dimensions / 2
    guard position > 0 else { return [Float](repeating: 0, count: dimensions) }
    let slope = log(10_000) / Double(max(half - 1, 1))
    let angles = (0..<half).map { Double(position) * exp(-Double($0) * slope) }
    return angles.map { Float(sin($0)) } + angles.map { Float(cos($0)) }
      + [Float](repeating: 0, count: dimensions - 2 * half)
  }

  /// The rows for a batch of series, `[batch, time, d]`: step t, from 0, has row t + 1, but a step whose first channel is
  /// exactly 0 has row 0, which is how MulT knows padding.
  public static func rows(for series: Tensor) -> Tensor {
    precondition(series.rank == 3, "SinusoidalPositions: a shape of \(series.shape) is not [batch, time, d]")
    let (batch, time, width) = (series.shape[0], series.shape[1], series.shape[2])
    let table = (0...time).map { row($0, dimensions: width) }
    let values = series.values
    var rows: [Float] = []
    rows.reserveCapacity(values.count)
    for step in 0..<(batch * time) {
      rows += table[values[step * width] == 0 ? 0 : step % time + 1]
    }
    return Tensor(rows, shape: series.shape)
  }
}
