import Datasets
import Diagnostics
import Foundation
import Testing

private let realData: URL? = {
  let environment = ProcessInfo.processInfo.environment
  let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  let candidates = [
    environment["CONCORD_DATA"].map { URL(fileURLWithPath: $0) },
    environment["CONCORD_REFERENCE"].map { URL(fileURLWithPath: $0).appendingPathComponent("data") },
    package.deletingLastPathComponent().appendingPathComponent("shared/data"),
  ]
  return candidates.compactMap { $0 }.first {
    FileManager.default.fileExists(atPath: $0.appendingPathComponent("nlvr-captions").path)
  }
}()

/// A data root with a packed folder that the test makes; removed in the end.
private final class PackedFolder {
  let root: URL

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: root.appending(path: "nlvr-captions"), withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  func write(table: String) throws {
    try Data(table.utf8).write(to: root.appending(path: "nlvr-captions/captions.tsv"))
  }

  /// Pictures whose every number is the row's number.
  func write(pictures count: Int, shape: [Int] = [2, 4, 3]) throws {
    var data = Data([0, 0, 8, UInt8(shape.count + 1)])
    for size in [count] + shape { data.append(contentsOf: [0, 0, 0, UInt8(size)]) }
    for row in 0..<count { data.append(contentsOf: [UInt8](repeating: UInt8(row), count: shape.reduce(1, *))) }
    try data.write(to: root.appending(path: "nlvr-captions/packed_rgb_h25_w100.idx4-ubyte"))
  }

  static let head = "row\tsplit\tidentifier\tpermutation\tpng\tcaption\ttags\n"

  /// `count` examples of six rows each; example n has sentence n / 2, in odd examples with a full stop.
  static func table(examples count: Int) -> String {
    var text = head
    for row in 0..<count * 6 {
      let example = row / 6
      let tags = example % 3 == 0 ? "black square|medium" : "blue circle|small|yellow square"
      text +=
        "\(row)\tdev\t\(example)-0\t\(row % 6)\tx.png\tThere are \(example / 2) blocks\(example % 2 == 1 ? "." : "")"
      text += "\t\(tags)\n"
    }
    return text
  }

  var options: NLVRDataset.Options {
    var options = NLVRDataset.Options()
    options.dataRoot = root.path
    return options
  }
}

@Suite struct NLVRDatasetTests {
  @Test func keepsEachSentenceOnOneSide() throws {
    let folder = try PackedFolder()
    try folder.write(table: PackedFolder.table(examples: 40))
    try folder.write(pictures: 240)
    let set = try NLVRDataset.load(folder.options)
    #expect(set.train.count + set.validation.count + set.test.count == 240)
    // Twenty sentences: four for test, two for validation.
    #expect(set.test.count == 4 * 12 && set.validation.count == 2 * 12)
    func sentences(_ split: MultimodalSplit) -> Set<String> {
      Set((split.texts["caption"] ?? []).map { $0.trimmingCharacters(in: .punctuationCharacters) })
    }
    #expect(sentences(set.train).isDisjoint(with: sentences(set.test)))
    #expect(sentences(set.train).isDisjoint(with: sentences(set.validation)))
    #expect(set.provenance.notes.contains { $0.contains("not those") })
    #expect(set.classNames["scene"] == ["tower", "scattered"])
    #expect(set.tagNames["objects"]?.count == 9)
  }

  @Test func rowsBelongTogether() throws {
    let folder = try PackedFolder()
    try folder.write(table: PackedFolder.table(examples: 40))
    try folder.write(pictures: 240)
    var options = folder.options
    options.permutations = 2
    let set = try NLVRDataset.load(options)
    #expect(set.train.count == 14 * 4 && set.test.count == 4 * 12)
    for split in [set.train, set.validation, set.test] {
      for index in 0..<split.count {
        let parts = split.identifiers[index].split(separator: "-").compactMap { Int($0) }
        let (example, permutation) = (parts[0], parts[2])
        guard case .numbers(let pixels) = split.items(of: "image", at: [index]),
          case .numbers(let objects) = split.items(of: "objects", at: [index]),
          case .tokens(let tokens) = split.items(of: "caption", at: [index])
        else {
          Issue.record("a modality is of another kind")
          return
        }
        #expect(pixels == [Float](repeating: Float(example * 6 + permutation) / 255, count: 24))
        let kinds = objects.enumerated().filter { $0.element == 1 }.map { NLVRDataset.kinds[$0.offset] }
        #expect(kinds == (example % 3 == 0 ? ["black square"] : ["blue circle", "yellow square"]))
        #expect(split.labels["scene"]?[index] == (example % 3 == 0 ? 0 : 1))
        let sentence = set.tokenisers["caption"]?.decode(tokens)
        #expect(sentence == split.texts["caption"]?[index])
        #expect(sentence?.hasPrefix("There are \(example / 2) blocks") == true)
      }
    }
    // Sentences are items of their own: 14 of them for 56 pictures.
    #expect(Set(set.train.columns[1].rows).count == 14)
  }

  /// Boxes are cut out where they are: a picture of 2 × 8 has them at columns 0, 3 and 6.
  @Test func boxesAreCutOut() throws {
    let folder = try PackedFolder()
    try folder.write(table: PackedFolder.table(examples: 40))
    try folder.write(pictures: 240, shape: [2, 8, 3])
    var options = folder.options
    options.regionSize = 2
    let set = try NLVRDataset.load(options)
    let modality = try #require(set.modalities.first { $0.name == "regions" })
    #expect(modality.kind == .regions(count: 3, features: 12, classes: 0))
    guard case .numbers(let values) = set.test.items(of: "regions", at: [0]),
      case .numbers(let pixels) = set.test.items(of: "image", at: [0])
    else {
      Issue.record("regions are of another kind")
      return
    }
    #expect(values.count == 3 * 18 && Array(values[18..<24]) == [1, 0.375, 0, 0.625, 1, 0.25])
    #expect(values[24..<36].allSatisfy { abs($0 - pixels[0]) < 1e-6 })
    #expect(try NLVRDataset.load(folder.options).modalities.count == 3)
    let other = try PackedFolder()
    try other.write(table: PackedFolder.table(examples: 40))
    try other.write(pictures: 240, shape: [2, 4, 3])
    options.dataRoot = other.root.path
    let error = #expect(throws: UserError.self) { try NLVRDataset.load(options) }
    #expect(error?.description.contains("four times as wide as high") == true)
  }

  @Test func dependsOnTheSeedAlone() throws {
    let folder = try PackedFolder()
    try folder.write(table: PackedFolder.table(examples: 40))
    try folder.write(pictures: 240)
    let (first, second) = (try NLVRDataset.load(folder.options), try NLVRDataset.load(folder.options))
    var options = folder.options
    options.splitSeed = 1
    #expect(first.test.identifiers == second.test.identifiers && first.checksum == second.checksum)
    #expect(try NLVRDataset.load(options).test.identifiers != first.test.identifiers)
  }

  @Test(arguments: [
    ("", 12, "captions.tsv:1: the columns are not row, split, identifier, permutation, png, caption, tags"),
    (PackedFolder.head, 12, "captions.tsv: the table has no rows"),
    (PackedFolder.head + "0\tdev\t1-0\t0\tx.png\n", 12, "captions.tsv:2: 5 cells instead of 7"),
    (
      PackedFolder.head + "1\tdev\t1-0\t0\tx.png\tA\tmedium\n", 12,
      "captions.tsv:2: row `1` stands in place 0"
    ),
    (
      PackedFolder.head + "0\tdev\t1-0\t6\tx.png\tA\tmedium\n", 12,
      "captions.tsv:2: the permutation `6` is not 0 to 5"
    ),
    (PackedFolder.head + "0\tdev\t1-0\t0\tx.png\t \tmedium\n", 12, "captions.tsv:2: the caption is empty"),
    (
      PackedFolder.table(examples: 2), 11,
      "packed_rgb_h25_w100.idx4-ubyte: 11 pictures for the 12 rows of captions.tsv; make both files from the same"
    ),
  ]) func whatIsWrongIsNamed(table: String, pictures: Int, message: String) throws {
    let folder = try PackedFolder()
    try folder.write(table: table)
    try folder.write(pictures: pictures)
    let error = #expect(throws: UserError.self) { try NLVRDataset.load(folder.options) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.kind == .data)
  }

  @Test func aMissingFileIsNamedWithItsPublisher() throws {
    let folder = try PackedFolder()
    let error = #expect(throws: UserError.self) { try NLVRDataset.load(folder.options) }
    #expect(error?.description.contains("nlvr-captions/captions.tsv") == true)
    #expect(error?.description.contains("GitHub lil-lab/nlvr") == true)
    try folder.write(table: PackedFolder.table(examples: 2))
    let other = #expect(throws: UserError.self) { try NLVRDataset.load(folder.options) }
    #expect(other?.description.contains("packed_rgb_h25_w100.idx4-ubyte.gz") == true)
    try folder.write(pictures: 12, shape: [2, 4, 1])
    let grey = #expect(throws: UserError.self) { try NLVRDataset.load(folder.options) }
    #expect(grey?.description.contains("are not those of colour pictures") == true)
  }

  @Test func anEmptySideIsAnError() throws {
    let folder = try PackedFolder()
    try folder.write(table: PackedFolder.table(examples: 2))
    try folder.write(pictures: 12)
    let error = #expect(throws: UserError.self) { try NLVRDataset.load(folder.options) }
    #expect(error?.place == "testFraction")
  }

  @Test(.enabled(if: realData != nil, "no nlvr-captions: set CONCORD_DATA or CONCORD_REFERENCE"))
  func readsThePublishedBoxes() throws {
    var options = NLVRDataset.Options()
    options.dataRoot = realData?.path
    options.permutations = 1
    let set = try NLVRDataset.load(options)
    #expect(set.modalities[0].kind == .image(height: 25, width: 100, channels: 3))
    #expect(set.provenance.notes.contains { $0.contains("are those that Concord's results are from") })
    #expect(set.validation.count % 6 == 0 && set.test.count % 6 == 0)
    #expect(set.train.count + (set.validation.count + set.test.count) / 6 == 1649)
  }
}
