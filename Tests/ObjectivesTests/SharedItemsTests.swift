import Autograd
import Foundation
import Kernels
import Layers
import Objectives
import Testing

/// Observations of equal key are no negatives of each other.
@Suite struct SharedItemsTests {
  private let u = randomTensor([4, 3], "shared u").l2Normalised()
  private let v = randomTensor([4, 3], "shared v").l2Normalised()
  /// Observations 0 and 2 share an item.
  private let keys = [5, 1, 5, 2]

  private func similarity(_ row: Int, _ column: Int) -> Double {
    (0..<3).reduce(0) { $0 + Double(u.values[row * 3 + $1]) * Double(v.values[column * 3 + $1]) }
  }

  private func isShared(_ row: Int, _ column: Int) -> Bool { row != column && keys[row] == keys[column] }

  @Test func theSigmoidLossLeavesSharedPairsOut() {
    var expected = 0.0
    for row in 0..<4 {
      for column in 0..<4 where !isShared(row, column) {
        let logit = 10 * similarity(row, column) - 10
        expected += log(1 + exp(row == column ? -logit : logit)) / 4
      }
    }
    let scale = Tensor(logf(10))
    let loss = sigmoidLoss(u, v, logScale: scale, bias: Tensor(-10), sharing: keys).scalar
    #expect(abs(Double(loss) - expected) < 1e-5)
    #expect(loss != sigmoidLoss(u, v, logScale: scale, bias: Tensor(-10)).scalar)
    let none = sigmoidLoss(u, v, logScale: scale, bias: Tensor(-10), sharing: [0, 1, 2, 3]).scalar
    #expect(none == sigmoidLoss(u, v, logScale: scale, bias: Tensor(-10)).scalar)
  }

  @Test func viewsOfSharedObservationsAreNotInTheDenominator() {
    let rows =
      (0..<4).map { Array(u.values[$0 * 3..<$0 * 3 + 3]) } + (0..<4).map { Array(v.values[$0 * 3..<$0 * 3 + 3]) }
    func product(_ a: Int, _ b: Int) -> Double {
      zip(rows[a], rows[b]).reduce(0) { $0 + Double($1.0) * Double($1.1) } / 0.5
    }
    var expected = 0.0
    for row in 0..<8 {
      let others = (0..<8).filter { $0 != row && !isShared(row % 4, $0 % 4) }
      expected += (log(others.reduce(0) { $0 + exp(product(row, $1)) }) - product(row, (row + 4) % 8)) / 8
    }
    #expect(abs(Double(ntXent(u, v, temperature: 0.5, sharing: keys).scalar) - expected) < 1e-5)
    #expect(ntXent(u, v, temperature: 0.5, sharing: [0, 0, 0, 0]).scalar < 1e-6)
  }

  @Test(arguments: [false, true]) func hingesLeaveSharedPairsOut(hardest: Bool) {
    var expected = 0.0
    for own in 0..<4 {
      let others = (0..<4).filter { $0 != own && !isShared(own, $0) }
      for hinges in [
        others.map { max(0, 0.2 + similarity(own, $0) - similarity(own, own)) },
        others.map { max(0, 0.2 + similarity($0, own) - similarity(own, own)) },
      ] { expected += hardest ? hinges.max() ?? 0 : hinges.reduce(0, +) }
    }
    let matrix = u.multiplied(by: v, otherTransposed: true)
    #expect(
      abs(Double(vseLoss(similarity: matrix, margin: 0.2, hardest: hardest, sharing: keys).scalar) - expected) < 1e-5)
    let method = VSE(.init(negatives: hardest ? .hardest : .all, margin: 0.2))
    #expect(abs(Double(method.loss(u, v, step: 0, sharing: keys).total.scalar) - expected) < 1e-5)
    #expect(method.loss(u, v, step: 0, sharing: [1, 1, 1, 1]).total.scalar == 0)
  }

  @Test func theNegativeOfATripletSharesNothing() {
    for negatives in [Triplet.Negatives.random, .next] {
      let method = Triplet(.init(margin: 0.2, negatives: negatives))
      var stream = RandomStream(seed: 1, name: "negatives")
      for _ in 0..<50 {
        let places = method.negatives(batch: 4, sharing: keys, using: &stream)
        #expect(places.enumerated().allSatisfy { $0 != Int($1) && !isShared($0, Int($1)) })
      }
      #expect(method.negatives(batch: 3, sharing: [1, 1, 1], using: &stream) == [0, 1, 2])
    }
    // Where nothing is shared the draws are those without keys.
    var (one, other) = (RandomStream(seed: 2, name: "negatives"), RandomStream(seed: 2, name: "negatives"))
    let method = Triplet()
    #expect(
      method.negatives(batch: 9, sharing: Array(0..<9), using: &one) == method.negatives(batch: 9, using: &other))
  }

  @Test(arguments: [GMC.Negatives.all, .joints, .pairwise]) func gmcLearnsNothingFromSharedObservations(
    negatives: GMC.Negatives
  ) {
    let method = GMC(.init(temperature: 0.3, negatives: negatives))
    let other = randomTensor([4, 3], "shared joint").l2Normalised()
    func loss(_ tensors: [Tensor], _ sharing: [Int]?) -> Tensor {
      method.loss(representations: [tensors[0], tensors[1]], joint: tensors[2], names: ["a", "b"], sharing: sharing)
        .total
    }
    let all = [u, v, other]
    #expect(loss(all, keys).scalar < loss(all, nil).scalar)
    #expect(loss(all, [0, 1, 2, 3]).scalar == loss(all, nil).scalar)
    // Three observations that share an item contrast with the fourth alone.
    let single = loss(all, [1, 1, 1, 0]).scalar
    #expect(single.isFinite && single < loss(all, keys).scalar)
    // Where all share an item there is nothing to be told from.
    let none = loss(all, [1, 1, 1, 1]).scalar
    #expect(abs(none) < 100 && (negatives != .joints || none == 0), "\(none)")
  }

  @Test func aQueueRemembersWhoseItsKeysAre() throws {
    var stream = RandomStream(seed: 1, name: "queue")
    let queue = NegativeQueue(size: 4, dimensions: 3, itemCount: 2, stream: &stream)
    #expect(queue.penalties(for: [[0, 0], [-1, -1]]) == nil)
    queue.enqueue(u, items: [[7, 1], [8, 2], [9, -1], [7, 3]])
    // The first has an item of keys 0 and 3, the second the caption of key 1; what is not there is equal to nothing.
    let penalties = try #require(queue.penalties(for: [[7, 4], [5, 2], [6, -1]]))
    #expect(penalties.shape == [3, 5])
    #expect(
      penalties.values.map { $0 < 0 } == [
        false, true, false, false, true, false, false, true, false, false, false, false, false, false, false,
      ])
    let query = v.slice(0..<3)
    let rest = u.gatheringRows([1, 2])
    let method = MoCo(temperature: 0.2)
    let first = try #require(queue.penalties(for: [[7, 4]]))
    #expect(
      abs(
        method.loss(query: query.slice(0..<1), key: u.slice(0..<1), queue: queue.keys, penalties: first).scalar
          - method.loss(query: query.slice(0..<1), key: u.slice(0..<1), queue: rest).scalar) < 1e-5)
    let hinge = QueueHinge(.init(margin: 1.5, reduction: .sum))
    #expect(
      abs(
        hinge.loss(query: query.slice(0..<1), key: u.slice(0..<1), queue: queue.keys, penalties: first).scalar
          - hinge.loss(query: query.slice(0..<1), key: u.slice(0..<1), queue: rest).scalar) < 1e-5)
    queue.enqueue(v.slice(0..<1), items: [[1, 1]])
    #expect(queue.penalties(for: [[7, 4]])?.values.map { $0 < 0 } == [false, false, false, false, true])
  }

  @Test func aSharedKeyWithTheSameTagsStaysAPositive() throws {
    var stream = RandomStream(seed: 1, name: "queue")
    let queue = NegativeQueue(size: 4, dimensions: 3, tagCount: 2, itemCount: 1, stream: &stream)
    let queueTags = Tensor([1, 0, 0, 1, 0, 0, 0, 0], shape: [4, 2])
    queue.enqueue(u, tags: queueTags, items: [[3], [4], [3], [5]])
    let (query, key) = (v.slice(0..<1), v.slice(1..<2))
    let tags = Tensor([1, 0], shape: [1, 2])
    let penalties = try #require(queue.penalties(for: [[3]]))
    let method = TagContrast(.init(temperature: 0.2, threshold: 0))
    // Key 0 is of the picture and has its tag; key 2 is of the picture and has none.
    let loss = method.loss(
      query: query, key: key, tags: tags, queue: queue.keys, queueTags: queueTags, penalties: penalties)
    let kept: [Int32] = [0, 1, 3]
    let expected = method.loss(
      query: query, key: key, tags: tags, queue: u.gatheringRows(kept), queueTags: queueTags.gatheringRows(kept))
    #expect(abs(loss.scalar - expected.scalar) < 1e-5)
  }

  @Test func theOwnPastKeyIsNoNegativeOfMCT() {
    var options = MCT.Options()
    (options.queueSize, options.weights.tags) = (4, 0)
    func loss(_ items: [[Int]]) -> Float {
      var stream = RandomStream(seed: 1, name: "queue")
      let method = MCT(options, dimensions: 3, tagCount: 0, itemCount: 2, stream: &stream)
      func all(_ value: Tensor) -> [MCT.Head: Tensor] {
        Dictionary(uniqueKeysWithValues: MCT.Head.allCases.map { ($0, value) })
      }
      method.enqueue(all(u), items: [[0, 0], [1, 1], [2, 2], [3, 3]])
      // A query that is its own past key.
      let queries = all(u.slice(0..<2))
      if items[0][0] == 0 {
        #expect(method.pretextAccuracy(.imageIntra, queries: queries, keys: all(u.slice(0..<2)), items: items) == 1)
      }
      return method.loss(queries: queries, keys: all(v.slice(0..<2)), items: items).total.scalar
    }
    let (spared, contrasted) = (loss([[0, 9], [8, 1]]), loss([[9, 9], [8, 8]]))
    #expect(spared.isFinite && spared < contrasted)
  }
}
