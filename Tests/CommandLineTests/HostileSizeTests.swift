import Foundation
import Interchange
import Testing

/// Files that say they are larger than they are, read by a program that may not ask for more memory than it needs.
@Suite struct HostileSizeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// In KiB; the program, its libraries and the stacks of its threads take about a third of it.
  private static let addressSpace = 3 << 20

  private func parity(_ name: String) throws -> Program.Outcome {
    try Program.run(
      ["parity", folder.url.appendingPathComponent(name).path], environment: ["OMP_NUM_THREADS": "1"],
      addressSpace: Self.addressSpace)
  }

  private func write(_ data: Data, _ name: String) throws {
    try data.write(to: folder.url.appendingPathComponent(name))
  }

  private func expectOneLine(_ outcome: Program.Outcome, exitCode: Int32 = 65, _ part: String) {
    #expect(outcome.exitCode == exitCode, "\(outcome.errors)")
    #expect(outcome.errors.filter(\.isNewline).count == 1)
    #expect(outcome.errors.contains(part), "\(outcome.errors)")
  }

  @Test func theLimitSuffices() throws {
    try write(
      SafetensorsFile(
        arrays: [
          "in.x": NumericArray([1, 0] as [Float], shape: [1, 2]),
          "in.w": NumericArray([1, 0] as [Float], shape: [1, 2]),
          "out.loss": NumericArray([1] as [Float], shape: []),
        ], metadata: ["case": "sparsemax"]
      ).encoded(), "good.safetensors")
    let outcome = try parity("good.safetensors")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
  }

  @Test func aHeaderThatClaimsAnExbibyte() throws {
    let header = #"{"a":{"dtype":"F32","shape":[268435456,1073741824],"data_offsets":[0,1152921504606846976]}}"#
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    try write(length + Data(header.utf8) + Data(count: 8), "giant.safetensors")
    expectOneLine(try parity("giant.safetensors"), "array 'a' ends beyond the file")
    try write(
      withUnsafeBytes(of: (1 << 60 as UInt64).littleEndian) { Data($0) } + Data("{}".utf8), "header.safetensors")
    expectOneLine(try parity("header.safetensors"), "has a header of 1152921504606846976 bytes, beyond its end")
  }

  /// A file with a hole takes no room on the disk; read, it would take all memory.
  @Test func aFileLargerThanMemory() throws {
    let path = folder.url.appendingPathComponent("sparse.safetensors").path
    try Data().write(to: URL(fileURLWithPath: path))
    try #require(truncate(path, 1 << 43) == 0)
    expectOneLine(try parity("sparse.safetensors"), "has 8796093022208 bytes, more than the ")
  }

  @Test func devicesAndPipesAreNotWaitedFor() throws {
    expectOneLine(try Program.run("parity", "/dev/zero"), exitCode: 74, "is a pipe or device, not a file")
    let pipe = folder.url.appendingPathComponent("pipe.yaml").path
    try #require(mkfifo(pipe, 0o600) == 0)
    expectOneLine(try Program.run("show", pipe), exitCode: 74, "is a pipe or device, not a file")
  }

  /// A deflated entry of three megabytes that says it holds three gibibytes.
  @Test func anArchiveThatClaimsWhatDeflateCouldReach() throws {
    var packed = Data([1, 0, 0, 0xff, 0xff])
    packed.append(Data(count: 3 << 20))
    func bytes(_ value: some FixedWidthInteger) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }
    let name = Data("a.npy".utf8)
    var fields = bytes(20 as UInt16) + bytes(0 as UInt16) + bytes(8 as UInt16) + bytes(0 as UInt32) + bytes(0 as UInt32)
    fields += bytes(UInt32(packed.count)) + bytes(UInt32(3) << 30) + bytes(UInt16(name.count)) + bytes(0 as UInt16)
    let body = bytes(0x0403_4B50 as UInt32) + fields + name + packed
    let directory = bytes(0x0201_4B50 as UInt32) + bytes(20 as UInt16) + fields + Data(count: 6) + Data(count: 8) + name
    var archive = body + directory + bytes(0x0605_4B50 as UInt32) + Data(count: 4) + bytes(1 as UInt16)
    archive += bytes(1 as UInt16) + bytes(UInt32(directory.count)) + bytes(UInt32(body.count)) + bytes(0 as UInt16)

    let run = folder.url.appendingPathComponent("run")
    try FileManager.default.createDirectory(at: run.appendingPathComponent("seed-0"), withIntermediateDirectories: true)
    try archive.write(to: run.appendingPathComponent("seed-0/embeddings.npz"))
    _ = try folder.write(BadInputFolder.manifest, to: "run/manifest.json")
    _ = try folder.write(BadInputFolder.result, to: "run/results.json")
    let outcome = try Program.run(
      ["plot", run.path], environment: ["OMP_NUM_THREADS": "1"], addressSpace: Self.addressSpace)
    // On a machine of little memory the size alone is too much.
    expectOneLine(outcome, "seed-0/embeddings.npz: ")
  }
}
