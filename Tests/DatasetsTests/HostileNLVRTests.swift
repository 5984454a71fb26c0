import Datasets
import Diagnostics
import FileMutation
import Foundation
import Testing

/// Thousands of damaged tables and pictures of NLVR: each is right by its format, or refused with one line.
@Suite struct HostileNLVRTests {
  private static let rows = 36
  private static let pictureName = "packed_rgb_h25_w100.idx4-ubyte"

  /// A table of 36 rows: six examples of a sentence each, in six orders.
  private static let table: String = {
    let kinds = ["black square|medium", "blue circle|small|yellow square", "yellow triangle|black circle|large"]
    let lines = (0..<rows).map { row in
      "\(row)\tdev\t\(row / 6)-0\t\(row % 6)\tx.png\tThere are \(row / 6) blocks.\t\(kinds[row / 6 % 3])"
    }
    return "row\tsplit\tidentifier\tpermutation\tpng\tcaption\ttags\n" + lines.joined(separator: "\n") + "\n"
  }()

  /// The pictures of the rows, `[36, 1, 2, 3]`.
  private static let pictures: [UInt8] =
    [0, 0, 8, 4, 0, 0, 0, UInt8(rows), 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]
    + (0..<rows * 6).map { UInt8($0 % 256) }

  /// The same pictures in gzip without compression: one stored block between header, CRC-32 and length.
  private static let packed: [UInt8] = {
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    let sum = pictures.reduce(UInt32.max) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    let size = UInt16(pictures.count)
    return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1] + bytes(size) + bytes(~size) + pictures + bytes(~sum)
      + bytes(UInt32(pictures.count))
  }()

  /// Has damaged bytes read in the place of one of the two files.
  private func outcome(
    of fuzz: FuzzRun, as name: String, seesTruncation: Bool
  ) throws -> FuzzRun.Outcome {
    let root = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    let folder = root.appending(path: "nlvr-captions")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: root) }
    try Data(Self.table.utf8).write(to: folder.appending(path: "captions.tsv"))
    if name == "captions.tsv" { try Data(Self.pictures).write(to: folder.appending(path: Self.pictureName)) }
    var options = NLVRDataset.Options()
    options.dataRoot = root.path
    options.validationFraction = 0.2
    return try fuzz(place: root.path, seesTruncation: seesTruncation) { bytes in
      try Data(bytes).write(to: folder.appending(path: name))
      let set: MultimodalDataset
      do {
        set = try NLVRDataset.load(options)
      } catch let error as UserError where error.place == "testFraction" {
        // A right table with too few sentences for three sides.
        return
      }
      try check(set)
    }
  }

  /// Checks that rows, items and labels fit each other.
  private func check(_ set: MultimodalDataset) throws {
    var count = 0
    for split in [set.train, set.validation, set.test] {
      count += split.count
      guard split.identifiers.count == split.count, split.texts["caption"]?.count == split.count,
        split.labels["scene"]?.allSatisfy({ $0 == 0 || $0 == 1 }) == true
      else { throw FuzzRun.Violation("the \(split.name) side has \(split.count) rows") }
      guard case .numbers(let pixels) = split.items(of: "image", at: 0..<split.count),
        case .tokens(let tokens) = split.items(of: "caption", at: 0..<split.count),
        case .numbers(let objects) = split.items(of: "objects", at: 0..<split.count)
      else { throw FuzzRun.Violation("a modality of the \(split.name) side is of another kind") }
      let vocabulary = set.tokenisers["caption"]?.vocabularyCount ?? 0
      if !pixels.allSatisfy({ (0...1).contains($0) }) { throw FuzzRun.Violation("a pixel beyond 0…1") }
      if !tokens.allSatisfy({ $0 >= 0 && $0 < vocabulary }) { throw FuzzRun.Violation("a token of no word") }
      if objects.count != 9 * split.count || !objects.allSatisfy({ $0 == 0 || $0 == 1 }) {
        throw FuzzRun.Violation("\(objects.count) objects for \(split.count) rows")
      }
      if split.texts["caption"]?.contains(where: { $0.allSatisfy(\.isWhitespace) }) == true {
        throw FuzzRun.Violation("a caption is empty")
      }
    }
    // With six orders of each example no row is left out.
    if count != Self.rows { throw FuzzRun.Violation("\(count) rows of \(Self.rows)") }
  }

  @Test func tables() throws {
    let words = [
      "row", "split", "identifier", "permutation", "tags", "\t", "|", "dev", "-1", "6", "99999999999999999999",
    ]
    let fuzz = FuzzRun("nlvr table", corpus: [Array(Self.table.utf8)], vocabulary: words, count: 1_500)
    // The last row may end early and still be a row.
    let outcome = try outcome(of: fuzz, as: "captions.tsv", seesTruncation: false)
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }

  @Test func pictures() throws {
    let fuzz = FuzzRun("nlvr pictures", corpus: [Self.pictures], count: 1_000)
    let outcome = try outcome(of: fuzz, as: Self.pictureName, seesTruncation: true)
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }

  @Test func packedPictures() throws {
    let fuzz = FuzzRun("nlvr packed pictures", corpus: [Self.packed], count: 1_000)
    let outcome = try outcome(of: fuzz, as: Self.pictureName + ".gz", seesTruncation: true)
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }
}
