import Autograd
import Foundation
import Kernels
import Objectives
import SampleTensors
import Testing

@Suite struct DeCLIPTests {
  @Test func simSiamByHand() {
    // cos(p₁, z₂) = 3/5 and 0, cos(p₂, z₁) = 1 and −1: −½ (0.3 + 0).
    let p = (first: Tensor([3, 4, 1, 0], shape: [2, 2]), second: Tensor([0, 2, 0, 5], shape: [2, 2]))
    let z = (first: Tensor([0, 7, 0, -1], shape: [2, 2]), second: Tensor([2, 0, 0, 9], shape: [2, 2]))
    #expect(abs(simSiamLoss(predictions: p, projections: z).scalar + 0.15) < 1e-6)
    // What predicts perfectly has the least loss there is.
    #expect(abs(simSiamLoss(predictions: z, projections: (z.second, z.first)).scalar + 1) < 1e-6)
  }

  @Test func simSiamReachesPredictionsAlone() {
    let all = ["p1", "p2", "z1", "z2"].map { randomTensor([3, 4], $0) }
    let gradients = Tape.gradients(at: all) {
      simSiamLoss(predictions: ($0[0], $0[1]), projections: ($0[2], $0[3]))
    }.gradients
    #expect(gradients[2].values.allSatisfy { $0 == 0 } && gradients[3].values.allSatisfy { $0 == 0 })
    #expect(gradients[0].values.contains { $0 != 0 } && gradients[1].values.contains { $0 != 0 })
    let error = GradientCheck(step: 4e-3).largestError(at: Array(all[..<2])) {
      simSiamLoss(predictions: ($0[0], $0[1]), projections: (all[2], all[3]))
    }
    #expect(error < 4e-3)
  }

  @Test func theNearestKeyIsTheNeighbour() {
    var stream = RandomStream(seed: 1, name: "queue")
    let queue = NegativeQueue(size: 4, dimensions: 2, itemCount: 1, stream: &stream)
    let keys = Tensor([1, 0, 0, 1, -1, 0, 0, -1], shape: [4, 2])
    queue.enqueue(keys, items: [[7], [8], [9], [7]])
    let vectors = Tensor([0.9, 0.3, -0.2, 0.8], shape: [2, 2])
    let all = queue.neighbours(of: vectors)
    #expect(all.places == [0, 1] && all.keys.values == [1, 0, 0, 1])
    // The keys of an observation's own item are none.
    let others = queue.neighbours(of: vectors, items: [[7], [8]])
    #expect(others.places == [1, 2])
    #expect(queue.neighbours(of: vectors, items: [[-1], [1]]).places == [0, 1])
    let gradient = Tape.gradients(at: [vectors]) { queue.neighbours(of: $0[0]).keys.sum() + $0[0].sum() * 0 }
    #expect(gradient.gradients[0].values.allSatisfy { $0 == 0 })
  }

  @Test func hiddenTokensByHand() {
    // Rows of logits ln(1, 3) and ln(1, 1): the tokens' probabilities are 3/4, 1/4 and 1/2.
    let logits = Tensor([0, logf(3), 0, logf(3), 0, 0], shape: [3, 2])
    let costs = hiddenTokenCosts(logits: logits, tokens: [1, 0, 0], texts: [2, 0, 2], count: 3)
    #expect(distance(costs, [logf(4), 1, 0, 0, logf(4 / 3) + logf(2), 2]) < 1e-6)
    #expect(abs(hiddenTokenLoss(costs).scalar - (logf(4) + logf(4 / 3) + logf(2)) / 3) < 1e-6)
    #expect(hiddenTokenLoss(Tensor(repeating: 0, shape: [2, 2])).scalar == 0)
    let error = GradientCheck(step: 4e-3).largestError(at: [randomTensor([4, 5])]) {
      hiddenTokenLoss(hiddenTokenCosts(logits: $0[0], tokens: [1, 4, 0, 2], texts: [0, 0, 1, 2], count: 3))
    }
    #expect(error < 4e-3)
  }
}
