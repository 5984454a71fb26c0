import Autograd
import Diagnostics
import Kernels
import Layers

/// A small network trained on frozen representations to tell classes apart.
///
/// GMC's protocol trains it on complete representations and then tests it on partial ones (Poklukar et al., 2022;
/// official code: 64 → 256 → 128 → classes with ReLU, cross-entropy, Adam 1e-3, batches of 64).
public struct PerceptronProbe {
  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// The widths between representation and classes.
    public var hidden = [256, 128]
    /// Passes over the training representations.
    public var epochs = 10
    /// Representations in a step.
    public var batchSize = 64
    /// Adam's learning rate.
    public var learningRate = 1e-3

    /// The defaults.
    public init() {}

    /// Checks that the numbers make sense.
    ///
    /// - Throws: an error whose place is the key.
    public func validate() throws(UserError) {
      func require(_ holds: Bool, _ key: String, _ what: String) throws(UserError) {
        if !holds { throw UserError(.data, what, at: key) }
      }
      try require((0...100_000).contains(epochs), "epochs", "must be 0 to 100000")
      try require(batchSize > 0, "batchSize", "must be positive")
      try require(learningRate > 0 && learningRate.isFinite, "learningRate", "must be positive")
      try require(hidden.allSatisfy { (1...65_536).contains($0) }, "hidden", "must be 1 to 65536")
    }
  }

  private let network: MLP
  private let classes: Int

  /// Trains a probe on representations `[observations, dimension]` and their classes.
  ///
  /// - Parameters:
  ///   - classes: the number of classes.
  ///   - seed: selects the streams of initialisation and order.
  ///   - interruption: called before every epoch; what it throws ends the training.
  public init(
    training representations: Matrix, labels: [Int32], classes: Int, options: Options, seed: UInt64,
    interruption: () throws -> Void
  ) rethrows {
    precondition(
      representations.rows == labels.count && classes > 0 && labels.allSatisfy { $0 >= 0 && $0 < classes },
      "PerceptronProbe: \(labels.count) labels of \(classes) classes for \(representations.rows) representations")
    var initial = RandomStream(seed: seed, name: "probe init")
    var order = RandomStream(seed: seed, name: "probe shuffle")
    self.classes = classes
    network = MLP(
      widths: [representations.columns] + options.hidden + [classes], activation: .relu, stream: &initial)
    let optimiser = Optimiser(.adam(), for: network)
    for _ in 0..<options.epochs {
      try interruption()
      let permutation = order.permutation(of: labels.count)
      for start in stride(from: 0, to: labels.count, by: options.batchSize) {
        let batch = Array(permutation[start..<min(start + options.batchSize, labels.count)])
        let inputs = Tensor(representations.gathering(batch))
        Tape.backpropagate { network(inputs).crossEntropy(targets: batch.map { labels[$0] }).mean() }
        optimiser.update(learningRate: Float(options.learningRate))
      }
    }
  }

  /// Trains a probe on representations `[observations, dimension]` and their classes, without interruption.
  ///
  /// - Parameters:
  ///   - classes: the number of classes.
  ///   - seed: selects the streams of initialisation and order.
  public init(training representations: Matrix, labels: [Int32], classes: Int, options: Options, seed: UInt64) {
    // A default argument would make every call a throwing one.
    self.init(
      training: representations, labels: labels, classes: classes, options: options, seed: seed, interruption: {})
  }

  /// The class of greatest score for each representation.
  public func predictions(for representations: Matrix) -> [Int] {
    guard representations.rows > 0 else { return [] }
    return network(Tensor(representations)).matrix.largestColumns()
  }
}
