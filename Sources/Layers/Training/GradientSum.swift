import Autograd
import Kernels
import Teams

/// The sum of the gradients of several chunks of a batch.
///
/// Chunks are added by a binary tree, ((1 + 2) + (3 + 4)) + …, each computed into cleared memory first: the order of the
/// additions, and with it every bit, depends on the number of chunks alone, not on which rank of a team has computed which.
public final class GradientSum {
  private struct Block {
    let storage: Storage
    var isThere: [Bool]
  }

  private let store: ParameterStore
  private let entries: [ParameterStore.Entry]
  private let team: Team
  /// The chunks of all ranks.
  private let chunks: Int?
  /// The first of this one.
  private let first: Int
  private var sum: PairwiseSum<Block>
  private var added = 0
  private var beside: Block?

  /// Sums gradients of the parameters of a store.
  ///
  /// - Parameters:
  ///   - chunks: how many all ranks of the team have together, each as many; nil where one process has them all.
  ///   - team: who has computed the others.
  public init(of store: ParameterStore, chunks: Int? = nil, team: Team = .alone) {
    precondition(
      team.isAlone || chunks.map { $0 % team.size == 0 } ?? false, "GradientSum: \(team.size) ranks without chunks")
    (self.store, self.chunks, self.team) = (store, chunks, team)
    entries = store.entries
    first = team.rank * (chunks ?? 0) / team.size
    sum = PairwiseSum(adding: Self.sum)
  }

  /// Takes the gradients that the parameters have collected as those of the next chunk, and forgets them there.
  public func addChunk() {
    sum.append(take(), of: first + added..<first + added + 1)
    added += 1
  }

  /// Takes the gradients that the parameters have collected as those of what is computed once for all chunks, and forgets
  /// them there. Those of rank 0 count.
  public func takeBeside() { beside = take() }

  /// Gives the parameters the sum of all chunks with what was computed once, and forgets it here.
  public func finish() {
    let sums = [sumOfAll(), sharedBeside()].compactMap { $0 }
    sum = PairwiseSum(adding: Self.sum)
    added = 0
    beside = nil
    guard let first = sums.first else { return }
    let total = sums.dropFirst().reduce(first) { Self.sum($0, $1) }
    Elementwise.copy(total.storage.pointer, to: store.gradients.pointer, count: store.count)
    for (entry, isThere) in zip(entries, total.isThere) where isThere { entry.parameter.keepGradient() }
  }

  /// The chunks of all ranks.
  private func sumOfAll() -> Block? {
    guard !team.isAlone, let chunks else { return sum.total }
    let blocks = sum.nodes.map(\.value)
    guard let own = blocks.first else { preconditionFailure("GradientSum: a rank without chunks") }
    let areThere = team.any(entries.indices.map { place in blocks.contains { $0.isThere[place] } })
    team.sum(
      blocks.map { UnsafePointer($0.storage.pointer) }, places: chunks, into: own.storage.pointer, count: store.count)
    return Block(storage: own.storage, isThere: areThere)
  }

  /// What rank 0 has computed once.
  private func sharedBeside() -> Block? {
    guard let beside, !team.isAlone else { return beside }
    for (entry, isThere) in zip(entries, beside.isThere) where isThere {
      team.broadcast(beside.storage.pointer + entry.offset, count: entry.extent)
    }
    return beside
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
