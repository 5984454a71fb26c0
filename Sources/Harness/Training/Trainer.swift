import Autograd
import Diagnostics
import Foundation
import Kernels
import Layers

/// Trains a model: batches in a shuffled order, a step for each, events for whoever listens.
///
/// Order and dropout come from the streams `shuffle` and `dropout` of the seed.
public struct Trainer {
  /// The settings.
  public let options: TrainingOptions
  /// The seed of the streams.
  public let seed: Int
  private let context: SeedContext

  /// Creates a trainer.
  public init(_ options: TrainingOptions, seed: Int, context: SeedContext) {
    self.options = options
    self.seed = seed
    self.context = context
  }

  /// Trains for all epochs.
  ///
  /// - Parameters:
  ///   - count: the number of training observations.
  ///   - loss: the loss of a batch of observations, by their indices.
  ///   - afterEpoch: what follows each epoch, counted from 1, such as an evaluation.
  /// - Throws: `Interruption` where the user stops; an error naming step and term where the loss is not finite.
  public func run(
    _ model: some Module, count: Int, loss: (_ batch: [Int], _ pass: ForwardPass) throws -> LossTerms,
    afterEpoch: (_ epoch: Int) throws -> Void = { _ in }
  ) throws {
    let optimiser = options.optimiser(for: model)
    var shuffle = RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: "shuffle")
    let pass = ForwardPass(dropout: RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: "dropout"))
    let batchSize = min(options.batchSize, count)
    guard batchSize > 1 else {
      throw UserError(.data, "\(count) training observations are too few", mend: "contrasting needs at least 2")
    }
    let stepsPerEpoch = count / batchSize
    let total = stepsPerEpoch * options.epochs
    var plateau = Plateau(patience: options.patience)
    var step = 0
    try context.events.receive(.began(totalSteps: total, epochs: options.epochs))
    for epoch in 1...options.epochs {
      let began = ContinuousClock.now
      let order = shuffle.permutation(of: count)
      var sums = RunningMeans()
      for batch in 0..<stepsPerEpoch {
        try context.checkInterruption()
        let start = ContinuousClock.now
        let rate =
          options.learningRate * plateau.factor
          * options.course.factor(step: step, warmup: options.warmupSteps, total: total)
        let indices = Array(order[batch * batchSize..<(batch + 1) * batchSize])
        let terms = try Tape.backpropagate {
          let terms = try loss(indices, pass)
          return (terms.total, terms.values)
        }.extra
        step += 1
        try check(terms, step: step)
        let norm = optimiser.update(learningRate: Float(rate), clippingNorm: options.clippingNorm.map(Float.init))
        guard norm.isFinite else {
          throw UserError(
            .data, "the gradient is not finite", at: "step \(step)",
            mend: "lower training.learningRate or set training.clippingNorm")
        }
        sums.add(terms)
        let record = StepRecord(
          step: step, epoch: epoch, terms: terms.map { LossTerm($0.name, $0.value) }, learningRate: rate,
          gradientNorm: Double(norm), samplesPerSecond: Double(batchSize) / (.now - start).seconds)
        try context.events.receive(.step(record))
      }
      if options.schedule == .plateau { _ = plateau.note(loss: sums.means.first?.value ?? 0) }
      try context.events.receive(
        .epoch(EpochRecord(epoch: epoch, terms: sums.means, seconds: (.now - began).seconds)))
      try afterEpoch(epoch)
    }
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

/// Means of named numbers in the order of their first mention.
private struct RunningMeans {
  private var names: [String] = []
  private var sums: [String: Double] = [:]
  private var count = 0

  mutating func add(_ terms: [(name: String, value: Double)]) {
    if names.isEmpty { names = terms.map(\.name) }
    for term in terms { sums[term.name, default: 0] += term.value }
    count += 1
  }

  var means: [LossTerm] { names.map { LossTerm($0, (sums[$0] ?? 0) / Double(max(count, 1))) } }
}

extension Duration {
  /// The length in seconds.
  public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
