import Autograd
import Kernels
import Layers
import Options
import Reinforcement
import Testing

@Suite struct DDPGTests {
  @Test func formulasByHand() {
    // One state of 2, hidden widths 1 and 1: relu(2 · 1 − 1 + 0.5) = 1.5; relu(−1 · 1.5 + 2) = 0.5; tanh(0.5 · 2 + 0).
    let state = Tensor([1, 1], shape: [1, 2])
    func layer(_ weight: [Float], _ bias: Float) -> DenseWeights {
      (Tensor(weight, shape: [1, weight.count]), Tensor([bias]))
    }
    let action = ActorCriticFormula.action(state, [layer([2, -1], 0.5), layer([-1], 2), layer([2], 0)])
    #expect(action.shape == [1, 1])
    #expect(abs(action.scalar - 0.761594) < 1e-6)
    // relu(−3) = 0 of the second state; [1.5; 0.5] · [1; 2] + 0.1 = 2.6, times −1, plus 1.
    let states = Tensor([1, 1, -1, 1.5], shape: [2, 2])
    let value = ActorCriticFormula.value(
      states, Tensor([0.5, 0.5], shape: [2, 1]), [layer([2, -1], 0.5), layer([1, 2], 0.1), layer([-1], 1)])
    #expect(value.shape == [2, 1])
    for (own, expected) in zip(value.values, [-1.6, -0.1] as [Float]) { #expect(abs(own - expected) < 1e-6) }
    let target = ActorCriticFormula.target(
      reward: Tensor([-1, -2], shape: [2, 1]), terminal: Tensor([0, 1], shape: [2, 1]), next: value, discount: 0.5)
    #expect(target.values == [-1 + 0.5 * value.values[0], -2])
    #expect(abs(ActorCriticFormula.criticLoss(value, target: target).scalar - (0.04 + 3.61) / 2) < 1e-5)
    #expect(abs(ActorCriticFormula.actorLoss(value).scalar - 0.85) < 1e-6)
  }

  @Test func sizesAndInitialValuesAreTheOfficialOnes() {
    var stream = RandomStream(seed: 0, name: "init")
    let networks = ActorCritic(states: 10, actions: 1, hidden: [256, 256], stream: &stream)
    func count(_ layers: [Linear]) -> Int { layers.reduce(0) { $0 + $1.parameterCount } }
    #expect(count(networks.actor) == 68_865)
    #expect(count(networks.critic) == 69_121)
    let bound = Float(6.0 / (256 + 256)).squareRoot()
    let weights = networks.actor[1].weight.value.values
    #expect(weights.allSatisfy { abs($0) <= bound } && weights.contains { abs($0) > 0.9 * bound })
    #expect(networks.critic[1].bias?.value.values.allSatisfy { abs($0) <= 1 / Float(257).squareRoot() } == true)
  }

  private func agent(_ rule: ActionRule = .official, change: (inout DDPG.Options) -> Void = { _ in }) -> DDPG {
    var options = DDPG.Options()
    (options.hidden, options.batchSize, options.replayCapacity) = ([8, 8], 16, 64)
    change(&options)
    var stream = RandomStream(seed: 1, name: "init")
    return DDPG(options, states: 2, actions: 1, rule: rule, stream: &stream)
  }

  private func values(_ module: some Module) -> [[Float]] { module.parameters.map { $0.parameter.value.values } }

  @Test func copiesBeginEqualAndFollow() {
    let agent = agent { $0.targetRate = 0.25 }
    #expect(values(agent.targets) == values(agent.networks))
    for step in 0..<16 {
      let state = [Float(step) / 16, 1]
      agent.replay.add(state: state, action: [0.5], reward: -1, next: state, isTerminal: step % 5 == 0)
    }
    let before = values(agent.networks)
    var stream = RandomStream(seed: 2, name: "replay")
    let losses = agent.learn(using: &stream)
    #expect(losses.critic.isFinite && losses.actor.isFinite)
    let after = values(agent.networks)
    #expect(zip(before, after).allSatisfy { $0 != $1 } && after.joined().allSatisfy(\.isFinite))
    for (copy, (old, new)) in zip(values(agent.targets), zip(before, after)) {
      for (value, (old, new)) in zip(copy, zip(old, new)) { #expect(abs(value - (0.75 * old + 0.25 * new)) < 1e-6) }
    }
    // Adam's first step is as long as the learning rate: a tenth in the actor.
    func longest(_ range: Range<Int>) -> Float {
      range.flatMap { zip(before[$0], after[$0]).map { abs($0 - $1) } }.max() ?? 0
    }
    #expect(abs(longest(0..<6) - 1e-4) < 1e-6 && abs(longest(6..<12) - 1e-3) < 1e-5)
  }

  @Test func actorLearnsNothingOfTheCriticAndTheCriticNothingOfTheActor() {
    let agent = agent()
    let state = Tensor([0.3, -0.2, 0.5, 1], shape: [2, 2])
    Tape.backpropagate {
      ActorCriticFormula.actorLoss(agent.networks.valueOfConstantCritic(state, agent.networks.action(state)))
    }
    #expect(agent.networks.actor.allSatisfy { $0.weight.hasGradient && $0.bias?.hasGradient == true })
    #expect(agent.networks.critic.allSatisfy { !$0.weight.hasGradient && $0.bias?.hasGradient == false })
  }

  /// A task of one step whose best action is 0.5 in every state: reward −(u − 0.5)².
  @Test(arguments: ActionRule.allCases) func learnsAnEasyTask(rule: ActionRule) {
    let agent = agent(rule) {
      ($0.hidden, $0.actorLearningRate, $0.criticLearningRate) = ([32, 32], 1e-4, 1e-2)
      ($0.batchSize, $0.replayCapacity) = (32, 256)
    }
    var stream = RandomStream(seed: 3, name: "task")
    for _ in 0..<256 {
      let (state, action) = ([stream.uniform(), stream.uniform()], 2 * stream.uniform() - 1)
      agent.replay.add(
        state: state, action: [action], reward: -(action - 0.5) * (action - 0.5), next: state, isTerminal: true)
    }
    for _ in 0..<1200 { agent.learn(using: &stream) }
    let output = agent.action(Tensor([0.2, 0.7, 0.9, 0.1], shape: [2, 2])).values
    for value in output { #expect(abs(rule.torque(Double(value)) - 0.5) < 0.25) }
  }

  @Test func noiseIsDrawnBack() {
    var noise = ExplorationNoise()
    #expect(abs(noise.next(normal: 1, deviation: 0.2) - 0.2) < 1e-12)
    #expect(abs(noise.next(normal: -1, deviation: 0.2) + 0.03) < 1e-12)
    #expect(abs(noise.next(normal: 0.5, deviation: 0.2) - 0.0745) < 1e-12)
  }

  @Test func noiseFallsAFrameLate() {
    let agent = agent { $0.noiseFrames = 100 }
    #expect(agent.noiseDeviation(at: 25, first: 25, of: 1000) == 0.2)
    #expect(abs(agent.noiseDeviation(at: 26, first: 25, of: 1000) - 0.2 * 0.75) < 1e-12)
    #expect(agent.noiseDeviation(at: 500, first: 25, of: 1000) == 0)
    #expect(abs(self.agent().noiseDeviation(at: 501, first: 25, of: 1000) - 0.1) < 1e-12)
  }

  @Test func rulesOfActionByHand() {
    for rule in ActionRule.allCases {
      #expect(abs(rule.torque(0.6, noise: 0.2, limit: 2) - 1.4) < 1e-12)
      #expect(rule.torque(-0.95, noise: -0.3, limit: 2) == -2)
    }
    #expect(ActionRule.official.torque(0.6) == 0.6 && ActionRule.fixed.torque(0.6) == 1.2)
    #expect(ActionRule.official.torque(-0.95) == -0.95 && ActionRule.fixed.torque(-0.95) == -1.9)
  }

  @Test func nonsenseIsRefused() {
    func refused(_ change: (inout DDPG.Options) -> Void) -> [String] {
      var options = DDPG.Options()
      change(&options)
      return options.requirements.filter { !$0.holds }.map(\.key)
    }
    #expect(refused { _ in }.isEmpty)
    #expect(refused { $0.hidden = [8] } == ["hidden"])
    #expect(refused { $0.replayCapacity = 10 } == ["replayCapacity"])
    #expect(refused { $0.discount = 1 } == ["discount"])
    #expect(refused { $0.targetRate = 2 } == ["targetRate"])
  }
}

@Suite struct ReplayBufferTests {
  private func filled(_ count: Int, capacity: Int) -> ReplayBuffer {
    let buffer = ReplayBuffer(capacity: capacity, states: 2, actions: 1)
    for index in 0..<count {
      let number = Float(index)
      buffer.add(
        state: [number, 0.5], action: [-number], reward: 2 * number, next: [number + 1, 0.25],
        isTerminal: index % 2 == 1)
    }
    return buffer
  }

  @Test func ringKeepsTheNewest() {
    let buffer = filled(7, capacity: 4)
    #expect(buffer.count == 4)
    var stream = RandomStream(seed: 0, name: "replay")
    let batch = buffer.sample(4, using: &stream)
    let order = batch.state.values.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    #expect(order.sorted() == [3, 4, 5, 6])
    #expect(batch.action.values == order.map { -$0 } && batch.reward.values == order.map { 2 * $0 })
    #expect(batch.next.values == order.flatMap { [$0 + 1, 0.25] })
    #expect(batch.terminal.values == order.map { $0.truncatingRemainder(dividingBy: 2) })
    #expect(batch.reward.shape == [4, 1] && batch.terminal.shape == [4, 1])
  }

  @Test func drawsWithoutReplacementAndAllAlike() {
    let buffer = filled(10, capacity: 16)
    var stream = RandomStream(seed: 4, name: "replay")
    var counts = [Int](repeating: 0, count: 10)
    for _ in 0..<1000 {
      let drawn = buffer.sample(3, using: &stream).reward.values.map { Int($0 / 2) }
      #expect(Set(drawn).count == 3)
      for place in drawn { counts[place] += 1 }
    }
    // 300 are expected of each; five deviations of a binomial are 72.
    #expect(counts.allSatisfy { abs($0 - 300) < 72 })
  }

  @Test func buffersAreAllOfIt() {
    let buffer = filled(5, capacity: 4)
    let copy = ReplayBuffer(capacity: 4, states: 2, actions: 1)
    for (own, other) in zip(copy.buffers, buffer.buffers) { own.buffer.value = other.buffer.value }
    buffer.add(state: [9, 9], action: [9], reward: 9, next: [9, 9], isTerminal: false)
    copy.add(state: [9, 9], action: [9], reward: 9, next: [9, 9], isTerminal: false)
    var streams = [RandomStream(seed: 0, name: "replay"), RandomStream(seed: 0, name: "replay")]
    #expect(buffer.sample(3, using: &streams[0]).state.values == copy.sample(3, using: &streams[1]).state.values)
  }
}
