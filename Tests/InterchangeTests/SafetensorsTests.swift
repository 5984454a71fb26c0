import Diagnostics
import Foundation
import Interchange
import Testing

private let referenceFolder: URL = {
  let named = ProcessInfo.processInfo.environment["CONCORD_REFERENCE"].map { URL(fileURLWithPath: $0) }
  let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return (named ?? package.deletingLastPathComponent().appending(path: "shared")).appending(path: "parity")
}()

private let referenceFiles: [URL] = {
  let found = try? FileManager.default.contentsOfDirectory(at: referenceFolder, includingPropertiesForKeys: nil)
  return (found ?? []).filter { $0.pathExtension == "safetensors" }.sorted { $0.path < $1.path }
}()

/// The bytes of a file with this header and as many zero bytes.
private func file(_ header: String, zeros: Int) -> Data {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8) + Data(count: zeros)
}

@Suite struct SafetensorsTests {
  @Test func writesKnownBytes() {
    let file = SafetensorsFile(
      arrays: ["b": NumericArray([1] as [Float]), "a": NumericArray(shape: [1], values: .bool([true]))],
      metadata: ["k": "τ\n\""])
    let header =
      #"{"__metadata__":{"k":"τ\u000a\""},"a":{"dtype":"BOOL","shape":[1],"data_offsets":[4,5]},"#
      + #""b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    let padding = (8 - header.utf8.count % 8) % 8
    var expected = withUnsafeBytes(of: UInt64(header.utf8.count + padding).littleEndian) { Data($0) }
    expected += Data(header.utf8) + Data(repeating: 0x20, count: padding) + [0, 0, 0x80, 0x3F, 1]
    #expect(file.encoded() == expected)
  }

  @Test func roundTripsEveryType() throws {
    let file = SafetensorsFile(
      arrays: [
        "float": NumericArray([1.5, -0.0, .infinity, 0x1p-149] as [Float], shape: [2, 2]),
        "double": NumericArray([.pi] as [Double], shape: []), "int": NumericArray([.min, .max] as [Int32]),
        "long": NumericArray([.min, .max] as [Int64]),
        "bytes": NumericArray(shape: [3], values: .uint8([0, 128, 255])),
        "bool": NumericArray(shape: [1, 2], values: .bool([true, false])), "none": NumericArray([] as [Float]),
        "이름 \\ / \u{1}": NumericArray([1] as [Float]),
      ], metadata: ["": "empty key", "paper": "GMC, τ = 0.1 😀"])
    #expect(try SafetensorsFile(data: file.encoded()) == file)
    #expect(try SafetensorsFile(data: SafetensorsFile().encoded()) == SafetensorsFile())
  }

  @Test func readsASliceOfData() throws {
    let file = SafetensorsFile(arrays: ["a": NumericArray([1, 2] as [Float])])
    let slice = (Data([9, 9, 9]) + file.encoded()).dropFirst(3)
    #expect(try SafetensorsFile(data: slice) == file)
  }

  @Test func widensNarrowTypes() throws {
    let header =
      #" {"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]},"#
      + #""s":{"dtype":"I16","shape":[1],"data_offsets":[4,6]},"u":{"dtype":"U32","shape":[1],"data_offsets":[6,10]}} "#
    var data = file(header, zeros: 0)
    data += [0x00, 0xC1, 0x49, 0x40, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
    let arrays = try SafetensorsFile(data: data).arrays
    #expect(arrays["h"]?.floats == [-2.5])
    #expect(arrays["b"]?.floats == [3.140625])
    #expect(arrays["s"]?.integers == [-2])
    #expect(arrays["u"]?.integers == [4_294_967_295])
  }

  @Test func readsEscapedNames() throws {
    let header = #"{"\u00e9\ud83d\ude00\/\t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
    #expect(try SafetensorsFile(data: file(header, zeros: 1)).arrays.keys.first == "é😀/\t")
  }

  @Test(arguments: [
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}"#,
    #"{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
    #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}x"#,
    #"{"__metadata__":{"k":"1","k":"2"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"\ud83d":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, #"{"a\"#, #"{"a\u12"#, "[]", "{}", "",
  ])
  func rejectsHostileHeaders(header: String) {
    let error = #expect(throws: UserError.self) {
      try SafetensorsFile(data: file(header, zeros: 4), name: "bad.safetensors")
    }
    #expect(error?.kind == .data)
    #expect(error?.place == "bad.safetensors")
    #expect(error?.mend != nil)
  }

  @Test func namesTheFault() {
    let header = #"{"weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,4]}}"#
    let error = #expect(throws: UserError.self) { try SafetensorsFile(data: file(header, zeros: 4), name: "w") }
    #expect(error?.what == "array 'weight' of shape [2, 3] and type F32 needs 24 bytes but has 4")
  }

  @Test func rejectsAHeaderBeyondTheFile() {
    let long = Data([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7B])
    #expect(throws: UserError.self) { try SafetensorsFile(data: long) }
    #expect(throws: UserError.self) { try SafetensorsFile(data: Data([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D])) }
    #expect(throws: UserError.self) { try SafetensorsFile(data: Data([2, 0, 0])) }
  }

  @Test func everyChangedByteIsRejectedOrHarmless() {
    let original = SafetensorsFile(
      arrays: ["a": NumericArray([1, 2] as [Float]), "b": NumericArray([3] as [Int64])], metadata: ["k": "v"]
    ).encoded()
    for position in original.indices {
      for byte in [0x00, 0x22, 0x5C, 0x7D, 0xFF] as [UInt8] {
        var data = original
        data[position] = byte
        do throws(UserError) {
          #expect(try SafetensorsFile(data: data).arrays.count <= 2)
        } catch {
          #expect(error.kind == .data)
        }
      }
    }
  }

  @Test func readsAndWritesFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appending(path: "a.safetensors")
    let file = SafetensorsFile(arrays: ["a": NumericArray([1, 2] as [Float])])
    try file.write(to: url)
    #expect(try SafetensorsFile(readingFrom: url) == file)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.safetensors"])

    let absent = folder.appending(path: "none/b.safetensors")
    let reading = #expect(throws: UserError.self) { try SafetensorsFile(readingFrom: absent) }
    #expect(reading?.kind == .inputOutput)
    let writing = #expect(throws: UserError.self) { try file.write(to: absent) }
    #expect(writing?.kind == .inputOutput)
    #expect(writing?.place == absent.path)
  }

  @Test func failedWriteLeavesNothingBehind() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    let occupied = folder.appending(path: "taken")
    try FileManager.default.createDirectory(at: occupied, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(throws: UserError.self) { try AtomicFile.write("text", to: occupied) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
  }

  @Test(.enabled(if: !referenceFiles.isEmpty, "needs the reference folder's parity files"))
  func readsEveryReferenceFile() throws {
    for url in referenceFiles {
      let file = try SafetensorsFile(readingFrom: url)
      #expect(!file.arrays.isEmpty, "\(url.lastPathComponent)")
      #expect(try SafetensorsFile(data: file.encoded()) == file, "\(url.lastPathComponent)")
    }
  }
}
