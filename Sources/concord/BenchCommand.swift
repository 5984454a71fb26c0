import ArgumentParser
import Benchmark
import Diagnostics
import Foundation
import Kernels

/// `concord bench`
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Times full training steps on random data: forward, loss, backward, optimiser.",
    discussion: """
      Example:  concord bench gmc-digits --steps 30

      `gflops` counts matrix products and convolutions from their shapes; `peak_fraction` is its share of the rate of
      matrix products measured in the same run.
      """)

  @Argument(help: "The cases; all where none is named: \(BenchmarkCases.all.map(\.name).joined(separator: ", ")).")
  var cases: [String] = []

  @Option(help: "The number of threads.")
  var threads = Parallel.threads

  @Option(help: "The number of steps that count.")
  var steps = 15

  @Flag(help: "Time single operations instead, each against the rate of matrix products or of copying memory.")
  var operations = false

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func validate() throws {
    if operations && !cases.isEmpty { throw ValidationError("--operations takes no case") }
    if !(1...1024).contains(threads) { throw ValidationError("--threads must be 1 to 1024, not \(threads)") }
    if !(1...1_000_000).contains(steps) { throw ValidationError("--steps must be 1 to 1000000, not \(steps)") }
  }

  func run() throws {
    Parallel.threads = threads
    if operations { return try timeOperations() }
    let chosen = try (cases.isEmpty ? BenchmarkCases.all.map(\.name) : cases).map { name in
      guard let one = BenchmarkCases.all.first(where: { $0.name == name }) else {
        let nearest = nearestName(to: name, among: BenchmarkCases.all.map(\.name))
        throw UserError(
          .usage, "there is no case \"\(name)\"",
          mend: nearest.map { "did you mean \($0)?" } ?? "see concord bench --help")
      }
      return one
    }
    let timer = BenchmarkTimer(steps: steps)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if !json { say("GEMM \(Int(timer.gemmRate)) GFLOP/s, \(threads) threads") }
    for one in chosen {
      let result = timer.time(one.make)
      if json {
        say(String(decoding: try encoder.encode(result), as: UTF8.self))
      } else {
        say(
          String(
            format: "%@  %8.2f ms (min %.2f)  %8.1f samples/s  %6.1f GFLOP/s = %.0f %% of GEMM  %.0f MB  %d parameters",
            one.name.padding(toLength: 14, withPad: " ", startingAt: 0), result.medianMilliseconds,
            result.minimumMilliseconds,
            result.samplesPerSecond, result.gflops, result.peakFraction * 100, result.peakMemory, result.parameters))
      }
    }
  }

  private func timeOperations() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try OperationBenchmark(rounds: steps).run { result in
      if json {
        say((try? encoder.encode(result)).map { String(decoding: $0, as: UTF8.self) } ?? "")
      } else {
        let name = result.operation.padding(toLength: 64, withPad: " ", startingAt: 0)
        say(
          String(
            format: "%@ %9.3f ms %8.1f %@ = %.0f %% of %.0f", name, result.milliseconds, result.rate, result.unit,
            result.fraction * 100, result.ceiling))
      }
    }
  }
}
