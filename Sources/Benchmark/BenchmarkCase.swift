import Autograd
import Kernels
import Layers
import Runs

/// A model with random data, ready to take training steps: forward, loss, backward, optimiser.
public struct BenchmarkCase {
  /// The name, as the PyTorch peer has it, and the sizes that differ.
  public internal(set) var name: String
  /// Observations in a step.
  public let batch: Int
  /// The sizes of what the networks see, in words.
  public let shape: String
  /// Trained parameters.
  public let parameters: Int
  /// Takes one step and returns the loss.
  public let step: () -> Float

  /// Creates a case.
  public init(name: String, batch: Int, shape: String, parameters: Int, step: @escaping () -> Float) {
    self.name = name
    self.batch = batch
    self.shape = shape
    self.parameters = parameters
    self.step = step
  }
}

/// What a case took, a step in one of the precisions of layers.
public typealias BenchmarkResult = BenchmarkTiming<ArithmeticPrecision>

/// What the steps of a case took, or the calls of an encoder, in one of some precisions.
public struct BenchmarkTiming<Precision: Codable & Sendable>: Codable, Sendable {
  /// The case.
  public let `case`: String
  /// The program and the kernels it used.
  public let engine: String
  /// What layers multiplied.
  public let precision: Precision
  /// The threads.
  public let threads: Int
  /// Observations in a step.
  public let batch: Int
  /// The sizes of what the networks see, in words.
  public let shape: String
  /// Trained parameters.
  public let parameters: Int
  /// The median time of a step in milliseconds.
  public let medianMilliseconds: Double
  /// The shortest time of a step in milliseconds.
  public let minimumMilliseconds: Double
  /// Observations a second at the median.
  public let samplesPerSecond: Double
  /// Floating-point operations of matrix products and convolutions a second at the median, in 10⁹.
  public let gflops: Double
  /// The most that products of matrices reached in the same precision and run, in 10⁹ operations a second.
  public let peak: Double
  /// `gflops` as a share of `peak`.
  public let peakFraction: Double
  /// The most memory the process had resident while the case ran, in 2²⁰ bytes.
  public let peakMemory: Double

  /// Creates a result.
  public init(
    case name: String, engine: String, precision: Precision, threads: Int, batch: Int,
    shape: String, parameters: Int, medianMilliseconds: Double, minimumMilliseconds: Double, samplesPerSecond: Double,
    gflops: Double, peak: Double, peakMemory: Double
  ) {
    self.case = name
    self.engine = engine
    self.precision = precision
    self.threads = threads
    self.batch = batch
    self.shape = shape
    self.parameters = parameters
    self.medianMilliseconds = medianMilliseconds
    self.minimumMilliseconds = minimumMilliseconds
    self.samplesPerSecond = samplesPerSecond
    self.gflops = gflops
    self.peak = peak
    peakFraction = peak > 0 ? (gflops / peak * 1e3).rounded() / 1e3 : 0
    self.peakMemory = peakMemory
  }

  /// Creates a result of the times of single steps in seconds, each of so many operations, with the memory of now.
  init(
    case name: String, precision: Precision, batch: Int, shape: String, parameters: Int, times: [Double],
    operations: Double, peak: Double
  ) {
    let sorted = times.sorted()
    let median = sorted[sorted.count / 2]
    self.init(
      case: name, engine: "concord (OpenBLAS \(BLAS.core), oneDNN \(OneDNN.version))", precision: precision,
      threads: Parallel.threads, batch: batch, shape: shape, parameters: parameters,
      medianMilliseconds: rounded(median * 1e3, 3), minimumMilliseconds: rounded(sorted[0] * 1e3, 3),
      samplesPerSecond: rounded(Double(batch) / median, 1), gflops: rounded(operations / median * 1e-9, 1),
      peak: rounded(peak, 1), peakMemory: rounded(ResidentMemory.peak / 1_048_576, 1))
  }

  // The names of the JSON line, those of the PyTorch peer.
  private enum CodingKeys: String, CodingKey {
    case `case`, engine, precision, threads, batch, parameters
    case shape = "sizes"
    case medianMilliseconds = "median_ms"
    case minimumMilliseconds = "min_ms"
    case samplesPerSecond = "samples_per_s"
    case gflops
    case peak = "peak_gflops"
    case peakFraction = "peak_fraction"
    case peakMemory = "peak_memory_mb"
  }
}

/// Times cases.
public struct BenchmarkTimer {
  /// Steps that count.
  public var steps: Int
  /// Steps before them that do not.
  public var warmup: Int
  /// What layers multiply.
  public let precision: ArithmeticPrecision
  /// What ``ProductPeak`` measured in this precision, in 10⁹ operations a second.
  public let peak: Double

  /// Creates a timer and measures the peak.
  public init(steps: Int = 15, warmup: Int = 3, precision: ArithmeticPrecision = .float32) {
    self.steps = steps
    self.warmup = warmup
    self.precision = precision
    peak = ProductPeak.measure(rounded: precision == .bfloat16)
  }

  /// Times a case.
  public func time(_ make: () -> BenchmarkCase) -> BenchmarkResult {
    StoragePool.releaseFreeBlocks()
    ResidentMemory.resetPeak()
    let one = make()
    var times: [Double] = []
    var operations = 0
    for index in 0..<(steps + warmup) {
      let before = Work.operations
      let time = seconds { _ = precision.use { one.step() } }
      if index >= warmup { times.append(time) }
      operations = Work.operations - before
    }
    return BenchmarkResult(
      case: one.name, precision: precision, batch: one.batch, shape: one.shape, parameters: one.parameters,
      times: times, operations: Double(operations), peak: peak)
  }
}

/// The time that something takes, in seconds.
func seconds(_ body: () -> Void) -> Double {
  let start = ContinuousClock.now
  body()
  let passed = (ContinuousClock.now - start).components
  return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
}

/// A value with so many digits behind the point.
func rounded(_ value: Double, _ digits: Int) -> Double {
  let factor = digits == 3 ? 1e3 : 10
  return (value * factor).rounded() / factor
}
