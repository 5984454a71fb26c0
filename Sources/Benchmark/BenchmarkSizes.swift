/// A size of a case that can be changed, to see how time and memory grow with it.
public enum BenchmarkSize: String, CaseIterable, Sendable {
  /// Observations in a step.
  case batch
  /// The side of a square image in pixels.
  case imageSize = "image-size"
  /// The rows of FDT's codebook.
  case codes
  /// The keys of MoCo's queue.
  case queue
  /// The modalities of GMC.
  case modalities
  /// The chunks that a step's batch is divided into.
  case chunks

  /// The values that the size may have.
  public var range: ClosedRange<Int> {
    switch self {
    case .batch: 2...65_536
    case .imageSize: 8...512
    case .codes: 1...1_048_576
    case .queue: 1...16_777_216
    case .modalities: 2...64
    case .chunks: 1...65_536
    }
  }
}

/// Sizes that differ from a case's own.
public struct BenchmarkSizes: Equatable, Sendable {
  private var values: [BenchmarkSize: Int] = [:]

  /// Leaves all sizes as the case has them.
  public init() {}

  /// A size; nil leaves it as the case has it.
  public subscript(size: BenchmarkSize) -> Int? {
    get { values[size] }
    set { values[size] = newValue }
  }

  /// The sizes that are set, in the order of their declaration.
  public var all: [(size: BenchmarkSize, value: Int)] {
    BenchmarkSize.allCases.compactMap { size in values[size].map { (size, $0) } }
  }
}

/// A case's name, the sizes that it has, and how it is built.
public struct BenchmarkRecipe: Sendable {
  /// The name, as the PyTorch peer has it.
  public let name: String
  /// The sizes that can be changed.
  public let sizes: [BenchmarkSize]
  private let build: @Sendable (BenchmarkSizes) -> BenchmarkCase

  init(_ name: String, _ sizes: [BenchmarkSize], build: @escaping @Sendable (BenchmarkSizes) -> BenchmarkCase) {
    self.name = name
    self.sizes = sizes
    self.build = build
  }

  /// Builds the case with other sizes, which its name then tells.
  public func make(_ sizes: BenchmarkSizes) -> BenchmarkCase {
    var one = build(sizes)
    for (size, value) in sizes.all { one.name += ", \(size.rawValue) \(value)" }
    return one
  }
}
