import Diagnostics
import FileMutation
import Foundation
import Interchange
import Testing

/// Thousands of damaged files of arrays: each is right by its format, or refused with one line.
@Suite struct HostileArrayTests {
  private static let arrays = [
    "weight": NumericArray([1.5, -0.0, .infinity, 0x1p-149, 2, 3] as [Float], shape: [2, 3]),
    "mean": NumericArray([.pi] as [Double], shape: []), "labels": NumericArray([0, 1, 2] as [Int64]),
    "mask": NumericArray(shape: [1, 2], values: .bool([true, false])),
    "none": NumericArray([] as [Float], shape: [0, 4]),
    "이름": NumericArray(shape: [3], values: .uint8([0, 128, 255])),
  ]

  @Test func safetensors() throws {
    let corpus = [
      SafetensorsFile(arrays: Self.arrays, metadata: ["case": "gmc", "τ": "0.1\n"]).encoded(),
      SafetensorsFile(arrays: ["a": NumericArray([Float](repeating: 1, count: 200), shape: [10, 20])]).encoded(),
      SafetensorsFile().encoded(),
    ].map { [UInt8]($0) }
    let words = ["F32", "F64", "BF16", "I8", "U32", "BOOL", "dtype", "shape", "data_offsets", "__metadata__", "weight"]
    let fuzz = FuzzRun("safetensors", corpus: corpus, vocabulary: words, count: 2_000)
    let outcome = try fuzz(place: "f") { bytes in
      let file = try SafetensorsFile(data: Data(bytes), name: "f")
      try Self.expectModest(file.arrays, bytes.count)
      let again = file.encoded()
      if try SafetensorsFile(data: again).encoded() != again {
        throw FuzzRun.Violation("it is not written as it was read")
      }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.count > outcome.accepted)
  }

  @Test func npy() throws {
    let corpus =
      [
        NumpyFixture.floatsRowMajor, NumpyFixture.integersFortran, NumpyFixture.scalar, NumpyFixture.bigEndian,
        NumpyFixture.halves, NumpyFixture.booleansVersion2, NumpyFixture.emptyVersion3,
      ].map { [UInt8]($0) }
    let words = ["descr", "fortran_order", "shape", "True", "False", "f4", "f8", "i8", "u1", "b1", "U2", "O"]
    let fuzz = FuzzRun("npy", corpus: corpus, vocabulary: words, count: 2_000)
    let outcome = try fuzz(place: "f") { bytes in
      let file = try NumpyFile(data: Data(bytes), name: "f")
      try Self.expectModest(["": file.array], bytes.count)
      let again = file.encoded()
      if try NumpyFile(data: again).encoded() != again { throw FuzzRun.Violation("it is not written as it was read") }
    }
    #expect(outcome.failures.isEmpty)
  }

  @Test func npz() throws {
    let corpus = [
      NumpyFixture.storedArchive, NumpyFixture.deflatedArchive, try NumpyArchive(arrays: Self.arrays).encoded(),
    ].map { [UInt8]($0) }
    let fuzz = FuzzRun("npz", corpus: corpus, count: 2_000)
    let outcome = try fuzz(place: "f") { bytes in
      let archive = try NumpyArchive(data: Data(bytes), name: "f")
      try Self.expectModest(archive.arrays, 1032 * bytes.count)
      let again = try archive.encoded()
      if try NumpyArchive(data: again).encoded() != again {
        throw FuzzRun.Violation("it is not written as it was read")
      }
    }
    #expect(outcome.failures.isEmpty)
  }

  /// No array may be larger than its file can hold; nor may its shape overflow.
  private static func expectModest(_ arrays: [String: NumericArray], _ bytes: Int) throws {
    let count = arrays.values.reduce(0) { $0 + $1.count }
    if count > bytes { throw FuzzRun.Violation("\(count) numbers out of \(bytes) bytes") }
    for array in arrays.values {
      let sizes = array.shape.filter { $0 != 0 }
      var product = 1
      for size in sizes {
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        if overflow || size < 0 { throw FuzzRun.Violation("the shape \(array.shape)") }
        product = next
      }
    }
  }
}

/// Archives that are small and say that they are large.
@Suite struct DeflateBombTests {
  private func set(_ value: UInt32, at offset: Int, in data: inout Data) {
    data.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self) }
  }

  /// Where the first entry of the directory begins.
  private func directory(of data: Data) throws -> Int {
    try #require(data.firstRange(of: Data([0x50, 0x4b, 1, 2]))?.lowerBound)
  }

  @Test func aSizeBeyondWhatDeflateCanReachIsALie() throws {
    var data = NumpyFixture.deflatedArchive
    set(0x7fff_ffff, at: try directory(of: data) + 24, in: &data)
    let error = #expect(throws: UserError.self) { try NumpyArchive(data: data, name: "f") }
    #expect(error?.what.hasSuffix("whose sizes contradict each other") == true)
  }

  @Test func theSumOfAllSizesHasALimit() throws {
    let data = NumpyFixture.deflatedArchive
    let size = try NumpyArchive(data: data).arrays.values.reduce(0) { $0 + $1.count }
    let error = #expect(throws: UserError.self) { try NumpyArchive(data: data, name: "f", limit: size) }
    #expect(error?.kind == .data)
    #expect(error?.what.hasPrefix("unpacks to ") == true)
  }

  @Test func entriesMayNotShareTheirBytes() throws {
    var data = NumpyFixture.storedArchive
    let first = try directory(of: data)
    let second = try #require(data[(first + 4)...].firstRange(of: Data([0x50, 0x4b, 1, 2]))?.lowerBound)
    // The second entry points at the first one's bytes, and its own header is called as the first.
    set(0, at: second + 42, in: &data)
    #expect(throws: UserError.self) { try NumpyArchive(data: data, name: "f") }
  }

  @Test func bytesAfterAStreamAreDamage() throws {
    // The packed size of the last entry grows by what the directory's signature has.
    var data = NumpyFixture.deflatedArchive
    let first = try directory(of: data)
    let packed = data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: first + 20, as: UInt32.self) }
    set(UInt32(littleEndian: packed) + 1, at: first + 20, in: &data)
    #expect(throws: UserError.self) { try NumpyArchive(data: data, name: "f") }
  }
}
