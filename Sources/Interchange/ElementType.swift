import Foundation

/// A type of number in a file; those that `NumericArray.Values` lacks are widened without loss when read.
enum ElementType: String, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"

  /// The type in which values are written.
  init(of values: NumericArray.Values) {
    switch values {
    case .float32: self = .float32
    case .float64: self = .float64
    case .int32: self = .int32
    case .int64: self = .int64
    case .uint8: self = .uint8
    case .bool: self = .bool
    }
  }

  /// The bytes of one element.
  var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// The type's letter and size in NumPy; `nil` where NumPy has none.
  var numpyCode: String? {
    switch self {
    case .float64: "f8"
    case .float32: "f4"
    case .float16: "f2"
    case .bfloat16: nil
    case .int64: "i8"
    case .int32: "i4"
    case .int16: "i2"
    case .int8: "i1"
    case .uint32: "u4"
    case .uint16: "u2"
    case .uint8: "u1"
    case .bool: "b1"
    }
  }

  /// The values that some bytes hold; their number is a multiple of the element's size. `nil` where a truth value is
  /// neither 0 nor 1.
  func values(in bytes: UnsafeRawBufferPointer, bigEndian: Bool = false) -> NumericArray.Values? {
    func load<Element>(_: Element.Type) -> [Element] { copy(bytes, as: Element.self, bigEndian: bigEndian) }
    if self == .bool, bytes.contains(where: { $0 > 1 }) { return nil }
    return switch self {
    case .float64: .float64(load(Double.self))
    case .float32: .float32(load(Float.self))
    case .float16: .float32(load(UInt16.self).map { float(halfBits: $0) })
    case .bfloat16: .float32(load(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
    case .int64: .int64(load(Int64.self))
    case .int32: .int32(load(Int32.self))
    case .int16: .int32(load(Int16.self).map { Int32($0) })
    case .int8: .int32(load(Int8.self).map { Int32($0) })
    case .uint32: .int64(load(UInt32.self).map { Int64($0) })
    case .uint16: .int32(load(UInt16.self).map { Int32($0) })
    case .uint8: .uint8(load(UInt8.self))
    case .bool: .bool(bytes.map { $0 != 0 })
    }
  }
}

/// Copies little- or big-endian elements into an array in the machine's order; the bytes need no alignment.
private func copy<Element>(_ bytes: UnsafeRawBufferPointer, as _: Element.Type, bigEndian: Bool) -> [Element] {
  let size = MemoryLayout<Element>.size
  let count = bytes.count / size
  precondition(count * size == bytes.count, "copy: \(bytes.count) bytes are not whole elements of \(size)")
  var result = [Element](unsafeUninitializedCapacity: count) { target, initialized in
    UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
    initialized = count
  }
  if size > 1, bigEndian != (UInt16(1).bigEndian == 1) { reverseBytes(of: &result) }
  return result
}

/// Reverses the bytes within each element.
private func reverseBytes<Element>(of elements: inout [Element]) {
  let size = MemoryLayout<Element>.size
  elements.withUnsafeMutableBytes { bytes in
    for start in stride(from: 0, to: bytes.count, by: size) { bytes[start..<start + size].reverse() }
  }
}

/// The value of a half-precision number (IEEE 754 binary16): 1 sign bit, 5 of exponent, 10 of fraction.
private func float(halfBits bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 0x1F
  let fraction = UInt32(bits & 0x3FF)
  if exponent == 0 {
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  }
  let wide = exponent == 0x1F ? 0xFF : exponent + 112
  return Float(bitPattern: sign | wide << 23 | fraction << 13)
}

/// The nearest half-precision number, to even where two are as near.
func halfBits(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
  if value.isNaN { return sign | 0x7E00 | UInt16(truncatingIfNeeded: bits >> 13) & 0x1FF }
  let magnitude = abs(value)
  // Half of a step beyond the greatest number goes to infinity.
  if magnitude >= 65_520 { return sign | 0x7C00 }
  if magnitude < 0x1p-14 { return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven)) }
  let rounded = (bits & 0x7FFF_FFFF) + 0xFFF + (bits >> 13 & 1)
  return sign | UInt16(truncatingIfNeeded: (rounded >> 13) - (112 << 10))
}

/// The nearest bfloat16 number, to even where two are as near.
func bfloat16Bits(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
  return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
}

extension Data {
  /// Appends values, little-endian.
  mutating func append(littleEndian values: NumericArray.Values) {
    func add<Element>(_ elements: [Element]) {
      var elements = elements
      if UInt16(1).bigEndian == 1 { reverseBytes(of: &elements) }
      elements.withUnsafeBytes { append(contentsOf: $0) }
    }
    switch values {
    case .float32(let values): add(values)
    case .float64(let values): add(values)
    case .int32(let values): add(values)
    case .int64(let values): add(values)
    case .uint8(let values): append(contentsOf: values)
    case .bool(let values): append(contentsOf: values.map { $0 ? 1 : 0 })
    }
  }

  /// Appends an integer, little-endian.
  mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}

extension UnsafeRawBufferPointer {
  /// The little-endian integer at an offset, which the caller has checked.
  func littleEndian<Integer: FixedWidthInteger>(at offset: Int, as _: Integer.Type) -> Integer {
    Integer(littleEndian: loadUnaligned(fromByteOffset: offset, as: Integer.self))
  }

  /// A part of the bytes, which the caller has checked.
  func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }
}
