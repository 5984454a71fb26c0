import Autograd
import Foundation
import Kernels
import Objectives
import SampleTensors
import Testing

@Suite struct QueueMethodTests {
  let query = Tensor([1, 0, 0.5, 0, 1, 0], shape: [2, 3]).l2Normalised()
  let key = Tensor([1, 0.1, 0.4, 0.2, 1, 0.1], shape: [2, 3]).l2Normalised()
  let queue = Tensor([0, 0, 1, 1, 1, 0, -1, 0, 0, 0, -1, 1], shape: [4, 3]).l2Normalised()
  let tags = Tensor([1, 0, 1, 0, 1, 0], shape: [2, 3])
  let queueTags = Tensor([1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0], shape: [4, 3])

  @Test(arguments: [(0.07, 0.0137923113), (0.2, 0.2395276666)])
  func momentumContrastGoldenValues(values: (temperature: Float, loss: Float)) {
    let method = MoCo(temperature: values.temperature)
    #expect(abs(method.loss(query: query, key: key, queue: queue).scalar - values.loss) < 1e-6)
  }

  @Test func momentumContrastGoldenGradient() {
    let expected: [Float] = [
      -0.253278077, 0.1351902335, -0.0166706848, 0.2407556958, -0.1671165502, -0.0376108362,
    ]
    let gradients = Tape.gradients(at: [query, key, queue]) {
      MoCo(temperature: 0.2).loss(query: $0[0], key: $0[1], queue: $0[2])
    }.gradients
    #expect(distance(gradients[0], expected) < 1e-6)
    // Keys and queue are constant.
    #expect(gradients[1].values.allSatisfy { $0 == 0 } && gradients[2].values.allSatisfy { $0 == 0 })
  }

  @Test func equalKeysGiveTheLogarithmOfTheirNumber() {
    let same = Tensor([0, 1, 0, 1], shape: [2, 2])
    let queue = Tensor([0, 1, 0, 1, 0, 1], shape: [3, 2])
    #expect(abs(MoCo(temperature: 0.2).loss(query: same, key: same, queue: queue).scalar - logf(4)) < 1e-6)
  }

  @Test func lossOfRandomFeaturesStartsNearTheLogarithm() {
    var stream = RandomStream(seed: 4, name: "queue")
    let queue = NegativeQueue(size: 1000, dimensions: 64, stream: &stream)
    let rows = { (name: String) in randomTensor([32, 64], name).l2Normalised() }
    let loss = MoCo(temperature: 1).loss(query: rows("query"), key: rows("key"), queue: queue.keys).scalar
    #expect(abs(loss - logf(1001)) < 0.1)
  }

  @Test func tagGoldenValues() {
    let rows = TagContrast(.init(temperature: 0.2, threshold: 0))
      .rows(query: query, key: key, tags: tags, queue: queue, queueTags: queueTags)
    #expect(distance(rows, [3.7246327608, 3.4969124326]) < 2e-6)
    let mean = TagContrast(.init(temperature: 0.2, threshold: 0)).loss(
      query: query, key: key, tags: tags, queue: queue, queueTags: queueTags)
    #expect(abs(mean.scalar - 3.6107725967) < 2e-6)
  }

  @Test func withoutTagsTheOwnKeyIsTheOnlyPositive() {
    let none = Tensor(repeating: 0, shape: [2, 3])
    let tagged = TagContrast(.init(temperature: 0.2, threshold: 0)).loss(
      query: query, key: key, tags: none, queue: queue, queueTags: queueTags)
    #expect(abs(tagged.scalar - MoCo(temperature: 0.2).loss(query: query, key: key, queue: queue).scalar) < 1e-6)
    let strict = TagContrast(.init(temperature: 0.2, threshold: 5))
      .loss(query: query, key: key, tags: tags, queue: queue, queueTags: queueTags)
    #expect(abs(strict.scalar - tagged.scalar) < 1e-6)
  }

  @Test func hingeReductions() {
    // One query: own product 0.5, others 0.6, 0.1 and 0.4, so hinges are 0.3, 0 and 0.1.
    let query = Tensor([1, 0], shape: [1, 2])
    let key = Tensor([0.5, 0], shape: [1, 2])
    let queue = Tensor([0.6, 0, 0.1, 0, 0.4, 0], shape: [3, 2])
    let expected: [(QueueHinge.Reduction, Float)] = [(.mean, 0.4 / 3), (.sum, 0.4), (.hardest, 0.3)]
    for (reduction, value) in expected {
      let method = QueueHinge(.init(margin: 0.2, reduction: reduction))
      #expect(abs(method.loss(query: query, key: key, queue: queue).scalar - value) < 1e-6, "\(reduction)")
    }
  }

  @Test func gradientsAgree() {
    let input = randomTensor([3, 4])
    let (key, queue) = (randomTensor([3, 4], "key").l2Normalised(), randomTensor([5, 4], "queue").l2Normalised())
    let tags = Tensor([1, 0, 0, 1, 1, 1], shape: [3, 2])
    let queueTags = Tensor([1, 0, 0, 1, 0, 0, 1, 1, 0, 1], shape: [5, 2])
    let check = GradientCheck(step: 4e-3)
    #expect(
      check.largestError(at: [input]) {
        MoCo(temperature: 0.5).loss(query: $0[0].l2Normalised(), key: key, queue: queue)
      } < 4e-3)
    #expect(
      check.largestError(at: [input]) {
        TagContrast(.init(temperature: 0.5, threshold: 0))
          .loss(query: $0[0].l2Normalised(), key: key, tags: tags, queue: queue, queueTags: queueTags)
      } < 4e-3)
    for reduction in QueueHinge.Reduction.allCases {
      let error = check.largestError(at: [input]) {
        QueueHinge(.init(margin: 2, reduction: reduction)).loss(query: $0[0].l2Normalised(), key: key, queue: queue)
      }
      #expect(error < 4e-3, "\(reduction)")
    }
    // Here own rows and table take gradients, too.
    let all = [input, randomTensor([3, 4], "own"), randomTensor([5, 4], "others")]
    #expect(check.largestError(at: all) { $0[0].products(own: $0[1], others: $0[2], scale: 0.7) } < 4e-3)
    let empty = Tensor([], shape: [0, 4])
    #expect(input.products(own: input, others: empty).shape == [3, 1])
  }
}

@Suite struct RankingLossTests {
  let similarity = Tensor([0.8, 0.7, 0.1, 0.75, 0.6, 0.55, 0, 0.5, 0.9], shape: [3, 3])

  @Test func vseGoldenValues() {
    #expect(abs(vseLoss(similarity: similarity, margin: 0.2, hardest: false).scalar - 1.15) < 1e-6)
    #expect(abs(vseLoss(similarity: similarity, margin: 0.2, hardest: true).scalar - 0.9) < 1e-6)
  }

  @Test func vseOfOnePairHasNoNegative() {
    let one = Tensor([1, 0], shape: [1, 2])
    #expect(
      vseLoss(one, one, margin: 0.2, hardest: false).scalar == 0
        && vseLoss(one, one, margin: 0.2, hardest: true).scalar == 0)
  }

  @Test func sigmoidGoldenValue() {
    let u = Tensor([1, 0, 0, 1], shape: [2, 2])
    let v = Tensor([0.9757162521, 0.1264282819, 0.2927142721, 0.9244805923], shape: [2, 2])
    let loss = sigmoidLoss(u, v, logScale: Tensor(logf(10)), bias: Tensor(-10))
    #expect(abs(loss.scalar - 0.9816644802) < 2e-6)
  }

  @Test func tripletByHand() {
    let anchor = Tensor([0, 0, 0, 0], shape: [2, 2])
    let positive = Tensor([3, 4, 0, 0], shape: [2, 2])
    let negative = Tensor([0, 2, 0, 2], shape: [2, 2])
    // max(0, 1 + 5 − 2) and max(0, 1 + 0 − 2).
    let gradients = Tape.gradients(at: [anchor, positive, negative]) {
      tripletLoss(anchor: $0[0], positive: $0[1], negative: $0[2], margin: 1)
    }
    #expect(abs(gradients.value.scalar - 2) < 1e-6)
    // A distance of 0 gives no NaN.
    #expect(gradients.gradients.allSatisfy { $0.isFinite })
    #expect(distance(gradients.gradients[1], [0.3, 0.4, 0, 0]) < 1e-6)
  }

  @Test func gradientsAgree() {
    let tensors = ["u", "v", "w"].map { randomTensor([4, 3], $0) }
    let check = GradientCheck(step: 4e-3)
    for hardest in [false, true] {
      let error = check.largestError(at: Array(tensors[..<2])) {
        vseLoss($0[0].l2Normalised(), $0[1].l2Normalised(), margin: 0.3, hardest: hardest)
      }
      #expect(error < 5e-3, "hardest \(hardest)")
    }
    #expect(
      check.largestError(at: Array(tensors[..<2]) + [Tensor(1), Tensor(-2)]) {
        sigmoidLoss($0[0].l2Normalised(), $0[1].l2Normalised(), logScale: $0[2], bias: $0[3])
      } < 5e-3)
    #expect(
      check.largestError(at: tensors) { tripletLoss(anchor: $0[0], positive: $0[1], negative: $0[2], margin: 3) } < 5e-3
    )
  }
}
