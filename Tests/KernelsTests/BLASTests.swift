import Kernels
import Testing

@Suite struct BLASTests {
  /// The product written out, in 64 bits.
  private func product(_ a: Matrix, _ b: Matrix) -> Matrix {
    var result = Matrix(rows: a.rows, columns: b.columns)
    for row in 0..<a.rows {
      for column in 0..<b.columns {
        result[row, column] = Float((0..<a.columns).reduce(0.0) { $0 + Double(a[row, $1]) * Double(b[$1, column]) })
      }
    }
    return result
  }

  private func example(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    var stream = RandomStream(seed: seed, name: "product")
    return Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in 2 * stream.uniform() - 1 })
  }

  private func difference(_ a: Matrix, _ b: Matrix) -> Float {
    guard a.rows == b.rows, a.columns == b.columns else { return .infinity }
    return zip(a.values, b.values).map { abs($0 - $1) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
  }

  @Test(
    arguments: [(1, 1, 1), (3, 5, 4), (17, 2, 33), (64, 48, 80)],
    [(false, false), (true, false), (false, true), (true, true)])
  func productsAgreeWithTheDefinition(sizes: (Int, Int, Int), transposed: (Bool, Bool)) {
    let (m, n, k) = sizes
    let (a, b) = (example(m, k, seed: 1), example(k, n, seed: 2))
    let expected = product(a, b)
    let left = transposed.0 ? a.transposed() : a
    let right = transposed.1 ? b.transposed() : b
    let result = left.multiplied(by: right, transposingSelf: transposed.0, transposingOther: transposed.1)
    #expect(difference(result, expected) < 1e-5)
  }

  @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
  func scalesLeadingDimensionsAndWhatIsThere(transposed: (Bool, Bool)) {
    // The matrices are the left upper corners of wider ones, and C is 2 op(A) op(B) − C / 2.
    let (m, n, k, width) = (3, 4, 5, 9)
    let (a, b) = (example(width, width, seed: 3), example(width, width, seed: 4))
    let before = example(m, width, seed: 5)
    var c = before.values
    BLAS.multiply(
      m: m, n: n, k: k, alpha: 2, a.values, leading: width, transposed: transposed.0, b.values, leading: width,
      transposed: transposed.1, beta: -0.5, into: &c, leading: width)
    for row in 0..<m {
      for column in 0..<width {
        let sum = (0..<k).reduce(Float(0)) { sum, i in
          sum + (transposed.0 ? a[i, row] : a[row, i]) * (transposed.1 ? b[column, i] : b[i, column])
        }
        let expected = column < n ? 2 * sum - 0.5 * before[row, column] : before[row, column]
        #expect(abs(c[row * width + column] - expected) < 1e-5)
      }
    }
  }

  @Test func anEmptySumIsZero() {
    let result = Matrix(rows: 2, columns: 0).multiplied(by: Matrix(rows: 0, columns: 3))
    #expect(result == Matrix(rows: 2, columns: 3))
    #expect(Matrix(rows: 0, columns: 2).multiplied(by: Matrix(rows: 2, columns: 3)) == Matrix(rows: 0, columns: 3))
  }

  @Test func sizesThatDoNotFitAreRefused() async {
    await #expect(processExitsWith: .failure) {
      _ = Matrix(rows: 2, columns: 3).multiplied(by: Matrix(rows: 2, columns: 3))
    }
  }

  @Test func theKernelsSuitTheProcessor() {
    #expect(!BLAS.core.isEmpty)
    #expect(BLAS.pool == "OpenMP")
    #expect(BLAS.configuration.contains("OpenBLAS"))
    #expect(BLAS.file?.hasPrefix("/") == true && BLAS.file?.contains("openblas") == true)
    #expect(!CPU.name.isEmpty)
    #expect(["AVX-512", "AVX2", "baseline"].contains(CPU.instructionSet))
    if CPU.hasAVX512 {
      #expect(CPU.hasAVX2)
      #expect(CPU.instructionSet == "AVX-512")
    }
  }
}
