import Datasets

/// What came of one beginning.
struct PendulumEpisode {
  /// The reward a step above which a pendulum stands.
  static let success = -0.5

  /// What was seen before each step.
  var moments: [PendulumMoment] = []
  /// The reward of each step.
  var rewards: [Double] = []

  /// The mean reward a step.
  var mean: Double { rewards.reduce(0, +) / Double(max(rewards.count, 1)) }

  /// Whether the pendulum stands in the last third.
  var isSuccess: Bool {
    let last = rewards.suffix(max(1, rewards.count / 3))
    return last.reduce(0, +) / Double(max(last.count, 1)) > Self.success
  }

  /// The sum of the rewards, each counting less than the one before.
  func discounted(_ discount: Double) -> Double { rewards.reversed().reduce(0) { $1 + discount * $0 } }
}

extension [PendulumEpisode] {
  /// The mean reward a step.
  var reward: Double { map(\.mean).reduce(0, +) / Double(Swift.max(count, 1)) }

  /// The standard deviation of the episodes' mean rewards.
  var deviation: Double {
    let mean = reward
    return (map { ($0.mean - mean) * ($0.mean - mean) }.reduce(0, +) / Double(Swift.max(count, 1))).squareRoot()
  }
}

/// Episodes side by side, whose torques are asked for together.
struct PendulumEpisodes {
  let source: PendulumSource
  let length: Int
  let interruption: () throws -> Void

  /// Runs an episode from each beginning.
  ///
  /// - Parameter torques: the torque of each pendulum.
  func run(
    from beginnings: [Pendulum], torques: ([PendulumMoment]) throws -> [Double]
  ) throws -> [PendulumEpisode] {
    var moments = beginnings.map { PendulumMoment($0) }
    var episodes = beginnings.map { _ in PendulumEpisode() }
    for _ in 0..<length {
      try interruption()
      for (place, torque) in try torques(moments).enumerated() {
        let before = moments[place].now
        var now = before
        episodes[place].moments.append(moments[place])
        episodes[place].rewards.append(now.step(torque: torque, integration: source.integration))
        moments[place] = PendulumMoment(before: before, now: now)
      }
    }
    return episodes
  }
}
