import Diagnostics
import Foundation
import Kernels
import Layers

/// A training that has no epochs and no batches of observations, such as that of a policy: it is asked for the next step and
/// lets its owner do whatever a step is. It is saved and stopped as a ``Trainer``'s, and goes on bit for bit.
///
///     let training = try SteppedTraining(of: networks, optimiser: optimiser, steps: frames, state: state, context: context,
///       name: "policy")
///     while let step = try training.next() { … }
///
/// Everything that a step changes belongs to networks, optimiser or ``TrainingState``.
public final class SteppedTraining {
  private let steps: Int
  private let state: TrainingState
  private let context: SeedContext
  private let checkpoints: TrainingCheckpoints?
  private var progress: TrainingProgress
  private var isUnderWay = false

  /// Begins a training, or takes it up where it was saved.
  ///
  /// - Parameters:
  ///   - model: what the optimiser changes.
  ///   - steps: how many there are.
  ///   - name: that checkpoints are filed under, another one than those of the seed's other trainings.
  /// - Throws: an error where a checkpoint is damaged or of another training.
  public init(
    of model: some Module, optimiser: Optimiser, steps: Int, state: TrainingState, context: SeedContext, name: String
  ) throws {
    (self.steps, self.state, self.context) = (steps, state, context)
    checkpoints = context.checkpointSeconds.map { seconds in
      TrainingCheckpoints(
        model, optimiser: optimiser, state: state,
        identity: .init(observations: 0, totalSteps: steps, data: state.data),
        url: TrainingCheckpoints.url(of: name, in: context.folder), seconds: seconds, events: context.events,
        stopwatch: context.stopwatch)
    }
    progress = try checkpoints?.restore() ?? TrainingProgress(plateau: Plateau(patience: 0))
  }

  /// The number of the next step, from 0; nil when all are done.
  ///
  /// - Throws: `Interruption` where the user stops; the steps so far are saved.
  public func next() throws -> Int? {
    if isUnderWay {
      isUnderWay = false
      progress.step += 1
      progress.batch = progress.step
      state.step = progress.step
      try checkpoints?.save(progress, at: progress.step < steps ? .step : .last)
    }
    guard progress.step < steps else { return nil }
    if context.shouldStop {
      try checkpoints?.save(progress, at: .last)
      throw Interruption()
    }
    isUnderWay = true
    return progress.step
  }
}
