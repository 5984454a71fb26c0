import Foundation
import Interchange
import Kernels
import Testing

/// Products of 8-bit integers, by hand and against the rules of ONNX Runtime.
@Suite struct Int8Tests {
  private static let fixture = Result {
    try SafetensorsFile(
      readingFrom: Bundle.module.bundleURL.appending(path: "Fixtures/quantisation.safetensors"))
  }

  private func floats(_ name: String) throws -> [Float] { try #require(Self.fixture.get().arrays[name]?.floats) }

  private func bytes(_ name: String) throws -> [UInt8] {
    guard case .uint8(let values) = try #require(Self.fixture.get().arrays[name]?.values) else { return [] }
    return values
  }

  private func integers(_ name: String) throws -> [Int32] {
    guard case .int32(let values) = try #require(Self.fixture.get().arrays[name]?.values) else { return [] }
    return values
  }

  /// The sums of products of codes, with oneDNN where this processor lets it, or by loops.
  private func sums(_ a: [UInt8], _ b: [Int8], m: Int, n: Int, k: Int, plainly: Bool) -> [Int32] {
    let weights = Int8Weights(
      codes: b, scales: [Float](repeating: 1, count: n), sums: [Int32](repeating: 0, count: n), inputs: k,
      plainly: plainly || !Int8Weights.hasInstructions)
    #expect(weights.isPlain == (plainly || !Int8Weights.hasInstructions || b.isEmpty))
    var sums = [Int32](repeating: -1, count: m * n)
    weights.sums(of: a, count: m, into: &sums)
    return sums
  }

  private func rows(_ x: [Float], columns: Int, leading: Int? = nil) -> Int8Rows.Quantised {
    Int8Rows.Quantised(x, rows: x.count / (leading ?? columns), columns: columns, leading: leading ?? columns)
  }

  @Test(arguments: [
    "constant", "large", "mixed", "negative-constant", "negative-zero", "negative", "outlier", "positive", "single",
    "symmetric", "ties-positive", "ties", "tiny", "zeros",
  ]) func rowsAreQuantisedByTheRule(name: String) throws {
    let x = try floats("rows.in.\(name)")
    let found = rows(x, columns: x.count)
    #expect(found.scales == (try floats("rows.out.\(name).scale")))
    #expect(found.zeros.map { UInt8($0) } == (try bytes("rows.out.\(name).zero_point")))
    #expect(found.codes == (try bytes("rows.out.\(name).quantized")))
  }

  @Test func eachRowHasAScaleOfItsOwn() {
    // (2 + 1) / 255 and 1 / 255; a row of zeros; one that is not finite; the fourth number of each is not the row's.
    let found = rows([-1, 0, 2, 9, 0, 1, 0.5, 9, 0, 0, 0, 9, 1, .infinity, 0, 9], columns: 3, leading: 4)
    #expect(found.scales[0] == 3 / 255 && found.scales[1] == 1 / 255 && found.scales[2] == 1)
    #expect(found.zeros == [85, 0, 0, 0] && found.scales[3].isNaN)
    #expect(found.codes == [0, 85, 255, 0, 255, 127, 0, 0, 0, 0, 0, 0])
  }

  @Test func weightsAreQuantisedByTheRule() throws {
    // The file has [inputs, outputs].
    let (inputs, outputs) = (48, 36)
    let stored = try floats("linear.in.weight")
    let weights = (0..<outputs * inputs).map { stored[$0 % inputs * outputs + $0 / inputs] }
    let found = Int8Weights.Quantised(weights, outputs: outputs, inputs: inputs)
    let expected = try integers("linear.per_channel.weight.quantized")
    #expect(found.scales == (try floats("linear.per_channel.weight.scale")))
    for output in 0..<outputs {
      let codes = (0..<inputs).map { Int32(found.codes[output * inputs + $0]) }
      #expect(codes == (0..<inputs).map { expected[$0 * outputs + output] })
      #expect(codes.reduce(0, +) == found.sums[output])
    }
    // The exact sums of the codes, with the zero of all rows.
    let zero = Int32(try bytes("linear.x.zero_point")[0])
    let products = sums(
      try bytes("linear.x.quantized"), found.codes, m: 11, n: outputs, k: inputs, plainly: false)
    let accumulated = products.enumerated().map { $1 - zero * found.sums[$0 % outputs] }
    #expect(accumulated == (try integers("linear.per_channel.accumulator")))
  }

  @Test func weightsOfZerosAndOfNoNumbers() {
    let weights = Int8Weights.Quantised([0, 0, -2, 0.5, .nan, 1, .leastNonzeroMagnitude, 0], outputs: 4, inputs: 2)
    #expect(weights.codes == [0, 0, -127, 32, 0, 0, 0, 0])
    #expect(weights.scales[0] == 1 && weights.scales[1] == 2 / 127 && weights.scales[2].isNaN)
    #expect(weights.scales[3] == 1 && weights.sums == [0, -95, 0, 0])
  }

  @Test func aProductByHand() {
    // x = (0, 1) has s = 1/255, z = 0, codes 0, 255; x = (−1, 0) has z = 255, codes 0, 255.
    let rows = Int8Rows(rows: 2, inputs: 2, outputs: 2)
    let weights = Int8Weights([1, 0.5, -1, 0], outputs: 2, inputs: 2)
    var y = [Float](repeating: 9, count: 6)
    rows.multiply([0, 1, -1, 0], leading: 2, count: 2, by: weights, into: &y, leading: 3)
    let (first, second) = (Float(1) / 255 * (1 / 127), Float(1) / 255 * (1 / 127))
    #expect(y == [255 * 64 * first, 0, 9, -255 * 127 * first, 255 * 127 * second, 9])
  }

  /// Sums of two products exceed 16 bits, and sums of many stay exact: with oneDNN and without.
  @Test(arguments: [(1, 1, 1), (3, 5, 7), (17, 33, 65), (2, 4, 1023), (64, 48, 256), (5, 1, 4000), (193, 100, 66)])
  func sumsAreExact(m: Int, n: Int, k: Int) {
    var stream = RandomStream(seed: 4, name: "codes")
    for isExtreme in [true, false] {
      let a = (0..<m * k).map { _ in isExtreme ? UInt8(255) : UInt8(stream.below(256)) }
      let b = (0..<n * k).map { _ in isExtreme ? Int8(stream.below(2) * 254 - 127) : Int8(stream.below(255) - 127) }
      let exact = (0..<m * n).map { place in
        (0..<k).reduce(Int32(0)) { $0 + Int32(a[place / n * k + $1]) * Int32(b[place % n * k + $1]) }
      }
      for plainly in [true, false] { #expect(sums(a, b, m: m, n: n, k: k, plainly: plainly) == exact) }
    }
  }

  @Test func nothingTimesNothing() {
    #expect(sums([], [], m: 2, n: 2, k: 0, plainly: false) == [0, 0, 0, 0])
    #expect(sums([], [1, 2, 3, 4, 5, 6], m: 0, n: 2, k: 3, plainly: false) == [])
  }

  @Test func aRowDoesNotDependOnTheOthers() {
    var stream = RandomStream(seed: 4, name: "rows")
    let x = (0..<5 * 37).map { 10 * ($0 < 37 ? 100 * stream.uniform() : stream.uniform() - 0.5) }
    let weights = Int8Weights((0..<11 * 37).map { _ in stream.uniform() - 0.5 }, outputs: 11, inputs: 37)
    let room = Int8Rows(rows: 5, inputs: 37, outputs: 11)
    var (all, one) = ([Float](repeating: 0, count: 55), [Float](repeating: 0, count: 11))
    room.multiply(x, leading: 37, count: 5, by: weights, into: &all, leading: 11)
    for row in 0..<5 {
      room.multiply(Array(x[row * 37..<(row + 1) * 37]), leading: 37, count: 1, by: weights, into: &one, leading: 11)
      #expect(one == Array(all[row * 11..<(row + 1) * 11]))
    }
  }
}
