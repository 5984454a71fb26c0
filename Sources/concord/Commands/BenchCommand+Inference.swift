import ArgumentParser
import Autograd
import Benchmark
import Diagnostics
import Foundation
import Kernels

/// What is timed beside training steps.
extension BenchCommand {
  /// Checks that at most one thing is to be timed.
  func validateOthers() throws {
    if let pictures {
      guard reading else { throw ValidationError("--pictures goes with --reading") }
      let range = 2 * StreamBenchmark.heldOut...10_000_000
      if pictures != 0, !range.contains(pictures) {
        throw ValidationError("--pictures must be 0 or \(range.lowerBound) to \(range.upperBound), not \(pictures)")
      }
    }
    guard inference || reading else { return }
    if [operations, growth, inference, reading].count(where: { $0 }) > 1 {
      throw ValidationError("--operations, --growth, --inference and --reading exclude each other")
    }
    let flag = inference ? "--inference" : "--reading"
    if !cases.isEmpty { throw ValidationError("\(flag) takes no case") }
    // Embedding is timed in each precision, reading against a step in float32.
    if precision != .float32 { throw ValidationError("\(flag) takes no --precision") }
    if let (size, _) = sizes.all.first(where: { $0.size != .batch }) {
      throw ValidationError("--\(size.rawValue) goes with a case")
    }
  }

  /// Times embedding in float32, bfloat16 and 8-bit integers.
  func timeInference() {
    InferenceBenchmark(batch: batch ?? 32, rounds: steps ?? 7).run { result in
      if json { return say(Self.line(result)) }
      say(
        String(
          format: "%@ %@ %8.2f ms (min %.2f)  %7.1f samples/s = %4.2f of float32  %6.1f GFLOP/s = %.0f %% of %.0f"
            + "  %.0f MB  cosine to float32 %.5f, at the lowest %.5f  batch %d: %@",
          result.case.padding(toLength: 16, withPad: " ", startingAt: 0),
          result.precision.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0), result.medianMilliseconds,
          result.minimumMilliseconds, result.samplesPerSecond, result.factor, result.gflops,
          result.peakFraction * 100, result.peak, result.peakMemory, result.meanCosine, result.lowestCosine,
          result.batch, result.shape))
    }
  }

  /// Does something with a folder that is there for so long.
  private func withFolder(_ use: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw UserError(.inputOutput, "the folder cannot be made", at: folder.path, mend: "see TMPDIR")
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    try use(folder)
  }

  /// Times a stream of shards, then readers and a step beside them.
  func timeReading() throws {
    // First, while no network has been in memory.
    let pictures = pictures ?? 20_000
    if pictures > 0 { try withFolder { try timeStream(of: pictures, in: $0) } }
    try withFolder(timeReaders)
  }

  private func timeStream(of pictures: Int, in folder: URL) throws {
    try StreamBenchmark(folder: folder, count: pictures).run { result in
      if json { return say(Self.line(result)) }
      say(
        String(
          format: "%@ %d of %d pictures  %7.1f samples/s  at most %.0f MB, before the first %.0f MB  batch %d: %@",
          result.case, result.read, result.pictures, result.samplesPerSecond, result.peakMemory, result.memoryBefore,
          result.batch, result.shape))
    }
  }

  private func timeReaders(in folder: URL) throws {
    let benchmark = try ReadingBenchmark(folder: folder)
    let batch = batch ?? 16
    let step = ReadingBenchmark.stepRate(batch: batch, steps: steps ?? 3)
    for result in try benchmark.run(step: step) {
      if json {
        say(Self.line(result))
        continue
      }
      say(
        String(
          format: "%@ %d readers  %7.1f decoded/s  %7.1f samples/s with a view of each = %.1f of a step's %.1f  %@",
          result.case.padding(toLength: 14, withPad: " ", startingAt: 0), result.readers, result.decodedPerSecond,
          result.samplesPerSecond, result.factor, result.stepSamplesPerSecond, result.shape))
    }
    if json { return }
    say("The step is that of CLIP's ViT-B/32 in float32, \(batch) pictures and texts, \(threads) threads.")
  }
}
