import Autograd
import Datasets
import Diagnostics
import Evaluation
import Evaluators
import Foundation
import Kernels
import Methods
import Options
import Runs
import TextGeneration
import Training

/// CapFilt (Li et al., ICML 2022) before the training of a course, one stage after another:
///
/// 1. `noisy`: a model learns from all pairs, wrong ones among them.
/// 2. `filter` and `captioner`: two models that begin from it learn apart on the clean part, one contrast and matching, the
///    other writing.
/// 3. The captioner writes a caption for each picture of the web, the filter keeps or drops it and the one that is there.
/// 4. `clean`, `filtered` and `captioned`: models learn from the clean part alone, with the captions that the filter keeps,
///    and with written captions that no filter has seen. The course itself learns from the clean part and all that is kept.
///
/// All learn for as many steps, but for whole epochs. A stage that has ended is taken up from its checkpoint like one that has
/// not, and what models write and judge is computed again, which gives the same numbers.
struct CapFiltStages {
  private let settings: AlignmentSettings
  private let dataset: MultimodalDataset
  private let seed: Int
  private let context: SeedContext
  private let experiment: String
  private let initialisation: AlignmentModel.Initialisation

  private var options: CapFiltOptions { settings.method.options[BLIPOptions.self].capFilt }

  /// Prepares the stages; nil where the settings ask for none.
  init?(
    _ settings: AlignmentSettings, dataset: MultimodalDataset, seed: Int, context: SeedContext, experiment: String,
    initialisation: AlignmentModel.Initialisation
  ) {
    guard settings.asksForCapFilt else { return nil }
    (self.settings, self.dataset, self.seed, self.context) = (settings, dataset, seed, context)
    (self.experiment, self.initialisation) = (experiment, initialisation)
  }

  /// What the table of sets is called.
  static let sets = "training sets"

  /// Runs all stages but the course's own training.
  func run() throws -> Bootstrapped {
    let began = ContinuousClock.now
    let data = try AlignmentCourse.data(
      settings, dataset: dataset, seed: seed, start: try ModelStart.open(settings, dataset: dataset, seed: seed))
    let rows = try Requirements(settings, data).usableObservations().flatMap { $0 }
    let parts = try WebCaptions(options, data, rows: rows, seed: seed)
    let steps = settings.training.steps(of: rows.count)
    var sets = SetTable(settings)

    let all = parts.cleanPairs + parts.webPairs
    let noisy = try trained("noisy", on: all, parts, steps: steps)
    try context.stopwatch.measure(Self.sets) {
      try sets.add("noisy", noisy, pairs: all.count, wrong: parts.isWrong.count { $0 })
    }
    let filter = try tuned("filter", parts, from: noisy) { $0.language = 0 }
    let captioner = try tuned("captioner", parts, from: noisy) { ($0.contrast, $0.matching) = (0, 0) }

    let written = try context.stopwatch.measure("written captions") { try captions(by: captioner, parts, data) }
    let places = written.indices.filter { !written[$0].isEmpty }
    let writtenPairs = places.map { RecaptionedPair(parts.web[$0], .written(written[$0])) }
    let matches = try context.stopwatch.measure("filter's judgement") {
      try judgements(by: filter, parts.webPairs + writtenPairs, parts)
    }
    let webMatches = Array(matches[..<parts.web.count])
    let judged = FilteredCaptions(webMatches, isWrong: parts.isWrong, threshold: options.threshold)
    let keptWritten = matches[parts.web.count...].map { Double($0) >= options.threshold }
    let kept = zip(parts.webPairs, judged.isKept).filter(\.1).map(\.0)
    let added = zip(writtenPairs, keptWritten).filter(\.1).map(\.0)
    try context.events.receive(
      .note(
        "the filter keeps \(kept.count) of \(parts.web.count) captions and \(added.count) of \(written.count) written ones"
      ))

    let controls = [
      ("clean", parts.cleanPairs, 0), ("filtered", parts.cleanPairs + kept, judged.keptWrong),
      ("captioned", all + writtenPairs, parts.isWrong.count { $0 }),
    ]
    for (name, pairs, wrong) in options.controls ? controls : [] {
      let course = try trained(name, on: pairs, parts, steps: steps)
      try context.stopwatch.measure(Self.sets) { try sets.add(name, course, pairs: pairs.count, wrong: wrong) }
    }
    let pairs = parts.cleanPairs + kept + added
    let outcome = Bootstrapped(
      settings: try self.settings(pairs: pairs.count, steps: steps), dataset: parts.dataset(of: pairs),
      pairs: pairs.count, wrong: judged.keptWrong, sets: sets,
      filter: filterTables(judged, written: written, places: places, kept: keptWritten, parts, filter),
      notes: notes(parts, rows: rows.count), seconds: (.now - began).seconds)
    try CapFiltExamples(
      parts: parts, data: data, written: written, isKept: judged.isKept,
      writtenIsKept: Dictionary(uniqueKeysWithValues: zip(places, keptWritten))
    ).write(to: context.folder)
    return outcome
  }

  // MARK: - Trainings

  /// The size of batches of a training on so many pairs, which chunks divide.
  private func batchSize(of pairs: Int) throws(UserError) -> Int {
    let chunks = settings.training.chunks
    let size = min(settings.training.batchSize, pairs / chunks * chunks)
    guard size >= max(2, chunks) else {
      throw UserError(
        .data,
        "leaves a stage \(pairs) \(pairs == 1 ? "pair" : "pairs"), fewer than a batch"
          + (chunks > 1 ? " of training.chunks (\(chunks))" : ""), at: "method.blip.capFilt.clean",
        mend: chunks > 1 ? "raise it, or lower training.chunks" : "raise it")
    }
    return size
  }

  /// The settings of a training on so many pairs that has about so many steps.
  private func settings(pairs: Int, steps: Int) throws(UserError) -> AlignmentSettings {
    var own = settings
    own.training.batchSize = try batchSize(of: pairs)
    own.training.epochs = max(1, Int((Double(steps) / Double(own.training.stepsPerEpoch(of: pairs))).rounded()))
    return own
  }

  private func course(
    _ stage: String, _ settings: AlignmentSettings, on pairs: [RecaptionedPair], _ parts: WebCaptions
  ) throws -> AlignmentCourse {
    let (events, epochs) = (
      StageEvents(sink: context.events, stage: stage, epochs: settings.training.epochs), settings.training.epochs
    )
    // Told before the first checkpoint, whose mark in the record is behind that of the stage before.
    try events.receive(.note("\(pairs.count) pairs, \(epochs) \(epochs == 1 ? "epoch" : "epochs")"))
    return try AlignmentCourse(
      settings, dataset: parts.dataset(of: pairs), seed: seed,
      context: SeedContext(
        folder: context.folder, events: events, dataRoot: context.dataRoot, cacheFolder: context.cacheFolder,
        checkpointSeconds: context.checkpointSeconds, threads: context.threads,
        stopRequested: { [context] in context.shouldStop }),
      experiment: experiment, initialisation: initialisation)
  }

  /// A model that has learnt from some pairs.
  private func trained(
    _ stage: String, on pairs: [RecaptionedPair], _ parts: WebCaptions, steps: Int
  ) throws -> AlignmentCourse {
    let course = try course(stage, try settings(pairs: pairs.count, steps: steps), on: pairs, parts)
    try context.stopwatch.measure("stage \(stage)") { try course.train(as: stage) }
    return course
  }

  /// A model that has learnt some of the losses on the clean part.
  private func tuned(
    _ stage: String, _ parts: WebCaptions, from noisy: AlignmentCourse,
    _ change: (inout BLIPOptions.Weights) -> Void
  ) throws -> AlignmentCourse {
    var own = settings
    own.training.batchSize = try batchSize(of: parts.clean.count)
    (own.training.epochs, own.training.learningRate) = (options.tuningEpochs, options.tuningRate)
    // A warm-up in steps is that of the long training.
    own.training.warmupShare = own.training.warmupShare ?? 0.1
    change(&own.method.options[BLIPOptions.self].weights)
    if options.tunes { own.method.options[BLIPOptions.self].matchingStart = 0 }
    let course = try course(stage, own, on: parts.cleanPairs, parts)
    if options.tunes { course.model.take(from: noisy.model) }
    try context.stopwatch.measure("stage \(stage)") { try course.train(as: stage) }
    return course
  }

  // MARK: - Writing and judging

  /// What the captioner writes for each picture of the web.
  private func captions(
    by captioner: AlignmentCourse, _ parts: WebCaptions, _ data: AlignedData
  ) throws -> [String] {
    let frozen = captioner.model.frozen(data, side: .train) { [context] in try context.checkInterruption() }
    guard let method = frozen.captioner else { preconditionFailure("CapFiltStages: a captioner that writes nothing") }
    var stream = RandomStreams.stream("written captions \(options.decoding.seed)", seed: seed)
    return try Self.blocks(parts.web, of: FrozenModel.writtenRows) { rows in
      try frozen.checkInterruption()
      let pictures = try frozen.input(parts.places.image, rows, .train)
      return frozen.captions(
        for: pictures, in: parts.places.caption, by: method, options: options.decoding, using: &stream
      ).map { TextIdentity.canonical($0.first?.text ?? "") }
    }
  }

  /// The probabilities that pairs match, by the filter.
  private func judgements(
    by filter: AlignmentCourse, _ pairs: [RecaptionedPair], _ parts: WebCaptions
  ) throws -> [Float] {
    let judged = parts.dataset(of: pairs)
    let data = try AlignmentCourse.data(
      settings, dataset: judged, seed: seed, start: try ModelStart.open(settings, dataset: judged, seed: seed))
    let frozen = filter.model.frozen(data, side: .train) { [context] in try context.checkInterruption() }
    guard let method = frozen.method.pairScorer else {
      preconditionFailure("CapFiltStages: a filter that scores no pairs")
    }
    return try Self.blocks(Array(pairs.indices), of: 256) { rows in
      try frozen.checkInterruption()
      let (pictures, texts) = (
        try frozen.input(parts.places.image, rows, .train), try frozen.input(parts.places.caption, rows, .train)
      )
      return Tape.withoutRecording { method.matchProbabilities(pictures: pictures, texts: texts) ?? [] }
    }
  }

  private static func blocks<Element>(
    _ rows: [Int], of size: Int, _ make: ([Int]) throws -> [Element]
  ) rethrows -> [Element] {
    try stride(from: 0, to: rows.count, by: size).flatMap {
      try make(Array(rows[$0..<min($0 + size, rows.count)]))
    }
  }

  // MARK: - Scores

  private func filterTables(
    _ judged: FilteredCaptions, written: [String], places: [Int], kept: [Bool], _ parts: WebCaptions,
    _ filter: AlignmentCourse
  ) -> [EvaluationTable] {
    var table = EvaluationTable("filter")
    let dropped = 1 - judged.kept
    let web = EvaluationTable.Subject.named("captions")
    table.add(web, .share("precision", higherIsBetter: true), judged.precision, chance: judged.prior)
    table.add(web, .share("recall", higherIsBetter: true), judged.recall, chance: dropped)
    table.add(web, .share("prior"), judged.prior)
    table.add(web, .share("kept"), judged.kept)
    table.add(web, .share("area", higherIsBetter: true), judged.area, chance: 0.5)
    let texts = EvaluationTable.Subject.named("written captions")
    let keptPlaces = Set(zip(places, kept).filter(\.1).map(\.0))
    table.add(texts, .share("kept"), written.isEmpty ? 0 : Double(keptPlaces.count) / Double(written.count))
    func exact(_ places: some Collection<Int>) -> Double {
      let right = places.count { place in
        let own = TextIdentity.words(of: parts.texts(of: place).own)
        return !own.isEmpty && TextIdentity.words(of: written[place]) == own
      }
      return places.isEmpty ? 0 : Double(right) / Double(places.count)
    }
    table.add(texts, .share("as people wrote", higherIsBetter: true), exact(written.indices))
    table.add(texts, .share("as people wrote, of the kept", higherIsBetter: true), exact(keptPlaces))
    var matching = EvaluationTable("matching of the filter, last epoch")
    for monitor in filter.model.method.monitors {
      matching.add(
        .named(monitor.subject),
        monitor.metric == "gain"
          ? Metric("gain", isFraction: false, higherIsBetter: true) : .share(monitor.metric, higherIsBetter: true),
        monitor.value)
    }
    return [table, matching]
  }

  private func notes(_ parts: WebCaptions, rows: Int) -> [String] {
    let wrong = parts.isWrong.count { $0 }
    return [
      "CapFilt: of \(rows) training observations \(parts.clean.count) are the clean part; of the captions of the other "
        + "\(parts.web.count), a share of \(options.share) was exchanged, and \(wrong) are wrong of their picture.",
      "`filter`: precision is the share of wrong captions among those that the filter drops, recall that of dropped ones among "
        + "the wrong ones, prior that of wrong ones among all; area is how often a wrong caption looks less likely than a right "
        + "one. Captions are written by \(options.decoding.description), and kept from a probability of "
        + "\(options.threshold) on.",
      "`training sets`: models that begin alike and learn for as many steps, from all pairs (`noisy`), the clean part "
        + "(`clean`), with the captions that the filter keeps (`filtered`), with all and written ones (`captioned`), with those "
        + "of both that the filter keeps (`capFilt`, this run's networks).",
    ]
  }
}

extension Metric {
  /// A share.
  fileprivate static func share(_ name: String, higherIsBetter: Bool? = nil) -> Metric {
    Metric(name, isFraction: true, higherIsBetter: higherIsBetter)
  }
}

/// What the course itself learns from, and what is known of it before.
struct Bootstrapped {
  /// The settings, with as many epochs as take about the steps of the other sets.
  let settings: AlignmentSettings
  /// The data.
  let dataset: MultimodalDataset
  fileprivate let pairs: Int
  fileprivate let wrong: Int
  fileprivate let sets: SetTable
  fileprivate let filter: [EvaluationTable]
  fileprivate let notes: [String]
  fileprivate let seconds: Double

  /// A result with the scores of filter and sets.
  func adding(to result: SeedResult, _ course: AlignmentCourse) throws -> SeedResult {
    var (result, sets) = (result, sets)
    try course.context.stopwatch.measure(CapFiltStages.sets) {
      try sets.add("capFilt", course, pairs: pairs, wrong: wrong)
    }
    result.scores += (filter + [sets.table]).scores
    result.notes += notes
    result.wallSeconds += seconds
    return result
  }
}

/// Models that learnt from several sets side by side.
private struct SetTable {
  private(set) var table = EvaluationTable(CapFiltStages.sets)
  private let settings: AlignmentSettings

  init(_ settings: AlignmentSettings) { self.settings = settings }

  /// Measures a model, by retrieval and by what it writes where the recipe's evaluators do.
  mutating func add(_ name: String, _ course: AlignmentCourse, pairs: Int, wrong: Int) throws {
    let subject = EvaluationTable.Subject.named(name)
    table.add(subject, Metric("pairs", isFraction: false, higherIsBetter: nil), Double(pairs))
    table.add(
      subject, Metric("wrong", isFraction: true, higherIsBetter: nil), Double(wrong) / Double(max(pairs, 1)))
    let frozen = course.frozen(settings.evaluation.side.ofData)
    guard let image = course.data.image, let caption = course.data.captions.first else { return }
    let (picture, text) = (frozen.names[image], frozen.names[caption])
    for evaluator in settings.evaluation.chosen
    where [RetrievalEvaluator.key, CaptioningEvaluator.key].contains(type(of: evaluator).key) {
      for found in try evaluator.tables(of: frozen, after: []) {
        for entry in found.entries {
          let metric: String? =
            switch (found.evaluator, entry.subject, entry.metric.name) {
            case ("rsum", _, "rsum"): "rsum"
            case ("retrieval", .direction(picture, text), "R@1"): "R@1 of captions"
            case ("retrieval", .direction(text, picture), "R@1"): "R@1 of pictures"
            case ("captioning", .named("written"), "CIDEr-D"), ("captioning", .named("written"), "exact match"):
              entry.metric.name
            default: nil
            }
          guard let metric else { continue }
          table.add(
            subject, Metric(metric, isFraction: entry.metric.isFraction, higherIsBetter: entry.metric.higherIsBetter),
            entry.value)
        }
      }
    }
  }
}
