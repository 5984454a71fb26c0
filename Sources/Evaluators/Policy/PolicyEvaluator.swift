import Autograd
import Datasets
import Diagnostics
import Evaluation
import Kernels
import Methods
import Options
import Reinforcement
import Training

/// A policy that learns by DDPG on the frozen code of complete observations, and then has to do with some of the modalities,
/// without learning anew: GMC's third experiment (Poklukar et al., 2022), on a `PendulumSource`.
///
/// Rewards are means per step over episodes that begin alike whatever the policy sees. The networks are those of the look
/// with the best discounted reward on what was learnt from.
public struct PolicyEvaluator: Evaluator {
  /// `policy`
  public static var key: String { "policy" }
  /// In a few words.
  public static var summary: String { "a policy learnt on frozen codes, and what it earns with modalities missing" }
  /// The name of complete observations in ``learnsFrom``.
  public static let complete = "complete"
  /// The name of the true state in ``learnsFrom``.
  public static let state = "state"

  /// What the policy learns from: `complete` observations, a modality by its name, or the true `state`, an upper bound.
  public var learnsFrom = PolicyEvaluator.complete
  /// How the actor's output becomes a torque.
  public var rule = ActionRule.fixed
  /// The frames of the training.
  public var frames = 40_000
  /// The first frames, with random torques and without learning.
  public var warmup = 5_000
  /// The frames of an episode.
  public var episodeLength = 300
  /// The frames between two looks at the policy, of which the best is kept.
  public var everyFrames = 5_000
  /// The episodes of a look.
  public var trackedEpisodes = 32
  /// The episodes of the evaluation.
  public var episodes = 100
  /// The learning.
  public var ddpg = DDPG.Options()

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .count("frames", frames, atLeast: 2, atMost: 100_000_000),
      .count("warmup", warmup, atMost: 100_000_000),
      OptionRequirement("warmup", warmup < frames, "must be below evaluation.policy.frames (\(frames))"),
      OptionRequirement(
        "warmup", min(warmup, ddpg.replayCapacity) >= ddpg.batchSize,
        "must be at least evaluation.policy.ddpg.batchSize (\(ddpg.batchSize))"),
      .count("episodeLength", episodeLength), .count("everyFrames", everyFrames),
      .count("trackedEpisodes", trackedEpisodes, atMost: 10_000), .count("episodes", episodes, atMost: 10_000),
    ] + ddpg.requirements.map { $0.within("ddpg") }
  }

  /// Makes the training one of two updates and the episodes few and short: for fingerprints of what is computed.
  public mutating func shorten() {
    (warmup, frames, everyFrames) = (ddpg.batchSize, ddpg.batchSize + 2, ddpg.batchSize + 2)
    (episodeLength, trackedEpisodes, episodes) = (min(episodeLength, 20), 2, 2)
  }

  /// Trains the policy, and lets it act on every code.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let context = model.context, let codes = try codes(of: model), let learnt = codes.first else { return [] }
    let source = codes[0].source
    let result = try PolicyTraining(
      options: self, codes: codes, context: context, seed: model.seed, data: model.data.dataset.checksum
    ).run()
    let episodes = PendulumEpisodes(source: source, length: episodeLength, interruption: model.checkInterruption)
    var stream = RandomStreams.stream("policy evaluation", seed: model.seed)
    let beginnings = (0..<self.episodes).map { _ in source.beginning(using: &stream) }
    let uniform = try episodes.run(from: beginnings) { moments in
      moments.map { _ in stream.uniform(within: Pendulum.torqueLimit) }
    }
    let courses = try codes.map { code in
      try episodes.run(from: beginnings) { code.torques(of: result.actor, rule, $0) }
    }
    try PolicyFigures(codes: codes, courses: courses, folder: context.folder).write()
    var table = EvaluationTable(Self.key)
    let (floor, best) = (uniform.reward, courses[0].reward)
    for (code, course) in zip(codes, courses) {
      add(code.subject, course, to: &table)
      if code.subject != learnt.subject, best > floor {
        table.add(code.subject, .share("retention"), (course.reward - floor) / (best - floor))
      }
    }
    add(.named("random torque"), uniform, to: &table)
    add(.named("no torque"), try episodes.run(from: beginnings) { $0.map { _ in 0 } }, to: &table)
    var chosen = EvaluationTable("\(Self.key), chosen frame")
    chosen.add(.named("networks"), .number("count", higherIsBetter: nil), Double(result.chosenFrame))
    return [table, chosen]
  }

  private func add(
    _ subject: EvaluationTable.Subject, _ course: [PendulumEpisode], to table: inout EvaluationTable
  ) {
    table.add(subject, .number("reward", higherIsBetter: true), course.reward)
    table.add(subject, .share("success"), Double(course.count { $0.isSuccess }) / Double(max(course.count, 1)))
    table.add(subject, .number("episode deviation", higherIsBetter: nil), course.deviation)
  }

  /// What is learnt from, and then what the policy has to do with; nil for another data set.
  ///
  /// - Throws: `UserError` where there is no such code.
  private func codes(of model: FrozenModel) throws -> [PendulumCode]? {
    guard model.data.dataset.name == PendulumSource.key else { return nil }
    let all = model.all
    if learnsFrom == Self.state { return [PendulumCode(stateOf: model)] }
    if let place = model.names.firstIndex(of: learnsFrom) { return [try PendulumCode(of: model, by: [place])] }
    guard learnsFrom == Self.complete else {
      throw UserError(
        .data, "cannot be `\(learnsFrom)`", at: "evaluation.policy.learnsFrom",
        mend: "give complete, state or a modality: \(model.names.joined(separator: ", "))")
    }
    var codes = [try PendulumCode(of: model, by: all)]
    guard all.count > 1 else { return codes }
    codes += try all.map { try PendulumCode(of: model, by: [$0]) }
    if case .meanUnlessComplete = model.method.subsetRule {
      codes += try all.map { try PendulumCode(of: model, by: [$0], zeroingOthers: true) }
    }
    return codes
  }

  /// What a reader of the rewards must know.
  public func notes(on model: FrozenModel) -> [String] {
    let length = "\(episodes) episodes of \(episodeLength) steps"
    return [
      "The policy learns from \(learnsFrom == Self.complete ? "complete observations" : learnsFrom) in \(frames) frames, "
        + "\(warmup) of them with random torques, by the rule `\(rule.rawValue)`; then it sees what the row names.",
      "Reward is the mean per step over \(length) that begin alike for every row; success the share of episodes whose last "
        + "third earns more than \(PendulumEpisode.success) a step; retention (reward − random) / (learnt from − random).",
    ]
  }

  /// Why there is no table.
  public func absence(on model: FrozenModel) -> String? { "A policy acts in data.set=\(PendulumSource.key) only." }
}
