import Autograd
import Kernels
import Layers
import Methods
import Training

/// What it takes to compute keys of the queues again as they were: the observations of a step, and where the random
/// streams of its views, order and dropout stood.
///
/// Of a queue of many steps only evenly spaced ones are remembered, so that a checkpoint stays small. Observations are a
/// buffer and streams belong to the training's state, so a checkpoint has both.
final class KeyHistory: Module {
  /// A step whose keys can be computed again.
  struct Moment {
    /// How many steps were made since; 0 for the last one.
    let age: Int
    /// The batch.
    let observations: [Int]
    /// Where the streams stood: those of views and order as the step began, that of dropout before its keys.
    let streams: [String: RandomStream]
    /// The number of the step.
    let step: Int
  }

  /// The most steps that are remembered.
  private static let mostSlots = 32
  static let dropout = "dropout"
  static let streamNames = TrainingBatch.viewStreams + ["key order", dropout]

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

  /// Remembers a step that was made, where it is one to remember.
  func remember(_ batch: TrainingBatch, streams: [String: RandomStream], in random: RandomStreams) {
    guard batch.step % spacing == 0 else { return }
    let slot = batch.step / spacing % slots
    observations.value.replaceRows(from: slot, with: Tensor(batch.rows.map(Float.init), shape: [1, batch.count]))
    for name in Self.streamNames {
      random[Self.name(of: name, slot)] = streams[name] ?? RandomStreams.stream(name, seed: random.seed)
    }
  }

  /// The steps that are remembered, the last first, after so many steps.
  func moments(after steps: Int, in random: RandomStreams) -> [Moment] {
    guard steps > 0 else { return [] }
    let last = (steps - 1) / spacing
    let (width, values) = (observations.value.shape[1], observations.value.values)
    return (0..<min(slots, last + 1)).map { past in
      let slot = (last - past) % slots
      return Moment(
        age: steps - 1 - (last - past) * spacing,
        observations: values[slot * width..<(slot + 1) * width].map { Int($0) },
        streams: Dictionary(uniqueKeysWithValues: Self.streamNames.map { ($0, random[Self.name(of: $0, slot)]) }),
        step: (last - past) * spacing)
    }
  }

  private static func name(of stream: String, _ slot: Int) -> String { "key \(slot): \(stream)" }
}
