import Datasets
import Diagnostics
import Dispatch
import Foundation
import Kernels

/// How many pictures a second readers deliver at 224 × 224 pixels, from a folder and from shards of JPEGs that are made for
/// it, against what a training step takes.
public struct ReadingBenchmark {
  /// What readers reached.
  public struct Result: Codable, Sendable {
    /// `reading-folder` or `reading-shards`.
    public let `case`: String
    /// The program.
    public let engine: String
    /// The threads that read.
    public let readers: Int
    /// The files' and the items' sizes, in words.
    public let shape: String
    /// Pictures a second, read and decoded.
    public let decodedPerSecond: Double
    /// Pictures a second, read and decoded, with a random view of each.
    public let samplesPerSecond: Double
    /// Pictures a second that a training step takes, on all threads.
    public let stepSamplesPerSecond: Double
    /// `samplesPerSecond` in units of `stepSamplesPerSecond`.
    public let factor: Double

    // The names that training steps have in their JSON line.
    private enum CodingKeys: String, CodingKey {
      case `case`, engine, readers, factor
      case shape = "sizes"
      case decodedPerSecond = "decoded_per_s"
      case samplesPerSecond = "samples_per_s"
      case stepSamplesPerSecond = "step_samples_per_s"
    }
  }

  /// The files' sides in pixels.
  private static let (width, height) = (500, 375)

  private let count: Int
  private let side: Int
  private let meanSize: Int
  private let sources: [(name: String, pictures: PictureFiles)]

  /// Writes the pictures into a folder, as files and as a shard: soft colours with noise, as large as
  /// pictures of ImageNet are in the middle.
  ///
  /// - Throws: `UserError` where they cannot be written or read.
  public init(folder: URL, count: Int = 96, side: Int = 224) throws(UserError) {
    (self.count, self.side) = (count, side)
    var stream = RandomStream(seed: 0, name: "benchmark/pictures")
    var files: [PictureFiles.Place] = []
    var (shard, parts) = (ShardWriter(), [(offset: UInt64, count: Int)]())
    for index in 0..<count {
      let picture = try Self.picture(width: Self.width, height: Self.height, &stream).encoded()
      let file = folder.appendingPathComponent("\(index).jpg")
      try AtomicFile.write(picture, to: file)
      files.append(.file(file, digest: SHA256.hexDigest(of: picture)))
      parts.append((shard.add("\(index).jpg", picture), picture.count))
    }
    let url = folder.appendingPathComponent("pictures.tar")
    try AtomicFile.write(shard.finished, to: url)
    let form = PictureForm(ImageResize(side: side))
    meanSize = parts.reduce(0) { $0 + $1.count } / max(1, count)
    sources = [
      ("folder", PictureFiles(files, form: form)),
      ("shards", PictureFiles(parts.map { .part(of: url, offset: $0.offset, count: $0.count) }, form: form)),
    ]
  }

  /// Times each source with 1, 2, … readers up to the number of threads.
  ///
  /// - Parameter step: pictures a second that a training step takes.
  /// - Throws: `UserError` where a picture cannot be read.
  public func run(step: Double) throws(UserError) -> [Result] {
    var readers = [1]
    while let last = readers.last, last * 2 <= Parallel.threads { readers.append(last * 2) }
    let shape =
      "JPEGs of \(Self.width) × \(Self.height) pixels and \(meanSize / 1000) KB to \(side) × \(side) pixels"
    let augmentation = ImageAugmentation(height: side, width: side, channels: 3)
    var results: [Result] = []
    for (name, pictures) in sources {
      // The system has the files in memory then, and their digests are known.
      try pictures.load(Array(0..<count))
      for number in readers {
        let decoded = rate(of: pictures, readers: number) { _, _ in }
        let viewed = rate(of: pictures, readers: number) { pixels, index in
          var stream = RandomStream(seed: UInt64(index), name: "views")
          _ = augmentation.views(of: pixels, rows: [0], stream: &stream)
        }
        results.append(
          Result(
            case: "reading-\(name)", engine: "concord", readers: number, shape: shape,
            decodedPerSecond: rounded(decoded, 1), samplesPerSecond: rounded(viewed, 1),
            stepSamplesPerSecond: rounded(step, 1), factor: rounded(viewed / step, 1)))
      }
    }
    return results
  }

  /// Pictures a second that a training step of CLIP's ViT-B/32 takes, in float32.
  public static func stepRate(batch: Int, steps: Int) -> Double {
    var sizes = BenchmarkSizes()
    sizes[.batch] = batch
    return BenchmarkTimer(steps: steps, warmup: 1).time {
      BenchmarkCases.largeCLIP(sizes)
    }.samplesPerSecond
  }

  /// Pictures a second where some threads make each its share.
  private func rate(of pictures: PictureFiles, readers: Int, _ use: @Sendable ([Float], Int) -> Void) -> Double {
    let count = count
    let passed = seconds {
      DispatchQueue.concurrentPerform(iterations: readers) { reader in
        for index in stride(from: reader, to: count, by: readers) {
          // All could be read before.
          guard case .numbers(let pixels)? = try? pictures.items(at: [index]) else { continue }
          use(pixels, index)
        }
      }
    }
    return Double(count) / passed
  }

  /// Colours that change smoothly, with noise.
  static func picture(width: Int, height: Int, _ stream: inout RandomStream) -> JPEGFile {
    let grid = (0..<9 * 9 * 3).map { _ in 255 * stream.uniform() }
    var pixels = [UInt8](repeating: 0, count: 3 * width * height)
    for y in 0..<height {
      let (row, down) = (8 * y / height, Float(8 * y % height) / Float(height))
      for x in 0..<width {
        let (column, along) = (8 * x / width, Float(8 * x % width) / Float(width))
        let noise = 24 * (stream.uniform() - 0.5)
        for channel in 0..<3 {
          func corner(_ i: Int, _ j: Int) -> Float { grid[((row + i) * 9 + column + j) * 3 + channel] }
          let upper = corner(0, 0) + along * (corner(0, 1) - corner(0, 0))
          let lower = corner(1, 0) + along * (corner(1, 1) - corner(1, 0))
          pixels[3 * (y * width + x) + channel] = UInt8(max(0, min(255, upper + down * (lower - upper) + noise)))
        }
      }
    }
    return JPEGFile(width: width, height: height, pixels: pixels)
  }
}
