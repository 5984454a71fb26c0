import ArgumentParser
import Autograd
import Benchmark
import Diagnostics
import Figures
import Foundation
import Kernels

/// `concord bench`
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Times full training steps on random data: forward, loss, backward, optimiser.",
    discussion: """
      Example:  concord bench gmc-digits --steps 30

      `gflops` counts matrix products and convolutions from their shapes; `peak_fraction` is its share of `peak_gflops`,
      the best rate of large matrix products measured in the same precision and run. Several cases run one after
      another, each in a process of its own, so that none has the other's memory.
      """)

  @Argument(help: "The cases; all where none is named: \(BenchmarkCases.all.map(\.name).joined(separator: ", ")).")
  var cases: [String] = []

  @Option(help: "What layers multiply: \(ArithmeticPrecision.allCases.map(\.rawValue).joined(separator: " or ")).")
  var precision = ArithmeticPrecision.float32

  @Option(help: "The number of threads.")
  var threads = Parallel.threads

  @Option(
    help: "The number of steps that count; 15, with --growth or --inference 7, --reading 3, --retrieval 200.")
  var steps: Int?

  @Option(help: "Another number of observations in a step.")
  var batch: Int?

  @Option(help: "Another side of the images in pixels.")
  var imageSize: Int?

  @Option(help: "Another number of codes.")
  var codes: Int?

  @Option(help: "Another number of keys in the queue.")
  var queue: Int?

  @Option(help: "As many modalities, each a trajectory, instead of the four of the digits.")
  var modalities: Int?

  @Option(help: "Into how many chunks the batch is divided, which must be a multiple.")
  var chunks: Int?

  @Flag(help: "Time single operations instead, each against the rate of matrix products or of copying memory.")
  var operations = false

  @Flag(help: "Time steps over growing batches, codebooks, queues, images and numbers of modalities instead.")
  var growth = false

  @Flag(help: "Time the embedding of pictures and texts by a ViT-B/32 instead, in each precision.")
  var inference = false

  @Flag(
    help: "Time how many pictures readers deliver at 224 × 224 instead, from a folder, from shards and in a stream.")
  var reading = false

  @Flag(
    name: .customLong("retrieval"),
    help: "Train on generated shards and retrieve among a million pairs instead, saying what memory each part took.")
  var ranking = false

  @Option(
    help: """
      With --reading, the pictures of generated shards that are streamed as in a training, 20000, 0 for none; with \
      --retrieval, the pairs, 1000000.
      """)
  var pictures: Int?

  @Option(help: "With --growth, the folder for growth.md and its figures.")
  var output: String?

  @Flag(help: "Print one JSON object a line.")
  var json = false

  var sizes: BenchmarkSizes {
    var sizes = BenchmarkSizes()
    (sizes[.batch], sizes[.imageSize], sizes[.codes]) = (batch, imageSize, codes)
    (sizes[.queue], sizes[.modalities], sizes[.chunks]) = (queue, modalities, chunks)
    return sizes
  }

  func validate() throws {
    if operations && growth { throw ValidationError("--operations and --growth exclude each other") }
    if operations && !cases.isEmpty { throw ValidationError("--operations takes no case") }
    if operations && precision != .float32 { throw ValidationError("--operations takes no --precision") }
    if growth && !cases.isEmpty { throw ValidationError("--growth takes no case") }
    if operations || growth, let (size, _) = sizes.all.first {
      throw ValidationError("--\(size.rawValue) goes with a case")
    }
    try validateOthers()
    if output != nil && !growth { throw ValidationError("--output goes with --growth") }
    if !(1...1024).contains(threads) { throw ValidationError("--threads must be 1 to 1024, not \(threads)") }
    if let steps, !(1...1_000_000).contains(steps) {
      throw ValidationError("--steps must be 1 to 1000000, not \(steps)")
    }
    for (size, value) in sizes.all where !size.range.contains(value) {
      throw ValidationError(
        "--\(size.rawValue) must be \(size.range.lowerBound) to \(size.range.upperBound), not \(value)")
    }
    if let imageSize, imageSize % 4 != 0 { throw ValidationError("--image-size must be a multiple of 4") }
  }

  func run() throws {
    if precision == .bfloat16, let absence = OneDNN.bfloat16Absence {
      throw UserError(.usage, absence, at: "--precision", mend: "take float32")
    }
    Parallel.threads = threads
    if operations { return try timeOperations() }
    if growth { return try timeGrowth() }
    if inference { return timeInference() }
    if reading { return try timeReading() }
    if ranking { return try measureRetrieval() }
    let chosen = try (cases.isEmpty ? BenchmarkCases.all.map(\.name) : cases).map(Self.find)
    for (size, _) in sizes.all {
      if let other = chosen.first(where: { !$0.sizes.contains(size) }) {
        throw UserError(
          .usage, "\(other.name) has no --\(size.rawValue)",
          mend: "it has \(other.sizes.map { "--\($0.rawValue)" }.joined(separator: ", "))")
      }
    }
    if let chunks, (batch ?? BenchmarkCases.batch) % chunks != 0 {
      throw UserError(
        .usage, "--chunks must divide the batch of \(batch ?? BenchmarkCases.batch)", mend: "give another --batch")
    }
    guard chosen.count == 1 else {
      for one in chosen { show(try inProcess(one.name, sizes: sizes, steps: steps ?? 15)) }
      return
    }
    show(BenchmarkTimer(steps: steps ?? 15, precision: precision).time { chosen[0].make(sizes) })
  }

  private static func find(_ name: String) throws(UserError) -> BenchmarkRecipe {
    guard let one = BenchmarkCases.all.first(where: { $0.name == name }) else {
      let nearest = nearestName(to: name, among: BenchmarkCases.all.map(\.name))
      throw UserError(
        .usage, "there is no case \"\(name)\"",
        mend: nearest.map { "did you mean \($0)?" } ?? "see concord bench --help")
    }
    return one
  }

  private func show(_ result: BenchmarkResult) {
    if json { return say(Self.line(result)) }
    say(
      String(
        format: "%@ %@ %8.2f ms (min %.2f)  %8.1f samples/s  %6.1f GFLOP/s = %.0f %% of %.0f  %.0f MB  %d parameters"
          + "  batch %d: %@",
        result.case.padding(toLength: max(14, result.case.count), withPad: " ", startingAt: 0),
        result.precision.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0), result.medianMilliseconds,
        result.minimumMilliseconds, result.samplesPerSecond, result.gflops,
        result.peakFraction * 100, result.peak, result.peakMemory, result.parameters, result.batch, result.shape))
  }

  static func line(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Times a case in a process of its own.
  private func inProcess(_ name: String, sizes: BenchmarkSizes, steps: Int) throws -> BenchmarkResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments =
      ["bench", name, "--json", "--threads", "\(threads)", "--steps", "\(steps)", "--precision", precision.rawValue]
      + sizes.all.flatMap { ["--\($0.size.rawValue)", "\($0.value)"] }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0, let result = try? JSONDecoder().decode(BenchmarkResult.self, from: data)
    else {
      throw UserError(
        .inputOutput, "the process of \(name) ended with \(process.terminationStatus)",
        mend: "run concord bench \(name) alone")
    }
    return result
  }

  private func timeOperations() throws {
    try OperationBenchmark(rounds: steps ?? 15).run { result in
      if json { return say(Self.line(result)) }
      let name = result.operation.padding(toLength: 64, withPad: " ", startingAt: 0)
      say(
        String(
          format: "%@ %9.3f ms %8.1f %@ = %.0f %% of %.0f", name, result.milliseconds, result.rate, result.unit,
          result.fraction * 100, result.ceiling))
    }
  }

  private func timeGrowth() throws {
    var results: [GrowthResult] = []
    for series in GrowthSeries.all {
      let points = try series.values.map { value in
        var sizes = BenchmarkSizes()
        sizes[series.size] = value
        let result = try inProcess(series.name, sizes: sizes, steps: steps ?? 7)
        show(result)
        return result
      }
      results.append(GrowthResult(series: series, points: points))
    }
    if !json { say("\n" + GrowthResult.markdown(results), terminator: "") }
    guard let output else { return }
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    let figures = folder.appendingPathComponent("figures", isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: figures, withIntermediateDirectories: true)
    } catch {
      throw UserError(.inputOutput, "the folder cannot be made", at: figures.path, mend: "choose another --output")
    }
    let heading = "# Growth of a training step\n\nMedian of \(steps ?? 7) steps, \(threads) threads, \(CPU.name).\n\n"
    try AtomicFile.write(
      Data((heading + GrowthResult.markdown(results)).utf8), to: folder.appendingPathComponent("growth.md"))
    for (name, figure) in GrowthResult.figures(results) { try figure.render(to: figures, name: name) }
  }
}

extension ArithmeticPrecision: ExpressibleByArgument {}
extension InferencePrecision: ExpressibleByArgument {}
