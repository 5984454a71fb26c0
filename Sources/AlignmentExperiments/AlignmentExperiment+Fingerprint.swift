import Autograd
import Datasets
import Diagnostics
import Evaluators
import Layers
import Methods
import Options
import Runs
import Synchronization
import Training

extension AlignmentExperiment {
  /// The bits of a training of two steps and of its evaluation, for the first fold and seed 0.
  public func fingerprint(settings: AlignmentSettings, context: SeedContext) throws -> Fingerprint? {
    try beginning(settings, context).fingerprint
  }

  /// The scores of the same two steps.
  public func rehearsal(settings: AlignmentSettings, context: SeedContext) throws -> [Score]? {
    try beginning(settings, context).scores
  }

  private func beginning(
    _ settings: AlignmentSettings, _ context: SeedContext
  ) throws -> (fingerprint: Fingerprint, scores: [Score]) {
    var settings = settings
    settings.data.fold = 0
    return try beginning(
      of: settings, dataset: try dataset(settings, seed: 0, context: context), context: context)
  }

  /// The same on a data set that is loaded already.
  ///
  /// The whole course of a recipe is run, with two batches of training observations for a single epoch and at most 96
  /// observations of each other side; files go into the context's folder.
  package func fingerprint(
    settings: AlignmentSettings, dataset: MultimodalDataset, context: SeedContext
  ) throws -> Fingerprint {
    try beginning(of: settings, dataset: dataset, context: context).fingerprint
  }

  private func beginning(
    of settings: AlignmentSettings, dataset: MultimodalDataset, context: SeedContext
  ) throws -> (fingerprint: Fingerprint, scores: [Score]) {
    var settings = settings
    settings.training.epochs = min(1, settings.training.epochs)
    settings.evaluation.options[PolicyEvaluator.self].shorten()
    settings.evaluation.options[GenerationEvaluator.self].shorten()
    settings.evaluation.options[CaptioningEvaluator.self].shorten()
    settings.evaluation.options[QuestionsEvaluator.self].shorten()
    settings.method.options[BLIPOptions.self].capFilt.shorten()
    let data = try AlignmentCourse.data(
      settings, dataset: dataset, seed: 0, start: try ModelStart.open(settings, dataset: dataset, seed: 0))
    let usable = try Requirements(settings, data).usableObservations()
    let count = min(usable.count, 2 * settings.training.batchSize)
    let rows = (0..<count).flatMap { usable[$0 * usable.count / count] }
    let recorder = BitRecorder()
    let (result, model) = try trained(
      seed: 0, settings: settings, dataset: dataset.sampling(train: rows, others: 96),
      context: SeedContext(
        folder: context.folder, events: recorder, dataRoot: context.dataRoot, cacheFolder: context.cacheFolder,
        threads: context.threads, stopRequested: { context.shouldStop }))
    var parameters = SHA256()
    let companions = model.method.companions
    for (name, module) in [("model", model as any Module)] + companions.map({ ($0.name, $0.module) }) {
      for (path, parameter) in module.parameters { parameters.update("\(name) \(path)", parameter.value.values) }
      for (path, buffer) in module.buffers { parameters.update("\(name) \(path)", buffer.value.values) }
    }
    return (recorder.fingerprint(parameters: parameters, scores: result.scores), result.scores)
  }
}

extension SHA256 {
  /// Adds a name and the bits of numbers.
  fileprivate mutating func update(_ name: String, _ values: [Float]) {
    update(name)
    values.withUnsafeBytes { update($0) }
  }

  /// Adds a name and the bits of a number.
  fileprivate mutating func update(_ name: String, _ value: Double) {
    update(name)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { update($0) }
  }

  fileprivate mutating func update(_ score: Score) {
    update([score.evaluator, score.subject, score.metric].joined(separator: "|"), score.value)
  }
}

/// Digests the losses and scores that events tell, without the times.
private final class BitRecorder: EventSink {
  private let digests = Mutex((losses: SHA256(), scores: SHA256()))

  func receive(_ event: TrainingEvent) {
    digests.withLock { digests in
      switch event {
      case .step(let record):
        for term in record.terms { digests.losses.update(term.name, term.value) }
        digests.losses.update("learning rate", record.learningRate)
        digests.losses.update("gradient norm", record.gradientNorm ?? 0)
      case .evaluated(let scores): for score in scores { digests.scores.update(score) }
      case .began, .epoch, .note, .timed, .finished: break
      }
    }
  }

  func fingerprint(parameters: SHA256, scores: [Score]) -> Fingerprint {
    digests.withLock { digests in
      for score in scores { digests.scores.update(score) }
      return Fingerprint(
        losses: Fingerprint.text(of: digests.losses), parameters: Fingerprint.text(of: parameters),
        scores: Fingerprint.text(of: digests.scores))
    }
  }
}
