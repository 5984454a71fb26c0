import Autograd
import Datasets
import Diagnostics
import Encoders
import Evaluation
import Evaluators
import Foundation
import Kernels
import Layers
import Methods
import Options
import Runs
import Teams
import Training

/// One course from settings and a seed to scores: build, train, keep, evaluate.
public final class AlignmentCourse {
  /// The settings.
  public let settings: AlignmentSettings
  /// The data.
  public let data: AlignedData
  /// The model.
  public let model: AlignmentModel
  /// The state of the training.
  public let state: TrainingState
  /// Where files go and events are told.
  public let context: SeedContext
  /// The seed.
  public let seed: Int
  private let experiment: String
  private let start: ModelStart?
  /// What trained networks need of the data.
  private let form: DatasetForm
  /// The rows of each observation that is trained on, of which one is drawn each time where there are several.
  private let observations: [[Int]]
  private let began = ContinuousClock.now

  /// Prepares a course.
  ///
  /// - Throws: `UserError` where settings and data do not fit, or the machine cannot hold what is asked for.
  init(
    _ settings: AlignmentSettings, dataset: MultimodalDataset, seed: Int, context: SeedContext, experiment: String,
    initialisation: AlignmentModel.Initialisation
  ) throws {
    (self.settings, self.seed, self.context, self.experiment) = (settings, seed, context, experiment)
    let start = try context.stopwatch.measure("start") { try ModelStart.open(settings, dataset: dataset, seed: seed) }
    self.start = start
    form = DatasetForm(dataset)
    data = try context.stopwatch.measure("data") {
      try Self.data(settings, dataset: dataset, seed: seed, start: start)
    }
    try start?.check(settings, data)
    observations = try Requirements(settings, data).usableObservations()
    try MemoryNeed(settings, data).check()
    model = context.stopwatch.measure("networks made") { [data, observations] in
      AlignmentModel(
        settings, data: data, seed: seed, initialisation: initialisation,
        steps: settings.training.steps(of: observations.count), start: start?.encoders)
    }
    try ChunkNeeds(settings, data, model.method).check()
    state = TrainingState(seed: seed, data: dataset.checksum)
    for (name, module) in model.method.companions { state.include(module, as: name) }
  }

  /// The data as the settings name them, where they have what method and encoders need.
  ///
  /// - Parameter start: what encoders begin from, whose tokens captions become.
  static func data(
    _ settings: AlignmentSettings, dataset: MultimodalDataset, seed: Int, start: ModelStart?
  ) throws(UserError) -> AlignedData {
    let data = try AlignedData(
      dataset, options: settings.data, augmentation: settings.augmentation,
      labellings: settings.evaluation.labellings, sharesVocabulary: settings.model.sharesTextEncoder,
      imported: start?.imported, seed: seed)
    try Requirements(settings, data).check()
    return data
  }

  /// The place of a checkpoint.
  private var checkpoint: URL { context.folder.appending(path: Checkpoint.fileName) }
  private var metadata: [String: String] { ["experiment": experiment, "seed": "\(seed)"] }

  /// The model as it is now, on a side of the data.
  public func frozen(
    _ side: AlignedData.Side, folder: URL? = nil, precision: InferencePrecision = .float32
  ) -> FrozenModel {
    model.frozen(data, side: side, folder: folder, precision: precision) { [context] in
      try context.checkInterruption()
    }
  }

  /// The stream that draws one of several rows of an observation.
  public static let captionStream = "captions"

  private func rows(of places: [Int]) -> [Int] {
    places.map { place in
      let rows = observations[place]
      return rows.count == 1 ? rows[0] : rows[state.streams[Self.captionStream].below(rows.count)]
    }
  }

  /// A batch of rows of training observations.
  public func batch(_ rows: [Int], step: Int) -> TrainingBatch {
    TrainingBatch(rows: rows, step: step, streams: state.streams, data: data, inputs: model.inputs)
  }

  /// Trains, keeps the networks, and measures them.
  func run(observer: (any TrainingObserver)?) throws -> SeedResult {
    if let module = observer?.module { state.include(module, as: "observer") }
    try context.team.agree(on: "the data", data.dataset.checksum, mend: "put the same data on every host")
    let trainer = try Trainer(settings.training, of: model, count: observations.count, state: state, context: context)
    let selection = EpochSelection(course: self, metadata: metadata, url: checkpoint)
    try selection.check()
    try checkPrecision()
    if context.team.isFirst {
      try start?.write(to: context.folder)
      try form.write(to: context.folder.appending(path: RunFolder.dataForm))
    }
    let monitor = RepresentationMonitor(self, observations: observations.count)
    try train(by: trainer, observer: observer, monitor: monitor, selection: selection)
    let chosen = try time("checkpoints") { try selection.finish() }
    return try measure(observer: observer, chosen: chosen, selection: selection, monitor: monitor)
  }

  /// Trains as one of several stages, whose checkpoints are filed under its name; networks are not kept.
  func train(as stage: String) throws {
    try train(
      by: try Trainer(
        settings.training, of: model, count: observations.count, state: state, context: context, name: stage))
  }

  private func train(
    by trainer: Trainer, observer: (any TrainingObserver)? = nil, monitor: RepresentationMonitor? = nil,
    selection: EpochSelection? = nil
  ) throws {
    let team = context.team
    if state.step == 0 {
      try team.leading {
        try time("method's own passes") { try model.method.beginTraining(training) }
        try time("monitors") { try monitor?.lookBefore() }
      }
      try trainer.share()
    }
    // A training that goes on has them in its log.
    if state.step == 0 {
      for warning in schedule.remarks + model.method.warnings { try context.events.receive(.note(warning)) }
      for modality in data.streamed {
        try context.events.receive(
          .note("\(modality.name): decoded ahead of each step instead of being held in memory"))
      }
    }
    while let moment = try trainer.next() {
      switch moment {
      case .batch(let places):
        let before = state.streams.positions
        let batch = batch(rows(of: places), step: state.step)
        data.begin(batch.rows, next: trainer.upcoming?.map { observations[$0][0] })
        do throws(UserError) {
          try time("batches") { () throws(UserError) in try data.load(batch.rows) }
        } catch {
          state.streams.positions = before
          try trainer.keep()
          throw error
        }
        let streams = state.streams.positions
        var dropout = trainer.pass.dropout
        let chunks = settings.training.chunks
        if chunks > 1 {
          try trainer.step(collecting: { store in
            let step = ChunkedStep(
              model.method, chunks: chunks, precision: settings.training.precision, of: store, team: team)
            return try step(batch, beforeKeys: { dropout = $0 })
          })
        } else {
          try trainer.step {
            try model.method.step(batch, in: trainer.pass, beforeKeys: { dropout = trainer.pass.dropout })
          }
        }
        observer?.step(batch, streams: streams, dropoutBeforeKeys: dropout)
      case .epoch(let number):
        // The trainer gives the other ranks what has changed.
        try team.leading {
          try endEpoch(number, monitor: monitor)
          try time("choice of the epoch") { try selection?.look(afterEpoch: number) }
          try observer?.epoch(number)
        }
      }
    }
  }

  private func time<Result, Failure: Error>(
    _ part: String, _ work: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try context.stopwatch.measure(part, work)
  }

  /// The steps that there are.
  private var schedule: TrainingSchedule { TrainingSchedule(settings, observations: observations.count) }

  /// Says what bfloat16 is worth on this machine, where it is asked for.
  private func checkPrecision() throws {
    try settings.checkPrecision()
    guard settings.training.precision == .bfloat16 else { return }
    guard let comparison = PrecisionComparison.measure() else { return }
    let gains = comparison.gains.map { String(format: "%@ %.2f", $0.name, $0.factor) }.joined(separator: ", ")
    try context.events.receive(.note("bfloat16, times float32's rate: \(gains)"))
    if let warning = comparison.warning { try context.events.receive(.note(warning)) }
  }

  private var training: MethodTraining {
    MethodTraining(data: data, inputs: model.inputs) { [context] in try context.checkInterruption() }
  }

  private func endEpoch(_ number: Int, monitor: RepresentationMonitor?) throws {
    try time("method's own passes") { try model.method.endEpoch(number, of: training) }
    var scores = model.method.monitors.map {
      Score(evaluator: $0.evaluator, subject: $0.subject, metric: $0.metric, value: $0.value)
    }
    scores += try time("monitors") { try tracked() + (monitor?.look(afterEpoch: number) ?? []) }
    if !scores.isEmpty { try context.events.receive(.evaluated(scores)) }
    for remark in model.method.epochRemarks { try context.events.receive(.note("epoch \(number): \(remark)")) }
  }

  /// What is measured after an epoch, on some observations of the validation side.
  private func tracked() throws -> [Score] {
    let most = settings.evaluation.trackedObservations
    guard most > 0 else { return [] }
    let sample = data.samplingValidation(most: most)
    let frozen = model.frozen(sample, side: .validation) { [context] in try context.checkInterruption() }
    let watched: Set = [RetrievalEvaluator.key, CodebookEvaluator.key]
    var scores: [Score] = []
    for evaluator in settings.evaluation.chosen where watched.contains(type(of: evaluator).key) {
      scores += try evaluator.tables(of: frozen, after: []).scores.filter {
        $0.metric != "median rank" && !$0.evaluator.hasPrefix("rsum") && !$0.evaluator.hasSuffix("by codes")
      }
    }
    return scores
  }

  /// Keeps what each item of the side came to.
  private func writeItems(of tables: [EvaluationTable], side: AlignedData.Side) throws {
    let outcomes = tables.flatMap(\.outcomes)
    guard !outcomes.isEmpty, let families = data[side]?.families else { return }
    let table = ItemTable(families: families.map(ItemTable.number), outcomes: outcomes)
    try ItemsFile.write([seed: table], to: context.folder.appending(path: ItemsFile.name))
  }

  private func measure(
    observer: (any TrainingObserver)?, chosen: Int?, selection: EpochSelection, monitor: RepresentationMonitor?
  ) throws -> SeedResult {
    let side = settings.evaluation.side.ofData
    let frozen = frozen(side, folder: context.folder, precision: settings.evaluation.int8 ? .int8 : .float32)
    frozen.context = context
    let shown = EmbeddingsWriter(most: settings.evaluation.shownObservations)
    try time("embeddings") { try shown.write(frozen) }
    var tables: [EvaluationTable] = []
    var notes = [
      "Scores are of the \(side.rawValue) side: \(data.count(side)) observations; training has \(data.count(.train)).",
      "Aligned modalities: \(data.modalities.map(\.name).joined(separator: ", ")).", selection.note,
    ]
    notes += start?.notes(settings, data) ?? []
    for evaluator in settings.evaluation.chosen {
      try context.checkInterruption()
      let found = try time(type(of: evaluator).key) { try evaluator.tables(of: frozen, after: tables) }
      notes +=
        found.contains { !$0.entries.isEmpty }
        ? evaluator.notes(on: frozen) : evaluator.absence(on: frozen).map { [$0] } ?? []
      tables += found
    }
    notes += [shown.note(on: frozen), frozen.omission].compactMap { $0 }
    if let reduced = frozen.reduced { notes.append(reduced.text) }
    try time("items") { try writeItems(of: tables, side: side) }
    var scores = tables.scores
    let conclusion = try observer?.conclusion()
    scores += conclusion?.scores ?? []
    for monitor in model.method.monitors {
      scores.append(
        Score(
          evaluator: "\(monitor.evaluator), last epoch", subject: monitor.subject, metric: monitor.metric,
          value: monitor.value))
    }
    if let chosen {
      scores.append(Score(evaluator: "chosen epoch", subject: "networks", metric: "count", value: Double(chosen)))
    }
    notes +=
      [monitor?.collapse].compactMap { $0 } + schedule.remarks + model.method.notes + (conclusion?.notes ?? [])
      + Requirements(settings, data).notes
    return SeedResult(
      scores: scores, notes: notes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
      datasetChecksums: try ModelStart.checksums(settings.start).merging([data.dataset.name: data.dataset.checksum]) {
        _, own in own
      }, parameterCount: model.trainedParameterCount,
      wallSeconds: (.now - began).seconds)
  }
}
