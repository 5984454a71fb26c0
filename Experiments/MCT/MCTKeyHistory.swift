import Autograd
import Kernels
import Layers
import Training

/// What it takes to compute keys of the queues again as they were: the observations of a step, and where the random
/// streams of its views, order and dropout stood.
///
/// Of a queue of many steps only evenly spaced ones are remembered, so that a checkpoint stays small. Observations are a
/// buffer and streams belong to the training's state, so a checkpoint has both.
final class MCTKeyHistory: Module {
  /// A step whose keys can be computed again.
  struct Moment {
    /// How many steps were made since; 0 for the last one.
    let age: Int
    /// The batch.
    let observations: [Int]
    fileprivate let streams: [String: RandomStream]

    /// Where a stream stood.
    func stream(_ name: String) -> RandomStream {
      guard let stream = streams[name] else { preconditionFailure("MCTKeyHistory: the stream \(name) is unknown") }
      return stream
    }
  }

  /// The most steps that are remembered.
  private static let mostSlots = 32
  private static let streamNames = ["augment images", "augment captions", "key order", "dropout"]

  /// The steps between two that are remembered.
  let spacing: Int
  private let slots: Int
  // Indices as floats, which are exact up to 2²⁴.
  private let observations: StateBuffer

  /// Prepares for a queue and the constant size of batches.
  init(queueSize: Int, batchSize: Int) {
    let steps = (queueSize + batchSize - 1) / batchSize
    spacing = (steps + Self.mostSlots - 1) / Self.mostSlots
    slots = (steps + spacing - 1) / spacing
    observations = StateBuffer(Tensor(repeating: 0, shape: [slots, batchSize]))
  }

  var parts: [ModulePart] { [.buffer("observations", observations)] }

  /// Remembers the step that is being made, where it is one to remember.
  ///
  /// - Parameter streams: where the streams stood before the views and before the keys of this step.
  func remember(_ batch: [Int], streams: [String: RandomStream], in state: TrainingState) {
    guard state.step % spacing == 0 else { return }
    let slot = state.step / spacing % slots
    observations.value.replaceRows(from: slot, with: Tensor(batch.map(Float.init), shape: [1, batch.count]))
    for name in Self.streamNames { state[stream: Self.name(of: name, slot)] = streams[name] ?? state[stream: name] }
  }

  /// The steps that are remembered, the last first.
  func moments(in state: TrainingState) -> [Moment] {
    guard state.step > 0 else { return [] }
    let last = (state.step - 1) / spacing
    let (width, values) = (observations.value.shape[1], observations.value.values)
    return (0..<min(slots, last + 1)).map { past in
      let slot = (last - past) % slots
      return Moment(
        age: state.step - 1 - (last - past) * spacing,
        observations: values[slot * width..<(slot + 1) * width].map { Int($0) },
        streams: Dictionary(
          uniqueKeysWithValues: Self.streamNames.map { ($0, state[stream: Self.name(of: $0, slot)]) }))
    }
  }

  private static func name(of stream: String, _ slot: Int) -> String { "key \(slot): \(stream)" }
}
