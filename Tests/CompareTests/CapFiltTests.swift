import AlignmentExperiments
import BLIPPaper
import Datasets
import Diagnostics
import Evaluation
import Foundation
import Kernels
import Methods
import Recipes
import Runs
import Synchronization
import Testing
import Training

/// Captions are filtered and written before a training of BLIP.
@Suite(.serialized) struct CapFiltTests {
  private static let catalogue = RecipeCatalogue([BLIPExperiment()])
  private let album: Album

  init() throws { album = try Album() }

  /// The same data with the texts that its tokens spell, and as many training observations as wanted.
  private static func spelled(_ dataset: MultimodalDataset, count: Int? = nil) -> MultimodalDataset {
    func spelled(_ side: MultimodalSplit, _ rows: [Int]) -> MultimodalSplit {
      let own = side.gathering(rows)
      var texts: [String: [String]] = [:]
      for (name, tokeniser) in dataset.tokenisers {
        guard case .tokens(let tokens) = own.items(of: name, at: 0..<own.count) else { continue }
        let length = tokens.count / own.count
        texts[name] = (0..<own.count).map { row in
          tokeniser.decode(tokens[row * length..<(row + 1) * length].filter { $0 > SubwordTokeniser.end })
        }
      }
      return MultimodalSplit(name: side.name, columns: own.columns, labels: own.labels, texts: texts)
    }
    func all(_ side: MultimodalSplit) -> MultimodalSplit { spelled(side, Array(0..<side.count)) }
    return MultimodalDataset(
      name: dataset.name, train: spelled(dataset.train, Array(0..<(count ?? dataset.train.count))),
      validation: all(dataset.validation), test: all(dataset.test), classNames: dataset.classNames,
      checksum: dataset.checksum, tokenisers: dataset.tokenisers, tagNames: dataset.tagNames)
  }

  private func settings(_ recipe: String, _ overrides: [String]) throws -> AlignmentSettings {
    let recipe = try Self.catalogue.recipe(
      "blip/\(recipe)",
      overrides: [
        "seeds=[0]", "training.warmupSteps=0", "augmentation.isOn=false", "evaluation.labellings=null",
        "evaluation.shownObservations=10", "method.blip.queueSize=64",
      ] + overrides)
    let settings = try recipe.settings(as: AlignmentSettings.self)
    try BLIPExperiment().validate(settings)
    return settings
  }

  private func run(
    _ settings: AlignmentSettings, on dataset: MultimodalDataset, in place: String = UUID().uuidString,
    events: any EventSink = NullSink(), stopping stops: Stops? = nil
  ) throws -> (folder: URL, result: SeedResult) {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let url = album.folder.appending(path: place)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let context = SeedContext(
      folder: url, events: events, cacheFolder: album.folder, checkpointSeconds: 0, threads: 1,
      stopRequested: { stops?.asks() ?? false })
    return (url, try BLIPExperiment().run(seed: 0, settings: settings, dataset: dataset, context: context))
  }

  private static func value(_ result: SeedResult, _ evaluator: String, _ subject: String, _ metric: String) -> Double? {
    result.scores.first { $0.evaluator == evaluator && $0.subject == subject && $0.metric == metric }?.value
  }

  private static let small = [
    "training.epochs=2", "training.batchSize=6", "model.imageDimensions=8", "model.imageLayers=1",
    "model.imageHeads=2", "model.patchSize=4", "model.textDimensions=8", "model.textLayers=1", "model.textHeads=2",
    "model.dimensions=6", "data.modalities=[picture, one]", "method.blip.capFilt.tuningEpochs=2",
    "method.blip.capFilt.clean=0.3", "method.blip.capFilt.decoding.maximumLength=4", "evaluation.captioning.shown=0",
    "evaluation.captioning.decoding.maximumLength=4", "evaluation.evaluators=[retrieval, captioning]",
  ]

  // MARK: - What is learnt

  /// Whether a filter finds wrong captions far better than one that drops at random.
  private static func finds(precision: Double, recall: Double, area: Double, prior: Double) -> Bool {
    precision > prior + 0.3 && recall > 0.8 && area > 0.9
  }

  @Test func theFilterFindsWhatIsWrong() throws {
    let settings = try settings(
      "capfilt",
      HalvesAlbum.overrides + [
        "training.epochs=16", "method.blip.capFilt.clean=0.4", "method.blip.capFilt.tuningEpochs=20",
        "method.blip.capFilt.tuningRate=0.003", "method.blip.capFilt.controls=false",
        "evaluation.evaluators=[retrieval]",
      ])
    let (folder, result) = try run(settings, on: HalvesAlbum.dataset)
    func filter(_ metric: String) throws -> Double {
      try #require(Self.value(result, "filter", "captions", metric), "\(metric)")
    }
    let found = (try filter("precision"), try filter("recall"), try filter("area"), try filter("prior"))
    #expect(Self.finds(precision: found.0, recall: found.1, area: found.2, prior: found.3), "\(found)")
    // Of the captions of the web two in five were exchanged, and one in sixteen of these came to a picture of its own kind.
    #expect((0.34...0.4).contains(found.3), "\(found)")
    // A filter of random scores fails.
    var stream = RandomStream(seed: 1, name: "scores")
    let isWrong = (0..<300).map { $0 % 5 < 2 }
    let random = FilteredCaptions(isWrong.map { _ in stream.uniform() }, isWrong: isWrong, threshold: 0.5)
    #expect(
      !Self.finds(
        precision: random.precision, recall: random.recall, area: try #require(random.area), prior: random.prior))
    let exact = try #require(Self.value(result, "filter", "written captions", "as people wrote"))
    let exactOfKept = try #require(Self.value(result, "filter", "written captions", "as people wrote, of the kept"))
    #expect(exact > 0.5 && exactOfKept >= exact, "\(exact) \(exactOfKept)")
    let sets = ["noisy", "capFilt"].compactMap { Self.value(result, "training sets", $0, "rsum") }
    #expect(sets.count == 2 && sets[1] > sets[0], "\(sets)")
    #expect((Self.value(result, "matching of the filter, last epoch", "training pairs", "gain") ?? 0) > 0.3)
    #expect(FileManager.default.fileExists(atPath: folder.appending(path: "examples-capfilt.npz").path))
  }

  // MARK: - The course

  @Test func everySetIsMeasured() throws {
    let settings = try settings("capfilt", Self.small)
    let log = Notes()
    let (folder, result) = try run(settings, on: Self.spelled(Album.pictures), events: log)
    #expect(result.scores.allSatisfy { $0.value.isFinite })
    for set in ["noisy", "clean", "filtered", "captioned", "capFilt"] {
      for metric in ["pairs", "wrong", "rsum", "R@1 of captions", "R@1 of pictures", "CIDEr-D", "exact match"] {
        #expect(Self.value(result, "training sets", set, metric) != nil, "\(set) \(metric)")
      }
    }
    func pairs(_ set: String) -> Double { Self.value(result, "training sets", set, "pairs") ?? -1 }
    let kept = try #require(Self.value(result, "filter", "captions", "kept"))
    let written = try #require(Self.value(result, "filter", "written captions", "kept"))
    // 7 of 23 observations are the clean part.
    #expect(pairs("noisy") == 23 && pairs("clean") == 7)
    #expect(abs(pairs("filtered") - 7 - 16 * kept) < 1e-9)
    #expect(abs(pairs("capFilt") - pairs("filtered") - 16 * written) < 1e-9)
    #expect((23...39).contains(pairs("captioned")))
    for metric in ["precision", "recall", "prior", "area"] {
      #expect(Self.value(result, "filter", "captions", metric).map { (0...1).contains($0) } == true, "\(metric)")
    }
    #expect(Self.value(result, "matching of the filter, last epoch", "training pairs", "gain") != nil)
    // The run's own networks are those of the last set.
    let own = try #require(result.scores.first { $0.evaluator == "rsum" }?.value)
    #expect(Self.value(result, "training sets", "capFilt", "rsum") == own)
    #expect(result.notes.contains { $0.hasPrefix("CapFilt: of 23 training observations 7 are the clean part") })
    for stage in ["noisy", "filter", "captioner", "clean", "filtered", "captioned"] {
      #expect(log.all.contains { $0.hasPrefix("\(stage): ") && $0.contains(" pairs, ") }, "\(stage)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.contains("checkpoint.safetensors") && files.contains("filter-state.safetensors"))
  }

  /// The record but for times and what tells of a stop.
  private static func record(_ folder: URL) throws -> [String] {
    try MetricsLog.events(in: folder.appending(path: "metrics.jsonl")).map { event in
      if case .step(let step) = event { return "step \(step.step) \(step.terms.map(\.value))" }
      if case .epoch(let epoch) = event { return "epoch \(epoch.epoch) \(epoch.terms.map(\.value))" }
      return "\(event)"
    }
  }

  private func resumed(
    _ settings: AlignmentSettings, _ dataset: MultimodalDataset, in place: String, events other: any EventSink,
    stopping stops: Stops?
  ) throws -> (folder: URL, result: SeedResult) {
    let folder = album.folder.appending(path: place)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let log = try MetricsLog(
      resuming: folder.appending(path: "metrics.jsonl"), at: TrainingCheckpoints.mark(in: folder))
    return try run(settings, on: dataset, in: place, events: TeeSink(log, other), stopping: stops)
  }

  /// A run that is stopped again and again, and one that is killed between two stages, give what a run in one go gives.
  @Test func stagesGoOnWhereTheyStopped() throws {
    let settings = try settings("capfilt", Self.small)
    let dataset = Self.spelled(Album.pictures)
    let whole = try resumed(settings, dataset, in: "whole", events: NullSink(), stopping: nil)
    var stops = 0
    while true {
      do {
        let found = try resumed(
          settings, dataset, in: "stopped", events: NullSink(), stopping: Stops(after: 7 + 11 * stops))
        #expect(found.result.scores == whole.result.scores && stops > 4, "\(stops)")
        break
      } catch is Interruption {
        stops += 1
      }
      guard stops < 100 else { return #expect(Bool(false), "it never ends") }
    }
    #expect(throws: UserError.self) {
      try resumed(settings, dataset, in: "killed", events: Failing(at: "the filter keeps"), stopping: nil)
    }
    let killed = try resumed(settings, dataset, in: "killed", events: NullSink(), stopping: nil)
    #expect(killed.result.scores == whole.result.scores)
    func checkpoint(_ folder: URL) throws -> Data {
      try Data(contentsOf: folder.appending(path: "checkpoint.safetensors"))
    }
    let expected = try checkpoint(whole.folder)
    for place in ["stopped", "killed"] {
      let folder = album.folder.appending(path: place)
      #expect(try checkpoint(folder) == expected, "\(place)")
      #expect(try Self.record(folder) == Self.record(whole.folder), "\(place)")
    }
  }

  /// Captions that are equal are right, whichever observation they come from.
  @Test func equalCaptionsAreNeverWrong() throws {
    let dataset = Self.spelled(Album.pictures)
    let train = dataset.train
    let same = train.pairing(
      (0..<train.count).map { RecaptionedPair($0, .of(0)) }, in: "one",
      tokeniser: try #require(dataset.tokenisers["one"]))
    for texts in [same.texts, [:]] {
      let side = MultimodalSplit(name: "train", columns: same.columns, labels: same.labels, texts: texts)
      let (_, result) = try run(
        try settings(
          "capfilt", Self.small + ["method.blip.capFilt.controls=false", "evaluation.evaluators=[retrieval]"]),
        on: dataset.training(on: side))
      #expect(Self.value(result, "filter", "captions", "prior") == 0)
      #expect(Self.value(result, "filter", "captions", "area") == nil)
      #expect(Self.value(result, "training sets", "clean", "rsum") == nil)
    }
  }

  @Test(arguments: [
    ("method.blip.capFilt.clean=0", "`method.blip.capFilt.clean` must be above 0 and below 1"),
    ("method.blip.capFilt.share=1", "`method.blip.capFilt.share` must be in 0..<1"),
    ("method.blip.capFilt.threshold=2", "`method.blip.capFilt.threshold` must be in 0...1"),
    ("method.blip.capFilt.decoding.samples=2", "`method.blip.capFilt.decoding.samples` must be 1"),
    ("method.blip.weights.language=0", "`method.blip.capFilt.isOn` needs matching and writing"),
    ("data.pairNoise=0.1", "`data.pairNoise` must be 0"),
    ("evaluation.selection=retrieval", "`evaluation.selection` must be last"),
  ]) func aBrokenSettingIsNamed(override: String, message: String) {
    let error = #expect(throws: UserError.self) { try settings("capfilt", [override]) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func dataThatDoNotFitAreNamed() throws {
    let dataset = Self.spelled(Album.pictures)
    let two = #expect(throws: UserError.self) {
      try run(try settings("capfilt", Self.small + ["data.modalities=[picture, one, two]"]), on: dataset)
    }
    #expect(
      two?.place == "data.modalities" && two?.description.contains("takes one") == true, "\(String(describing: two))")
    let few = #expect(throws: UserError.self) {
      try run(try settings("capfilt", Self.small + ["method.blip.capFilt.clean=0.05"]), on: dataset)
    }
    #expect(few?.place == "method.blip.capFilt.clean", "\(String(describing: few))")
    let chunks = #expect(throws: UserError.self) {
      try run(
        try settings(
          "capfilt",
          Self.small + [
            "training.batchSize=8", "training.chunks=8", "method.blip.capFilt.clean=0.15",
          ]), on: dataset)
    }
    #expect(
      chunks?.place == "method.blip.capFilt.clean" && chunks?.description.contains("training.chunks (8)") == true,
      "\(String(describing: chunks))")
    let ranks = #expect(throws: UserError.self) {
      try BLIPExperiment().check(ranks: 2, settings: try settings("capfilt", Self.small + ["training.chunks=2"]))
    }
    #expect(ranks?.place == "method.blip.capFilt", "\(String(describing: ranks))")
  }

  @Test func theFingerprintIsOfAllStages() throws {
    let context = SeedContext(
      folder: album.folder.appending(path: "fingerprint"), events: NullSink(), cacheFolder: album.folder, threads: 1)
    try FileManager.default.createDirectory(at: context.folder, withIntermediateDirectories: true)
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    func fingerprint(_ overrides: [String]) throws -> Fingerprint {
      try BLIPExperiment().fingerprint(
        settings: try settings("capfilt", Self.small + overrides), dataset: Self.spelled(Album.pictures),
        context: context)
    }
    let first = try fingerprint([])
    #expect(try fingerprint([]) == first)
    let other = try fingerprint(["method.blip.capFilt.share=0.2"])
    #expect(other.parameters != first.parameters && other.scores != first.scores)
    // Chunks divide the batches of every stage, however many pairs it has.
    _ = try fingerprint(["training.chunks=3", "method.blip.capFilt.clean=0.28"])
  }
}

/// Asks to stop once some questions have been answered.
private final class Stops: Sendable {
  private let left: Mutex<Int>

  init(after count: Int) { left = Mutex(count) }

  func asks() -> Bool {
    left.withLock { left in
      left -= 1
      return left < 0
    }
  }
}

/// Keeps the remarks.
private final class Notes: EventSink {
  private let kept = Mutex<[String]>([])

  var all: [String] { kept.withLock { $0 } }

  func receive(_ event: TrainingEvent) throws(UserError) {
    if case .note(let text) = event { kept.withLock { $0.append(text) } }
  }
}

/// Fails at a remark, as a process that ends there.
private struct Failing: EventSink {
  let at: String

  init(at: String) { self.at = at }

  func receive(_ event: TrainingEvent) throws(UserError) {
    if case .note(let text) = event, text.hasPrefix(at) { throw UserError(.inputOutput, "the disk is full") }
  }
}
