import Autograd
import Kernels
import Layers

/// Fixed random numbers in −1…1.
public func example(_ shape: [Int], seed: UInt64 = 0) -> Tensor {
  var stream = RandomStream(seed: seed, name: "example \(shape)")
  return Tensor((0..<shape.reduce(1, *)).map { _ in 2 * stream.uniform() - 1 }, shape: shape)
}

/// A stream to initialise a layer from.
public func initialStream(_ seed: UInt64 = 0) -> RandomStream { RandomStream(seed: seed, name: "init") }

/// The largest difference between two tensors' numbers; infinite where the shapes differ.
public func distance(_ a: Tensor, _ b: Tensor) -> Float {
  guard a.shape == b.shape else { return .infinity }
  return zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// Compares the gradients that backpropagation collects at a module's parameters with central differences.
public struct ModuleGradientCheck {
  private let step: Float
  private let samples: Int

  /// Sets the change of a number, and the most numbers that are tried of each parameter; they are spread evenly.
  public init(step: Float = 1e-2, samples: Int = 6) { (self.step, self.samples) = (step, samples) }

  /// The largest difference relative to max(1, largest gradient), and the path of its parameter.
  ///
  /// The output is made scalar by fixed random weights.
  public func largestError(at module: some Module, of output: () -> Tensor) -> (error: Float, path: String) {
    let weights = example(output().shape, seed: 99)
    return largestErrorOfLoss(at: module) { (output() * weights).sum() }
  }

  /// The same of a loss, which is scalar.
  public func largestErrorOfLoss(at module: some Module, _ loss: () -> Tensor) -> (error: Float, path: String) {
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
}
