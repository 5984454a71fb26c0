import Autograd
import Kernels

/// Fixed random numbers, evenly spread between two.
public func example(_ shape: [Int], seed: UInt64 = 0, low: Float = -1, high: Float = 1) -> Tensor {
  var stream = RandomStream(seed: seed, name: "example \(shape)")
  return Tensor((0..<shape.reduce(1, *)).map { _ in low + (high - low) * stream.uniform() }, shape: shape)
}

/// The largest of some differences; infinite where one is not a number, which `max` passes over.
public func largest<Number: FloatingPoint>(_ differences: some Sequence<Number>) -> Number {
  differences.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
}

/// The largest difference between two lists of numbers; infinite where their counts differ or one is not a number.
public func distance(_ a: [Float], _ b: [Float]) -> Float {
  a.count == b.count ? largest(zip(a, b).lazy.map { abs($0 - $1) }) : .infinity
}

/// The largest difference between a tensor's numbers and the expected ones.
public func distance(_ tensor: Tensor, _ expected: [Float]) -> Float { distance(tensor.values, expected) }

/// The largest difference between two tensors' numbers; infinite where their shapes differ, too.
public func distance(_ a: Tensor, _ b: Tensor) -> Float {
  a.shape == b.shape ? distance(a.values, b.values) : .infinity
}
