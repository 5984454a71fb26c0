import CKernels
import COneDNN

/// Products of bfloat16 numbers with float32 sums, and the loops between the two types.
///
/// A bfloat16 is the upper half of a float32: its range with eight bits of precision. Numbers are rounded to the nearest,
/// ties to even. A pointer to one is a pointer to its bits.
package enum Bfloat16 {
  /// Whether a product is large enough that rounding its factors pays.
  package static func isWorthwhile(m: Int, n: Int, k: Int) -> Bool { m * n * k >= 1 << 16 }

  /// `C = op(A) · op(B)`, or that added to C, for row-major matrices with leading dimensions; sums are float32.
  ///
  /// Shapes: `op(A)` is `[m, k]`, `op(B)` is `[k, n]`, `C` is `[m, n]`.
  package static func multiply(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<UInt16>, leading aLeading: Int, transposed aTransposed: Bool = false,
    _ b: UnsafePointer<UInt16>, leading bLeading: Int, transposed bTransposed: Bool = false, adding: Bool = false,
    into c: UnsafeMutablePointer<Float>, leading cLeading: Int
  ) {
    run(
      m: m, n: n, k: k, a, aLeading, aTransposed, b, bLeading, bTransposed, adding: adding, rounded: false, into: c,
      cLeading)
  }

  /// `C = op(A) · op(B)`, rounded; see ``multiply(m:n:k:_:leading:transposed:_:leading:transposed:adding:into:leading:)``.
  package static func multiply(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<UInt16>, leading aLeading: Int, transposed aTransposed: Bool = false,
    _ b: UnsafePointer<UInt16>, leading bLeading: Int, transposed bTransposed: Bool = false,
    rounding c: UnsafeMutablePointer<UInt16>, leading cLeading: Int
  ) {
    run(
      m: m, n: n, k: k, a, aLeading, aTransposed, b, bLeading, bTransposed, adding: false, rounded: true, into: c,
      cLeading)
  }

  private static func run(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<UInt16>, _ aLeading: Int, _ aTransposed: Bool,
    _ b: UnsafePointer<UInt16>, _ bLeading: Int, _ bTransposed: Bool, adding: Bool, rounded: Bool,
    into c: UnsafeMutableRawPointer, _ cLeading: Int
  ) {
    guard m > 0, n > 0, k > 0 else { return }
    Work.add(2 * m * n * k)
    let status = od_multiply_bfloat16(
      aTransposed ? 1 : 0, bTransposed ? 1 : 0, Int64(m), Int64(n), Int64(k), a, Int64(aLeading), b, Int64(bLeading),
      adding ? 1 : 0, rounded ? 1 : 0, c, Int64(cLeading))
    precondition(
      status == 0, "Bfloat16.multiply: \(String(cString: od_message(status))) for [\(m), \(k)] · [\(k), \(n)]")
  }

  /// y = bfloat16(x), from rows that stand `leading` numbers apart to dense ones.
  package static func round(
    _ x: UnsafePointer<Float>, leading: Int, into y: UnsafeMutablePointer<UInt16>, rows: Int, columns: Int
  ) {
    ck_round_bfloat16(x, leading, y, rows, columns)
  }

  /// y = float32(x)
  package static func widen(_ x: UnsafePointer<UInt16>, into y: UnsafeMutablePointer<Float>, count: Int) {
    ck_widen_bfloat16(x, y, count)
  }

  /// y[r, c] = x[r, c] + bias[c]
  package static func addBias(
    _ bias: UnsafePointer<Float>, to x: UnsafePointer<Float>, into y: UnsafeMutablePointer<UInt16>, rows: Int,
    columns: Int
  ) {
    ck_bias_round_bfloat16(x, bias, y, rows, columns)
  }

  /// sum[r, c] = x[r, c] + bias[c], y = f(sum), for ReLU, GELU and SiLU.
  package static func applyBehindBias(
    _ operation: UnaryOperation, _ x: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    sum: UnsafeMutablePointer<UInt16>?, into y: UnsafeMutablePointer<UInt16>, rows: Int, columns: Int
  ) {
    ck_bias_unary_bfloat16(operation.code, x, bias, sum, y, rows, columns)
  }

  /// dx = dy f′(sum), in place in float32 and rounded too; `y` (may be nil) receives f(sum).
  package static func applyGradient(
    _ operation: UnaryOperation, sum: UnsafePointer<UInt16>, gradient dy: UnsafeMutablePointer<Float>,
    into dx: UnsafeMutablePointer<UInt16>, output y: UnsafeMutablePointer<UInt16>?, count: Int
  ) {
    ck_unary_backward_bfloat16(operation.code, sum, dy, dx, y, count)
  }

  /// y = softmax(scale · x); x is used up.
  package static func softmax(
    _ x: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<UInt16>, rows: Int, columns: Int, scale: Float
  ) {
    ck_softmax_bfloat16(x, y, rows, columns, scale)
  }

  /// dx = scale · y · (dy − Σ dy y)
  package static func softmaxGradient(
    output y: UnsafePointer<UInt16>, gradient dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<UInt16>,
    rows: Int, columns: Int, scale: Float
  ) {
    ck_softmax_backward_bfloat16(y, dy, dx, rows, columns, scale)
  }
}

/// A block of bfloat16 numbers that returns to the pool when it is released.
package struct Bfloat16Storage: @unchecked Sendable {
  private let storage: Storage
  /// The bits of the first number; the contents are undefined at first.
  package let pointer: UnsafeMutablePointer<UInt16>

  /// Takes a block of `count` numbers from the pool.
  package init(count: Int) {
    storage = Storage(count: (count + 1) / 2)
    pointer = UnsafeMutableRawPointer(storage.pointer).bindMemory(to: UInt16.self, capacity: count)
  }

  /// A rounded copy of rows that stand `leading` numbers apart, dense.
  package init(rounding source: UnsafePointer<Float>, leading: Int, rows: Int, columns: Int) {
    self.init(count: rows * columns)
    Bfloat16.round(source, leading: leading, into: pointer, rows: rows, columns: columns)
  }
}
