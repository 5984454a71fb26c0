import Kernels
import Testing

/// Products of bfloat16 numbers and the way there and back.
@Suite struct Bfloat16Tests {
  private func bits(of value: Float) -> UInt16 {
    Bfloat16Storage(rounding: [value], leading: 1, rows: 1, columns: 1).pointer.pointee
  }

  private func widened(_ half: [UInt16]) -> [Float] {
    var values = [Float](repeating: 0, count: half.count)
    Bfloat16.widen(half, into: &values, count: half.count)
    return values
  }

  @Test(
    arguments: [
      (1, 0x3f80), (-2.5, 0xc020), (0, 0), (1.00390625, 0x3f80), (1.01171875, 0x3f82), (1.0041, 0x3f81),
      (3.3895314e38, 0x7f7f), (3.4028235e38, 0x7f80), (.infinity, 0x7f80), (-.infinity, 0xff80),
      (.leastNormalMagnitude / 128, 0x0001),
    ] as [(Float, UInt16)])
  func roundsToTheNearestTiesToEven(value: Float, expected: UInt16) {
    #expect(bits(of: value) == expected)
  }

  @Test func whatIsNoNumberStaysNone() {
    let values = widened([bits(of: .nan), bits(of: Float(bitPattern: 0x7f80_0001))])
    #expect(values[0].isNaN && values[1].isNaN)
  }

  @Test func whatWasWidenedRoundsBack() {
    let all = (0...UInt16.max).filter { $0 & 0x7fff <= 0x7f80 }
    let values = widened(all)
    let again = Bfloat16Storage(rounding: values, leading: values.count, rows: 1, columns: values.count)
    #expect((0..<all.count).allSatisfy { again.pointer[$0] == all[$0] })
  }

  @Test func rowsAtAPitchBecomeDense() {
    let dense = Bfloat16Storage(rounding: [1, 2, 9, 3, 4, 9], leading: 3, rows: 2, columns: 2)
    #expect(widened((0..<4).map { dense.pointer[$0] }) == [1, 2, 3, 4])
  }

  @Test(
    .enabled(if: OneDNN.bfloat16Implementation != nil),
    arguments: [(64, 48, 80), (65, 65, 64), (3, 7, 5), (1, 130, 257)],
    [(false, false), (true, false), (false, true), (true, true)])
  func productsAreThoseOfTheRoundedFactors(sizes: (Int, Int, Int), transposed: (Bool, Bool)) {
    let (m, n, k) = sizes
    var stream = RandomStream(seed: 1, name: "product")
    // Rows stand wider apart than they are long.
    let (aRows, aColumns) = transposed.0 ? (k, m) : (m, k)
    let (bRows, bColumns) = transposed.1 ? (n, k) : (k, n)
    let pitches = (aColumns + 3, bColumns + 5, n + 2)
    func draw(_ count: Int) -> [Float] { (0..<count).map { _ in 2 * stream.uniform() - 1 } }
    let a = Bfloat16Storage(
      rounding: draw(aRows * pitches.0), leading: aRows * pitches.0, rows: 1, columns: aRows * pitches.0)
    let b = Bfloat16Storage(
      rounding: draw(bRows * pitches.1), leading: bRows * pitches.1, rows: 1, columns: bRows * pitches.1)
    let x = widened((0..<aRows * pitches.0).map { a.pointer[$0] })
    let y = widened((0..<bRows * pitches.1).map { b.pointer[$0] })
    func expected(_ row: Int, _ column: Int) -> Double {
      (0..<k).reduce(0) { sum, i in
        sum + Double(transposed.0 ? x[i * pitches.0 + row] : x[row * pitches.0 + i])
          * Double(transposed.1 ? y[column * pitches.1 + i] : y[i * pitches.1 + column])
      }
    }
    let before = draw(m * pitches.2)
    for adding in [false, true] {
      var c = before
      Bfloat16.multiply(
        m: m, n: n, k: k, a.pointer, leading: pitches.0, transposed: transposed.0, b.pointer, leading: pitches.1,
        transposed: transposed.1, adding: adding, into: &c, leading: pitches.2)
      for row in 0..<m {
        for column in 0..<pitches.2 {
          let place = row * pitches.2 + column
          let sum = column < n ? expected(row, column) + (adding ? Double(before[place]) : 0) : Double(before[place])
          #expect(abs(Double(c[place]) - sum) < 1e-4)
        }
      }
    }
    let rounded = Bfloat16Storage(count: m * n)
    Bfloat16.multiply(
      m: m, n: n, k: k, a.pointer, leading: pitches.0, transposed: transposed.0, b.pointer, leading: pitches.1,
      transposed: transposed.1, rounding: rounded.pointer, leading: n)
    let values = widened((0..<m * n).map { rounded.pointer[$0] })
    for row in 0..<m {
      for column in 0..<n {
        let sum = expected(row, column)
        #expect(abs(Double(values[row * n + column]) - sum) <= abs(sum) / 256 + 1e-4)
      }
    }
  }
}
