import Diagnostics
import FileMutation
import Foundation
import Interchange
import Testing

@Suite struct EventFileTests {
  private static let file = EventFile(start: 1.5, scalars: [.init("loss/total", step: 3, value: 0.25, time: 2.5)])
  /// What TensorBoard's own writer makes of the same.
  private static let written =
    "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c200000000000000029eda9500900000000"
    + "0000044010032a130a110a0a6c6f73732f746f74616c150000803e796d8b56"

  @Test func theBytesAreThoseOfTensorBoardsWriter() throws {
    let bytes = Self.file.encoded()
    #expect(bytes.map { String(format: "%02x", $0) }.joined() == Self.written)
    #expect(try EventFile(data: bytes) == Self.file)
  }

  @Test func manyNumbersAreReadAgain() throws {
    let scalars = (0..<300).map {
      EventFile.Scalar("모달리티 → \($0 % 3)", step: $0 * 1_000, value: Float($0) - 7.5, time: Double($0) / 3)
    }
    let file = EventFile(start: -1, scalars: scalars)
    #expect(try EventFile(data: file.encoded()) == file)
  }

  @Test func damagedFilesAreRefused() throws {
    let bytes = [UInt8](Self.file.encoded())
    // Every single byte counts: length and event have sums of their own.
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 0x10
      #expect(throws: UserError.self) { try EventFile(data: Data(damaged)) }
    }
    for count in bytes.indices where count != 40 {
      #expect(throws: UserError.self) { try EventFile(data: Data(bytes.prefix(count))) }
    }
    let fuzz = FuzzRun("event file", corpus: [bytes], count: 1_000)
    let outcome = try fuzz(place: "f") { _ = try EventFile(data: Data($0), name: "f") }
    #expect(outcome.failures.isEmpty)
  }
}
