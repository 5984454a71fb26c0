import Kernels

/// The gain, offset and ε of a layer norm.
///
/// Shapes: `gain [d]`, `bias [d]`.
public struct NormWeights {
  /// The scale of each dimension.
  public let gain: Tensor
  /// The offset of each dimension.
  public let bias: Tensor
  /// ε, added to the variance.
  public let epsilon: Float

  /// Creates the parameters of a layer norm.
  public init(gain: Tensor, bias: Tensor, epsilon: Float) {
    self.gain = gain
    self.bias = bias
    self.epsilon = epsilon
  }
}

/// What stands around the body of a pre-norm residual branch, for some rows at a time.
///
///     y = x + dropout(body(layerNorm(x)))
struct ResidualFrame {
  let input: Tensor
  let norm: NormWeights
  let width: Int
  private let rate: Float
  private let key, position: UInt64
  /// Mean and reciprocal deviation of each row.
  private let statistics: Storage
  private let rows: Int

  /// Notes what the rows pass through; the stream moves on by one number for each element where there is dropout.
  init(_ input: Tensor, norm: NormWeights, dropoutRate: Float, using stream: inout RandomStream) {
    precondition((0..<1).contains(dropoutRate), "residual branch: a dropout of \(dropoutRate) is outside 0..<1")
    (rows, width) = input.rowSizes
    precondition(
      norm.gain.shape == [width] && norm.bias.shape == [width],
      "residual branch: gain \(norm.gain.shape) and bias \(norm.bias.shape) for an input of shape \(input.shape)")
    self.input = input
    self.norm = norm
    rate = dropoutRate
    (key, position) = (stream.key, rate > 0 ? stream.take(input.count) : stream.position)
    statistics = Storage(count: 2 * rows)
  }

  /// Whether the branch's values and slopes pass dropout, and so need room of their own.
  var hasDropout: Bool { rate > 0 }

  /// The layer norm of some rows.
  func normalise(_ start: Int, _ count: Int, into target: UnsafeMutablePointer<Float>) {
    RowNorm.layerNorm(
      input.pointer + start * width, gain: norm.gain.pointer, bias: norm.bias.pointer, into: target,
      mean: statistics.pointer + start, inverse: statistics.pointer + rows + start, rows: count, columns: width,
      epsilon: norm.epsilon)
  }

  /// The rows of the result from those that the body gave; they may stand where the result goes unless there is dropout.
  func close(_ branch: UnsafeMutablePointer<Float>, _ start: Int, _ count: Int, into y: UnsafeMutablePointer<Float>) {
    let x = input.pointer + start * width
    if hasDropout {
      Elementwise.copy(x, to: y, count: count * width)
      RandomNumbers.dropout(
        key: key, position: position + UInt64(start * width), rate: rate, branch, into: y, count: count * width,
        adding: true)
    } else {
      Elementwise.add(x, scale: 1, to: y, count: count * width)
    }
  }

  /// The slopes at the body's result: those of the result, or what dropout leaves of them, in `room`.
  func slopes(
    _ gradient: UnsafeMutablePointer<Float>, _ start: Int, _ count: Int, room: UnsafeMutablePointer<Float>?
  ) -> UnsafeMutablePointer<Float> {
    guard hasDropout, let room else { return gradient }
    RandomNumbers.dropout(
      key: key, position: position + UInt64(start * width), rate: rate, gradient, into: room, count: count * width,
      adding: false)
    return room
  }

  /// The slopes at the input from those at the normalised rows; those of gain and bias are added up.
  func open(
    _ normalised: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, _ start: Int, _ count: Int,
    into dx: UnsafeMutablePointer<Float>, gain: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>
  ) {
    Elementwise.copy(gradient, to: dx, count: count * width)
    RowNorm.layerNormGradient(
      input.pointer + start * width, gain: norm.gain.pointer, mean: statistics.pointer + start,
      inverse: statistics.pointer + rows + start, gradient: normalised, into: dx, gainGradient: gain,
      biasGradient: bias, rows: count, columns: width, adding: true)
  }
}
