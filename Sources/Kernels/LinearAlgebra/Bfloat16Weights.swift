import COneDNN

/// The weights of a dense layer rounded to bfloat16, in rows or laid down as products read them.
package final class Bfloat16Weights: @unchecked Sendable {
  /// How many outputs there are.
  package let outputs: Int
  /// How many inputs there are.
  package let inputs: Int
  /// In oneDNN's own layout; nil where this processor has no instructions for it.
  private let packed: UnsafeMutableRawPointer?
  /// `[outputs, inputs]` where they are not packed.
  private let plain: Bfloat16Storage?

  /// Whether this processor has instructions for such products.
  package static let hasInstructions = od_packed_bytes(od_packed_bfloat16, 64, 64) > 0

  /// Rounds `[outputs, inputs]` weights.
  ///
  /// - Parameter plainly: whether they stay in rows even where there are instructions for another layout.
  package init(_ weights: UnsafePointer<Float>, outputs: Int, inputs: Int, plainly: Bool = !hasInstructions) {
    (self.outputs, self.inputs) = (outputs, inputs)
    let rounded = Bfloat16Storage(rounding: weights, leading: inputs, rows: outputs, columns: inputs)
    let bytes =
      plainly || outputs * inputs == 0 ? 0 : od_packed_bytes(od_packed_bfloat16, Int64(outputs), Int64(inputs))
    guard bytes > 0 else {
      (packed, plain) = (nil, rounded)
      return
    }
    let place = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    let status = od_pack(od_packed_bfloat16, Int64(outputs), Int64(inputs), rounded.pointer, place)
    precondition(status == 0, "oneDNN: bfloat16 weights are not laid down, which ends with \(status)")
    withExtendedLifetime(rounded) {}
    (packed, plain) = (place, nil)
  }

  deinit { packed?.deallocate() }

  /// The bits of `[outputs, inputs]`; only of weights in rows.
  package var rows: UnsafePointer<UInt16> {
    guard let plain else { preconditionFailure("Bfloat16Weights: packed weights have no rows") }
    return UnsafePointer(plain.pointer)
  }

  /// y = x Wᵀ, summed in float32.
  ///
  /// Shapes: dense x `[count, inputs]`, dense y `[count, outputs]`.
  package func multiply(_ x: UnsafePointer<UInt16>, count: Int, into y: UnsafeMutablePointer<Float>) {
    guard count > 0, outputs > 0, inputs > 0 else { return y.update(repeating: 0, count: count * outputs) }
    if let plain {
      Bfloat16.multiply(
        m: count, n: outputs, k: inputs, x, leading: inputs, transposed: false, plain.pointer, leading: inputs,
        transposed: true, into: y, leading: outputs)
      return withExtendedLifetime(plain) {}
    }
    Work.add(2 * count * outputs * inputs)
    let status = od_multiply_packed(
      od_packed_bfloat16, Int64(count), Int64(outputs), Int64(inputs), x, packed, y)
    precondition(status == 0, "oneDNN: a product of bfloat16 numbers ends with \(status)")
  }
}
