import Autograd
import Teams

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
  ///
  /// - Parameter team: whose chunks they are, each rank's as many.
  public func move(in team: Team = .alone) {
    guard let first = chunks.first else { return }
    precondition(
      chunks.allSatisfy { $0.count == first.count },
      "ChunkStatistics: chunks passed \(chunks.map(\.count)) norms")
    let all = gathered(in: team)
    let share = 1 / Float(all.count)
    for place in first.indices {
      func mean(_ part: (Int) -> Tensor) -> Tensor {
        all.indices.dropFirst().reduce(part(0)) { $0 + part($1) } * share
      }
      first[place].norm.moveStatistics(
        mean: mean { all[$0][place].mean }, variance: mean { all[$0][place].variance })
    }
    chunks = []
  }

  /// The statistics of the chunks of all ranks.
  private func gathered(in team: Team) -> [[(mean: Tensor, variance: Tensor)]] {
    guard !team.isAlone, let first = chunks.first else { return chunks.map { $0.map { ($0.mean, $0.variance) } } }
    let numbers = team.gathered(chunks.flatMap { $0.flatMap { $0.mean.values + $0.variance.values } })
    var next = 0
    func take(_ shape: [Int]) -> Tensor {
      let count = shape.reduce(1, *)
      defer { next += count }
      return Tensor(Array(numbers[next..<next + count]), shape: shape)
    }
    return (0..<chunks.count * team.size).map { _ in
      first.map { entry in
        let mean = take(entry.mean.shape)
        return (mean, take(entry.variance.shape))
      }
    }
  }
}
