import Autograd
import Kernels
import Layers

/// Fixed random numbers in −1…1.
func example(_ shape: [Int], seed: UInt64 = 0) -> Tensor {
  var stream = RandomStream(seed: seed, name: "example \(shape)")
  return Tensor((0..<shape.reduce(1, *)).map { _ in 2 * stream.uniform() - 1 }, shape: shape)
}

/// Random tokens from a lower bound on.
func exampleTokens(_ count: Int, from first: Int, below bound: Int, stream: inout RandomStream) -> [Int32] {
  (0..<count).map { _ in Int32(first + stream.below(bound - first)) }
}

/// The largest difference between two tensors' numbers; infinite where the shapes differ.
func distance(_ a: Tensor, _ b: Tensor) -> Float {
  guard a.shape == b.shape else { return .infinity }
  return zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// The largest difference between a loss's gradients at a module's parameters and central differences, relative to max(1,
/// largest gradient), and the path of its parameter.
func largestGradientError(
  at module: some Module, step: Float = 1e-2, samples: Int = 5, of loss: () -> Tensor
) -> (error: Float, path: String) {
  for (_, parameter) in module.parameters { parameter.clearGradient() }
  Tape.backpropagate { loss() }
  var worst: (error: Float, path: String) = (0, "")
  for (path, parameter) in module.parameters {
    guard let gradient = parameter.gradient?.values else { return (.infinity, path) }
    let scale = gradient.reduce(1) { max($0, abs($1)) }
    let values = parameter.value.values
    for element in stride(from: 0, to: values.count, by: max(1, values.count / samples)) {
      func value(_ change: Float) -> Float {
        var changed = values
        changed[element] += change
        parameter.assign(Tensor(changed, shape: parameter.shape))
        return loss().scalar
      }
      let difference = (value(step) - value(-step)) / (2 * step)
      let error = abs(difference - gradient[element]) / scale
      if !(error <= worst.error) { worst = (error, path) }
    }
    parameter.assign(Tensor(values, shape: parameter.shape))
  }
  return worst
}
