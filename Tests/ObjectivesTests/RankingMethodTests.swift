import Autograd
import Kernels
import Layers
import Objectives
import SampleTensors
import Testing

@Suite struct VSETests {
  private let unit = Tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], shape: [3, 3])
  private let similarity = Tensor([0.8, 0.7, 0.1, 0.75, 0.6, 0.55, 0, 0.5, 0.9], shape: [3, 3])

  @Test func warmupGoesFromTheSumToTheHardest() {
    let method = VSE(.init(margin: 0.2, warmupSteps: 4))
    #expect([0, 1, 2, 4, 9].map { method.hardness(step: $0) } == [0, 0.25, 0.5, 1, 1])
    // The columns of the second side are the rows of similarities.
    let v = similarity.transposed()
    for (step, expected) in [(0, Float(1.15)), (2, 1.025), (4, 0.9), (100, 0.9)] {
      #expect(abs(method.loss(unit, v, step: step).total.scalar - expected) < 1e-6, "step \(step)")
    }
    let middle = method.loss(unit, v, step: 2).parts
    #expect(middle.map(\.name) == ["sum", "hardest"])
    #expect(distance(Tensor(middle.map(\.value.scalar)), [0.575, 0.45]) < 1e-6)
  }

  @Test func theEndsAreBothFormsToTheBit() {
    let (u, v) = (randomTensor([5, 3], "u").l2Normalised(), randomTensor([5, 3], "v").l2Normalised())
    let method = VSE(.init(margin: 0.3, warmupSteps: 10))
    #expect(method.loss(u, v, step: 0).total.scalar == vseLoss(u, v, margin: 0.3, hardest: false).scalar)
    #expect(method.loss(u, v, step: 10).total.scalar == vseLoss(u, v, margin: 0.3, hardest: true).scalar)
    #expect(VSE().loss(u, v, step: 0).total.scalar == vseLoss(u, v, margin: 0.2, hardest: true).scalar)
  }

  @Test func twoPairsHaveOneNegativeEach() {
    let (u, v) = (randomTensor([2, 3], "u").l2Normalised(), randomTensor([2, 3], "v").l2Normalised())
    // The hardest of one is their sum, so every step has the same loss; so have equal representations.
    let method = VSE(.init(margin: 0.2, warmupSteps: 2))
    let losses = (0..<3).map { method.loss(u, v, step: $0).total.scalar }
    #expect(losses.allSatisfy { abs($0 - losses[0]) < 1e-6 })
    let tied = method.loss(Tensor(repeating: 0.5, shape: [3, 4]), Tensor(repeating: 0.5, shape: [3, 4]), step: 2)
    #expect(abs(tied.total.scalar - 6 * 0.2) < 1e-6)
  }

  @Test func gradientsAgree() {
    let method = VSE(.init(margin: 0.3, warmupSteps: 4))
    let error = GradientCheck(step: 4e-3).largestError(at: [randomTensor([4, 3], "u"), randomTensor([4, 3], "v")]) {
      method.loss($0[0].l2Normalised(), $0[1].l2Normalised(), step: 1).total
    }
    #expect(error < 5e-3)
  }

  @Test func otherShapesAndStepsAreRefused() async {
    await #expect(processExitsWith: .failure) { _ = VSE().hardness(step: -1) }
    await #expect(processExitsWith: .failure) {
      _ = VSE().loss(Tensor([1, 2], shape: [1, 2]), Tensor([1, 2], shape: [2, 1]), step: 0)
    }
  }
}

@Suite struct TripletTests {
  private let u = Tensor([0, 0, 4, 0], shape: [2, 2])
  private let v = Tensor([3, 4, 4, 0], shape: [2, 2])

  @Test(arguments: Triplet.Negatives.allCases) func twoPairsByHand(negatives: Triplet.Negatives) {
    var stream = RandomStream(seed: 1, name: "negatives")
    let terms = Triplet(.init(margin: 1, negatives: negatives, distance: .euclidean)).loss(u, v, using: &stream)
    // max(0, 1 + 5 − 4) and 0 for the first side, max(0, 1 + 5 − √17) and 0 for the second; each a mean, and halved.
    #expect(terms.parts.map(\.name) == ["first-second", "second-first"])
    #expect(distance(Tensor(terms.parts.map(\.value.scalar)), [0.5, (6 - Float(17).squareRoot()) / 4]) < 1e-6)
    #expect((stream.position == 0) == (negatives != .random))
    // max(0, 1 + 25 − 16) and 0; max(0, 1 + 25 − 17) and 0.
    let squared = Triplet(.init(margin: 1, negatives: negatives)).loss(u, v, using: &stream)
    #expect(distance(Tensor(squared.parts.map(\.value.scalar)), [2.5, 2.25]) < 1e-5)
  }

  @Test func theDefaultsAreThoseOfFaceNet() {
    #expect(Triplet.Options().negatives == .semiHard && Triplet.Options().distance == .squared)
    #expect(Triplet.Options().margin == 0.2)
  }

  @Test func aSemiHardNegativeIsTheNearestBeyondThePositive() {
    let anchors = Tensor([0, 0, 0, 0], shape: [4, 1])
    // Squared distances 1, 9, ¼ and 1.44: the positive of each row is its own.
    let positives = Tensor([1, 3, -0.5, 1.2], shape: [4, 1])
    #expect(Triplet.semiHardNegatives(anchors, positives) == [3, 3, 0, 1])
    // The second has none beyond its positive, and takes the farthest. Keys that are shared are passed over.
    #expect(Triplet.semiHardNegatives(anchors, positives, sharing: [0, 1, 2, 0]) == [1, 3, 0, 1])
    #expect(Triplet.semiHardNegatives(anchors, positives, sharing: [0, 0, 0, 0]) == [0, 1, 2, 3])
  }

  @Test func eachDirectionHasSemiHardNegativesOfItsOwn() {
    let (u, v) = (randomTensor([9, 3], "u"), randomTensor([9, 3], "v"))
    var stream = RandomStream(seed: 3, name: "negatives")
    let parts = Triplet(.init(margin: 0.4)).loss(u, v, using: &stream).parts
    for (part, (anchor, positive)) in zip(parts, [(u, v), (v, u)]) {
      let negative = positive.gatheringRows(Triplet.semiHardNegatives(anchor, positive))
      let expected = tripletLoss(
        anchor: anchor, positive: positive, negative: negative, margin: 0.4, distance: .squared)
      #expect(part.value.scalar == expected.scalar * 0.5)
    }
    #expect(Triplet.semiHardNegatives(u, v) != Triplet.semiHardNegatives(v, u) && stream.position == 0)
  }

  @Test func negativesAreOtherObservations() {
    var stream = RandomStream(seed: 2, name: "negatives")
    #expect(Triplet(.init(margin: 1, negatives: .next)).negatives(batch: 4, using: &stream) == [1, 2, 3, 0])
    var again = stream
    let method = Triplet(.init(margin: 0.2, negatives: .random))
    var seen = [Set<Int32>](repeating: [], count: 4)
    for _ in 0..<60 {
      let places = method.negatives(batch: 4, using: &stream)
      for (row, place) in places.enumerated() { seen[row].insert(place) }
    }
    for row in 0..<4 { #expect(seen[row] == Set<Int32>(0..<4).subtracting([Int32(row)])) }
    var first = RandomStream(seed: 2, name: "negatives")
    #expect(method.negatives(batch: 9, using: &first) == method.negatives(batch: 9, using: &again))
  }

  @Test func sidesMayBeSwapped() {
    let (u, v) = (randomTensor([6, 3], "u"), randomTensor([6, 3], "v"))
    var (a, b) = (RandomStream(seed: 3, name: "negatives"), RandomStream(seed: 3, name: "negatives"))
    let there = Triplet().loss(u, v, using: &a)
    let back = Triplet().loss(v, u, using: &b)
    #expect(abs(there.total.scalar - back.total.scalar) < 1e-6)
    #expect(there.parts.map(\.value.scalar) == back.parts.map(\.value.scalar).reversed())
  }

  @Test func tiesCostTheMargin() {
    var stream = RandomStream(seed: 4, name: "negatives")
    let same = Tensor(repeating: 1, shape: [3, 2])
    let result = Tape.gradients(at: [same]) { Triplet(.init(margin: 0.5)).loss($0[0], same, using: &stream).total }
    #expect(result.value.scalar == 0.5 && result.gradients[0].isFinite)
  }

  @Test(arguments: Triplet.Distance.allCases, Triplet.Negatives.allCases)
  func gradientsAgree(distance: Triplet.Distance, negatives: Triplet.Negatives) {
    let method = Triplet(.init(margin: 3, negatives: negatives, distance: distance))
    let error = GradientCheck(step: 4e-3).largestError(at: [randomTensor([4, 3], "u"), randomTensor([4, 3], "v")]) {
      var stream = RandomStream(seed: 5, name: "negatives")
      return method.loss($0[0], $0[1], using: &stream).total
    }
    #expect(error < 5e-3)
  }

  @Test func oneRowIsRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1, name: "negatives")
      let row = Tensor([1, 2], shape: [1, 2])
      _ = Triplet().loss(row, row, using: &stream)
    }
  }
}
