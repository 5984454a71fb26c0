/// The most that products of matrices reach on this machine now, in 10⁹ floating-point operations a second.
///
/// It is the best of several shapes as networks have them, each in the median of its rounds, with factors that are of
/// the precision beforehand.
public enum ProductPeak {
  /// Rows, columns and inner size of each product.
  public static let shapes: [(m: Int, n: Int, k: Int)] = [
    (2048, 192, 192), (1024, 1024, 1024), (2048, 768, 768), (1024, 3072, 768),
  ]

  /// Measures; takes about a second.
  ///
  /// - Parameter rounded: whether factors are bfloat16.
  public static func measure(rounds: Int = 9, rounded: Bool = false) -> Double {
    shapes.map { rate(m: $0.m, n: $0.n, k: $0.k, rounds: rounds, rounded: rounded) }.max() ?? 0
  }

  /// Measures products of 8-bit integers, without making integers of numbers or numbers of sums.
  ///
  /// - Returns: 0 where this processor has no instructions for them.
  public static func measureIntegers(rounds: Int = 9) -> Double {
    guard Int8Weights.hasInstructions else { return 0 }
    return shapes.map { m, n, k in
      let codes = (0..<m * k).map { UInt8(truncatingIfNeeded: $0 % 251) }
      let weights = Int8Weights(
        codes: (0..<n * k).map { Int8($0 % 127) }, scales: [Float](repeating: 1, count: n),
        sums: [Int32](repeating: 0, count: n), inputs: k)
      var sums = [Int32](repeating: 0, count: m * n)
      return rate(work: 2 * m * n * k, rounds: rounds) { weights.sums(of: codes, count: m, into: &sums) }
    }.max() ?? 0
  }

  private static func rate(m: Int, n: Int, k: Int, rounds: Int, rounded: Bool) -> Double {
    let (a, b, c) = (storage(m * k), storage(k * n), Storage(count: m * n))
    let multiply: () -> Void
    if rounded {
      let (first, second) = (
        Bfloat16Storage(rounding: a.pointer, leading: k, rows: m, columns: k),
        Bfloat16Storage(rounding: b.pointer, leading: n, rows: k, columns: n)
      )
      multiply = {
        Bfloat16.multiply(
          m: m, n: n, k: k, first.pointer, leading: k, second.pointer, leading: n, into: c.pointer, leading: n)
      }
    } else {
      multiply = {
        BLAS.multiply(
          m: m, n: n, k: k, a.pointer, leading: k, transposed: false, b.pointer, leading: n, into: c.pointer,
          leading: n)
      }
    }
    return rate(work: 2 * m * n * k, rounds: rounds, multiply)
  }

  private static func rate(work: Int, rounds: Int, _ multiply: () -> Void) -> Double {
    multiply()
    // Small products are repeated until a round has some milliseconds.
    let repeats = max(1, 1_000_000_000 / work)
    let times = (0..<rounds).map { _ in
      let start = ContinuousClock.now
      for _ in 0..<repeats { multiply() }
      let passed = (ContinuousClock.now - start).components
      return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
    }
    return Double(work * repeats) / times.sorted()[rounds / 2] * 1e-9
  }

  private static func storage(_ count: Int) -> Storage {
    let storage = Storage(count: count)
    for i in 0..<count { storage.pointer[i] = Float(i % 7) * 0.01 }
    return storage
  }
}
