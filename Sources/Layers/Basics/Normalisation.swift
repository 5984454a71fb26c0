import Autograd
import Graphs
import Kernels

/// Batch normalisation over all axes but the last, with running statistics for evaluation.
///
/// The running variance is the unbiased one, n / (n − 1) times the batch's, as PyTorch keeps it. With several groups
/// each part of a training batch has statistics of its own, as if it were on a device of its own (the split batch norm of
/// MoCo's demonstration on one device); the running ones follow their mean. A chunk of a batch has its share of the groups.
public struct BatchNorm: Layer {
  /// The scale of each channel.
  public let gain: Parameter
  /// The offset of each channel.
  public let bias: Parameter
  /// The mean used in evaluation.
  public let runningMean: StateBuffer
  /// The variance used in evaluation.
  public let runningVariance: StateBuffer
  /// How far one batch moves the running statistics.
  public let momentum: Float
  /// ε, added to the variance.
  public let epsilon: Float
  /// Whether max(0, ·) follows in the same pass.
  public let rectified: Bool
  /// The number of parts of a training batch.
  public let groups: Int

  /// Creates a layer with gain 1 and bias 0.
  public init(
    _ channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5, rectified: Bool = false, groups: Int = 1
  ) {
    gain = Parameter(Tensor(repeating: 1, shape: [channels]))
    bias = Parameter(Tensor(repeating: 0, shape: [channels]))
    runningMean = StateBuffer(Tensor(repeating: 0, shape: [channels]))
    runningVariance = StateBuffer(Tensor(repeating: 1, shape: [channels]))
    self.momentum = momentum
    self.epsilon = epsilon
    self.rectified = rectified
    self.groups = groups
  }

  /// Gain, bias and running statistics.
  public var parts: [ModulePart] {
    [
      .parameter("gain", gain), .parameter("bias", bias), .buffer("runningMean", runningMean),
      .buffer("runningVariance", runningVariance),
    ]
  }

  /// Normalises by the batch's statistics in training, which moves the running ones, and by those in evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    guard pass.isTraining else {
      return input.batchNormalised(
        gain: gain.tensor, bias: bias.tensor,
        statistics: .running(mean: runningMean.value, variance: runningVariance.value), epsilon: epsilon,
        rectified: rectified
      ).output
    }
    return trained(on: input, in: pass)
  }

  /// One operator by the running statistics, and ReLU where it follows.
  public func described(_ input: GraphValue) -> GraphValue {
    let output = input.batchNormalised(
      gain: gain.constant, bias: bias.constant, mean: runningMean.constant, variance: runningVariance.constant,
      epsilon: epsilon)
    return rectified ? output.relu() : output
  }

  /// Normalises by the batch's statistics, which move the running ones; then what is added, then max(0, ·) where rectified.
  ///
  /// - Parameters:
  ///   - rectified: whether max(0, ·) follows; nil as the layer has it.
  ///   - pass: of a chunk of a batch its groups are as many as the batch's over the number of chunks.
  package func trained<Map: FeatureMap>(
    on input: Map, adding branch: Map? = nil, rectified: Bool? = nil, in pass: ForwardPass
  ) -> Map {
    precondition(
      groups % pass.chunks == 0, "BatchNorm: \(groups) groups of a batch that is divided into \(pass.chunks) chunks")
    let groups = groups / pass.chunks
    let (output, mean, variance) = input.batchNormalised(
      gain: gain.tensor, bias: bias.tensor, epsilon: epsilon, adding: branch, rectified: rectified ?? self.rectified,
      groups: groups)
    let count = Float(input.shape.dropLast().reduce(1, *)) / Float(groups)
    let unbiased = count > 1 ? count / (count - 1) : 1
    switch pass.statistics {
    case .moved: moveStatistics(mean: mean, variance: variance, unbiased: unbiased)
    case .collected(let chunks): chunks.note(self, mean: mean, variance: unbiased * variance)
    case .left: break
    }
    return output
  }

  /// Moves the running statistics towards those of a batch.
  ///
  /// - Parameter unbiased: what makes the variance the unbiased one.
  func moveStatistics(mean: Tensor, variance: Tensor, unbiased: Float = 1) {
    runningMean.value = (1 - momentum) * runningMean.value + momentum * mean
    runningVariance.value = (1 - momentum) * runningVariance.value + (momentum * unbiased) * variance
  }
}

/// Layer normalisation over the last axis.
public struct LayerNorm: Layer {
  /// The scale of each dimension.
  public let gain: Parameter
  /// The offset of each dimension.
  public let bias: Parameter
  /// ε, added to the variance.
  public let epsilon: Float

  /// Creates a layer with gain 1 and bias 0.
  public init(_ dimensions: Int, epsilon: Float = 1e-5) {
    gain = Parameter(Tensor(repeating: 1, shape: [dimensions]))
    bias = Parameter(Tensor(repeating: 0, shape: [dimensions]))
    self.epsilon = epsilon
  }

  /// Takes parameters that are there already, `[d]` each.
  public init(gain: Parameter, bias: Parameter, epsilon: Float) {
    self.gain = gain
    self.bias = bias
    self.epsilon = epsilon
  }

  /// Gain and bias.
  public var parts: [ModulePart] { [.parameter("gain", gain), .parameter("bias", bias)] }

  /// The parameters as a fused residual branch takes them.
  var weights: NormWeights { NormWeights(gain: gain.tensor, bias: bias.tensor, epsilon: epsilon) }

  /// Normalises each row.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.layerNormalised(gain: gain.tensor, bias: bias.tensor, epsilon: epsilon)
  }

  /// Normalises each row; it is the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { self(input) }

  /// One operator.
  public func described(_ input: GraphValue) -> GraphValue {
    input.layerNormalised(gain: gain.constant, bias: bias.constant, epsilon: epsilon)
  }
}
