import Autograd
import Kernels
import Layers
import Objectives
import Options

/// Deep deterministic policy gradient (Lillicrap et al., ICLR 2016): an actor and a critic, their slow copies, and the
/// transitions that they learn from.
///
///     critic:  mean (critic(s, u) − target)²  by Adam,   actor:  −mean critic(s, k actor(s))  by Adam
///     then both copies:  θ′ ← (1 − τ) θ′ + τ θ
///
/// u is the action that was taken, k the ``ActionRule/scale``.
public final class DDPG {
  /// The settings.
  public struct Options: Codable, Equatable, Sendable {
    /// The widths of both hidden layers of actor and critic.
    public var hidden = [256, 256]
    /// γ, what a reward one step later counts.
    public var discount = 0.99
    /// τ, the share by which the copies follow after each update.
    public var targetRate = 0.001
    /// The learning rate of the actor.
    public var actorLearningRate = 1e-4
    /// The learning rate of the critic.
    public var criticLearningRate = 1e-3
    /// The transitions of an update.
    public var batchSize = 128
    /// The transitions that are kept.
    public var replayCapacity = 25_000
    /// σ of the noise in the beginning.
    public var noiseDeviation = 0.2
    /// θ, by which the noise is drawn back to 0.
    public var noiseReversion = 0.15
    /// The frame at which σ has fallen to 0, in a straight line from frame 0; nil for the last.
    public var noiseFrames: Int?

    /// The official values, but for the frames of the noise.
    public init() {}

    /// What the numbers must be.
    public var requirements: [OptionRequirement] {
      [
        .widths("hidden", hidden), OptionRequirement("hidden", hidden.count == 2, "must name two widths"),
        .share("discount", discount), .positive("targetRate", targetRate),
        OptionRequirement("targetRate", targetRate <= 1, "must be at most 1"),
        .positive("actorLearningRate", actorLearningRate), .positive("criticLearningRate", criticLearningRate),
        .count("batchSize", batchSize), .count("replayCapacity", replayCapacity, atMost: 10_000_000),
        OptionRequirement("replayCapacity", replayCapacity >= batchSize, "must hold a batch"),
        .notNegative("noiseDeviation", noiseDeviation), .share("noiseReversion", noiseReversion),
        .count("noiseFrames", noiseFrames ?? 1, atMost: 1_000_000_000),
      ]
    }
  }

  /// The settings.
  public let options: Options
  /// Actor and critic.
  public let networks: ActorCritic
  /// Their slow copies.
  public let targets: MomentumTwin<ActorCritic>
  /// The transitions.
  public let replay: ReplayBuffer
  /// What changes both networks; the actor's parameters have a learning rate of their own.
  public let optimiser: Optimiser
  private let scale: Float

  /// Creates networks and an empty replay buffer.
  public init(_ options: Options, states: Int, actions: Int, rule: ActionRule, stream: inout RandomStream) {
    self.options = options
    scale = Float(rule.scale)
    networks = ActorCritic(states: states, actions: actions, hidden: options.hidden, stream: &stream)
    var unused = stream
    targets = MomentumTwin(
      of: networks, into: ActorCritic(states: states, actions: actions, hidden: options.hidden, stream: &unused))
    replay = ReplayBuffer(capacity: options.replayCapacity, states: states, actions: actions)
    let factor = Float(options.actorLearningRate / options.criticLearningRate)
    optimiser = Optimiser(
      .adam(), for: networks, group: { $0.hasPrefix("actor") ? "actor" : "critic" },
      options: { ParameterGroupOptions(learningRateFactor: $0 == "actor" ? factor : 1) })
  }

  /// The actor's outputs for some states, `[batch, actions]` in −1…1.
  public func action(_ states: Tensor) -> Tensor { Tape.withoutRecording { networks.action(states) } }

  /// σ of the noise at a frame, counted from 0. It is known a frame late, as in the released code.
  ///
  /// - Parameters:
  ///   - first: the first frame with noise.
  ///   - frames: the frames of the training.
  public func noiseDeviation(at frame: Int, first: Int, of frames: Int) -> Double {
    guard frame > first else { return options.noiseDeviation }
    let share = Double(frame - 1) / Double(options.noiseFrames ?? frames)
    return options.noiseDeviation * (1 - min(1, share))
  }

  /// Updates critic, actor and copies once, from transitions drawn at random.
  ///
  /// - Returns: the losses before the update.
  @discardableResult
  public func learn(using stream: inout RandomStream) -> (critic: Float, actor: Float) {
    let batch = replay.sample(options.batchSize, using: &stream)
    let target = targets { twin in
      ActorCriticFormula.target(
        reward: batch.reward, terminal: batch.terminal,
        next: twin.value(batch.next, twin.action(batch.next) * scale), discount: Float(options.discount))
    }
    let critic = Tape.backpropagate {
      ActorCriticFormula.criticLoss(networks.value(batch.state, batch.action), target: target)
    }
    optimiser.update(learningRate: Float(options.criticLearningRate))
    let actor = Tape.backpropagate {
      ActorCriticFormula.actorLoss(
        networks.valueOfConstantCritic(batch.state, networks.action(batch.state) * scale))
    }
    optimiser.update(learningRate: Float(options.criticLearningRate))
    targets.update(momentum: Float(1 - options.targetRate))
    return (critic.scalar, actor.scalar)
  }
}
