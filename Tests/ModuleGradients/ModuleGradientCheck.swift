import Autograd
import Kernels
import Layers
import SampleTensors

/// A stream to initialise a layer from.
public func initialStream(_ seed: UInt64 = 0) -> RandomStream { RandomStream(seed: seed, name: "init") }

/// Compares the gradients that backpropagation collects at a module's parameters with central differences.
public struct ModuleGradientCheck {
  private let step: Float
  private let samples: Int

  /// Sets the change of a number, and the most numbers that are tried of each parameter; they are spread evenly.
  public init(step: Float = 1e-2, samples: Int = 6) { (self.step, self.samples) = (step, samples) }

  /// The largest difference relative to max(1, largest gradient), and the path of its parameter; infinite where a gradient or a
  /// difference is not a finite number.
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
      guard let gradient = parameter.gradient?.values, gradient.allSatisfy(\.isFinite) else { return (.infinity, path) }
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
        guard error.isFinite else { return (.infinity, path) }
        if error > worst.error { worst = (error, path) }
      }
      parameter.assign(Tensor(values, shape: parameter.shape))
    }
    return worst
  }
}
