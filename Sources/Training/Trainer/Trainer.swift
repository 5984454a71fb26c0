import Autograd
import Diagnostics
import Foundation
import Kernels
import Layers

/// Trains a model: batches in a shuffled order, a step for each, events for whoever listens.
///
/// Order and dropout come from the streams `shuffle` and `dropout` of the seed. Where the context asks for checkpoints,
/// a training that was stopped or killed goes on from the last one, bit for bit.
public struct Trainer {
  /// The settings.
  public let options: TrainingOptions
  /// The seed of the streams.
  public let seed: Int
  /// The name that checkpoints are filed under; an experiment that trains several times gives each another one.
  public let name: String
  private let context: SeedContext

  /// Creates a trainer.
  public init(_ options: TrainingOptions, seed: Int, context: SeedContext, name: String = "training") {
    self.options = options
    self.seed = seed
    self.name = name
    self.context = context
  }

  /// Trains for all epochs, or for those that are left.
  ///
  /// - Parameters:
  ///   - count: the number of training observations.
  ///   - state: streams, modules and numbers of the experiment's own, to be kept in checkpoints.
  ///   - loss: the loss of a batch of observations, by their indices.
  ///   - afterEpoch: what follows each epoch, counted from 1, such as an evaluation. It is called again for the same
  ///     epoch where the process ended before the next checkpoint, with the state as it was the first time: what it
  ///     remembers belongs into the state, and a file it writes must be one that may be written twice.
  /// - Throws: `Interruption` where the user stops; an error naming step and term where the loss is not finite.
  public func run(
    _ model: some Module, count: Int, state: TrainingState? = nil,
    loss: (_ batch: [Int], _ pass: ForwardPass) throws -> LossTerms,
    afterEpoch: (_ epoch: Int) throws -> Void = { _ in }
  ) throws {
    let state = state ?? TrainingState(seed: seed)
    let optimiser = options.optimiser(for: model)
    let batchSize = min(options.batchSize, count)
    guard batchSize > 1 else {
      throw UserError(.data, "\(count) training observations are too few", mend: "contrasting needs at least 2")
    }
    let stepsPerEpoch = count / batchSize
    let total = stepsPerEpoch * options.epochs
    let checkpoints = context.checkpointSeconds.map { seconds in
      TrainingCheckpoints(
        model, optimiser: optimiser, state: state,
        identity: .init(observations: count, totalSteps: total, data: state.data),
        url: TrainingCheckpoints.url(of: name, in: context.folder), seconds: seconds, events: context.events)
    }
    try context.events.receive(.began(totalSteps: total, epochs: options.epochs))
    var progress = try checkpoints?.restore() ?? TrainingProgress(plateau: Plateau(patience: options.patience))
    let pass = ForwardPass(dropout: state[stream: "dropout"])
    while progress.epoch <= options.epochs {
      let began = ContinuousClock.now
      let secondsBefore = progress.epochSeconds
      func save(_ moment: TrainingCheckpoints.Moment) throws {
        progress.epochSeconds = secondsBefore + (.now - began).seconds
        state[stream: "dropout"] = pass.dropout
        try checkpoints?.save(progress, at: moment)
      }
      func stopWhereAsked() throws {
        guard context.shouldStop else { return }
        try save(.last)
        throw Interruption()
      }
      // The stream of the state stays at the beginning of the epoch, from where the order can be drawn again.
      var shuffle = state[stream: "shuffle"]
      let order = shuffle.permutation(of: count)
      while progress.batch < stepsPerEpoch {
        try stopWhereAsked()
        let batch = progress.batch
        let indices = Array(order[batch * batchSize..<(batch + 1) * batchSize])
        try step(indices, &progress, total: total, optimiser: optimiser, state: state) { try loss(indices, pass) }
        try save(.step)
      }
      // An evaluation after the epoch may be long and is where a stop may come.
      try save(.epoch)
      if options.schedule == .plateau { _ = progress.plateau.note(loss: progress.sums.means.first?.value ?? 0) }
      try context.events.receive(
        .epoch(
          EpochRecord(
            epoch: progress.epoch, terms: progress.sums.means, seconds: secondsBefore + (.now - began).seconds)))
      try afterEpoch(progress.epoch)
      state[stream: "shuffle"] = shuffle
      progress.epoch += 1
      progress.batch = 0
      progress.sums = RunningMeans()
      progress.epochSeconds = 0
      state[stream: "dropout"] = pass.dropout
      try checkpoints?.save(progress, at: progress.epoch > options.epochs ? .last : .epoch)
    }
  }

  /// One step: the loss and its gradients, a change of the parameters, an event.
  private func step(
    _ batch: [Int], _ progress: inout TrainingProgress, total: Int, optimiser: Optimiser, state: TrainingState,
    loss: () throws -> LossTerms
  ) throws {
    let start = ContinuousClock.now
    let rate =
      options.learningRate * progress.plateau.factor
      * options.course.factor(step: progress.step, warmup: options.warmupSteps, total: total)
    let terms = try Tape.backpropagate {
      let terms = try loss()
      return (terms.total, terms.values)
    }.extra
    progress.step += 1
    progress.batch += 1
    try check(terms, step: progress.step)
    let norm = optimiser.update(learningRate: Float(rate), clippingNorm: options.clippingNorm.map(Float.init))
    guard norm.isFinite else {
      throw UserError(
        .data, "the gradient is not finite", at: "step \(progress.step)",
        mend: "lower training.learningRate or set training.clippingNorm")
    }
    progress.sums.add(terms)
    state.step = progress.step
    let record = StepRecord(
      step: progress.step, epoch: progress.epoch, terms: terms.map { LossTerm($0.name, $0.value) }, learningRate: rate,
      gradientNorm: Double(norm), samplesPerSecond: Double(batch.count) / (.now - start).seconds)
    try context.events.receive(.step(record))
  }

  private func check(_ terms: [(name: String, value: Double)], step: Int) throws {
    guard let bad = terms.dropFirst().first(where: { !$0.value.isFinite }) ?? terms.first(where: { !$0.value.isFinite })
    else { return }
    // The sign of a NaN says nothing, and differs between processors.
    let value = bad.value.isNaN ? "nan" : "\(bad.value)"
    throw UserError(
      .data, "the loss term \(bad.name) is \(value)", at: "step \(step)",
      mend: "lower training.learningRate or set training.clippingNorm")
  }
}

extension Duration {
  /// The length in seconds.
  public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
