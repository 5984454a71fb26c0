import Autograd
import Layers
import Objectives

/// What matching did in an epoch.
final class MatchingWatch: Module {
  // Counts as floats, which are exact up to 2²⁴: right answers, matches, pairs, the sum of the loss over pairs, of the epoch
  // and of the last whole one.
  private let counts = StateBuffer(Tensor(repeating: 0, shape: [8]))

  /// The counts.
  var parts: [ModulePart] { [.buffer("counts", counts)] }

  /// Adds a step.
  func note(right: Int, matches: Int, of pairs: Int, loss: Float) {
    let values = counts.value.values
    let added = [Float(right), Float(matches), Float(pairs), loss * Float(pairs)]
    counts.value = Tensor(zip(values, added).map { $0 + $1 } + values[4...])
  }

  /// Closes an epoch.
  func endEpoch() {
    let values = counts.value.values
    counts.value = Tensor([0, 0, 0, 0] + values[..<4])
  }

  /// The last whole epoch; nil without pairs in it.
  var epoch: (accuracy: Double, loss: Double, prior: Double)? {
    let values = counts.value.values.map { Double($0) }
    let pairs = values[6]
    guard pairs > 0 else { return nil }
    return (values[4] / pairs, values[7] / pairs, BLIPMatching.prior(ofShare: values[5] / pairs))
  }
}
