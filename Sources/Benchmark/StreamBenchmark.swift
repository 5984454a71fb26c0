import Datasets
import Diagnostics
import Foundation
import Kernels
import Options
import Runs

/// How a training's stream reads shards of many pictures: pictures a second, and whether memory stays the same however many
/// there are.
///
/// Pictures are read, decoded, changed as `fdt/cc3m` changes them and put together in batches ahead of the step, as in a
/// training, but for the step itself. The shards' tables of contents and the captions are in memory and grow with the set;
/// pixels are not.
public struct StreamBenchmark {
  /// What was read up to a part of the set.
  public struct Result: Codable, Sendable {
    /// `stream-shards`.
    public let `case`: String
    /// The program.
    public let engine: String
    /// The training pictures of the whole set.
    public let pictures: Int
    /// Pictures read so far.
    public let read: Int
    /// The files' and the items' sizes, in words.
    public let shape: String
    /// The pictures of a batch.
    public let batch: Int
    /// Pictures a second since the part before.
    public let samplesPerSecond: Double
    /// The resident memory before the first picture was read, in megabytes.
    public let memoryBefore: Double
    /// The most resident memory since the part before, in megabytes.
    public let peakMemory: Double

    // The names that training steps have in their JSON line.
    private enum CodingKeys: String, CodingKey {
      case `case`, engine, pictures, read, batch
      case shape = "sizes"
      case samplesPerSecond = "samples_per_s"
      case memoryBefore = "memory_before_mb"
      case peakMemory = "peak_memory_mb"
    }
  }

  /// The pictures that are not read.
  public static let heldOut = 16

  private let data: AlignedData
  private let count: Int
  private let shape: String

  /// Generates the shards and reads their captions.
  ///
  /// - Parameters:
  ///   - folder: an empty folder for the shards.
  ///   - count: the pictures; ``heldOut`` of them are held out.
  ///   - shardSize: the pictures of a shard.
  ///   - fileSide: the side of the files' pictures in pixels.
  ///   - side: the side of the items in pixels.
  /// - Throws: `UserError` where shards cannot be written or read.
  public init(
    folder: URL, count: Int, shardSize: Int = 1_000, fileSide: Int = 256, side: Int = 224
  ) throws(UserError) {
    let meanSize = try GeneratedShards.write(to: folder, count: count, shardSize: shardSize, side: fileSide)
    var source = ShardSource()
    (source.folder, source.imageSize, source.captionLength) = (folder.path, side, 16)
    (source.validationCount, source.testCount) = (Self.heldOut / 2, Self.heldOut / 2)
    source.minimumPieceCount = 2
    // Crops, mirror images, colours, grey and blur as the defaults have them are those of `fdt/cc3m`.
    var augmentation = AugmentationOptions()
    augmentation.isOn = true
    data = try AlignedData(try source.load(DataRequest()), options: DataOptions(), augmentation: augmentation)
    self.count = data.count(.train)
    shape =
      "JPEGs of \(fileSide) × \(fileSide) pixels and \(meanSize / 1000) KB in shards of \(shardSize) to \(side) × \(side) "
      + "pixels"
  }

  /// Reads every training picture once, in batches of a random order.
  ///
  /// - Parameters:
  ///   - batch: the pictures of a batch.
  ///   - parts: how many results are told, each after as many pictures.
  ///   - tell: takes each of them.
  /// - Throws: `UserError` where a picture cannot be read.
  public func run(batch: Int = 64, parts: Int = 4, tell: (Result) -> Void) throws(UserError) {
    guard let image = data.image else { preconditionFailure("StreamBenchmark: no pictures") }
    var order = RandomStream(seed: 0, name: "benchmark/order")
    let rows = order.permutation(of: count)
    let batches = stride(from: 0, to: count, by: batch).map { Array(rows[$0..<min($0 + batch, count)]) }
    var views = RandomStream(seed: 0, name: "benchmark/views")
    func megabytes(_ bytes: Double) -> Double { (bytes / 104_857.6).rounded() / 10 }
    var (read, told, part) = (0, 0, 1)
    // The peak of a moment is what there is.
    ResidentMemory.resetPeak()
    let before = megabytes(ResidentMemory.peak)
    var start = ContinuousClock.now
    for (number, rows) in batches.enumerated() {
      data.begin(rows, next: number + 1 < batches.count ? batches[number + 1] : nil)
      try data.load(rows)
      _ = try data.trainingItems(of: image, at: rows, using: &views)
      read += rows.count
      guard read * parts >= count * part else { continue }
      let passed = (ContinuousClock.now - start).components
      let seconds = Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
      tell(
        Result(
          case: "stream-shards", engine: "concord", pictures: count, read: read, shape: shape, batch: batch,
          samplesPerSecond: (10 * Double(read - told) / max(seconds, 1e-9)).rounded() / 10, memoryBefore: before,
          peakMemory: megabytes(ResidentMemory.peak)))
      while read * parts >= count * part { part += 1 }
      told = read
      ResidentMemory.resetPeak()
      start = ContinuousClock.now
    }
  }
}
