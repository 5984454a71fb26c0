import Autograd
import Diagnostics
import Foundation
import Kernels
import Layers
import Teams

/// Trains a model: batches in a shuffled order, a step for each, events for whoever listens.
///
/// It is asked for what comes next, and calls nothing back:
///
///     let trainer = try Trainer(options, of: model, count: count, state: state, context: context)
///     while let moment = try trainer.next() {
///       switch moment {
///       case .batch(let rows): try trainer.step { loss(of: rows, in: trainer.pass) }
///       case .epoch(let number): …
///       }
///     }
///
/// Order and dropout come from the streams `shuffle` and `dropout` of the state. Where the context asks for checkpoints,
/// a training that was stopped or killed goes on from the last one, bit for bit.
///
/// In a team all ranks take the same steps, each with its share of the chunks of a batch. Rank 0 alone reads and writes
/// checkpoints, and has the others go on from what it has; the others leave when the training is over.
public final class Trainer {
  /// What comes next in a training.
  public enum Moment: Equatable, Sendable {
    /// A batch of observations, by their indices, to be followed by a call of ``Trainer/step(_:)``.
    case batch([Int])
    /// The end of an epoch, counted from 1.
    ///
    /// It comes again for the same epoch where the process ended before the next checkpoint, with the state as it was the
    /// first time: what an evaluation then remembers belongs into the state, and a file it writes must be one that may be
    /// written twice.
    case epoch(Int)
  }

  /// The settings.
  public let options: TrainingOptions
  /// The state, which checkpoints hold.
  public let state: TrainingState
  /// The way through the networks in training.
  public let pass: ForwardPass
  private let context: SeedContext
  private let optimiser: Optimiser
  private let checkpoints: TrainingCheckpoints?
  private let shared: SharedTraining
  private let count: Int
  private let batchSize: Int
  private let stepsPerEpoch: Int
  private let total: Int
  private var progress: TrainingProgress
  private var epoch: Epoch?
  private var endsEpoch = false
  private var hasStepped = false

  /// An epoch that is under way.
  private struct Epoch {
    let began = ContinuousClock.now
    let secondsBefore: Double
    /// The stream of the order behind it; that of the state stays at the beginning, from where it can be drawn again.
    let shuffle: RandomStream
    let order: [Int]
    var seconds: Double { secondsBefore + (.now - began).seconds }
  }

  /// Begins a training, or takes it up where it was saved.
  ///
  /// - Parameters:
  ///   - model: what the optimiser changes.
  ///   - count: the number of training observations.
  ///   - state: streams, modules and numbers of the experiment's own.
  ///   - name: that checkpoints are filed under; an experiment that trains several times gives each another one.
  /// - Throws: an error where the observations are too few, or a checkpoint is damaged or of another training.
  public init(
    _ options: TrainingOptions, of model: some Module, count: Int, state: TrainingState, context: SeedContext,
    name: String = "training"
  ) throws {
    self.options = options
    self.state = state
    self.context = context
    self.count = count
    optimiser = options.optimiser(for: model)
    batchSize = min(options.batchSize, count)
    guard batchSize > 1 else {
      throw UserError(.data, "\(count) training observations are too few", mend: "contrasting needs at least 2")
    }
    stepsPerEpoch = options.stepsPerEpoch(of: count)
    let total = stepsPerEpoch * options.epochs
    self.total = total
    let isFirst = context.team.isFirst
    checkpoints = (isFirst ? context.checkpointSeconds : nil).map { [optimiser] seconds in
      TrainingCheckpoints(
        model, optimiser: optimiser, state: state,
        identity: .init(observations: count, totalSteps: total, data: state.data),
        url: TrainingCheckpoints.url(of: name, in: context.folder), seconds: seconds, events: context.events,
        stopwatch: context.stopwatch)
    }
    shared = SharedTraining(model, optimiser: optimiser, state: state, team: context.team)
    guard !context.team.isLeft else {
      throw UserError(
        .usage, "the experiment trains more than once, which several processes cannot", at: "--ranks",
        mend: "leave it out")
    }
    try context.events.receive(.began(totalSteps: total, epochs: options.epochs))
    progress = try checkpoints?.restore() ?? TrainingProgress(plateau: Plateau(patience: options.patience))
    progress = try shared.all(progress)
    try shared.check()
    pass = ForwardPass(streams: state.streams)
  }

  /// What comes next; nil when all epochs are done.
  ///
  /// - Throws: `Interruption` where the user stops.
  public func next() throws -> Moment? {
    // Not before all that belongs to the step is done.
    if hasStepped { try save(.step) }
    hasStepped = false
    if endsEpoch { try finishEpoch() }
    guard progress.epoch <= options.epochs else {
      try dismissOthers()
      return nil
    }
    let epoch = self.epoch ?? begin()
    self.epoch = epoch
    if progress.batch < stepsPerEpoch {
      // One rank may have been asked before the others, and all must stop before the same step.
      if context.team.any(context.shouldStop) {
        try save(.last)
        throw Interruption()
      }
      return .batch(Array(epoch.order[progress.batch * batchSize..<(progress.batch + 1) * batchSize]))
    }
    try shared.check()
    // An evaluation after the epoch may be long and is where a stop may come.
    try save(.epoch)
    if options.schedule == .plateau { _ = progress.plateau.note(loss: progress.sums.means.first?.value ?? 0) }
    try context.events.receive(
      .epoch(EpochRecord(epoch: progress.epoch, terms: progress.sums.means, seconds: epoch.seconds)))
    endsEpoch = true
    return .epoch(progress.epoch)
  }

  /// The observations of the batch behind the one that was given last, before its step is taken; nil where there is none.
  public var upcoming: [Int]? {
    let next = progress.batch + 1
    guard let epoch else { return nil }
    if next < stepsPerEpoch { return Array(epoch.order[next * batchSize..<(next + 1) * batchSize]) }
    guard progress.epoch < options.epochs else { return nil }
    var shuffle = epoch.shuffle
    return Array(shuffle.permutation(of: count).prefix(batchSize))
  }

  /// Gives all ranks of a team the numbers that rank 0 has, where it alone has changed something: parameters, buffers, streams
  /// and numbers of the state.
  public func share() throws { _ = try shared.numbers() }

  /// Lets ranks other than 0 go, once all epochs are done.
  private func dismissOthers() throws {
    guard !context.team.isAlone, !context.team.isLeft else { return }
    context.team.leave()
    if !context.team.isFirst { throw Dismissal() }
  }

  /// Keeps the training as it was before the batch that was given last, for whoever cannot take its step.
  public func keep() throws { try save(.last) }

  private func begin() -> Epoch {
    var shuffle = state.streams["shuffle"]
    let order = shuffle.permutation(of: count)
    return Epoch(secondsBefore: progress.epochSeconds, shuffle: shuffle, order: order)
  }

  private func finishEpoch() throws {
    endsEpoch = false
    try share()
    if let epoch { state.streams["shuffle"] = epoch.shuffle }
    epoch = nil
    progress.epoch += 1
    progress.batch = 0
    progress.sums = RunningMeans()
    progress.epochSeconds = 0
    try checkpoints?.save(progress, at: progress.epoch > options.epochs ? .last : .epoch)
  }

  private func save(_ moment: TrainingCheckpoints.Moment) throws {
    if let epoch { progress.epochSeconds = epoch.seconds }
    try checkpoints?.save(progress, at: moment)
  }

  /// Takes a step: the loss and its gradients, a change of the parameters, an event.
  ///
  /// - Throws: an error naming step and term where the loss is not finite.
  public func step(_ loss: () throws -> LossTerms) throws {
    try step { _ in
      try Tape.backpropagate {
        let terms = try options.precision.use(loss)
        return (terms.total, terms)
      }.extra
    }
  }

  /// The same with gradients that the caller collects, such as those of chunks of the batch.
  ///
  /// - Parameter collecting: computes the loss and leaves its gradients with the parameters, which are given side by side.
  public func step(collecting: (ParameterStore) throws -> LossTerms) throws {
    try context.stopwatch.measure(Timings.steps) { try takeStep(collecting) }
  }

  private func takeStep(_ collecting: (ParameterStore) throws -> LossTerms) throws {
    let start = ContinuousClock.now
    let rate =
      options.learningRate * progress.plateau.factor
      * options.course.factor(step: progress.step, warmup: options.warmup(of: total), total: total)
    let terms = try collecting(optimiser.store).values
    progress.step += 1
    progress.batch += 1
    try check(terms, step: progress.step)
    let norm = optimiser.update(learningRate: Float(rate), clippingNorm: options.clippingNorm.map(Float.init))
    guard norm.isFinite else {
      throw Self.divergence("the gradient is not finite", step: progress.step)
    }
    progress.sums.add(terms)
    state.step = progress.step
    let record = StepRecord(
      step: progress.step, epoch: progress.epoch, terms: terms.map { LossTerm($0.name, $0.value) }, learningRate: rate,
      gradientNorm: Double(norm), samplesPerSecond: Double(batchSize) / (.now - start).seconds)
    try context.events.receive(.step(record))
    hasStepped = true
  }

  private func check(_ terms: [(name: String, value: Double)], step: Int) throws {
    guard let bad = terms.dropFirst().first(where: { !$0.value.isFinite }) ?? terms.first(where: { !$0.value.isFinite })
    else { return }
    // The sign of a NaN says nothing, and differs between processors.
    let value = bad.value.isNaN ? "nan" : "\(bad.value)"
    throw Self.divergence("the loss term \(bad.name) is \(value)", step: step)
  }

  /// Losses are of the whole batch and gradients are summed over all ranks, so that each finds the same.
  private static func divergence(_ what: String, step: Int) -> UserError {
    UserError(
      .data, what, at: "step \(step)", mend: "lower training.learningRate or set training.clippingNorm",
      isOfAllRanks: true)
  }
}

extension Duration {
  /// The length in seconds.
  public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
