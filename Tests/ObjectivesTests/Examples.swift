import Autograd
import Kernels

/// Normal numbers that are the same in every run.
func randomTensor(_ shape: [Int], _ name: String = "example") -> Tensor {
  var stream = RandomStream(seed: 7, name: name)
  return Tensor((0..<shape.reduce(1, *)).map { _ in stream.normal() }, shape: shape)
}
