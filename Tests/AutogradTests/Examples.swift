import Autograd
import Kernels

/// Fixed random numbers in −1…1.
func example(_ shape: [Int], seed: UInt64 = 0, low: Float = -1, high: Float = 1) -> Tensor {
  var stream = RandomStream(seed: seed, name: "example \(shape)")
  return Tensor((0..<shape.reduce(1, *)).map { _ in low + (high - low) * stream.uniform() }, shape: shape)
}

/// The largest difference between a tensor's numbers and the expected ones.
func distance(_ tensor: Tensor, _ expected: [Float]) -> Float {
  guard tensor.count == expected.count else { return .infinity }
  return zip(tensor.values, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
