import Autograd
import Datasets
import Kernels
import Layers

/// How fast one operation is, and the ceiling it is held against.
public struct OperationResult: Codable, Sendable {
  /// What was timed, with its shape.
  public let operation: String
  /// The median time in milliseconds.
  public let milliseconds: Double
  /// What was reached, in `unit`.
  public let rate: Double
  /// `GFLOP/s` or `GB/s`.
  public let unit: String
  /// The ceiling measured in the same run: the rate of matrix products, or of copying memory.
  public let ceiling: Double
  /// The rate's share of the ceiling.
  public let fraction: Double
}

/// Times single operations, each against its own ceiling.
///
/// Arithmetic is counted from the shapes; bytes are those of the arrays that must be read and written once. What fits
/// into the caches may go beyond the ceiling of memory.
public struct OperationBenchmark {
  /// How often each operation is timed.
  public var rounds: Int
  private let gemmRate: Double
  private let copyRate: Double

  /// Creates a benchmark and measures both ceilings.
  public init(rounds: Int = 15) {
    self.rounds = rounds
    gemmRate = Throughput.measure().gemm
    // 256 MB are read and as many written: far more than any cache holds.
    let count = 64 << 20
    let (from, to) = (Storage(count: count), Storage(count: count))
    Elementwise.fill(from.pointer, with: 1, count: count)
    Elementwise.fill(to.pointer, with: 2, count: count)
    let seconds = Self.median(of: 5) { Elementwise.copy(from.pointer, to: to.pointer, count: count) }
    copyRate = Double(8 * count) / seconds * 1e-9
  }

  private static func median(of rounds: Int, _ body: () -> Void) -> Double {
    body()
    return (0..<rounds).map { _ in seconds(body) }.sorted()[rounds / 2]
  }

  private func arithmetic(_ name: String, operations: Int, _ body: () -> Void) -> OperationResult {
    result(name, amount: Double(operations) * 1e-9, unit: "GFLOP/s", ceiling: gemmRate, body)
  }

  private func traffic(_ name: String, bytes: Int, _ body: () -> Void) -> OperationResult {
    result(name, amount: Double(bytes) * 1e-9, unit: "GB/s", ceiling: copyRate, body)
  }

  private func result(
    _ name: String, amount: Double, unit: String, ceiling: Double, _ body: () -> Void
  ) -> OperationResult {
    let seconds = Self.median(of: rounds, body)
    let rate = amount / seconds
    return OperationResult(
      operation: name, milliseconds: seconds * 1e3, rate: rate, unit: unit, ceiling: ceiling, fraction: rate / ceiling)
  }

  /// Times all operations and hands each result on as it is there.
  public func run(_ report: (OperationResult) -> Void) throws {
    products(report)
    convolutions(report)
    rows(report)
    try emoji(report)
  }

  private func products(_ report: (OperationResult) -> Void) {
    let shapes = [
      (8320, 576, 192), (8320, 192, 192), (8320, 768, 192), (8320, 192, 768), (3072, 768, 192), (64, 512, 512),
      (128, 4096, 128), (1024, 1024, 1024),
    ]
    for (m, n, k) in shapes {
      let (a, b, weight) = (random([m, k]), random([k, n]), random([n, k]))
      let slope = random([m, n])
      report(
        arithmetic("GEMM [\(m), \(k)] · [\(k), \(n)]", operations: 2 * m * n * k) { _ = a.multiplied(by: b) })
      report(
        arithmetic("GEMM [\(m), \(k)] · [\(n), \(k)]ᵀ", operations: 2 * m * n * k) {
          _ = a.multiplied(by: weight, otherTransposed: true)
        })
      report(
        arithmetic("GEMM [\(m), \(n)]ᵀ · [\(m), \(k)]", operations: 2 * m * n * k) {
          _ = slope.multiplied(by: a, transposed: true)
        })
    }
  }

  private func convolutions(_ report: (OperationResult) -> Void) {
    let shapes = [
      (batch: 64, side: 28, channels: 1, filters: 64, kernel: 4, stride: 2),
      (64, 14, 64, 128, 4, 2), (128, 32, 3, 32, 3, 1), (128, 32, 32, 32, 3, 1), (128, 16, 64, 64, 3, 1),
      (128, 8, 128, 128, 3, 1),
    ]
    for (batch, side, channels, filters, kernel, stride) in shapes {
      let shape = ConvolutionShape(
        batch: batch, height: side, width: side, channels: channels, filters: filters, kernelHeight: kernel,
        kernelWidth: kernel, strideHeight: stride, strideWidth: stride, padding: ImagePadding(1))
      let (input, weights, output) = (
        storage(shape.inputCount), storage(shape.weightCount), storage(shape.outputCount)
      )
      let name = "convolution \(batch)×\(side)×\(side)×\(channels) → \(filters), \(kernel)×\(kernel) stride \(stride)"
      let work = 2 * shape.multiplyAdds
      report(
        arithmetic("\(name), forward", operations: work) {
          Convolution.forward(shape, input: input.pointer, weights: weights.pointer, output: output.pointer)
        })
      report(
        arithmetic("\(name), input gradient", operations: work) {
          Convolution.backwardInput(
            shape, outputGradient: output.pointer, weights: weights.pointer, inputGradient: input.pointer)
        })
      report(
        arithmetic("\(name), weight gradient", operations: work) {
          Convolution.backwardWeights(
            shape, input: input.pointer, outputGradient: output.pointer, weightGradient: weights.pointer,
            accumulate: false)
        })
    }
  }

  private func rows(_ report: (OperationResult) -> Void) {
    let (batch, tokens, width, heads) = (128, 65, 192, 3)
    let packed = random([batch, tokens, 3 * width])
    report(
      arithmetic(
        "attention [\(batch), \(tokens), \(width)], \(heads) heads", operations: 4 * batch * tokens * tokens * width
      ) {
        _ = packed.selfAttention(heads: heads)
      })
    let features = random([batch * tokens, width])
    let (gain, bias) = (random([width]), random([width]))
    report(
      traffic("layer norm [\(batch * tokens), \(width)]", bytes: 8 * features.count) {
        _ = features.layerNormalised(gain: gain, bias: bias)
      })
    let logits = random([1024, 4097])
    let targets = [Int32](repeating: 0, count: 1024)
    report(
      traffic("softmax cross-entropy [1024, 4097], both ways", bytes: 12 * logits.count) {
        _ = Tape.gradients(at: [logits]) { $0[0].crossEntropy(targets: targets).mean() }
      })
    let scores = random([128, 16_384])
    report(traffic("sparsemax [128, 16384]", bytes: 8 * scores.count) { _ = scores.sparsemax() })
    let count = 6 << 20
    let arrays = (0..<4).map { _ in storage(count) }
    report(
      traffic("Adam, \(count) parameters", bytes: 28 * count) {
        ParameterUpdate.adam(
          arrays[0].pointer, gradient: arrays[1].pointer, first: arrays[2].pointer, second: arrays[3].pointer,
          count: count, scale: 1, learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0,
          isDecoupled: false, correction1: 0.1, correction2: 0.001)
      })
  }

  /// Batches of emoji, all modalities, as the trainer asks for them.
  private func emoji(_ report: (OperationResult) -> Void) throws {
    let dataset = try EmojiDataset.load(.init())
    var stream = RandomStream(seed: 0, name: "benchmark")
    let batch = Array(stream.permutation(of: dataset.train.count).prefix(128))
    let elements = dataset.modalities.reduce(0) { $0 + $1.kind.elementCount }
    report(
      traffic("emoji batch of 128", bytes: 8 * 128 * elements) {
        for modality in dataset.modalities { _ = dataset.train.items(of: modality.name, at: batch) }
      })
  }

  private func storage(_ count: Int) -> Storage {
    let storage = Storage(count: count)
    RandomNumbers.uniform(key: 1, position: 0, from: -1, to: 1, into: storage.pointer, count: count)
    return storage
  }

  private func random(_ shape: [Int]) -> Tensor {
    let storage = storage(shape.reduce(1, *))
    return Tensor(Array(UnsafeBufferPointer(start: storage.pointer, count: storage.count)), shape: shape)
  }
}
