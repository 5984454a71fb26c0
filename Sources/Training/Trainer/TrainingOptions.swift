import Autograd
import Diagnostics
import Layers

/// How a model is trained: the section `training` of a recipe.
public struct TrainingOptions: Codable, Equatable, Sendable {
  /// How gradients become changes.
  public enum Rule: String, Codable, CaseIterable, Sendable {
    /// Stochastic gradient descent with momentum.
    case sgd
    /// Adam.
    case adam
    /// AdamW.
    case adamW
  }

  /// How the learning rate runs after the warm-up.
  public enum Course: String, Codable, CaseIterable, Sendable {
    /// The rate stays as it is.
    case constant
    /// The rate falls to 0 along half a cosine.
    case cosine
    /// The rate is divided by 10 at 60 % and 80 % of the steps.
    case step
    /// The rate is divided by 10 when the epoch's loss has not fallen for `patience` epochs.
    case plateau
  }

  /// Passes over the training observations.
  public var epochs = 10
  /// Observations in a step; a last incomplete batch of an epoch is left out.
  public var batchSize = 64
  /// Into how many chunks a step's batch is divided, so that no more than one needs memory at a time; see the topic `memory`.
  public var chunks = 1
  /// How gradients become changes.
  public var optimiser = Rule.adam
  /// The learning rate after the warm-up.
  public var learningRate = 1e-3
  /// The momentum of `sgd`.
  public var momentum = 0.9
  /// The weight decay; parameters of one axis (biases, gains) have none.
  public var weightDecay = 0.0
  /// How the learning rate runs.
  public var schedule = Course.constant
  /// The epochs `plateau` waits.
  public var patience = 20
  /// The steps over which the learning rate first rises linearly.
  public var warmupSteps = 0
  /// The same as a share of the training's steps; nil takes `warmupSteps`.
  public var warmupShare: Double?
  /// The greatest norm of the gradients; greater ones are scaled down.
  public var clippingNorm: Double?
  /// What layers multiply; `bfloat16` needs a processor that has it.
  public var precision = ArithmeticPrecision.float32

  /// The defaults.
  public init() {}

  /// Checks that the numbers make sense.
  ///
  /// - Parameter fewestEpochs: 0 where networks may stay as they begin.
  /// - Throws: an error whose place is the key below `section`.
  public func validate(section: String, fewestEpochs: Int = 1) throws(UserError) {
    func require(_ holds: Bool, _ key: String, _ what: String) throws(UserError) {
      if !holds { throw UserError(.data, what, at: "\(section).\(key)") }
    }
    try require((fewestEpochs...1_000_000).contains(epochs), "epochs", "must be \(fewestEpochs) to 1000000")
    try require((2...1_000_000).contains(batchSize), "batchSize", "must be 2 to 1000000")
    try require(chunks > 0, "chunks", "must be positive")
    try require(batchSize % chunks == 0, "chunks", "must divide \(section).batchSize (\(batchSize))")
    try require(learningRate > 0 && learningRate.isFinite, "learningRate", "must be positive")
    try require((0..<1).contains(momentum), "momentum", "must be in 0..<1")
    try require(weightDecay >= 0 && weightDecay.isFinite, "weightDecay", "must not be negative")
    try require(patience >= 0, "patience", "must not be negative")
    try require(warmupSteps >= 0, "warmupSteps", "must not be negative")
    try require(warmupShare.map { (0..<1).contains($0) } ?? true, "warmupShare", "must be in 0..<1")
    try require(clippingNorm.map { $0 > 0 } ?? true, "clippingNorm", "must be positive")
  }

  /// The number of steps of an epoch of some observations.
  public func stepsPerEpoch(of observations: Int) -> Int { observations / max(1, min(batchSize, observations)) }

  /// The number of steps of the whole training.
  public func steps(of observations: Int) -> Int { stepsPerEpoch(of: observations) * epochs }

  /// The steps of the warm-up in a training of so many.
  public func warmup(of total: Int) -> Int { warmupShare.map { Int(($0 * Double(total)).rounded()) } ?? warmupSteps }

  /// An optimiser of a module's parameters by these settings; see ``DecayExceptions``.
  public func optimiser(for module: some Module) -> Optimiser {
    let rule: Optimiser.Rule =
      switch optimiser {
      case .sgd: .sgd(momentum: Float(momentum))
      case .adam: .adam()
      case .adamW: .adamW()
      }
    let ranks = Dictionary(
      module.parameters.map { ($0.path, $0.parameter.shape.count) }, uniquingKeysWith: { first, _ in first })
    let decay = Float(weightDecay)
    let exceptions = (module as? any DecayExceptions)?.weightDecays ?? [:]
    return Optimiser(
      rule, for: module,
      group: { exceptions[$0] != nil ? $0 : (ranks[$0] ?? 0) > 1 || decay == 0 ? "decay" : "no decay" },
      options: { ParameterGroupOptions(weightDecay: exceptions[$0].map(Float.init) ?? ($0 == "decay" ? decay : 0)) })
  }

  var course: Schedule {
    switch schedule {
    case .constant, .plateau: .constant
    case .cosine: .cosine()
    case .step: .step(factor: 0.1, at: [0.6, 0.8])
    }
  }
}
