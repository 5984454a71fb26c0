import Autograd
import Benchmark
import Foundation
import Kernels
import Testing

@Suite struct BenchmarkTests {
  /// A result of which only time, rate and memory matter.
  private func result(milliseconds: Double, gflops: Double, memory: Double) -> BenchmarkResult {
    BenchmarkResult(
      case: "case", engine: "test", precision: .float32, threads: 1, batch: 1, shape: "", parameters: 1,
      medianMilliseconds: milliseconds, minimumMilliseconds: milliseconds, samplesPerSecond: 1, gflops: gflops,
      peak: 2 * gflops, peakMemory: memory)
  }

  @Test func growthRelatesTimeToOperations() throws {
    let series = try #require(GrowthSeries.all.first { $0.size == .queue })
    // Operations 1, 2, 4, 8 GFLOP; time by operation 10, 8, 10, 20 ms.
    let points = [(10.0, 100.0), (16, 125), (40, 100), (160, 50)].map {
      result(milliseconds: $0, gflops: $1, memory: 9)
    }
    let growth = GrowthResult(series: series, points: points)
    for (value, expected) in zip(growth.operations, [1.0, 2, 4, 8]) { #expect(abs(value - expected) < 1e-12) }
    for (value, expected) in zip(growth.relativeTimes, [1.0, 0.8, 1, 2]) { #expect(abs(value - expected) < 1e-12) }
    let table = GrowthResult.markdown([growth])
    #expect(table.contains("| `moco-resnet` | queue | 4096 | 16.0 | 2.0 | 0.8 | 9 |"))
    #expect(table.split(separator: "\n").count == 6)
  }

  @Test func everyPrecisionEmbedsNearlyAlike() {
    var sizes = DualTransformer.Sizes()
    (sizes.imageSize, sizes.patchSize, sizes.imageDimensions) = (32, 8, 96)
    (sizes.imageLayers, sizes.imageHeads, sizes.vocabulary, sizes.length) = (2, 3, 50, 20)
    (sizes.textDimensions, sizes.textLayers, sizes.textHeads, sizes.shared) = (64, 2, 4, 48)
    var results: [InferenceResult] = []
    InferenceBenchmark(batch: 4, rounds: 1, sizes: sizes) { $0 == .bfloat16 ? 0 : 1 }.run { results.append($0) }
    #expect(results.count == 4)
    #expect(Set(results.map(\.case)) == ["vit-b-32-picture", "vit-b-32-text"])
    for result in results {
      #expect(result.samplesPerSecond > 0 && result.gflops > 0 && result.peakMemory > 0 && result.peak > 0)
      #expect(result.lowestCosine > 0.98 && result.lowestCosine <= result.meanCosine, "\(result)")
      // A precision that changed no number would not be one.
      #expect((result.precision == .float32) == (abs(result.lowestCosine - 1) < 1e-6), "\(result)")
    }
    #expect(Set(results.filter { $0.precision == .float32 }.map(\.factor)) == [1])
  }

  @Test func readersAreTimedOnBothSources() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let results = try ReadingBenchmark(folder: folder, count: 2, side: 16).run(step: 1)
    #expect(Set(results.map(\.case)) == ["reading-folder", "reading-shards"] && results.map(\.readers).contains(1))
    for result in results { #expect(result.decodedPerSecond > 0 && result.samplesPerSecond > 0 && result.factor > 0) }
  }

  /// Every training picture is read once, and the archive is one that others read.
  @Test func aStreamOfShardsIsTimed() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let benchmark = try StreamBenchmark(folder: folder, count: 46, shardSize: 20, fileSide: 24, side: 16)
    var results: [StreamBenchmark.Result] = []
    try benchmark.run(batch: 4, parts: 3) { results.append($0) }
    #expect(results.map(\.read) == [12, 20, 30] && results.allSatisfy { $0.pictures == 30 })
    for result in results {
      #expect(result.samplesPerSecond > 0 && result.memoryBefore > 0 && result.peakMemory >= result.memoryBefore / 2)
    }
    let shards = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(shards == ["00000.tar", "00001.tar", "00002.tar"])
    let listing = Process()
    listing.executableURL = URL(filePath: "/usr/bin/env")
    listing.arguments = ["tar", "tf", folder.appending(path: "00002.tar").path]
    let output = Pipe()
    listing.standardOutput = output
    try listing.run()
    let names = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    listing.waitUntilExit()
    #expect(listing.terminationStatus == 0)
    #expect(names == (40..<46).map { "\($0).jpg\n\($0).txt\n" }.joined())
  }

  @Test func seriesSpanTheirSizes() {
    for series in GrowthSeries.all {
      let areAllowed = series.values.allSatisfy { series.size.range.contains($0) }
      #expect(areAllowed && series.values == series.values.sorted())
      let recipe = BenchmarkCases.all.first { $0.name == series.name }
      #expect(recipe?.sizes.contains(series.size) == true)
    }
    // Chunks are another way through the same step.
    #expect(Set(GrowthSeries.all.map(\.size)) == Set(BenchmarkSize.allCases).subtracting([.chunks]))
  }

  @Test func casesTakeOtherSizes() throws {
    let recipe = try #require(BenchmarkCases.all.first { $0.name == "gmc-digits" })
    var sizes = BenchmarkSizes()
    (sizes[.batch], sizes[.modalities]) = (4, 3)
    let one = recipe.make(sizes)
    #expect(one.name == "gmc-digits, batch 4, modalities 3" && one.batch == 4)
    // Three trajectories twice (200·512 + 512 + 512² + 512), projectors 3 · (512·64 + 64) and 1536·64 + 64, the head.
    let trunk = 200 * 512 + 512 + 512 * 512 + 512
    let head = 64 * 512 + 512 + 512 * 512 + 512 + 512 * 64 + 64
    #expect(one.parameters == 6 * trunk + 3 * (512 * 64 + 64) + 1536 * 64 + 64 + head)
    let (first, second) = (one.step(), one.step())
    #expect(first.isFinite && second.isFinite && second != first)
  }

  @Test func chunksHaveTheLossOfTheWhole() throws {
    let recipe = try #require(BenchmarkCases.all.first { $0.name == "clip-vit" })
    let losses = [1, 4].map { chunks in
      var sizes = BenchmarkSizes()
      (sizes[.batch], sizes[.chunks]) = (8, chunks)
      let one = recipe.make(sizes)
      return (0..<3).map { _ in one.step() }
    }
    #expect(zip(losses[0], losses[1]).allSatisfy { abs($0 - $1) < 1e-3 && $0.isFinite })
    #expect(abs(losses[0][0] - losses[1][0]) < 1e-5)
  }

  /// Two runs of the same case with the same threads give the same losses, bit for bit, whatever their memory held before.
  @Test(arguments: OneDNN.bfloat16Implementation == nil ? [.float32] : ArithmeticPrecision.allCases)
  func stepsRepeatBitForBit(precision: ArithmeticPrecision) throws {
    for recipe in BenchmarkCases.all where !["fdt-16384", "vit-b-32", "resnet-50"].contains(recipe.name) {
      var sizes = BenchmarkSizes()
      sizes[.batch] = 16
      let losses = (0..<2).map { round in
        if round > 0 { StoragePool.releaseFreeBlocks() }
        let one = recipe.make(sizes)
        return (0..<3).map { _ in precision.use { one.step() } }
      }
      #expect(losses[0] == losses[1], "\(recipe.name)")
      let areFinite = losses[0].allSatisfy { $0.isFinite }
      #expect(areFinite)
    }
  }
}
