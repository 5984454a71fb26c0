import Autograd
import Kernels
import Layers

/// The keys of past batches, first in, first out (He et al., MoCo, 2020), with a row of tags beside each where wanted, and
/// with the numbers of its observation's items, so that equal ones need not be negatives.
///
/// A ring of any size: a batch may wrap around its end, and of a batch that is larger the last keys stay. Everything in
/// it is constant for a tape. Enqueue a batch after its loss, so that a key is never a negative of its own query.
/// Keys that a recording still uses are not changed by that; they are copied then, and replaced in place otherwise.
/// The contents are buffers, so a checkpoint holds them.
public final class NegativeQueue: Module {
  /// How many keys there are.
  public let size: Int
  /// The length of a key.
  public let dimensions: Int
  /// The length of a row of tags; 0 for none.
  public let tagCount: Int
  /// How many numbers of items stand beside a key; 0 for none.
  public let itemCount: Int
  private let keyBuffer: StateBuffer
  // Numbers as floats, which are exact up to 2²⁴; −1 beside random keys.
  private let itemBuffer: StateBuffer?
  private let tagBuffer: StateBuffer?
  // Position and number of entries as floats, which are exact up to 2²⁴.
  private let progress: StateBuffer

  /// Creates a queue of random keys: normal numbers from the stream, each key of length 1, without tags.
  public init(size: Int, dimensions: Int, tagCount: Int = 0, itemCount: Int = 0, stream: inout RandomStream) {
    precondition(
      size > 0 && size < 1 << 24 && dimensions > 0 && tagCount >= 0 && itemCount >= 0,
      "NegativeQueue: \(size) keys of \(dimensions) dimensions with \(tagCount) tags and \(itemCount) items")
    self.itemCount = itemCount
    itemBuffer = itemCount > 0 ? StateBuffer(Tensor(repeating: -1, shape: [size, itemCount])) : nil
    self.size = size
    self.dimensions = dimensions
    self.tagCount = tagCount
    keyBuffer = StateBuffer(Initialiser.normal([size, dimensions], &stream).l2Normalised().detached)
    tagBuffer = tagCount > 0 ? StateBuffer(Tensor(repeating: 0, shape: [size, tagCount])) : nil
    progress = StateBuffer(Tensor([0, 0]))
  }

  /// Keys, tags, and where the next key goes.
  public var parts: [ModulePart] {
    [.buffer("keys", keyBuffer), .buffer("progress", progress)] + (tagBuffer.map { [.buffer("tags", $0)] } ?? [])
      + (itemBuffer.map { [.buffer("items", $0)] } ?? [])
  }

  /// All keys, `[size, dimensions]`.
  public var keys: Tensor { keyBuffer.value }
  /// The tags of all keys, `[size, tagCount]`; nil where the queue has none.
  public var tags: Tensor? { tagBuffer?.value }
  /// The row that the next key replaces.
  public var position: Int { Int(progress.value.values[0]) }
  /// How many rows hold a key that was enqueued; the others are still random.
  public var filled: Int { Int(progress.value.values[1]) }

  /// Replaces the oldest keys.
  ///
  /// - Parameters:
  ///   - keys: `[batch, dimensions]`, rows of length 1.
  ///   - tags: `[batch, tagCount]`, where the queue has tags.
  ///   - items: the numbers of each observation's items, below 2²⁴, −1 for none, where the queue keeps them.
  public func enqueue(_ keys: Tensor, tags: Tensor? = nil, items: [[Int]]? = nil) {
    precondition(
      keys.rank == 2 && keys.shape[1] == dimensions,
      "NegativeQueue.enqueue: keys of shape \(keys.shape) for \(dimensions) dimensions")
    let batch = keys.shape[0]
    precondition(
      tags.map { $0.shape == [batch, tagCount] } ?? (tagCount == 0),
      "NegativeQueue.enqueue: tags of shape \(tags?.shape ?? []) beside \(batch) keys, \(tagCount) tags each")
    precondition(
      items.map { $0.count == batch && $0.allSatisfy { $0.count == itemCount } } ?? (itemCount == 0),
      "NegativeQueue.enqueue: items of \(items?.count ?? 0) observations beside \(batch) keys, \(itemCount) each")
    let numbers = items.map { Tensor($0.flatMap { $0.map { Float($0) } }, shape: [batch, itemCount]) }
    let kept = min(batch, size)
    let skipped = batch - kept
    let start = (position + skipped) % size
    let beforeEnd = min(kept, size - start)
    let filled = min(size, self.filled + kept)
    Tape.withoutRecording {
      let pieces = [(start, skipped..<(skipped + beforeEnd)), (0, (skipped + beforeEnd)..<batch)]
      for (row, range) in pieces where !range.isEmpty {
        keyBuffer.value.replaceRows(from: row, with: keys.slice(range))
        if let tags { tagBuffer?.value.replaceRows(from: row, with: tags.slice(range)) }
        if let numbers { itemBuffer?.value.replaceRows(from: row, with: numbers.slice(range)) }
      }
      progress.value = Tensor([Float((start + kept) % size), Float(filled)])
    }
  }

  /// The keys that have an item in common with a query's observation.
  ///
  /// - Parameter items: the numbers of each observation's items, −1 for none.
  public func sharing(_ items: [[Int]]) -> [(row: Int, key: Int)] {
    guard let known = itemBuffer?.value.values else { return [] }
    precondition(
      items.allSatisfy { $0.count == itemCount },
      "NegativeQueue.sharing: observations with other than \(itemCount) items")
    var shared: [(row: Int, key: Int)] = []
    for item in 0..<itemCount {
      var rows: [Float: [Int]] = [:]
      for (row, own) in items.enumerated() where own[item] >= 0 { rows[Float(own[item]), default: []].append(row) }
      for key in 0..<size {
        for row in rows[known[key * itemCount + item]] ?? [] { shared.append((row, key)) }
      }
    }
    return shared
  }

  /// What hides the keys that have an item in common with a query's observation, `[batch, 1 + size]`, the own key first: a
  /// number that makes a logit count nothing there, 0 elsewhere; nil where there is no such key or the queue keeps no items.
  ///
  /// - Parameter items: the numbers of each observation's items.
  public func penalties(for items: [[Int]]) -> Tensor? { penalties(of: sharing(items), rows: items.count) }

  /// The same of pairs that ``sharing(_:)`` gave, so of the keys as they were then.
  func penalties(of shared: [(row: Int, key: Int)], rows: Int) -> Tensor? {
    guard !shared.isEmpty else { return nil }
    var values = [Float](repeating: 0, count: rows * (1 + size))
    for (row, key) in shared { values[row * (1 + size) + 1 + key] = SharedItems.hidden }
    return Tensor(values, shape: [rows, 1 + size])
  }
}
