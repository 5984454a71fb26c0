import Autograd
import Datasets
import Diagnostics
import Foundation
import Kernels
import Layers
import Objectives
import Reinforcement
import Runs
import Training

/// The training of a policy on the codes of a pendulum, which goes on exactly where it was stopped.
struct PolicyTraining {
  /// A policy that has learnt.
  struct Result {
    /// The networks of the best look.
    let actor: ActorCritic
    /// The frames before it.
    let chosenFrame: Int
  }

  /// The random streams.
  private enum Stream {
    static let (torques, noise, replay) = ("policy torques", "policy noise", "policy replay")
    static let (beginnings, looks) = ("policy beginnings", "policy looks")
  }

  let options: PolicyEvaluator
  /// What is learnt from, then what it is looked at with.
  let codes: [PendulumCode]
  let context: SeedContext
  let seed: Int
  /// The checksum of the data behind the codes.
  let data: String

  private var source: PendulumSource { codes[0].source }

  func run() throws -> Result {
    var initial = RandomStreams.stream("policy init", seed: seed)
    let agent = DDPG(options.ddpg, states: codes[0].width, actions: 1, rule: options.rule, stream: &initial)
    let best = MomentumTwin(
      of: agent.networks,
      into: ActorCritic(states: codes[0].width, actions: 1, hidden: options.ddpg.hidden, stream: &initial))
    let state = TrainingState(seed: seed, data: data)
    state.include(agent.targets, as: "targets")
    state.include(agent.replay, as: "replay")
    state.include(best, as: "best")
    let training = try SteppedTraining(
      of: agent.networks, optimiser: agent.optimiser, steps: options.frames, state: state, context: context,
      name: "policy")
    var life = PendulumLife(source: source, state: state, beginnings: Stream.beginnings)
    var code = codes[0]([life.moment])
    while let frame = try training.next() {
      let torque = torque(of: agent, code, at: frame, in: state)
      let reward = life.step(torque: torque)
      let next = codes[0]([life.moment])
      let isTerminal = life.age == options.episodeLength
      agent.replay.add(
        state: code.values, action: [Float(torque)], reward: Float(reward), next: next.values, isTerminal: isTerminal)
      if isTerminal { life.begin() }
      code = isTerminal ? codes[0]([life.moment]) : next
      if frame >= options.warmup { agent.learn(using: &state.streams[Stream.replay]) }
      if frame + 1 == options.frames || (frame + 1) % options.everyFrames == 0 {
        try look(at: agent, after: frame + 1, best: best, state: state)
      }
    }
    try Checkpoint.write(best.network, to: context.folder.appending(path: "policy.safetensors"))
    try writeCurves(state)
    return Result(actor: best.network, chosenFrame: Int(state.numbers["best frame"] ?? 0))
  }

  private func torque(of agent: DDPG, _ code: Tensor, at frame: Int, in state: TrainingState) -> Double {
    guard frame >= options.warmup else { return state.streams[Stream.torques].uniform(within: Pendulum.torqueLimit) }
    let deviation = agent.noiseDeviation(at: frame, first: options.warmup, of: options.frames)
    var noise = ExplorationNoise(reversion: options.ddpg.noiseReversion, value: state.numbers["noise"] ?? 0)
    let added = noise.next(normal: Double(state.streams[Stream.noise].normal()), deviation: deviation)
    state.numbers["noise"] = noise.value
    return options.rule.torque(
      Double(agent.action(code).values[0]), noise: added, limit: Pendulum.torqueLimit)
  }

  /// Lets the policy act on every code that is looked at, from the same beginnings each time, and keeps it where it did
  /// better than before on what it learns from.
  private func look(
    at agent: DDPG, after frame: Int, best: MomentumTwin<ActorCritic>, state: TrainingState
  ) throws {
    var stream = RandomStreams.stream(Stream.looks, seed: seed)
    let beginnings = (0..<options.trackedEpisodes).map { _ in source.beginning(using: &stream) }
    let episodes = PendulumEpisodes(source: source, length: options.episodeLength, interruption: {})
    var words: [String] = []
    for (place, code) in codes.enumerated() where code.isTracked {
      let found = try episodes.run(from: beginnings) { code.torques(of: agent.networks, options.rule, $0) }
      state.numbers[Self.curve(place, frame)] = found.reward
      words.append("\(code.subject.text) \(String(format: "%.2f", found.reward))")
      guard place == 0 else { continue }
      let value = found.map { $0.discounted(options.ddpg.discount) }.reduce(0, +)
      if value > state.numbers["best value"] ?? -.infinity {
        best.update(momentum: 0)
        (state.numbers["best value"], state.numbers["best frame"]) = (value, Double(frame))
      }
    }
    let rewards = words.joined(separator: ", ")
    try context.events.receive(.note("policy: frame \(frame) of \(options.frames), reward a step: \(rewards)"))
  }

  private static func curve(_ code: Int, _ frame: Int) -> String { "reward of \(code) at \(frame)" }

  private func writeCurves(_ state: TrainingState) throws {
    let frames = (1...options.frames).filter { $0 == options.frames || $0 % options.everyFrames == 0 }
    let lines = codes.enumerated().filter(\.element.isTracked).map { place, code in
      let known = frames.filter { state.numbers[Self.curve(place, $0)] != nil }
      return LineChartFile.Line(
        name: code.subject.text, x: known.map(Double.init), y: known.compactMap { state.numbers[Self.curve(place, $0)] }
      )
    }
    try LineChartFile(
      title: "reward of the policy while it learns",
      caption:
        "The mean reward a step of \(options.trackedEpisodes) episodes that begin alike at every look; the policy learns "
        + "from \(codes[0].subject.text).", horizontal: "frames", vertical: "reward a step", lines: lines
    ).write(name: "policy", to: context.folder)
  }
}

/// The pendulum that a policy learns on, kept in the state of the training.
private struct PendulumLife {
  let source: PendulumSource
  let state: TrainingState
  let beginnings: String
  private(set) var moment: PendulumMoment
  /// The steps of this episode.
  private(set) var age: Int

  /// Goes on with the pendulum of the state, or begins.
  init(source: PendulumSource, state: TrainingState, beginnings: String) {
    (self.source, self.state, self.beginnings) = (source, state, beginnings)
    let numbers = state.numbers
    moment = PendulumMoment(
      before: Pendulum(angle: numbers["angle before"] ?? 0, velocity: numbers["velocity before"] ?? 0),
      now: Pendulum(angle: numbers["angle"] ?? 0, velocity: numbers["velocity"] ?? 0))
    age = Int(numbers["age"] ?? 0)
    if numbers["age"] == nil { begin() }
  }

  /// Begins an episode.
  mutating func begin() {
    moment = PendulumMoment(source.beginning(using: &state.streams[beginnings]))
    age = 0
    note()
  }

  /// Moves the pendulum.
  ///
  /// - Returns: the reward.
  mutating func step(torque: Double) -> Double {
    var now = moment.now
    let reward = now.step(torque: torque, integration: source.integration)
    moment = PendulumMoment(before: moment.now, now: now)
    age += 1
    note()
    return reward
  }

  private func note() {
    (state.numbers["angle before"], state.numbers["velocity before"]) = (moment.before.angle, moment.before.velocity)
    (state.numbers["angle"], state.numbers["velocity"]) = (moment.now.angle, moment.now.velocity)
    state.numbers["age"] = Double(age)
  }
}
