import Benchmark
import Testing

@Suite struct BenchmarkTests {
  /// A result of which only time, rate and memory matter.
  private func result(milliseconds: Double, gflops: Double, memory: Double) -> BenchmarkResult {
    BenchmarkResult(
      case: "case", engine: "test", threads: 1, batch: 1, shape: "", parameters: 1, medianMilliseconds: milliseconds,
      minimumMilliseconds: milliseconds, samplesPerSecond: 1, gflops: gflops, peak: 2 * gflops, peakMemory: memory)
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

  @Test func seriesSpanTheirSizes() {
    for series in GrowthSeries.all {
      let areAllowed = series.values.allSatisfy { series.size.range.contains($0) }
      #expect(areAllowed && series.values == series.values.sorted())
      let recipe = BenchmarkCases.all.first { $0.name == series.name }
      #expect(recipe?.sizes.contains(series.size) == true)
    }
    #expect(Set(GrowthSeries.all.map(\.size)) == Set(BenchmarkSize.allCases))
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

  /// Two runs of the same case with the same threads give the same losses, bit for bit.
  @Test func stepsRepeatBitForBit() throws {
    for recipe in BenchmarkCases.all where !["fdt-16384", "vit-b-32", "resnet-50"].contains(recipe.name) {
      var sizes = BenchmarkSizes()
      sizes[.batch] = 16
      let losses = (0..<2).map { _ in
        let one = recipe.make(sizes)
        return (0..<3).map { _ in one.step() }
      }
      #expect(losses[0] == losses[1], "\(recipe.name)")
      let areFinite = losses[0].allSatisfy { $0.isFinite }
      #expect(areFinite)
    }
  }
}
