import Autograd
import Foundation
import Kernels
import Layers
import Objectives
import Testing

@Suite struct MCTMethodTests {
  let query = Tensor([1, 0, 0.5, 0, 1, 0], shape: [2, 3]).l2Normalised()
  let key = Tensor([1, 0.1, 0.4, 0.2, 1, 0.1], shape: [2, 3]).l2Normalised()
  let past = Tensor([0, 0, 1, 1, 1, 0, -1, 0, 0, 0, -1, 1], shape: [4, 3]).l2Normalised()
  let tags = Tensor([1, 0, 1, 0, 1, 0], shape: [2, 3])
  let pastTags = Tensor([1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0], shape: [4, 3])

  private func options(_ change: (inout MCT.Options) -> Void = { _ in }) -> MCT.Options {
    var options = MCT.Options()
    options.queueSize = 4
    options.interTemperature = 0.07
    change(&options)
    return options
  }

  private func method(_ options: MCT.Options) -> MCT {
    var stream = RandomStream(seed: 1, name: "queue")
    return MCT(options, dimensions: 3, tagCount: 3, stream: &stream)
  }

  /// A method whose queues hold the keys of the golden values.
  private func filled(_ options: MCT.Options) -> MCT {
    let method = method(options)
    method.enqueue(all(past), tags: pastTags)
    return method
  }

  private func all(_ value: Tensor) -> [MCT.Head: Tensor] {
    Dictionary(uniqueKeysWithValues: MCT.Head.allCases.map { ($0, value) })
  }

  @Test func fiveTermsHaveTheGoldenValues() {
    let method = filled(options())
    let terms = method.loss(queries: all(query), keys: all(key), tags: tags)
    let expected: [(String, Double)] = [
      ("total", 4.1174125525), ("image intra", 0.2395276666),
      ("tags", 3.6107725967), ("caption intra", 0.2395276666), ("image → caption", 0.0137923113),
      ("caption → image", 0.0137923113),
    ]
    #expect(terms.values.map(\.name) == expected.map(\.0))
    for (term, (name, value)) in zip(terms.values, expected) {
      #expect(abs(term.value - value) < 3e-6, "\(name): \(term.value)")
    }
  }

  @Test func furtherCaptionsAreAveragedAndQueued() {
    let second = (query: key, key: query)
    for inter in MCT.Inter.allCases {
      let settings = options {
        $0.inter = inter
        $0.weights = MCT.Weights(imageIntra: 0, imageToCaption: 1, captionToImage: 1)
      }
      let method = filled(settings)
      func loss(_ caption: (query: Tensor, key: Tensor)) -> Float {
        var (queries, keys) = (all(query), all(key))
        (queries[.captionCommon], keys[.captionCommon]) = caption
        return method.loss(queries: queries, keys: keys).total.scalar
      }
      let both = method.loss(
        queries: all(query), keys: all(key), others: (queries: [second.query], keys: [second.key]))
      #expect(abs(both.total.scalar - (loss((query, key)) + loss(second)) / 2) < 1e-6, "\(inter)")
      guard inter != .clip, let queue = method.queues[.captionCommon] else { continue }
      method.enqueue(all(key), others: [second.key])
      #expect(queue.keys.values == key.values + second.key.values)
    }
  }

  @Test func weightsMultiplyTheirTermsAndZeroLeavesThemOut() {
    let method = filled(
      options {
        $0.weights.imageIntra = 2
        $0.weights.tags = 0
        $0.weights.captionIntra = 0
        $0.weights.captionToImage = 0.5
      })
    #expect(Set(method.queues.keys) == [.imageIntra, .imageCommon, .captionCommon])
    #expect(method.queues[.imageIntra]?.tags == nil)
    let terms = method.loss(queries: all(query), keys: all(key))
    #expect(terms.parts.map(\.name) == ["image intra", "image → caption", "caption → image"])
    #expect(abs(terms.values[1].value - 2 * 0.2395276666) < 2e-6)
    #expect(abs(terms.values[3].value - 0.5 * 0.0137923113) < 2e-6)
  }

  @Test func hingesAreThoseOfTheQueue() {
    let method = filled(
      options {
        $0.inter = .hinge
        $0.margin = 1.5
        $0.reduction = .hardest
      })
    let terms = method.loss(queries: all(query), keys: all(key), tags: tags)
    let direct = QueueHinge(.init(margin: 1.5, reduction: .hardest)).loss(query: query, key: key, queue: past).scalar
    #expect(direct > 0 && abs(terms.values[4].value - Double(direct)) < 1e-6)
  }

  @Test func batchesNeedNoQueue() throws {
    let method = method(
      options {
        $0.intra = .batch
        $0.inter = .clip
        $0.temperature = 0.5
        $0.weights.tags = 0
        $0.weights.captionIntra = 0
        $0.weights.imageToCaption = 0.5
        $0.weights.captionToImage = 0.5
      })
    #expect(method.queues.isEmpty && method.options.keyHeads.isEmpty && method.options.viewHeads == [.imageIntra])
    let a = Tensor([1, 0.2, -0.3, 1], shape: [2, 2]).l2Normalised()
    let b = Tensor([0.9, 0.4, 0.1, 1], shape: [2, 2]).l2Normalised()
    let queries: [MCT.Head: Tensor] = [.imageIntra: a, .imageCommon: a, .captionCommon: b]
    let terms = method.loss(queries: queries, views: [.imageIntra: b])
    #expect(terms.parts.map(\.name) == ["image intra", "clip"])
    // The golden value of SimCLR.
    #expect(abs(terms.values[1].value - 0.3967123739) < 1e-6)
    let scale = try #require(method.scale)
    #expect(abs(scale.tensor.scalar - Float(log(1 / 0.07))) < 1e-6)
    let direct = clipLoss(a, b, logScale: scale.tensor).scalar
    #expect(abs(terms.values[2].value - Double(direct)) < 1e-6)
    // Similarities are multiplied by at most 100.
    scale.logarithm.assign(Tensor(9))
    scale.clamp()
    let clamped = method.loss(queries: queries, views: [.imageIntra: b]).values[2].value
    #expect(abs(clamped - Double(clipLoss(a, b, logScale: Tensor(logf(100))).scalar)) < 1e-5)
  }

  @Test(arguments: [(0.1, 0.0062899709), (0.5, 0.3967123739)] as [(Float, Float)])
  func ntXentGoldenValues(temperature: Float, loss: Float) {
    let a = Tensor([1, 0.2, -0.3, 1], shape: [2, 2]).l2Normalised()
    let b = Tensor([0.9, 0.4, 0.1, 1], shape: [2, 2]).l2Normalised()
    #expect(abs(ntXent(a, b, temperature: temperature).scalar - loss) < 1e-6)
  }

  @Test func everyTermOfRandomFeaturesStartsNearTheLogarithm() {
    var stream = RandomStream(seed: 4, name: "queue")
    var options = MCT.Options()
    options.queueSize = 1000
    options.temperature = 1
    options.interTemperature = 1
    let method = MCT(options, dimensions: 128, tagCount: 2, stream: &stream)
    func rows(_ name: String) -> [MCT.Head: Tensor] {
      Dictionary(
        uniqueKeysWithValues: MCT.Head.allCases.map {
          ($0, randomTensor([32, 128], "\(name) \($0)").l2Normalised())
        })
    }
    // Nothing in the queue has a tag yet, so the own key is the only positive.
    let terms = method.loss(
      queries: rows("query"), keys: rows("key"), tags: Tensor(repeating: 1, shape: [32, 2]))
    #expect(terms.parts.count == 5)
    for part in terms.parts { #expect(abs(part.value.scalar - logf(1001)) < 0.05, "\(part.name)") }
  }

  @Test func gradientsReachQueriesAlone() {
    let method = filled(options())
    let heads = MCT.Head.allCases
    let gradients = Tape.gradients(at: heads.map { _ in query } + heads.map { _ in key } + [past]) { inputs in
      let queries = Dictionary(uniqueKeysWithValues: zip(heads, inputs[..<4]))
      let keys = Dictionary(uniqueKeysWithValues: zip(heads, inputs[4...]))
      return method.loss(queries: queries, keys: keys, tags: tags).total
    }.gradients
    for (index, gradient) in gradients.enumerated() {
      #expect(gradient.values.contains { $0 != 0 } == (index < 4), "\(index)")
    }
    #expect(method.parameters.isEmpty)
  }

  @Test func queuesTakeKeysBehindTheLoss() {
    let method = filled(options())
    let before = method.loss(queries: all(query), keys: all(key), tags: tags).total.scalar
    method.enqueue(all(key), tags: tags)
    for head in MCT.Head.allCases { #expect(method.queues[head]?.position == 2) }
    #expect(method.queues[.imageIntra]?.tags?.values.prefix(6) == [1, 0, 1, 0, 1, 0])
    #expect(method.queues[.captionIntra]?.tags == nil)
    // The own key is now among the negatives.
    #expect(method.loss(queries: all(query), keys: all(key), tags: tags).total.scalar > before)
  }

  @Test func pretextAccuracyCountsOwnKeysThatAreNearest() {
    let method = filled(options())
    #expect(method.pretextAccuracy(.imageIntra, queries: all(query), keys: all(key)) == 1)
    let swapped = Tensor([0.2, 1, 0.1, 1, 0.1, 0.4], shape: [2, 3]).l2Normalised()
    #expect(method.pretextAccuracy(.imageIntra, queries: all(query), keys: all(swapped)) == 0)
    #expect(method.pretextAccuracy(.imageIntra, queries: [:], keys: all(key)) == nil)
  }
}
