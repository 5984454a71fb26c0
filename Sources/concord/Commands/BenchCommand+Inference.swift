import ArgumentParser
import Autograd
import Benchmark
import ComparisonRecipes
import Diagnostics
import Foundation
import Kernels

/// What is timed beside training steps.
extension BenchCommand {
  /// Checks that at most one thing is to be timed.
  func validateOthers() throws {
    if let pictures {
      guard reading || ranking else { throw ValidationError("--pictures goes with --reading or --retrieval") }
      let range = 2 * StreamBenchmark.heldOut...10_000_000
      if pictures != 0 || ranking, !range.contains(pictures) {
        throw ValidationError(
          "--pictures must be \(ranking ? "" : "0 or ")\(range.lowerBound) to \(range.upperBound), not \(pictures)")
      }
    }
    guard inference || reading || ranking else { return }
    if [operations, growth, inference, reading, ranking].count(where: { $0 }) > 1 {
      throw ValidationError("--operations, --growth, --inference, --reading and --retrieval exclude each other")
    }
    if ranking, let steps, !(2...10_000).contains(steps) {
      throw ValidationError("--steps must be 2 to 10000 with --retrieval, not \(steps)")
    }
    let flag = inference ? "--inference" : reading ? "--reading" : "--retrieval"
    if inference, let other = cases.first(where: { !InferenceBenchmark.names.contains($0) }) {
      let names = InferenceBenchmark.names.joined(separator: " or ")
      throw ValidationError("--inference takes \(names), not \(other)")
    }
    if !cases.isEmpty && !inference { throw ValidationError("\(flag) takes no case") }
    // Embedding is timed in each precision, reading against a step in float32.
    if precision != .float32 { throw ValidationError("\(flag) takes no --precision") }
    if let (size, _) = sizes.all.first(where: { $0.size != .batch }) {
      throw ValidationError("--\(size.rawValue) goes with a case")
    }
  }

  /// Times embedding in float32, bfloat16 and 8-bit integers.
  func timeInference() {
    InferenceBenchmark(batch: batch ?? 32, rounds: steps ?? 7).run(cases.isEmpty ? InferenceBenchmark.names : cases) {
      result in
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

  /// Says what training and retrieval hold, by the number of pairs.
  func measureRetrieval() throws {
    let (isJSON, steps, batch) = (json, steps ?? 200, batch ?? 64)
    try withFolder { folder in
      try ScaleBenchmark(folder: folder, pairs: pictures ?? 1_000_000, steps: steps, batch: batch).run(
        CompareExperiment()
      ) { result in
        if isJSON { return say(Self.line(result)) }
        say(
          String(
            format: "%@ at most %.1f MB, as it began %.1f MB  %d pairs, whose embeddings take %.1f MB, %d steps of %d",
            result.part.padding(toLength: 22, withPad: " ", startingAt: 0), result.peakMemory, result.memoryBefore,
            result.pairs, result.embeddings, result.steps, result.batch))
      }
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
