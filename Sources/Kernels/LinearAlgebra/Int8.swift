import CKernels
import COneDNN

/// The weights of a dense layer as 8-bit integers, −127…127, with a scale for each output.
///
///     y = (Σ (x_q − z) w_q) · (s_x · s_w)
///
/// Rows have codes 0…255 with a scale and a zero of their own, so that no row depends on the others of its batch; sums are
/// exact in 32 bits. This is the dynamic quantisation of ONNX Runtime, but for the rows' scales.
package final class Int8Weights: @unchecked Sendable {
  /// What weights become.
  package struct Quantised {
    /// `[outputs, inputs]`, −127…127.
    package private(set) var codes: [Int8]
    /// The scale of each output.
    package private(set) var scales: [Float]
    /// The sum of each output's codes.
    package private(set) var sums: [Int32]

    /// Quantises `[outputs, inputs]` weights.
    package init(_ weights: UnsafePointer<Float>, outputs: Int, inputs: Int) {
      codes = [Int8](repeating: 0, count: outputs * inputs)
      scales = [Float](repeating: 0, count: outputs)
      sums = [Int32](repeating: 0, count: outputs)
      ck_quantise_weights(weights, &codes, &scales, &sums, outputs, inputs)
    }
  }

  /// The longest rows whose sums 32 bits hold: 2³¹ / (255 · 127).
  package static let longestRow = 66_000

  /// Whether this processor has instructions that add such products in 32 bits; loops do it on others.
  package static let hasInstructions = od_packed_bytes(od_packed_int8, 64, 64) > 0

  /// How many outputs there are.
  package let outputs: Int
  /// How many inputs there are.
  package let inputs: Int
  /// Whether loops multiply, since oneDNN does not.
  package let isPlain: Bool
  private let codes: UnsafeMutableRawPointer
  private let scales: [Float]
  private let sums: [Int32]

  /// Quantises `[outputs, inputs]` weights.
  ///
  /// - Parameter plainly: whether loops multiply even where there are instructions for it.
  package convenience init(
    _ weights: UnsafePointer<Float>, outputs: Int, inputs: Int, plainly: Bool = !hasInstructions
  ) {
    let quantised = Quantised(weights, outputs: outputs, inputs: inputs)
    self.init(
      codes: quantised.codes, scales: quantised.scales, sums: quantised.sums, inputs: inputs, plainly: plainly)
  }

  /// Takes codes `[outputs, inputs]` with a scale and a sum for each output.
  package init(codes plain: [Int8], scales: [Float], sums: [Int32], inputs: Int, plainly: Bool = !hasInstructions) {
    precondition(
      inputs <= Self.longestRow && plain.count == scales.count * inputs && sums.count == scales.count,
      "Int8Weights: \(plain.count) codes of \(scales.count) outputs and \(inputs) inputs")
    (outputs, self.inputs, self.scales, self.sums) = (scales.count, inputs, scales, sums)
    let bytes = plainly || plain.isEmpty ? 0 : od_packed_bytes(od_packed_int8, Int64(scales.count), Int64(inputs))
    codes = .allocate(byteCount: max(1, bytes, plain.count), alignment: 64)
    isPlain = bytes == 0 || od_pack(od_packed_int8, Int64(scales.count), Int64(inputs), plain, codes) != 0
    if isPlain, !plain.isEmpty { codes.copyMemory(from: plain, byteCount: plain.count) }
  }

  deinit { codes.deallocate() }

  /// Sums of products of codes, `[count, outputs]`, of rows of codes, `[count, inputs]`.
  package func sums(of rows: UnsafePointer<UInt8>, count: Int, into sums: UnsafeMutablePointer<Int32>) {
    guard count > 0, outputs > 0, inputs > 0 else { return sums.update(repeating: 0, count: count * outputs) }
    guard !isPlain else {
      return ck_multiply_int8(rows, codes.assumingMemoryBound(to: Int8.self), sums, count, outputs, inputs)
    }
    let status = od_multiply_packed(od_packed_int8, Int64(count), Int64(outputs), Int64(inputs), rows, codes, sums)
    precondition(status == 0, "oneDNN: a product of 8-bit integers ends with \(status)")
  }

  /// y = (sums − z · Σ w_q) · (s_x · s_w)
  fileprivate func dequantise(
    _ products: UnsafePointer<Int32>, scales rowScales: UnsafePointer<Float>, zeros: UnsafePointer<Int32>, count: Int,
    into y: UnsafeMutablePointer<Float>, leading: Int
  ) {
    ck_dequantise(products, rowScales, zeros, scales, sums, y, leading, count, outputs)
  }
}

/// Memory for rows on their way through layers of 8-bit integers.
package final class Int8Rows {
  /// Rows as codes.
  package struct Quantised {
    /// 0…255, dense.
    package private(set) var codes: [UInt8]
    /// The scale of each row.
    package private(set) var scales: [Float]
    /// The code of 0 in each row.
    package private(set) var zeros: [Int32]

    /// Quantises rows that stand `leading` numbers apart.
    package init(_ x: UnsafePointer<Float>, rows: Int, columns: Int, leading: Int) {
      codes = [UInt8](repeating: 0, count: rows * columns)
      scales = [Float](repeating: 0, count: rows)
      zeros = [Int32](repeating: 0, count: rows)
      ck_quantise_rows(x, leading, &codes, &scales, &zeros, rows, columns)
    }
  }

  private let codes: UnsafeMutablePointer<UInt8>
  private let scales: UnsafeMutablePointer<Float>
  private let zeros: UnsafeMutablePointer<Int32>
  private let sums: Storage
  private let (rows, inputs, outputs): (Int, Int, Int)

  /// Room for so many rows through layers of at most so many inputs and outputs.
  package init(rows: Int, inputs: Int, outputs: Int) {
    (self.rows, self.inputs, self.outputs) = (rows, inputs, outputs)
    codes = .allocate(capacity: max(1, rows * inputs))
    scales = .allocate(capacity: max(1, rows))
    zeros = .allocate(capacity: max(1, rows))
    sums = Storage(count: rows * outputs)
  }

  deinit {
    codes.deallocate()
    scales.deallocate()
    zeros.deallocate()
  }

  /// y = x Wᵀ for rows that stand `leading` numbers apart.
  ///
  /// Shapes: x `[count, inputs]`, y `[count, outputs]`.
  package func multiply(
    _ x: UnsafePointer<Float>, leading: Int, count: Int, by weights: Int8Weights, into y: UnsafeMutablePointer<Float>,
    leading resultLeading: Int
  ) {
    precondition(
      count <= rows && weights.inputs <= inputs && weights.outputs <= outputs,
      "Int8Rows: \(count) rows of \(weights.inputs) and \(weights.outputs) in \(rows) of \(inputs) and \(outputs)")
    Work.add(2 * count * weights.outputs * weights.inputs)
    ck_quantise_rows(x, leading, codes, scales, zeros, count, weights.inputs)
    sums.pointer.withMemoryRebound(to: Int32.self, capacity: max(1, count * weights.outputs)) { sums in
      weights.sums(of: codes, count: count, into: sums)
      weights.dequantise(sums, scales: scales, zeros: zeros, count: count, into: y, leading: resultLeading)
    }
    // Room that nobody names longer would be gone while it is written.
    withExtendedLifetime(self) {}
  }
}
