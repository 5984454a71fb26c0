import Autograd
import Kernels

/// Normal numbers that are the same in every run.
func randomTensor(_ shape: [Int], _ name: String = "example") -> Tensor {
  var stream = RandomStream(seed: 7, name: name)
  return Tensor((0..<shape.reduce(1, *)).map { _ in stream.normal() }, shape: shape)
}

/// The greatest difference of two tensors' numbers; infinite where their counts differ.
func distance(_ a: Tensor, _ b: [Float]) -> Float {
  a.count == b.count ? zip(a.values, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}
