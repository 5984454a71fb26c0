import Autograd
import Kernels

/// Two views of the same pictures, each telling what the other becomes (Chen & He, SimSiam, CVPR 2021, Eq. 4).
///
///     loss = −½ ( mean_i cos(p₁_i, stop(z₂_i)) + mean_i cos(p₂_i, stop(z₁_i)) )
///
/// z is a projection of a view, p what a predictor makes of it; no gradient reaches z through its comparison, without
/// which everything would become the same. The loss is between −1 and 1.
///
/// Shapes: `[batch, d]` each, of any length → scalar.
public func simSiamLoss(
  predictions p: (first: Tensor, second: Tensor), projections z: (first: Tensor, second: Tensor)
) -> Tensor {
  let shapes = [p.first.shape, p.second.shape, z.first.shape, z.second.shape]
  precondition(shapes.allSatisfy { $0 == shapes[0] && $0.count == 2 }, "simSiamLoss: shapes \(shapes)")
  func cosine(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    prediction.l2Normalised().rowDot(target.detached.l2Normalised()).mean()
  }
  return (cosine(p.first, z.second) + cosine(p.second, z.first)) * -0.5
}

extension NegativeQueue {
  /// The keys nearest to some vectors by cosine, and where in the queue they stand (Dwibedi et al., NNCLR, ICCV 2021;
  /// Li et al., DeCLIP, ICLR 2022, section 3.3); no gradient reaches them.
  ///
  /// Keys that are still random count, as in DeCLIP's code: among them a real key is nearest once there are some.
  ///
  /// Shapes: `[batch, d]`, rows of length 1 → keys `[batch, d]`.
  ///
  /// - Parameter items: the numbers of each observation's items, whose own keys of earlier batches are no neighbours; nil
  ///   where all are.
  public func neighbours(of vectors: Tensor, items: [[Int]]? = nil) -> (keys: Tensor, places: [Int32]) {
    Tape.withoutRecording {
      var cosines = vectors.detached.multiplied(by: keys, otherTransposed: true)
      if let penalties = items.flatMap(penalties(for:)) {
        cosines = cosines + penalties.slice(axis: 1, 1..<(1 + size))
      }
      let places = cosines.maxWithIndices(axis: 1).indices
      return (keys.gatheringRows(places), places)
    }
  }
}

/// What it costs to tell the hidden tokens of texts, text by text (Devlin et al., BERT, NAACL 2019).
///
///     loss[text] = Σ_{n hidden in text} −log softmax(logits[n])[token n]
///
/// Shapes: `logits [hidden, vocabulary]` → `[texts, 2]`: the sum of each text, and the number of its hidden tokens.
///
/// - Parameters:
///   - tokens: the tokens to tell, one for each row of logits.
///   - texts: the text that each is of, below `count`.
///   - count: the number of texts.
public func hiddenTokenCosts(logits: Tensor, tokens: [Int32], texts: [Int], count: Int) -> Tensor {
  let hidden = tokens.count
  precondition(
    logits.rank == 2 && logits.shape[0] == hidden && texts.count == hidden && hidden > 0
      && texts.allSatisfy { (0..<count).contains($0) },
    "hiddenTokenCosts: logits of shape \(logits.shape) for \(hidden) tokens of \(texts.count) texts, all below \(count)"
  )
  var (members, counts) = ([Float](repeating: 0, count: count * hidden), [Float](repeating: 0, count: count))
  for (place, text) in texts.enumerated() {
    members[text * hidden + place] = 1
    counts[text] += 1
  }
  let costs = logits.crossEntropy(targets: tokens).reshaped(to: [hidden, 1])
  let sums = Tensor(members, shape: [count, hidden]).multiplied(by: costs)
  return Tensor.concatenated([sums, Tensor(counts, shape: [count, 1])], axis: 1)
}

/// The mean cost of a hidden token, 0 where none is hidden.
///
/// Shapes: `[texts, 2]` of ``hiddenTokenCosts(logits:tokens:texts:count:)`` → scalar.
public func hiddenTokenLoss(_ costs: Tensor) -> Tensor {
  precondition(costs.rank == 2 && costs.shape[1] == 2, "hiddenTokenLoss: costs of shape \(costs.shape)")
  let count = costs.slice(axis: 1, 1..<2).detached.sum().scalar
  return costs.slice(axis: 1, 0..<1).sum() * (1 / max(count, 1))
}
