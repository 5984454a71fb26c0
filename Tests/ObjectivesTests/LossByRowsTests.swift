import Autograd
import Kernels
import Layers
import Objectives
import Testing

/// Losses whose similarities are taken some rows at a time are the usual ones.
@Suite struct LossByRowsTests {
  private let u = randomTensor([7, 3], "rows u").l2Normalised()
  private let v = randomTensor([7, 3], "rows v").l2Normalised()
  private let keys = [0, 1, 0, 2, 3, 3, 0]

  /// Compares value and gradients with those of a loss that takes at most so many similarities at a time.
  private func compare(_ inputs: [Tensor], most: [Int] = [1, 15, 21, 48], _ loss: ([Tensor]) -> Tensor) {
    let whole = Tape.gradients(at: inputs, of: loss)
    for most in most {
      let parts = LossByRows.$most.withValue(most) { Tape.gradients(at: inputs, of: loss) }
      #expect(abs(parts.value.scalar - whole.value.scalar) < 2e-6 * max(1, abs(whole.value.scalar)))
      for (own, other) in zip(parts.gradients, whole.gradients) {
        #expect(zip(own.values, other.values).allSatisfy { abs($0 - $1) < 3e-6 })
        #expect(other.values.contains { abs($0) > 1e-3 })
      }
    }
  }

  @Test(arguments: [false, true]) func theSigmoidLoss(shares: Bool) {
    compare([u, v, Tensor(2), Tensor(-1)]) {
      sigmoidLoss($0[0], $0[1], logScale: $0[2], bias: $0[3], sharing: shares ? keys : nil)
    }
  }

  @Test(arguments: [0, 0.2] as [Float], ContrastDirection.allCases)
  func theSoftmaxLoss(smoothing: Float, direction: ContrastDirection) {
    for keys in [nil, keys] {
      compare([u, v, Tensor(1)]) {
        clipLoss($0[0], $0[1], logScale: $0[2], sharing: keys, smoothing: smoothing, direction: direction)
      }
    }
  }

  @Test(arguments: [false, true]) func theLossOfTwoViews(shares: Bool) {
    compare([u, v], most: [1, 30, 50, 195]) { ntXent($0[0], $0[1], temperature: 0.5, sharing: shares ? keys : nil) }
  }

  @Test(arguments: MCT.Inter.allCases.filter { $0 != .clip }) func queues(inter: MCT.Inter) throws {
    var options = MCT.Options()
    (options.inter, options.queueSize) = (inter, 5)
    options.weights = MCT.Weights(imageIntra: 1, tags: 1, captionIntra: 1, imageToCaption: 1, captionToImage: 1)
    let items = [1, 2, 3, 1, 4, 2, 5].map { [$0] }
    let tags = Tensor((0..<14).map { Float($0 % 3 == 0 ? 1 : 0) }, shape: [7, 2])
    var projections: [MCT.Head: Tensor] = [:]
    for head in MCT.Head.allCases { projections[head] = randomTensor([7, 3], "key \(head)").l2Normalised() }
    func made() -> MCT {
      var stream = RandomStream(seed: 1, name: "queue")
      let method = MCT(options, dimensions: 3, tagCount: 2, itemCount: 1, stream: &stream)
      method.enqueue(projections, tags: tags, items: items)
      return method
    }
    let heads = MCT.Head.allCases
    let queries = heads.map { randomTensor([7, 3], "query \($0)").l2Normalised() }
    func named(_ tensors: [Tensor]) -> [MCT.Head: Tensor] { Dictionary(uniqueKeysWithValues: zip(heads, tensors)) }
    compare(queries, most: [1, 10, 34]) {
      // As in a training the queue has moved on when the gradient is computed.
      let method = made()
      let loss = method.loss(queries: named($0), keys: projections, tags: tags, items: items).total
      method.enqueue(projections, tags: tags, items: items.reversed())
      return loss
    }
    let method = made()
    let accuracy = method.pretextAccuracy(.imageIntra, queries: named(queries), keys: projections, items: items)
    for most in [1, 12] {
      let own = LossByRows.$most.withValue(most) {
        method.pretextAccuracy(.imageIntra, queries: named(queries), keys: projections, items: items)
      }
      #expect(own == accuracy)
    }
  }

  @Test func oneGradientIsThatOfFiniteDifferences() {
    LossByRows.$most.withValue(14) {
      let error = GradientCheck().largestError(at: [u, v, Tensor(1)]) { clipLoss($0[0], $0[1], logScale: $0[2]) }
      #expect(error < 1e-2)
    }
  }
}
