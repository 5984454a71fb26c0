import CKernels
import Kernels
import Testing

@Suite struct RandomStreamTests {
  private func numbers(_ stream: RandomStream, count: Int = 64) -> [UInt64] {
    var stream = stream
    return (0..<count).map { _ in stream.next() }
  }

  @Test func followsSplitMix64() {
    // Number i is the finaliser of key + i γ; the finaliser is written out here a second time.
    let stream = RandomStream(seed: 7, name: "init")
    let expected = (1...3).map { i -> UInt64 in
      var z = stream.key &+ UInt64(i) &* 0x9e37_79b9_7f4a_7c15
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    #expect(numbers(stream, count: 3) == expected)
  }

  @Test func namesAndSeedsSelectTheSequence() {
    let stream = RandomStream(seed: 3, name: "shuffle")
    #expect(numbers(stream) == numbers(RandomStream(seed: 3, name: "shuffle")))
    let others = [
      RandomStream(seed: 3, name: "dropout"), RandomStream(seed: 4, name: "shuffle"), RandomStream(seed: 3, name: ""),
      RandomStream(seed: 0, name: "shuffle"),
    ]
    for other in others { #expect(Set(numbers(stream)).isDisjoint(with: numbers(other))) }
    #expect(Set(others.map(\.key)).count == 4)
  }

  @Test func resumesFromItsPosition() {
    var stream = RandomStream(seed: 1, name: "augment")
    _ = (stream.uniform(), stream.normal(), stream.permutation(of: 5))
    var resumed = RandomStream(seed: 1, name: "augment")
    resumed.position = stream.position
    #expect(resumed == stream)
    #expect(numbers(resumed) == numbers(stream))
  }

  @Test(arguments: [0, 1, 12_345] as [UInt64]) func kernelsDrawTheSameNumbers(position: UInt64) {
    let count = 5000
    var stream = RandomStream(seed: 11, name: "dropout")
    stream.position = position
    var uniform = [Float](repeating: 0, count: count)
    ck_random_uniform(stream.key, position, -1, 3, &uniform, count)
    let input = (0..<count).map { Float($0 % 13) - 6 }
    var kept = [Float](repeating: 0, count: count)
    ck_dropout(stream.key, position, 0.25, input, &kept, count, false)
    var added = input
    ck_dropout(stream.key, position, 0.25, input, &added, count, true)
    let drawn = (0..<count).map { _ in stream.uniform() }
    #expect(uniform == drawn.map { -1 + 4 * $0 })
    let expected = zip(drawn, input).map { $0 >= 0.25 ? $1 * (1 / (1 - 0.25 as Float)) : 0 }
    #expect(kept == expected)
    for i in 0..<count where abs(added[i] - (input[i] + expected[i])) > 1e-5 {
      Issue.record("element \(i) was not added to")
    }
  }

  @Test func uniformNumbersFillTheirInterval() {
    var stream = RandomStream(seed: 2, name: "uniform")
    let values = (0..<100_000).map { _ in stream.uniform() }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = values.reduce(0.0) { $0 + Double($1) } / 1e5
    // The deviation of the mean is 1 / √(12 · 10⁵) ≈ 0.0009.
    #expect(abs(mean - 0.5) < 0.005)
    #expect(values.max()! > 0.999 && values.min()! < 0.001)
  }

  @Test(arguments: [0, 1, 2, 97]) func aPermutationHasEveryIndexOnce(count: Int) {
    var stream = RandomStream(seed: 5, name: "shuffle")
    let first = stream.permutation(of: count)
    #expect(first.sorted() == Array(0..<count))
    if count > 2 { #expect(stream.permutation(of: count) != first) }
  }

  @Test func everyOrderOfThreeIsEquallyLikely() {
    var stream = RandomStream(seed: 8, name: "shuffle")
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 { counts[stream.permutation(of: 3), default: 0] += 1 }
    #expect(counts.count == 6)
    // 1000 expected each, deviation 29.
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })
  }

  @Test func belowIsUnbiased() {
    var stream = RandomStream(seed: 9, name: "below")
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.below(7)] += 1 }
    // 10000 expected each, deviation 93.
    #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
    #expect(stream.below(1) == 0)
  }

  @Test func belowNothingIsRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 0, name: "below")
      _ = stream.below(0)
    }
  }

  @Test func normalNumbersHaveMeanZeroAndVarianceOne() {
    var stream = RandomStream(seed: 10, name: "normal")
    let values = (0..<100_000).map { _ in Double(stream.normal()) }
    #expect(values.allSatisfy { $0.isFinite })
    func moment(_ power: Int) -> Double {
      values.reduce(0) { sum, value in sum + (0..<power).reduce(1.0) { product, _ in product * value } } / 1e5
    }
    #expect(abs(moment(1)) < 0.02)
    #expect(abs(moment(2) - 1) < 0.03)
    #expect(abs(moment(3)) < 0.1)
    #expect(abs(moment(4) - 3) < 0.2)
    #expect(stream.position == 200_000)
  }
}
