import Autograd
import Kernels

/// The sum of the gradients of several chunks of a batch.
///
/// Chunks are added by a binary tree, ((1 + 2) + (3 + 4)) + …, each computed into cleared memory first: the order of the
/// additions, and with it every bit, depends on the number of chunks alone, not on who has computed which.
public final class GradientSum {
  private struct Block {
    let storage: Storage
    var isThere: [Bool]
  }

  private let store: ParameterStore
  private let entries: [ParameterStore.Entry]
  /// The sum of 2ⁱ chunks at place i; nil where there is none by itself.
  private var levels: [Block?] = []
  private var beside: Block?

  /// Sums gradients of the parameters of a store.
  public init(of store: ParameterStore) {
    self.store = store
    entries = store.entries
  }

  /// Takes the gradients that the parameters have collected as those of the next chunk, and forgets them there.
  public func addChunk() {
    var sum = take()
    var level = 0
    while level < levels.count, let before = levels[level] {
      sum = Self.sum(before, sum)
      levels[level] = nil
      level += 1
    }
    if level == levels.count { levels.append(nil) }
    levels[level] = sum
  }

  /// Takes the gradients that the parameters have collected as those of what is computed once for all chunks, and forgets
  /// them there.
  public func takeBeside() { beside = take() }

  /// Gives the parameters the sum of all chunks with what was computed once, and forgets it here.
  public func finish() {
    let sums = levels.compactMap { $0 } + (beside.map { [$0] } ?? [])
    levels = []
    beside = nil
    guard let first = sums.first else { return }
    let total = sums.dropFirst().reduce(first) { Self.sum($0, $1) }
    Elementwise.copy(total.storage.pointer, to: store.gradients.pointer, count: store.count)
    for (entry, isThere) in zip(entries, total.isThere) where isThere { entry.parameter.keepGradient() }
  }

  private func take() -> Block {
    let block = Block(storage: Storage(count: store.count), isThere: entries.map(\.parameter.hasGradient))
    Elementwise.copy(store.gradients.pointer, to: block.storage.pointer, count: store.count)
    for entry in entries {
      // What lies where there is no gradient, or between two parameters, is of no use.
      let count = entry.parameter.hasGradient ? entry.parameter.count : 0
      Elementwise.fill(block.storage.pointer + entry.offset + count, with: 0, count: entry.extent - count)
    }
    store.clearGradients()
    return block
  }

  /// The first block, which nobody needs any more, with the other added.
  private static func sum(_ first: Block, _ second: Block) -> Block {
    Elementwise.add(second.storage.pointer, scale: 1, to: first.storage.pointer, count: second.storage.count)
    return Block(storage: first.storage, isThere: zip(first.isThere, second.isThere).map { $0 || $1 })
  }
}
