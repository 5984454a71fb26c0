import Diagnostics
import Foundation
import Interchange
import Testing

@Suite struct NumpyFileTests {
  @Test func readsRowMajorFloats() throws {
    let array = try NumpyFile(data: NumpyFixture.floatsRowMajor).array
    #expect(array == NumericArray([1, 2, 3, 4, 5, 6.5] as [Float], shape: [2, 3]))
  }

  @Test func convertsFortranOrder() throws {
    let matrix = try NumpyFile(data: NumpyFixture.doublesFortran).array
    #expect(matrix == NumericArray([0, 1, 2, 3, 4, 5] as [Double], shape: [2, 3]))
    let cube = try NumpyFile(data: NumpyFixture.integersFortran).array
    #expect(cube == NumericArray((0..<24).map { Int32($0) }, shape: [2, 3, 4]))
  }

  @Test func readsScalarsOtherOrdersAndNarrowTypes() throws {
    #expect(try NumpyFile(data: NumpyFixture.scalar).array == NumericArray([-7] as [Int64], shape: []))
    #expect(try NumpyFile(data: NumpyFixture.bigEndian).array == NumericArray([1, -2, 3] as [Int32]))
    let halves = try NumpyFile(data: NumpyFixture.halves).array.floats
    #expect(halves == [1.5, -2, 65504, 0x1p-24, .infinity])
  }

  @Test func readsVersions2And3() throws {
    #expect(try NumpyFile(data: NumpyFixture.booleansVersion2).array.booleans == [true, false])
    let empty = try NumpyFile(data: NumpyFixture.emptyVersion3).array
    #expect(empty == NumericArray(shape: [0, 3], values: .uint8([])))
  }

  @Test func writesTheBytesNumPyWrites() throws {
    for fixture in [NumpyFixture.floatsRowMajor, NumpyFixture.scalar] {
      let file = try NumpyFile(data: fixture)
      // NumPy keeps room in its header for the first extent to grow, so only the text before the padding is compared.
      let ours = String(decoding: file.encoded().dropFirst(10).prefix { $0 != 0x7D }, as: UTF8.self)
      let theirs = String(decoding: fixture.dropFirst(10).prefix { $0 != 0x7D }, as: UTF8.self)
      #expect(ours == theirs)
      #expect(try NumpyFile(data: file.encoded()) == file)
      #expect((file.encoded().count - file.array.count * (file.array.floats == nil ? 8 : 4)) % 64 == 0)
    }
  }

  @Test func rejectsWhatIsNoArray() {
    #expect(throws: UserError.self) { try NumpyFile(data: NumpyFixture.strings, name: "words.npy") }
    #expect(throws: UserError.self) { try NumpyFile(data: Data()) }
    #expect(throws: UserError.self) { try NumpyFile(data: NumpyFixture.floatsRowMajor.dropLast()) }
    #expect(throws: UserError.self) { try NumpyFile(data: NumpyFixture.floatsRowMajor + [0]) }
    for length in [10, 40] {
      #expect(throws: UserError.self) { try NumpyFile(data: NumpyFixture.floatsRowMajor.prefix(length)) }
    }
    let error = #expect(throws: UserError.self) { try NumpyFile(data: NumpyFixture.strings, name: "words.npy") }
    #expect(error?.description.hasPrefix("words.npy: holds numbers of the unknown type '<U2'") == true)
  }

  @Test(arguments: [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807,)}",
    "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
    "{'descr': '|f4', 'fortran_order': False, 'shape': ()}",
    "{'descr': '', 'fortran_order': False, 'shape': ()}",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': ()} x",
    "{'descr",
    "{",
    "",
  ])
  func rejectsHostileHeaders(header: String) {
    let data =
      Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]) + Data(header.utf8) + Data(count: 4)
    let error = #expect(throws: UserError.self) { try NumpyFile(data: data, name: "bad.npy") }
    #expect(error?.kind == .data)
    #expect(error?.place == "bad.npy")
  }
}

@Suite struct NumpyArchiveTests {
  @Test func readsStoredEntries() throws {
    let archive = try NumpyArchive(data: NumpyFixture.storedArchive)
    #expect(
      archive.arrays == [
        "a": NumericArray([1, 2, 3] as [Float]), "labels": NumericArray([1, 2] as [Int64], shape: [2, 1]),
      ])
  }

  @Test func inflatesDeflatedEntries() throws {
    let archive = try NumpyArchive(data: NumpyFixture.deflatedArchive)
    #expect(archive.arrays["zeros"] == NumericArray([Float](repeating: 0, count: 1000), shape: [10, 100]))
    #expect(archive.arrays["b"]?.booleans == [true])
  }

  @Test func roundTrips() throws {
    let arrays = [
      "z": NumericArray([1.5, .infinity] as [Double]), "임베딩": NumericArray([3] as [Int32], shape: [1, 1]),
      "none": NumericArray([] as [Float], shape: [0, 4]),
    ]
    let data = try NumpyArchive(arrays: arrays).encoded()
    #expect(try NumpyArchive(data: data).arrays == arrays)
    #expect(try NumpyArchive(arrays: arrays).encoded() == data)
    #expect(try NumpyArchive(data: NumpyArchive().encoded()).arrays.isEmpty)
  }

  @Test func deflatesWhatThatMakesSmaller() throws {
    let archive = NumpyArchive(arrays: [
      "long": NumericArray(shape: [5000], values: .uint8((0..<5000).map { UInt8($0 % 7) })),
      "one": NumericArray([Int32](arrayLiteral: 7)),
    ])
    let (stored, deflated) = (try archive.encoded(), try archive.encoded(isDeflated: true))
    #expect(deflated.count < stored.count / 10)
    #expect(try NumpyArchive(data: deflated) == archive && NumpyArchive(data: stored) == archive)
    #expect(try archive.encoded(isDeflated: true) == deflated)
  }

  @Test func readsWithACommentAtTheEnd() throws {
    var data = NumpyFixture.storedArchive
    data[data.count - 2] = 3
    #expect(try NumpyArchive(data: data + Data("abc".utf8)).arrays.count == 2)
  }

  @Test(arguments: [0, 5, 21, 60, 300])
  func rejectsTruncatedArchives(length: Int) {
    #expect(throws: UserError.self) { try NumpyArchive(data: NumpyFixture.storedArchive.prefix(length)) }
  }

  @Test func everyChangedByteIsRejectedOrHarmless() {
    for fixture in [NumpyFixture.storedArchive, NumpyFixture.deflatedArchive] {
      for position in fixture.indices {
        for mask in [0x01, 0x80, 0xFF] as [UInt8] {
          var data = fixture
          data[position] ^= mask
          do throws(UserError) {
            let archive = try NumpyArchive(data: data, name: "x.npz")
            #expect(archive.arrays.count == 2)
          } catch {
            #expect(error.kind == .data && error.place?.hasPrefix("x.npz") == true)
          }
        }
      }
    }
  }

  @Test func rejectsADamagedChecksum() {
    var data = NumpyFixture.storedArchive
    data[190] ^= 1
    let error = #expect(throws: UserError.self) { try NumpyArchive(data: data, name: "x.npz") }
    #expect(error?.what.contains("checksum") == true)
  }
}
