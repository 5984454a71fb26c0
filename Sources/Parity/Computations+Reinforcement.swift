import Autograd
import Interchange
import Layers
import Reinforcement

extension ParityCheck {
  static func actorCritic(_ inputs: CaseInputs) throws -> [String: Tensor] {
    let reference = inputs.reference
    let (state, next) = (try inputs["state", rank: 2], try inputs["next_state", rank: 2])
    let (action, reward) = (try inputs["action", rank: 2], try inputs["reward", rank: 2])
    let (ends, shape) = try reference.integers("terminal")
    try reference.require(
      state.shape == next.shape && reward.shape == [state.shape[0], 1] && shape == reward.shape
        && action.shape[0] == state.shape[0], "states, actions, rewards and ends do not fit")
    func layers(_ name: String) throws -> [DenseWeights] {
      try (1...3).map { (try inputs["\(name)\($0)_w", rank: 2], try inputs["\(name)\($0)_b", rank: 1]) }
    }
    func fits(_ layers: [DenseWeights], into widths: [Int], out: Int) -> Bool {
      zip(layers, widths).allSatisfy { $0.weight.shape[1] == $1 && $0.bias.shape == [$0.weight.shape[0]] }
        && layers[2].weight.shape[0] == out
    }
    for prefix in ["", "target_"] {
      let (actor, critic) = (try layers("\(prefix)actor"), try layers("\(prefix)critic"))
      let (states, actions) = (state.shape[1], action.shape[1])
      try reference.require(
        fits(actor, into: [states] + actor.dropLast().map(\.weight.shape[0]), out: actions)
          && fits(
            critic, into: [states, critic[0].weight.shape[0] + actions, critic[1].weight.shape[0]], out: 1),
        "the weights of \(prefix)actor and \(prefix)critic do not fit")
    }
    let (actor, critic) = (try layers("actor"), try layers("critic"))
    let later = ActorCriticFormula.value(
      next, ActorCriticFormula.action(next, try layers("target_actor")), try layers("target_critic"))
    let target = ActorCriticFormula.target(
      reward: reward, terminal: Tensor(ends.map(Float.init), shape: shape), next: later,
      discount: try reference.number("gamma"))
    let criticLoss = ActorCriticFormula.criticLoss(ActorCriticFormula.value(state, action, critic), target: target)
    let actorLoss = ActorCriticFormula.actorLoss(
      ActorCriticFormula.value(
        state, ActorCriticFormula.action(state, actor), critic.map { ($0.weight.detached, $0.bias.detached) }))
    return [
      "target": target, "critic_loss": criticLoss, "actor_loss": actorLoss, "loss": criticLoss + actorLoss,
    ]
  }
}
