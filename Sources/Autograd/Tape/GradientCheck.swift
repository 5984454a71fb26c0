import Kernels

/// Compares an operation's pullback with central differences of its value.
public struct GradientCheck {
  /// The step of the differences.
  public var step: Float
  /// The largest number of elements that are tried of each input; they are spread evenly.
  public var samples: Int

  /// Creates a check.
  public init(step: Float = 1e-2, samples: Int = 24) {
    self.step = step
    self.samples = samples
  }

  /// The largest difference between gradient and differences, relative to max(1, largest gradient), over all inputs; infinite
  /// where a gradient or a difference is not a finite number.
  ///
  /// A tensor-valued function is made scalar by fixed random weights.
  public func largestError(at inputs: [Tensor], of function: ([Tensor]) -> Tensor) -> Float {
    var stream = RandomStream(seed: 1, name: "gradient check")
    var weights: Tensor?
    func scalar(_ inputs: [Tensor]) -> Tensor {
      let output = function(inputs)
      let fixed =
        weights ?? Tensor((0..<output.count).map { _ in 2 * stream.uniform() - 1 }, shape: output.shape)
      weights = fixed
      return (output * fixed).sum()
    }
    let gradients = Tape.gradients(at: inputs, of: scalar).gradients
    var worst: Float = 0
    for (index, input) in inputs.enumerated() {
      let gradient = gradients[index].values
      guard gradient.allSatisfy(\.isFinite) else { return .infinity }
      let scale = gradient.reduce(1) { Swift.max($0, abs($1)) }
      for element in stride(from: 0, to: input.count, by: Swift.max(1, input.count / samples)) {
        func value(_ change: Float) -> Float {
          var changed = inputs
          var values = input.values
          values[element] += change
          changed[index] = Tensor(values, shape: input.shape)
          return scalar(changed).scalar
        }
        let difference = (value(step) - value(-step)) / (2 * step)
        guard difference.isFinite else { return .infinity }
        worst = Swift.max(worst, abs(difference - gradient[element]) / scale)
      }
    }
    return worst
  }
}
