import Foundation
import SampleFolders
import Testing

/// `data init` and `data describe`.
@Suite struct DataCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var path: String { folder.url.path }

  private func run(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(["data"] + arguments, environment: ["CONCORD_CACHE": path + "/cache"])
  }

  @Test func picturesWithCaptionsAreFoundAndDescribed() throws {
    try SampleFolder.writePictures(to: folder.url, count: 96)
    let first = try run("init", path)
    #expect(first.exitCode == 0, "\(first.errors)")
    let wanted = """
      # A first guess; `concord data describe` shows what comes of it.
      table: captions.csv
      modalities:
        file: { kind: image, size: 64 }  # 96 of 96 files exist
        caption: { kind: text }  # such as: a red disc, number 0
        tags: { kind: tags, separator: ";" }  # tags between `;`
      labels: [shape]
      split: { validationFraction: 0.1, testFraction: 0.2, seed: 0 }
      missing: omitted  # what of an observation without one of its modalities: allowed, omitted, refused
      broken: refused  # what of an item that cannot be read: refused, omitted (counts as missing)

      """
    #expect(first.output == wanted)
    #expect(first.errors == "concord: wrote \(path)/dataset.yaml\n")
    #expect(try String(contentsOfFile: path + "/dataset.yaml", encoding: .utf8) == wanted)
    let again = try run("init", path)
    #expect(again.exitCode == 65 && again.output.isEmpty)
    #expect(again.errors == "concord: \(path)/dataset.yaml: there is one already; rename or remove it first\n")

    let described = try run("describe", path)
    #expect(described.exitCode == 0 && described.errors.isEmpty, "\(described.errors)")
    let lines = described.output.split(separator: "\n").map(String.init)
    func has(_ start: String) -> Bool { lines.contains { $0.hasPrefix(start) } }
    #expect(lines[0].hasSuffix("observations (train / validation / test)"))
    for start in [
      "modality file: image [64, 64, 3], ", "modality caption: tokens [", "texts of caption: ",
      "modality tags: tags [7], ",
      "labelling shape: 3 classes; train ", "files of file: ", "classes of shape: disc, square, stripe",
      "sample file, ", "sample caption, ", "sample tags, ", "note: split drawn with seed 0",
    ] { #expect(has(start), "no line `\(start)` in \(described.output)") }

    let json = try run("describe", path, "--json")
    let card = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let dataset = try #require(card["dataset"] as? [String: Any])
    #expect((dataset["observations"] as? [String: Int])?.values.reduce(0, +) == 96)
    #expect((card["samples"] as? [[String: String]])?.count == 6)
    #expect((card["sizes"] as? [String: String])?["file"]?.hasSuffix(" pixels") == true)
  }

  @Test(arguments: [
    ("cifar", "data_batch_1.bin of CIFAR-10 is missing in "), ("nlvr", "nlvr-captions/captions.tsv of "),
  ]) func aBuiltInSetWithoutItsFilesIsNamed(name: String, message: String) throws {
    let outcome = try run(name, "--data-root", path)
    #expect(outcome.exitCode == 65 && outcome.output.isEmpty)
    #expect(outcome.errors.contains(message) && outcome.errors.contains("--data-root"), "\(outcome.errors)")
    let help = try run("show", "--help")
    #expect(help.output.contains("The data set: emoji, stamps, clipart, digits, cifar,"))
  }

  @Test func arraysWithoutPicturesAreFoundAndDescribed() throws {
    try SampleFolder.writeArrays(to: folder.url, count: 60)
    let first = try run("init", path)
    #expect(first.exitCode == 0, "\(first.errors)")
    for line in [
      "table: table.tsv", "identifier: id", "labels: [activity]", "split: { column: split }",
      "  gaze: { kind: array, file: gaze.npy }  # 12 numbers a row",
      "  motion: { kind: array, file: motion.npy }  # 6 × 4 numbers a row",
      "  keys: { kind: array, file: keys.npy }  # 8 numbers a row",
    ] { #expect(first.output.contains(line + "\n"), "no line `\(line)` in \(first.output)") }
    let described = try run("describe", path)
    #expect(described.exitCode == 0, "\(described.errors)")
    #expect(described.output.contains(": 36 / 12 / 12 observations (train / validation / test)\n"))
    #expect(described.output.contains("modality motion: vector [24], 36 / 12 / 12 items\n"))
    #expect(described.output.contains("sample gaze, s0: row 0: "))
    #expect(described.output.contains("classes of activity: reading, resting, typing, walking\n"))
  }

  /// Kinds of bad input: what is done to a good folder of pictures, the message and the exit code.
  private static let faults: [(change: @Sendable (URL) throws -> Void, message: String, exitCode: Int32)] = [
    (
      { try edit($0, "dataset.yaml", "kind: text", "kind: text, column: captoin") },
      "FOLDER/dataset.yaml:5:34: FOLDER/captions.csv has no column `captoin`; did you mean `caption`?", 65
    ),
    (
      { try FileManager.default.removeItem(at: $0.appendingPathComponent("images/blue-2.jpg")) },
      "FOLDER/captions.csv:4 (row 3): `file`: FOLDER/images/blue-2.jpg: there is no such file; check its name and folder, or set `broken: omitted`",
      74
    ),
    (
      { try Data("hello".utf8).write(to: $0.appendingPathComponent("images/blue-2.jpg")) },
      "FOLDER/captions.csv:4 (row 3): `file`: FOLDER/images/blue-2.jpg: neither PNG, JPEG nor WebP; save it as one of them, or set `broken: omitted`",
      65
    ),
    (
      { try edit($0, "captions.csv", "\"a green disc, number 1\"", "a green disc, number 1") },
      "FOLDER/captions.csv:3: row 2 has 5 cells, but the header 4; put a cell that holds the delimiter into double quotes",
      65
    ),
    (
      { folder in
        try edit(folder, "captions.csv", "\"a green disc, number 1\"", "\" \"")
        try edit(folder, "dataset.yaml", "missing: omitted", "missing: refused")
      },
      "FOLDER/captions.csv:3 (row 2): the observation has no `caption`; fill it in, or set `missing: omitted` or `missing: allowed`",
      65
    ),
    (
      { try edit($0, "captions.csv", "file,caption,tags", "file,caption,file") },
      "FOLDER/captions.csv:1: the header names `file` twice, as columns 1 and 3; rename one of them", 65
    ),
    (
      { try edit($0, "dataset.yaml", "testFraction: 0.2", "testFraktion: 0.2") },
      "FOLDER/dataset.yaml:8:35: unknown key `split.testFraktion`; did you mean `split.testFraction`?", 65
    ),
    (
      { try edit($0, "dataset.yaml", "labels: [shape]", "labels: [shape]\nminimumClassSize: 99") },
      "FOLDER/captions.csv: no row is left of 24: 24 of a class of `shape` with fewer than 99", 65
    ),
    (
      { try FileManager.default.removeItem(at: $0.appendingPathComponent("dataset.yaml")) },
      "FOLDER/dataset.yaml: there is no such file; `concord data init FOLDER` writes a first one", 74
    ),
    (
      { try Data([0x66, 0xff, 0x0a]).write(to: $0.appendingPathComponent("captions.csv")) },
      "FOLDER/captions.csv:1: text that is not UTF-8; save the table as UTF-8", 65
    ),
  ]

  private static func edit(_ folder: URL, _ name: String, _ old: String, _ new: String) throws {
    let file = folder.appendingPathComponent(name)
    let text = try String(contentsOf: file, encoding: .utf8)
    try #require(text.contains(old), "\(name) lacks `\(old)`")
    try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: file)
  }

  @Test(arguments: faults.indices) func badInputIsOneLine(index: Int) throws {
    try SampleFolder.writePictures(to: folder.url, count: 24)
    #expect(try run("init", path).exitCode == 0)
    let fault = Self.faults[index]
    try fault.change(folder.url)
    let outcome = try run("describe", path)
    #expect(outcome.errors == "concord: \(fault.message.replacingOccurrences(of: "FOLDER", with: path))\n")
    #expect(outcome.exitCode == fault.exitCode)
    #expect(outcome.output.isEmpty)
  }

  @Test func initNeedsOneTable() throws {
    let none = try run("init", path)
    #expect(none.exitCode == 65)
    #expect(
      none.errors
        == "concord: \(path): there is no .csv or .tsv file; write a table with a row for each observation\n")
    _ = try folder.write("a,b\nx y z,1\n", to: "one.csv")
    _ = try folder.write("a;b\nx, y z u w;1.5\nw v u s t;2\n", to: "two.csv")
    let several = try run("init", path)
    #expect(several.exitCode == 64)
    #expect(several.errors == "concord: \(path): there are several tables: one.csv, two.csv; choose one with --table\n")
    let chosen = try run("init", path, "--table", "two.csv")
    #expect(chosen.exitCode == 0, "\(chosen.errors)")
    #expect(chosen.output.contains("table: two.csv\ndelimiter: \";\"\n"))
    #expect(chosen.output.contains("  b: { kind: numbers, columns: [b] }  # standardised\n"))
    let missing = try run("init", path + "/none")
    #expect(missing.errors == "concord: \(path)/none: there is no such folder\n" && missing.exitCode == 74)
  }
}
