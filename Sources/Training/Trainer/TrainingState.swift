import Kernels
import Layers

/// What a training needs to go on exactly, besides its model and its optimiser.
///
/// Whoever draws random numbers while training takes them from ``streams``; what is changed outside of the model is
/// included, so that a checkpoint has all of it:
///
///     let state = TrainingState(seed: seed, data: dataset.checksum)
///     state.include(twin, as: "twin")
///     state.numbers["best score"] = score
public final class TrainingState {
  /// The random state.
  public let streams: RandomStreams
  /// What the training learns from, such as a checksum: it does not go on with anything else.
  public let data: String
  /// How many steps are done.
  public internal(set) var step = 0
  /// Numbers that the experiment remembers, such as the best score so far and its epoch.
  public var numbers: [String: Double] = [:]
  private(set) var modules: [(name: String, module: any Module)] = []

  /// Creates the state of a training that has not begun.
  public init(seed: Int, data: String = "") {
    streams = RandomStreams(seed: seed)
    self.data = data
  }

  /// The seed of the streams.
  public var seed: Int { streams.seed }

  /// Adds a module that the training changes but the optimiser does not: a momentum twin, a queue, the best model yet.
  ///
  /// - Parameter name: stands before the paths of its tensors; `model` is the trained model's.
  public func include(_ module: any Module, as name: String) {
    precondition(
      name != "model" && name != "optimiser" && !modules.contains { $0.name == name },
      "TrainingState.include: the name \(name) is taken")
    modules.append((name, module))
  }
}
