import Autograd
import Foundation
import Kernels

/// BLIP's contrast of pictures and texts with the keys of a momentum twin (Li et al., ICML 2022; ALBEF, NeurIPS 2021).
///
///     S = u Cᵀ / τ,   C = [twin's rows of the batch; queue]
///     y = α softmax(u′ Cᵀ / τ) + (1 − α) p,   p = 1 / (number of positives) at each
///     loss = ½ [ −mean_r Σ_c y_rc log softmax(S_r)_c,  for pictures among texts  +  the same for texts among pictures ]
///
/// The targets y are constants, so that τ's gradient comes through S alone; queue and twin have none.
public enum BLIPContrast {
  /// A candidate that is right for a row beside its own: a column of C.
  public typealias Positive = (row: Int, candidate: Int)

  /// One direction.
  public struct Direction {
    /// The mean over the rows.
    public let loss: Tensor
    /// S of the batch's own candidates, without gradient, `[batch, batch]`.
    public let logits: Tensor
  }

  /// The contrast of rows with candidates.
  ///
  /// Shapes: `rows`, `twin`, `keys [batch, d]`, `queue [size, d]`, all of length 1; `temperature` a scalar.
  ///
  /// - Parameters:
  ///   - rows: u.
  ///   - twin: u′, what the twin makes of the same items.
  ///   - keys: what the twin makes of the other modality's items.
  ///   - positives: what is right beside each row's own key.
  public static func direction(
    _ rows: Tensor, twin: Tensor, keys: Tensor, queue: Tensor, temperature: Tensor, alpha: Float,
    positives: [Positive] = []
  ) -> Direction {
    precondition(
      rows.rank == 2 && twin.shape == rows.shape && keys.shape == rows.shape && queue.rank == 2
        && queue.shape[1] == rows.shape[1],
      "BLIPContrast: rows \(rows.shape), twin \(twin.shape), keys \(keys.shape), queue \(queue.shape)")
    let (batch, count) = (rows.shape[0], rows.shape[0] + queue.shape[0])
    let candidates = Tensor.concatenated([keys.detached, queue.detached])
    let logits = rows.multiplied(by: candidates, otherTransposed: true) / temperature
    let targets = Tape.withoutRecording {
      let own = right(batch: batch, candidates: count, positives)
      guard alpha > 0 else { return own }
      let soft = (twin.detached.multiplied(by: candidates, otherTransposed: true) / temperature.detached).softmax()
      return soft * alpha + own * (1 - alpha)
    }
    return Direction(
      loss: (logits.logSumExp() - (logits * targets).sum(axis: 1)).mean(),
      logits: logits.detached.slice(axis: 1, 0..<batch))
  }

  /// p, rows that add up to 1.
  private static func right(batch: Int, candidates: Int, _ positives: [Positive]) -> Tensor {
    var values = [Float](repeating: 0, count: batch * candidates)
    for row in 0..<batch { values[row * candidates + row] = 1 }
    for (row, candidate) in positives { values[row * candidates + candidate] = 1 }
    for row in 0..<batch {
      let range = row * candidates..<(row + 1) * candidates
      let sum = values[range].reduce(0, +)
      if sum > 1 { for place in range { values[place] /= sum } }
    }
    return Tensor(values, shape: [batch, candidates])
  }
}

/// BLIP's matching of pictures with texts: every pair of a batch, and for each text and each picture one that is not its own,
/// drawn the more often the more alike they seem.
///
///     CE over the pairs (text b, picture b) with label 1, (text b, its negative picture) and (its negative text, picture b)
///     with label 0
public enum BLIPMatching {
  /// What a weight is at least, so that a negative can be drawn where a softmax leaves nothing to the others.
  public static let leastWeight: Float = 1e-4

  /// The class of a pair that belongs together.
  public static let match: Int32 = 1

  /// How often each candidate of the batch is drawn as a negative, up to a factor; 0 for what is none.
  ///
  ///     w = softmax(S) + 10⁻⁴, and 0 for the row's own and for those that are no negatives of it
  ///
  /// Shapes: `[batch, batch]` → `[batch, batch]`.
  public static func weights(_ logits: Tensor, spared: [(row: Int, column: Int)] = []) -> Tensor {
    precondition(
      logits.rank == 2 && logits.shape[0] == logits.shape[1], "BLIPMatching: logits of shape \(logits.shape)")
    let batch = logits.shape[0]
    var values = Tape.withoutRecording { logits.softmax().values }
    for place in values.indices { values[place] += leastWeight }
    for row in 0..<batch { values[row * batch + row] = 0 }
    for (row, column) in spared { values[row * batch + column] = 0 }
    return Tensor(values, shape: [batch, batch])
  }

  /// A negative for each row; nil for a row all of whose weights are 0, for which there is none.
  public static func drawn(_ weights: Tensor, using stream: inout RandomStream) -> [Int32?] {
    let (batch, values) = (weights.shape[0], weights.values)
    return (0..<batch).map { row in
      let own = values[row * batch..<(row + 1) * batch]
      // The stream moves on by one number for each row, whatever the weights are.
      let share = stream.uniform()
      let sum = own.reduce(0, +)
      guard sum > 0 else { return nil }
      var left = share * sum
      var last: Int32?
      for (column, weight) in own.enumerated() where weight > 0 {
        last = Int32(column)
        left -= weight
        if left < 0 { break }
      }
      return last
    }
  }

  /// The pairs that are judged: for each the text, the picture, and whether they belong together.
  public struct Pairs: Equatable, Sendable {
    /// The place of each pair's text in the batch.
    public let texts: [Int32]
    /// The place of each pair's picture.
    public let pictures: [Int32]
    /// The class of each pair.
    public let labels: [Int32]

    /// The pairs of a batch, then the negatives that there are.
    public init(negativePictures: [Int32?], negativeTexts: [Int32?]) {
      precondition(
        negativePictures.count == negativeTexts.count,
        "BLIPMatching: \(negativePictures.count) and \(negativeTexts.count) negatives")
      let batch = negativePictures.count
      var (texts, pictures) = ((0..<Int32(batch)).map { $0 }, (0..<Int32(batch)).map { $0 })
      for (row, picture) in negativePictures.enumerated() {
        guard let picture else { continue }
        texts.append(Int32(row))
        pictures.append(picture)
      }
      for (row, text) in negativeTexts.enumerated() {
        guard let text else { continue }
        texts.append(text)
        pictures.append(Int32(row))
      }
      (self.texts, self.pictures) = (texts, pictures)
      labels = texts.indices.map { $0 < batch ? BLIPMatching.match : 1 - BLIPMatching.match }
    }
  }

  /// The mean cross-entropy of the pairs, `logits [pairs, 2]`.
  public static func loss(_ logits: Tensor, _ pairs: Pairs) -> Tensor {
    logits.crossEntropy(targets: pairs.labels).mean()
  }

  /// The entropy of labels of which a share is 1, in nats: the loss of answers that know this share alone. For one true pair to
  /// two wrong ones it is 0.636514.
  public static func prior(ofShare share: Double) -> Double {
    guard share > 0, share < 1 else { return 0 }
    return -share * log(share) - (1 - share) * log(1 - share)
  }
}
