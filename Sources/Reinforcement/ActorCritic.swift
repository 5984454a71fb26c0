import Autograd
import Kernels
import Layers

/// What actor and critic compute and learn by (Lillicrap et al., DDPG, 2016).
///
///     actor(s)     = tanh(W₃ ReLU(W₂ ReLU(W₁ s)))
///     critic(s, a) = W₃ ReLU(W₂ [ReLU(W₁ s); a])
///     target       = r + γ (1 − terminal) critic′(s′, actor′(s′))
public enum ActorCriticFormula {
  /// The action of each state, `[batch, states]` → `[batch, actions]` in −1…1.
  public static func action(_ state: Tensor, _ layers: [DenseWeights]) -> Tensor {
    check(layers)
    let hidden = layers.dropLast().reduce(state) { $0.linear(weight: $1.weight, bias: $1.bias, followedBy: .relu) }
    return hidden.linear(weight: layers[2].weight, bias: layers[2].bias).tanh()
  }

  /// The value of each state and action, `[batch, 1]`.
  public static func value(_ state: Tensor, _ action: Tensor, _ layers: [DenseWeights]) -> Tensor {
    check(layers)
    precondition(
      action.rank == 2 && action.shape[0] == state.shape[0],
      "ActorCriticFormula.value: actions of shape \(action.shape) for states of shape \(state.shape)")
    let hidden = state.linear(weight: layers[0].weight, bias: layers[0].bias, followedBy: .relu)
    return Tensor.concatenated([hidden, action], axis: 1)
      .linear(weight: layers[1].weight, bias: layers[1].bias, followedBy: .relu)
      .linear(weight: layers[2].weight, bias: layers[2].bias)
  }

  /// What the critic is to say, `[batch, 1]`, a constant.
  ///
  /// - Parameters:
  ///   - reward: `[batch, 1]`.
  ///   - terminal: `[batch, 1]`, 1 where nothing follows.
  ///   - next: the target critic's value of what follows, `[batch, 1]`.
  public static func target(reward: Tensor, terminal: Tensor, next: Tensor, discount: Float) -> Tensor {
    precondition(
      reward.shape == next.shape && terminal.shape == next.shape,
      "ActorCriticFormula.target: shapes \(reward.shape), \(terminal.shape) and \(next.shape) differ")
    return Tape.withoutRecording { (reward + (1 - terminal) * next * discount).detached }
  }

  /// The critic's loss: the mean squared difference.
  public static func criticLoss(_ value: Tensor, target: Tensor) -> Tensor { (value - target).squared().mean() }

  /// The actor's loss: the mean value of its actions, negative.
  public static func actorLoss(_ value: Tensor) -> Tensor { -value.mean() }

  private static func check(_ layers: [DenseWeights]) {
    precondition(layers.count == 3, "ActorCriticFormula: \(layers.count) layers, not 3")
  }
}

/// An actor and a critic, each of three dense layers. Weights begin Xavier-uniform, biases uniform in ±1/√in.
public struct ActorCritic: Module {
  /// The actor's layers.
  public let actor: [Linear]
  /// The critic's layers; the action enters before the second.
  public let critic: [Linear]

  /// Creates both.
  ///
  /// - Parameter hidden: the widths of both hidden layers.
  public init(states: Int, actions: Int, hidden: [Int], stream: inout RandomStream) {
    precondition(hidden.count == 2, "ActorCritic: \(hidden.count) hidden widths, not 2")
    func layer(_ input: Int, _ output: Int) -> Linear {
      let layer = Linear(input, output, stream: &stream)
      let bound = (6 / Float(input + output)).squareRoot()
      layer.weight.assign(Initialiser.uniform([output, input], low: -bound, high: bound, &stream))
      return layer
    }
    actor = [layer(states, hidden[0]), layer(hidden[0], hidden[1]), layer(hidden[1], actions)]
    critic = [layer(states, hidden[0]), layer(hidden[0] + actions, hidden[1]), layer(hidden[1], 1)]
  }

  /// The layers as `actor1` … `critic3`.
  public var parts: [ModulePart] {
    actor.enumerated().map { .module("actor\($0.offset + 1)", $0.element) }
      + critic.enumerated().map { .module("critic\($0.offset + 1)", $0.element) }
  }

  /// The action of each state, in −1…1.
  public func action(_ state: Tensor) -> Tensor { ActorCriticFormula.action(state, Self.weights(actor)) }

  /// The value of each state and action.
  public func value(_ state: Tensor, _ action: Tensor) -> Tensor {
    ActorCriticFormula.value(state, action, Self.weights(critic))
  }

  /// The same, by a critic that learns nothing from it.
  public func valueOfConstantCritic(_ state: Tensor, _ action: Tensor) -> Tensor {
    ActorCriticFormula.value(state, action, Self.weights(critic).map { ($0.weight.detached, $0.bias.detached) })
  }

  private static func weights(_ layers: [Linear]) -> [DenseWeights] {
    layers.map { ($0.weight.tensor, $0.bias?.tensor ?? Tensor(repeating: 0, shape: [$0.weight.shape[0]])) }
  }
}
