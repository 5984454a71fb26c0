import Kernels
import Layers

/// What a training needs to go on exactly, besides its model and its optimiser.
///
/// The trainer keeps its own streams here. An experiment that draws random numbers while it trains takes them from
/// here too, and adds what it changes outside of the model, so that a checkpoint has all of it:
///
///     let state = TrainingState(seed: seed, data: dataset.checksum)
///     state.include(twin, as: "twin")
///     try trainer.run(model, count: count, state: state) { batch, pass in
///       augment(batch, using: &state[stream: "augment"]) …
///     } afterEpoch: { epoch in
///       if score > state.numbers["best score"] ?? -.infinity { state.numbers["best score"] = score; … }
///     }
public final class TrainingState {
  /// The seed of the streams.
  public let seed: Int
  /// What the training learns from, such as a checksum: it does not go on with anything else.
  public let data: String
  /// How many steps are done.
  public internal(set) var step = 0
  /// Numbers that the experiment remembers, such as the best score so far and its epoch.
  public var numbers: [String: Double] = [:]
  var streams: [String: RandomStream] = [:]
  private(set) var modules: [(name: String, module: any Module)] = []

  /// Creates the state of a training that has not begun.
  public init(seed: Int, data: String = "") {
    self.seed = seed
    self.data = data
  }

  /// The random stream of a name, at its beginning where nothing has been drawn from it.
  public subscript(stream name: String) -> RandomStream {
    get { streams[name] ?? RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: name) }
    set { streams[name] = newValue }
  }

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
