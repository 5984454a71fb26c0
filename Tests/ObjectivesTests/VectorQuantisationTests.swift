import Autograd
import Kernels
import Layers
import Objectives
import SampleTensors
import Testing

@Suite struct VectorQuantisationTests {
  @Test func nearestCodeIsTheLowerOfEqualOnes() {
    let codebook = Tensor([0, 0, 2, 0, 0, 0], shape: [3, 2])
    #expect(VectorQuantisation.nearest(Tensor([0.9, 0, 1.1, 0, 0.1, 0.1], shape: [3, 2]), in: codebook) == [0, 1, 0])
  }

  /// More distances than are held at a time.
  @Test func manyVectorsAndCodesGoByBlocks() {
    let codes = 1 << 15
    var stream = RandomStream(seed: 1, name: "codes")
    let codebook = Initialiser.normal([codes, 16], deviation: 1, &stream)
    let wanted = (0..<1_200).map { Int32($0 * 27) }
    #expect(VectorQuantisation.nearest(codebook.gatheringRows(wanted) * 1.01, in: codebook) == wanted)
  }

  /// The loss says that a number is none; its code must not end the process before.
  @Test func whatIsNotANumberHasACode() {
    let found = FiniteScalarQuantisation(levels: [3, 4]).quantised(Tensor([.nan, 0, 0.2, .infinity], shape: [2, 2]))
    #expect(found.numbers.allSatisfy { (0..<12).contains($0) })
    #expect(found.values.values[0].isNaN)
  }

  @Test func rotationTurnsGradientsWithTheVector() {
    let (x, e) = (Tensor([3, 0], shape: [1, 2]), Tensor([0, 2], shape: [1, 2]))
    let (_, gradients) = Tape.gradients(at: [x]) {
      let found = VectorQuantisation.quantised($0[0], to: e, gradient: .rotation)
      #expect(distance(found, [0, 2]) < 1e-5)
      return (found * Tensor([1, 5], shape: [1, 2])).sum()
    }
    // x turns by +90° and shrinks to two thirds: a slope along the code is one along the vector.
    #expect(distance(gradients[0], [5 * 2 / 3, -1 * 2 / 3]) < 1e-4)
    let (_, straight) = Tape.gradients(at: [x]) {
      (VectorQuantisation.quantised($0[0], to: e, gradient: .straightThrough) * Tensor([1, 5], shape: [1, 2])).sum()
    }
    #expect(straight[0].values == [1, 5])
  }

  @Test func goldenValues() {
    let (e, q) = (Tensor([3, 4], shape: [1, 2]), Tensor([4, 3.1], shape: [1, 2]))
    let (_, gradients) = Tape.gradients(at: [e]) {
      let found = VectorQuantisation.quantised($0[0], to: q, gradient: .rotation)
      #expect(distance(found, [4, 3.1]) < 1e-5)
      return (found * Tensor([1, 0], shape: [1, 2])).sum()
    }
    #expect(distance(gradients[0], [0.976, 0.268]) < 1e-4)
    let first = Tensor([1, 0, 0, 0, 1, 0], shape: [2, 3]).softmax()
    let second = Tensor([0.8, 0.1, 0, 0, 0.5, 0.2], shape: [2, 3]).softmax()
    #expect(abs(VectorQuantisation.codeMatching(first, second).scalar - 0.5006695664) < 1e-5)
  }

  @Test func perplexityCountsCodesInUse() {
    #expect(abs(VectorQuantisation.perplexity([0, 1, 2, 3, 0, 1, 2, 3], codes: 16).scalar - 4) < 1e-4)
    #expect(abs(VectorQuantisation.perplexity([7, 7, 7], codes: 16).scalar - 1) < 1e-4)
  }

  @Test func averagesMoveCodesToTheirVectors() {
    var averages = VectorQuantisation.Averages(
      counts: Tensor(repeating: 1, shape: [2]), sums: Tensor([0, 0, 4, 4], shape: [2, 2]))
    let vectors = Tensor([1, 1, 3, 3, 4, 6], shape: [3, 2])
    var codes = Tensor([0, 0, 4, 4], shape: [2, 2])
    for _ in 0..<200 {
      codes = averages.move(
        towards: vectors, numbers: VectorQuantisation.nearest(vectors, in: codes), decay: 0.9, epsilon: 1e-5)
    }
    // k-means: {(1, 1)} and the mean of the other two.
    #expect(distance(codes, [1, 1, 3.5, 4.5]) < 1e-2)
  }

  @Test func scalarLevelsMakeExactlyTheirProduct() {
    let fsq = FiniteScalarQuantisation(levels: [4, 3, 5])
    var stream = RandomStream(seed: 2, name: "fsq")
    let vectors = Tensor((0..<3 * 4_000).map { _ in stream.normal() * 3 }, shape: [4_000, 3])
    let found = fsq.quantised(vectors)
    #expect(Set(found.numbers) == Set((0..<60).map { Int32($0) }) && fsq.codes == 60)
    // As many different values as numbers, and one for each.
    var byNumber: [Int32: Set<[Float]>] = [:]
    let values = found.values.values
    for (row, number) in found.numbers.enumerated() {
      byNumber[number, default: []].insert(Array(values[row * 3..<row * 3 + 3]))
    }
    #expect(byNumber.values.allSatisfy { $0.count == 1 } && Set(byNumber.values.flatMap { $0 }).count == 60)
    let (_, gradients) = Tape.gradients(at: [Tensor([0.2, -0.1, 0.3], shape: [1, 3])]) {
      fsq.quantised($0[0]).values.sum()
    }
    #expect(gradients[0].values.allSatisfy { $0 > 0.1 }, "the slope passes the rounding")
  }

  @Test func codeMatchingPrefersPairs() {
    let codebook = randomTensor([6, 4], "codes")
    let vectors = randomTensor([5, 4], "vectors")
    let own = VectorQuantisation.likelyCodes(vectors, codebook)
    let shifted = VectorQuantisation.likelyCodes(vectors.gatheringRows([1, 2, 3, 4, 0]), codebook)
    #expect(VectorQuantisation.codeMatching(own, own).scalar < VectorQuantisation.codeMatching(own, shifted).scalar)
    #expect(
      GradientCheck(step: 2e-3).largestError(at: [vectors, codebook]) {
        VectorQuantisation.codeMatching(
          VectorQuantisation.likelyCodes($0[0], $0[1]), VectorQuantisation.likelyCodes($0[0] * 0.9, $0[1]))
      } < 2e-2)
  }
}
