import AlignmentExperiments
import Datasets
import Diagnostics
import Encoders
import Foundation
import Kernels
import Methods
import Options
import Runs
import Synchronization
import Training

/// What a training on a stream of shards and a retrieval among all of their pairs hold in memory, however many pairs there
/// are.
///
/// It is a course as recipes have it, by a small vision transformer and a small text transformer: some hundred steps on
/// generated shards, then every pair of the reported side is embedded, and retrieval ranks queries among all of them. Pictures
/// are small, since it is their number that matters.
public struct ScaleBenchmark {
  /// What one part held.
  public struct Result: Codable, Equatable, Sendable {
    /// `scale`.
    public let `case`: String
    /// The program.
    public let engine: String
    /// `reading the set`, `training, first half`, `training, second half` or `evaluation`.
    public let part: String
    /// The pairs of the reported side.
    public let pairs: Int
    /// The steps of the training.
    public let steps: Int
    /// The pairs of a step.
    public let batch: Int
    /// The width of a representation.
    public let dimensions: Int
    /// The number of threads.
    public let threads: Int
    /// The representations of all pairs, both modalities, in megabytes.
    public let embeddings: Double
    /// The resident memory as the part began, in megabytes.
    public let memoryBefore: Double
    /// The most resident memory in the part, in megabytes.
    public let peakMemory: Double

    // The names that training steps have in their JSON line.
    private enum CodingKeys: String, CodingKey {
      case `case`, engine, part, pairs, steps, batch, dimensions, threads
      case embeddings = "embeddings_mb"
      case memoryBefore = "memory_before_mb"
      case peakMemory = "peak_memory_mb"
    }
  }

  /// d, the width of a representation.
  public static let dimensions = 64
  /// The side of a picture in pixels.
  static let side = 16
  /// The pairs of the validation side.
  static let heldOut = 16

  private let folder: URL
  private let pairs: Int
  private let steps: Int
  private let batch: Int

  /// Names a benchmark.
  ///
  /// - Parameters:
  ///   - folder: an empty folder for the shards and the course's files.
  ///   - pairs: the pairs that are embedded and ranked.
  ///   - steps: the steps of the training, each with other pairs.
  ///   - batch: the pairs of a step.
  public init(folder: URL, pairs: Int, steps: Int = 200, batch: Int = 64) {
    (self.folder, self.pairs, self.steps, self.batch) = (folder, pairs, steps, batch)
  }

  /// Small encoders of pictures and texts, CLIP's loss, and retrieval.
  private var settings: AlignmentSettings {
    var settings = AlignmentSettings()
    settings.method.name = EntryName(CLIPOptions.self)
    (settings.model.patchSize, settings.model.imageDimensions) = (8, Self.dimensions)
    (settings.model.imageLayers, settings.model.imageHeads) = (1, 2)
    (settings.model.textDimensions, settings.model.textLayers, settings.model.textHeads) = (Self.dimensions, 1, 2)
    settings.model.dimensions = Self.dimensions
    (settings.training.epochs, settings.training.batchSize) = (1, batch)
    settings.evaluation.evaluators = ["retrieval", "geometry"]
    return settings
  }

  /// Generates the shards, trains and evaluates.
  ///
  /// - Parameters:
  ///   - experiment: whose course it is.
  ///   - tell: takes the result of each part.
  /// - Throws: `UserError` where shards cannot be written or read.
  public func run(_ experiment: some AlignmentExperiment, tell: @escaping @Sendable (Result) -> Void) throws {
    let shards = folder.appending(path: "shards", directoryHint: .isDirectory)
    let course = folder.appending(path: "course", directoryHint: .isDirectory)
    for folder in [shards, course] { try RunFolder.createFolder(folder) }
    let training = steps * batch
    _ = try GeneratedShards.write(
      to: shards, count: training + Self.heldOut + pairs, shardSize: 10_000, side: Self.side)
    let (pairs, steps, batch) = (pairs, steps, batch)
    let watch = MemoryWatch(steps: steps) { part, before, peak in
      func megabytes(_ bytes: Double) -> Double { (bytes / 104_857.6).rounded() / 10 }
      tell(
        Result(
          case: "scale", engine: "concord", part: part, pairs: pairs, steps: steps, batch: batch,
          dimensions: Self.dimensions, threads: Parallel.threads,
          embeddings: megabytes(Double(2 * pairs * Self.dimensions * 4)), memoryBefore: megabytes(before),
          peakMemory: megabytes(peak)))
    }
    watch.begin()
    var source = ShardSource()
    (source.folder, source.imageSize, source.captionLength) = (shards.path, Self.side, 10)
    (source.validationCount, source.testCount, source.minimumPieceCount) = (Self.heldOut, pairs, 2)
    let set = try source.load(DataRequest())
    watch.end("reading the set")
    let context = SeedContext(folder: course, events: watch, cacheFolder: folder, threads: Parallel.threads)
    _ = try experiment.run(seed: 0, settings: settings, dataset: set, context: context)
    watch.end("evaluation")
  }
}

/// Says what each part of a course held.
private final class MemoryWatch: EventSink {
  private let steps: Int
  private let tell: @Sendable (String, Double, Double) -> Void
  private let before = Mutex(0.0)

  init(steps: Int, tell: @escaping @Sendable (String, Double, Double) -> Void) {
    (self.steps, self.tell) = (steps, tell)
  }

  /// Begins a part.
  func begin() {
    // The peak of a moment is what there is.
    ResidentMemory.resetPeak()
    let now = ResidentMemory.peak
    before.withLock { $0 = now }
  }

  /// Ends a part and begins the next one.
  func end(_ part: String) {
    tell(part, before.withLock { $0 }, ResidentMemory.peak)
    begin()
  }

  func receive(_ event: TrainingEvent) throws(UserError) {
    guard case .step(let record) = event else { return }
    if record.step == (steps + 1) / 2 { end("training, first half") }
    if record.step == steps { end("training, second half") }
  }
}
