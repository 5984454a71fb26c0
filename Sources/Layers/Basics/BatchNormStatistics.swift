import Autograd

/// What a training pass does with the statistics of batch norm.
public enum BatchNormStatistics {
  /// They move the running ones.
  case moved
  /// They are kept until those of all chunks of the batch are there.
  case collected(ChunkStatistics)
  /// Nothing: the same rows pass once more.
  case left
}

/// The statistics of batch norm that the chunks of a batch have, in the order of the calls.
///
/// The running statistics then move as by the whole batch: once for each call, towards the mean over the chunks, which are of
/// as many groups each.
public final class ChunkStatistics {
  private var chunks: [[(norm: BatchNorm, mean: Tensor, variance: Tensor)]] = []

  /// Collects nothing yet.
  public init() {}

  /// Begins the next chunk.
  public func beginChunk() { chunks.append([]) }

  func note(_ norm: BatchNorm, mean: Tensor, variance: Tensor) {
    precondition(!chunks.isEmpty, "ChunkStatistics: no chunk has begun")
    chunks[chunks.count - 1].append((norm, mean, variance))
  }

  /// Moves the running statistics of every norm that was passed, and forgets the chunks.
  public func move() {
    guard let first = chunks.first else { return }
    precondition(
      chunks.allSatisfy { $0.count == first.count },
      "ChunkStatistics: chunks passed \(chunks.map(\.count)) norms")
    let share = 1 / Float(chunks.count)
    for place in first.indices {
      func mean(_ part: (Int) -> Tensor) -> Tensor {
        chunks.indices.dropFirst().reduce(part(0)) { $0 + part($1) } * share
      }
      first[place].norm.moveStatistics(
        mean: mean { chunks[$0][place].mean }, variance: mean { chunks[$0][place].variance })
    }
    chunks = []
  }
}
