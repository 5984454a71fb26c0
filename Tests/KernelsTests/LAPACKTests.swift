import Diagnostics
import Kernels
import Testing

@Suite struct LAPACKTests {
  @Test func eigenvectorsOfTwoByTwo() throws {
    // [[2, 1], [1, 2]] has the eigenvalues 1 along (1, −1) and 3 along (1, 1).
    let (values, vectors) = try LAPACK.symmetricEigenvectors(of: Matrix(rows: 2, columns: 2, values: [2, 1, 1, 2]))
    #expect(abs(values[0] - 1) < 1e-6 && abs(values[1] - 3) < 1e-6)
    #expect(abs(vectors[0, 0] + vectors[0, 1]) < 1e-6)
    #expect(abs(vectors[1, 0] - vectors[1, 1]) < 1e-6)
    #expect(abs(abs(vectors[1, 0]) - Float(0.5).squareRoot()) < 1e-6)
  }

  @Test(arguments: [(4, 7), (7, 4), (5, 5), (1, 3)]) func singularVectorsRebuildTheMatrix(m: Int, n: Int) throws {
    let matrix = randomMatrix(m, n)
    let (left, values, right) = try LAPACK.singularVectors(of: matrix)
    #expect(values.count == min(m, n) && left.rows == m && right.columns == n)
    #expect(values == values.sorted(by: >))
    var scaled = left
    for row in 0..<m {
      for column in 0..<values.count { scaled[row, column] *= values[column] }
    }
    expectClose(scaled.multiplied(by: right), matrix)
  }

  @Test func leastSquaresFindsTheLine() throws {
    // y = 1 + 2x through (0, 1), (1, 3), (2, 5): an exact fit; a second target is constant 4.
    let a = Matrix(rows: 3, columns: 2, values: [1, 0, 1, 1, 1, 2])
    let b = Matrix(rows: 3, columns: 2, values: [1, 4, 3, 4, 5, 4])
    let (solution, rank) = try LAPACK.leastSquares(a, b)
    #expect(rank == 2)
    expectClose(solution, Matrix(rows: 2, columns: 2, values: [1, 4, 2, 0]))
  }

  @Test func leastSquaresOfTooFewEquationsIsTheShortest() throws {
    // x + y = 2 has the shortest solution (1, 1).
    let a = Matrix(rows: 1, columns: 2, values: [1, 1])
    let (solution, rank) = try LAPACK.leastSquares(a, Matrix(rows: 1, columns: 1, values: [2]))
    #expect(rank == 1)
    expectClose(solution, Matrix(rows: 2, columns: 1, values: [1, 1]))
  }

  @Test func valuesThatAreNotFiniteAreAnError() {
    let broken = Matrix(rows: 2, columns: 2, values: [1, .nan, .nan, 1])
    #expect(throws: UserError.self) { try LAPACK.symmetricEigenvectors(of: broken) }
    #expect(throws: UserError.self) { try LAPACK.singularVectors(of: broken) }
    #expect(throws: UserError.self) { try LAPACK.leastSquares(broken, broken) }
  }

  @Test func emptyMatricesHaveEmptyFactors() throws {
    #expect(try LAPACK.symmetricEigenvectors(of: Matrix(rows: 0, columns: 0)).values.isEmpty)
    #expect(try LAPACK.singularVectors(of: Matrix(rows: 0, columns: 3)).right == Matrix(rows: 0, columns: 3))
    let nothing = Matrix(rows: 0, columns: 2)
    #expect(try LAPACK.leastSquares(nothing, nothing).solution == Matrix(rows: 2, columns: 2))
  }

  @Test func rowsAndColumns() {
    let matrix = Matrix(rows: 3, columns: 2, values: [3, 4, 0, 0, 1, 0])
    expectClose(matrix.normalisingRows(), Matrix(rows: 3, columns: 2, values: [0.6, 0.8, 0, 0, 1, 0]))
    #expect(matrix.rowLengths() == [5, 0, 1])
    #expect(matrix.transposed() == Matrix(rows: 2, columns: 3, values: [3, 0, 1, 4, 0, 0]))
    expectClose(
      Matrix(rows: 1, columns: 2, values: matrix.columnMeans()),
      Matrix(rows: 1, columns: 2, values: [4.0 / 3, 4.0 / 3]))
    #expect(Matrix(rows: 0, columns: 2).columnMeans() == [0, 0])
    #expect(matrix.subtractingFromRows([1, 2]).values == [2, 2, -1, -2, 0, -2])
  }
}

private func randomMatrix(_ rows: Int, _ columns: Int) -> Matrix {
  var stream = RandomStream(seed: 7, name: "LAPACK")
  return Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in stream.normal() })
}

private func expectClose(_ first: Matrix, _ second: Matrix) {
  #expect(first.rows == second.rows && first.columns == second.columns)
  #expect(zip(first.values, second.values).allSatisfy { abs($0 - $1) < 1e-5 }, "\(first.values) ≠ \(second.values)")
}
