import Autograd
import Kernels
import Layers
import Runs

extension InferencePrecision {
  /// The most that products reach in this precision, in 10⁹ operations a second; 0 where this processor has nothing for it.
  package var peak: Double {
    switch self {
    case .float32: ProductPeak.measure()
    case .bfloat16: OneDNN.bfloat16Implementation == nil ? 0 : ProductPeak.measure(rounded: true)
    case .int8: ProductPeak.measureIntegers()
    }
  }
}

/// What an encoder reached.
@dynamicMemberLookup
public struct InferenceResult: Encodable, Sendable {
  /// What calls of `vit-b-32-picture` or `vit-b-32-text` took; the parameters are those of the one encoder.
  public let timing: BenchmarkTiming<InferencePrecision>
  /// The rate in units of float32's.
  public let factor: Double
  /// The mean of the cosines to the embeddings in float32.
  public let meanCosine: Double
  /// The lowest of them.
  public let lowestCosine: Double

  private enum CodingKeys: String, CodingKey {
    case factor
    case meanCosine = "mean_cosine"
    case lowestCosine = "lowest_cosine"
  }

  /// A number of the timing.
  public subscript<Value>(dynamicMember path: KeyPath<BenchmarkTiming<InferencePrecision>, Value>) -> Value {
    timing[keyPath: path]
  }

  /// Writes the timing and what comes with it side by side.
  public func encode(to encoder: any Encoder) throws {
    try timing.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(factor, forKey: .factor)
    try container.encode(meanCosine, forKey: .meanCosine)
    try container.encode(lowestCosine, forKey: .lowestCosine)
  }
}

/// The rate at which a CLIP of ViT-B/32's size embeds pictures and texts, in float32, bfloat16 and with dense layers in
/// 8-bit integers; weights and items are random. Each encoder is there by itself while it is timed.
public struct InferenceBenchmark {
  /// The names of what is timed, the encoder of pictures first.
  public static let names = ["vit-b-32-picture", "vit-b-32-text"]

  private let batch: Int
  private let rounds: Int
  private let sizes: DualTransformer.Sizes
  private let peak: (InferencePrecision) -> Double

  /// Times the encoders of ViT-B/32.
  public init(batch: Int = 32, rounds: Int = 7) {
    self.init(batch: batch, rounds: rounds, sizes: DualTransformer.Sizes()) { $0.peak }
  }

  /// Times encoders of other sizes.
  ///
  /// - Parameter peak: the most that products reach, in 10⁹ operations a second; 0 leaves a precision out.
  package init(
    batch: Int, rounds: Int, sizes: DualTransformer.Sizes, peak: @escaping (InferencePrecision) -> Double
  ) {
    (self.batch, self.rounds, self.sizes, self.peak) = (batch, rounds, sizes, peak)
  }

  /// Times encoders, each in every precision that this processor has.
  ///
  /// - Parameter chosen: of ``names``. What memory one takes is told by itself alone: memory that another has given back may still
  ///   be the process's.
  public func run(_ chosen: [String] = names, _ show: (InferenceResult) -> Void) {
    let arms = InferencePrecision.allCases.map { ($0, peak($0)) }.filter { $0.1 > 0 }
    let pass = ForwardPass.evaluation
    let picture =
      "\(sizes.imageTokens) tokens of \(sizes.imageDimensions) in \(sizes.imageLayers) layers, "
      + "\(sizes.imageSize) × \(sizes.imageSize) pixels"
    let text = "\(sizes.length) tokens of \(sizes.textDimensions) in \(sizes.textLayers) layers"
    var stream = RandomStream(seed: 0, name: "benchmark")
    if chosen.contains(Self.names[0]) { timePictures(picture, arms, in: pass, &stream, show) }
    if chosen.contains(Self.names[1]) { timeTexts(text, arms, in: pass, &stream, show) }
  }

  private func timePictures(
    _ shape: String, _ arms: [(InferencePrecision, peak: Double)], in pass: ForwardPass, _ stream: inout RandomStream,
    _ show: (InferenceResult) -> Void
  ) {
    let (tower, side) = (DualTransformer.PictureTower(sizes, stream: &stream), sizes.imageSize)
    let pictures = Tensor(
      (0..<batch * side * side * 3).map { _ in stream.uniform() * 2 - 1 }, shape: [batch, side, side, 3])
    time(Self.names[0], shape, tower.parameterCount, arms, show) { tower(pictures, in: pass) }
  }

  private func timeTexts(
    _ shape: String, _ arms: [(InferencePrecision, peak: Double)], in pass: ForwardPass, _ stream: inout RandomStream,
    _ show: (InferenceResult) -> Void
  ) {
    let tower = DualTransformer.TextTower(sizes, stream: &stream)
    let tokens = (0..<batch * sizes.length).map { _ in Int32(1 + stream.below(sizes.vocabulary - 1)) }
    time(Self.names[1], shape, tower.parameterCount, arms, show) { tower(tokens, batch: batch, in: pass) }
  }

  private func time(
    _ name: String, _ shape: String, _ parameters: Int, _ arms: [(InferencePrecision, peak: Double)],
    _ show: (InferenceResult) -> Void, embed: () -> Tensor
  ) {
    var exact: (rows: [Float], rate: Double)?
    for (precision, peak) in arms {
      StoragePool.releaseFreeBlocks()
      ResidentMemory.resetPeak()
      let reduced = ReducedInference(precision)
      func call() -> Tensor { Tape.withoutRecording { reduced?.use(embed) ?? embed() } }
      // The first call makes primitives, and rounds or quantises weights.
      let rows = call().values
      let before = Work.operations
      let times = (0..<rounds).map { _ in seconds { _ = call() } }.sorted()
      let operations = Double(Work.operations - before) / Double(rounds)
      let rate = Double(batch) / times[times.count / 2]
      let reference = exact ?? (rows, rate)
      exact = reference
      let cosines = cosines(reference.rows, rows)
      show(
        InferenceResult(
          timing: BenchmarkTiming(
            case: name, precision: precision, batch: batch, shape: shape, parameters: parameters,
            times: times, operations: operations, peak: peak),
          factor: rounded(rate / reference.rate, 3), meanCosine: cosines.reduce(0, +) / Double(batch),
          lowestCosine: cosines.min() ?? 1))
    }
  }

  /// Of rows of length 1.
  private func cosines(_ exact: [Float], _ found: [Float]) -> [Double] {
    let width = exact.count / batch
    return (0..<batch).map { row in
      (row * width..<(row + 1) * width).reduce(0) { $0 + Double(exact[$1]) * Double(found[$1]) }
    }
  }
}
