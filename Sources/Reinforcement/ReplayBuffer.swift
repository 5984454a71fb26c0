import Autograd
import Kernels
import Layers

/// The last transitions of an actor's life, from which batches are drawn: a ring, whose contents are buffers, so that a
/// checkpoint holds them.
public final class ReplayBuffer: Module {
  /// A batch of transitions, `[batch, …]` each.
  public struct Batch {
    /// The states.
    public let state: Tensor
    /// The actions that were taken.
    public let action: Tensor
    /// The rewards, `[batch, 1]`.
    public let reward: Tensor
    /// The states after them.
    public let next: Tensor
    /// 1 where an episode ended, `[batch, 1]`.
    public let terminal: Tensor
  }

  /// How many transitions there is room for.
  public let capacity: Int
  private let states: Int
  private let actions: Int
  private let rows: StateBuffer
  // Position and number of entries as floats, which are exact up to 2²⁴.
  private let progress = StateBuffer(Tensor([0, 0]))

  /// Creates an empty buffer.
  public init(capacity: Int, states: Int, actions: Int) {
    precondition(
      capacity > 0 && capacity < 1 << 24 && states > 0 && actions > 0,
      "ReplayBuffer: \(capacity) transitions of \(states) states and \(actions) actions")
    (self.capacity, self.states, self.actions) = (capacity, states, actions)
    rows = StateBuffer(Tensor(repeating: 0, shape: [capacity, 2 * states + actions + 2]))
  }

  /// The transitions, and where the next one goes.
  public var parts: [ModulePart] { [.buffer("rows", rows), .buffer("progress", progress)] }

  /// How many transitions there are.
  public var count: Int { Int(progress.value.values[1]) }

  /// Adds a transition in place of the oldest where there is no more room.
  public func add(state: [Float], action: [Float], reward: Float, next: [Float], isTerminal: Bool) {
    precondition(
      state.count == states && next.count == states && action.count == actions,
      "ReplayBuffer.add: \(state.count), \(action.count) and \(next.count) numbers for \(states) and \(actions)")
    let position = Int(progress.value.values[0])
    let row = state + action + [reward] + next + [isTerminal ? 1 : 0]
    Tape.withoutRecording { rows.value.replaceRows(from: position, with: Tensor(row, shape: [1, row.count])) }
    progress.value = Tensor([Float((position + 1) % capacity), Float(min(count + 1, capacity))])
  }

  /// Draws different transitions at random.
  public func sample(_ size: Int, using stream: inout RandomStream) -> Batch {
    let count = count
    precondition((1...max(count, 1)).contains(size), "ReplayBuffer.sample: \(size) of \(count) transitions")
    // Floyd's way to draw without replacement.
    var chosen: Set<Int32> = []
    var order: [Int32] = []
    for last in count - size..<count {
      let drawn = Int32(stream.below(last + 1))
      let place = chosen.contains(drawn) ? Int32(last) : drawn
      chosen.insert(place)
      order.append(place)
    }
    let batch = rows.value.gatheringRows(order).detached
    func columns(_ range: Range<Int>) -> Tensor { batch.slice(axis: 1, range) }
    let (afterAction, afterNext) = (states + actions, 2 * states + actions + 1)
    return Batch(
      state: columns(0..<states), action: columns(states..<afterAction),
      reward: columns(afterAction..<afterAction + 1), next: columns(afterAction + 1..<afterNext),
      terminal: columns(afterNext..<afterNext + 1))
  }
}
