import Figures

/// How the time and the memory of a step grow with one size of a case.
public struct GrowthSeries: Sendable {
  /// The case.
  public let name: String
  /// The size that changes.
  public let size: BenchmarkSize
  /// The values of that size, the smallest first.
  public let values: [Int]

  init(_ name: String, _ size: BenchmarkSize, _ values: [Int]) {
    self.name = name
    self.size = size
    self.values = values
  }

  /// What is measured: every size over its range, on the cases that it matters to most.
  public static let all: [GrowthSeries] = [
    GrowthSeries("gmc-digits", .batch, [32, 64, 128, 256, 512, 1024]),
    GrowthSeries("clip-vit", .batch, [32, 64, 128, 256, 512, 1024]),
    GrowthSeries("fdt-1024", .batch, [32, 64, 128, 256, 512, 1024]),
    GrowthSeries("moco-resnet", .batch, [32, 64, 128, 256, 512, 1024]),
    GrowthSeries("fdt-1024", .codes, [256, 1024, 4096, 16_384, 65_536]),
    GrowthSeries("moco-resnet", .queue, [1024, 4096, 16_384, 65_536]),
    GrowthSeries("clip-vit", .imageSize, [16, 24, 32, 48, 64]),
    GrowthSeries("moco-resnet", .imageSize, [16, 24, 32, 48, 64]),
    GrowthSeries("gmc-digits", .modalities, [2, 3, 4, 6, 8]),
  ]

  /// What a figure's legend calls it.
  public var title: String { "\(name), \(size.rawValue)" }
}

/// The measured points of a series.
public struct GrowthResult: Sendable {
  /// What was measured.
  public let series: GrowthSeries
  /// One result for each value.
  public let points: [BenchmarkResult]

  /// Joins values and what they took.
  public init(series: GrowthSeries, points: [BenchmarkResult]) {
    precondition(series.values.count == points.count, "GrowthResult: \(points.count) points for \(series.values)")
    self.series = series
    self.points = points
  }

  /// The number of operations of a step at each value, in 10⁹.
  public var operations: [Double] { points.map { $0.gflops * $0.medianMilliseconds * 1e-3 } }

  /// The time by operation at each value, relative to the smallest: at most 1 where time grows no faster than the work.
  public var relativeTimes: [Double] {
    let costs = zip(points, operations).map { $0.medianMilliseconds / $1 }
    return costs.map { $0 / (costs.first ?? 1) }
  }

  /// The table in Markdown.
  public static func markdown(_ results: [GrowthResult]) -> String {
    var lines = [
      "| case | size | value | step (ms) | GFLOP | time by operation, smallest = 1 | memory (MB) |",
      "| --- | --- | --: | --: | --: | --: | --: |",
    ]
    for result in results {
      for (index, point) in result.points.enumerated() {
        lines.append(
          "| `\(result.series.name)` | \(result.series.size.rawValue) | \(result.series.values[index]) | "
            + "\(rounded(point.medianMilliseconds, 10)) | \(rounded(result.operations[index], 100)) | "
            + "\(rounded(result.relativeTimes[index], 100)) | \(Int(point.peakMemory.rounded())) |")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Time by operation and memory against each size in multiples of its smallest value.
  public static func figures(_ results: [GrowthResult]) -> [(name: String, figure: any Figure)] {
    let multiple = Axis("size, in multiples of the smallest", isLogarithmic: true)
    func chart(_ title: String, _ y: Axis, _ values: (GrowthResult) -> [Double]) -> LineChart {
      LineChart(
        title: title, x: multiple, y: y,
        series: results.map { result in
          let least = Double(result.series.values.first ?? 1)
          return LineChart.Series(
            name: result.series.title, x: result.series.values.map { Double($0) / least }, y: values(result))
        })
    }
    return [
      (
        "growth-time",
        chart("Time by operation of a training step", Axis("time by operation, smallest size = 1")) { $0.relativeTimes }
      ),
      (
        "growth-memory",
        chart("Peak memory of a training step", Axis("resident memory", unit: "MB", isLogarithmic: true)) {
          $0.points.map(\.peakMemory)
        }
      ),
    ]
  }

  private static func rounded(_ value: Double, _ factor: Double) -> Double { (value * factor).rounded() / factor }
}
