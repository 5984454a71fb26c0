import Autograd
import Kernels

/// Settings of one group of parameters.
public struct ParameterGroupOptions: Equatable, Sendable {
  /// Multiplies the learning rate of the step.
  public var learningRateFactor: Float
  /// λ of the weight decay.
  public var weightDecay: Float

  /// Creates settings.
  public init(learningRateFactor: Float = 1, weightDecay: Float = 0) {
    self.learningRateFactor = learningRateFactor
    self.weightDecay = weightDecay
  }
}

/// Changes parameters by their gradients.
public final class Optimiser {
  /// How a gradient becomes a change.
  public enum Rule: Equatable, Sendable {
    /// Stochastic gradient descent, v ← μ v + g, p ← p − η v (PyTorch's form; Nesterov: p ← p − η (g + μ v)).
    case sgd(momentum: Float = 0, nesterov: Bool = false)
    /// Adam (Kingma & Ba, 2015); weight decay is added to the gradient.
    case adam(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)
    /// AdamW (Loshchilov & Hutter, 2019); weight decay shrinks the parameters apart from the gradient.
    case adamW(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)
  }

  /// How gradients become changes.
  public let rule: Rule
  /// The parameters, side by side.
  public let store: ParameterStore
  /// How many updates there have been.
  public private(set) var updates = 0
  private let options: (String) -> ParameterGroupOptions
  private let first: Storage
  private let second: Storage?

  /// Creates an optimiser of the parameters of a module.
  ///
  /// - Parameters:
  ///   - group: the group of a parameter's path, such as "no decay" for biases.
  ///   - options: the settings of a group.
  public init(
    _ rule: Rule, for module: some Module, group: (_ path: String) -> String = { _ in "all" },
    options: @escaping (_ group: String) -> ParameterGroupOptions = { _ in ParameterGroupOptions() }
  ) {
    self.rule = rule
    self.options = options
    store = ParameterStore(module, group: group)
    first = Storage(count: store.count)
    Elementwise.fill(first.pointer, with: 0, count: store.count)
    if case .sgd = rule {
      second = nil
    } else {
      let moments = Storage(count: store.count)
      Elementwise.fill(moments.pointer, with: 0, count: store.count)
      second = moments
    }
  }

  /// Applies the gradients once and forgets them.
  ///
  /// - Parameters:
  ///   - learningRate: η of this step.
  ///   - clippingNorm: gradients whose norm is greater are scaled down to it.
  /// - Returns: the norm of the gradients before clipping.
  @discardableResult
  public func update(learningRate: Float, clippingNorm: Float? = nil) -> Float {
    let norm = store.gradientNorm
    let scale = clippingNorm.map { norm > $0 ? $0 / (norm + 1e-6) : 1 } ?? 1
    updates += 1
    for group in store.groups {
      let settings = options(group.name)
      let rate = learningRate * settings.learningRateFactor
      for stretch in store.stretches(of: group) {
        apply(stretch, rate: rate, decay: settings.weightDecay, scale: scale)
      }
    }
    store.clearGradients()
    return norm
  }

  private func apply(
    _ stretch: (offset: Int, count: Int, updates: Int), rate: Float, decay: Float, scale: Float
  ) {
    let (offset, count, times) = stretch
    let value = store.values.pointer + offset
    let gradient = store.gradients.pointer + offset
    switch rule {
    case .sgd(let momentum, let nesterov):
      ParameterUpdate.sgd(
        value, gradient: gradient, velocity: first.pointer + offset, count: count, scale: scale, learningRate: rate,
        momentum: momentum, weightDecay: decay, isNesterov: nesterov, isFirst: times == 1)
    case .adam(let beta1, let beta2, let epsilon), .adamW(let beta1, let beta2, let epsilon):
      guard let second else { return }
      var decoupled = false
      if case .adamW = rule { decoupled = true }
      ParameterUpdate.adam(
        value, gradient: gradient, first: first.pointer + offset, second: second.pointer + offset, count: count,
        scale: scale, learningRate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay,
        isDecoupled: decoupled, correction1: 1 - power(beta1, times), correction2: 1 - power(beta2, times))
    }
  }

  private func power(_ base: Float, _ exponent: Int) -> Float {
    var result = 1.0
    var factor = Double(base)
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return Float(result)
  }

  /// Everything that the next update depends on besides the parameters.
  public struct State {
    /// The moments, each as `first.` or `second.` and the parameter's path.
    public var moments: [String: Tensor]
    /// How many times each parameter has been updated, by its path.
    public var updates: [String: Int]

    /// Creates a state.
    public init(moments: [String: Tensor] = [:], updates: [String: Int] = [:]) {
      self.moments = moments
      self.updates = updates
    }
  }

  /// The state now.
  public var state: State {
    var state = State()
    for entry in store.entries {
      state.updates[entry.path] = entry.updates
      for (name, storage) in moments { state.moments["\(name).\(entry.path)"] = tensor(storage, entry) }
    }
    return state
  }

  /// Takes over a state that an optimiser of the same parameters gave, or changes nothing.
  ///
  /// - Returns: the first name that is missing, left over or of another shape; nil where all is well.
  public func restore(_ state: State) -> String? {
    for entry in store.entries {
      guard let updates = state.updates[entry.path], updates >= 0 else { return "updates.\(entry.path)" }
      for (name, _) in moments {
        let key = "\(name).\(entry.path)"
        guard state.moments[key]?.shape == entry.parameter.shape else { return key }
      }
    }
    let known = Set(store.entries.flatMap { entry in moments.map { "\($0.name).\(entry.path)" } })
    if let extra = state.moments.keys.sorted().first(where: { !known.contains($0) }) { return extra }
    for entry in store.entries {
      for (name, storage) in moments {
        state.moments["\(name).\(entry.path)"]?.values.withUnsafeBufferPointer { source in
          if let base = source.baseAddress {
            Elementwise.copy(base, to: storage.pointer + entry.offset, count: source.count)
          }
        }
      }
      entry.updates = state.updates[entry.path] ?? 0
    }
    updates = store.entries.map(\.updates).max() ?? 0
    return nil
  }

  private var moments: [(name: String, storage: Storage)] {
    [("first", first)] + (second.map { [("second", $0)] } ?? [])
  }

  private func tensor(_ storage: Storage, _ entry: ParameterStore.Entry) -> Tensor {
    Tensor(
      Array(UnsafeBufferPointer(start: storage.pointer + entry.offset, count: entry.parameter.count)),
      shape: entry.parameter.shape)
  }
}
