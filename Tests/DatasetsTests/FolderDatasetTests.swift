import Datasets
import Diagnostics
import Foundation
import Interchange
import SampleFolders
import Testing

/// Folders written by hand, each with a table of captions and numbers and a `dataset.yaml`.
private struct Sample {
  var table = "id,caption,tags,width,height,species,split\n"
  var settings = """
    table: table.csv
    identifier: id
    modalities:
      caption: { kind: text, length: 6 }
      size: { kind: numbers, columns: [width, height] }
    labels: [species]

    """

  /// Thirty rows in three classes.
  init() {
    for index in 0..<30 {
      let species = ["wren", "robin", "owl"][index % 3]
      table += "b\(index),a \(species) sings,\(species); bird,\(index),\(2 * index + 5),\(species),\n"
    }
  }

  func load(
    _ options: FolderDataset.Options = .init(), files: [String: Data] = [:]
  ) throws -> MultimodalDataset {
    var result: Result<MultimodalDataset, any Error>?
    try withTemporaryFolder { folder in
      try Data(table.utf8).write(to: folder.appendingPathComponent("table.csv"))
      try Data(settings.utf8).write(to: folder.appendingPathComponent("dataset.yaml"))
      for (name, data) in files {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
      }
      let cache = DatasetCache(folder: folder.appendingPathComponent("cache"))
      do {
        result = .success(try FolderDataset.load(folder: folder, options: options, cache: cache))
      } catch let error as UserError {
        // The folder's name is different in each run.
        let place = error.place?.replacingOccurrences(of: folder.path + "/", with: "")
        result = .failure(
          UserError(
            error.kind, error.what.replacingOccurrences(of: folder.path + "/", with: ""), at: place,
            mend: error.mend?.replacingOccurrences(of: folder.path + "/", with: "")))
      }
    }
    return try #require(result).get()
  }

  /// The error's line.
  func fault(_ options: FolderDataset.Options = .init(), files: [String: Data] = [:]) -> String {
    let error = #expect(throws: UserError.self) { try load(options, files: files) }
    return error?.description ?? ""
  }
}

private func jpeg(_ value: UInt8) -> Data {
  SampleFiles.jpeg(width: 20, height: 12, pixels: [UInt8](repeating: value, count: 20 * 12 * 3))
}

struct FolderDatasetTests {
  @Test func splitsEveryClassAndLearnsFromTraining() throws {
    let set = try Sample().load()
    #expect([set.train, set.validation, set.test].map(\.count).reduce(0, +) == 30)
    #expect(set.test.count == 6 && set.validation.count == 3)
    #expect(set.classNames == ["species": ["owl", "robin", "wren"]])
    for split in [set.train, set.validation, set.test] {
      #expect(Set(split.labels["species"] ?? []) == [0, 1, 2], "\(split.name) lacks a class")
      #expect(split.isComplete && split.identifiers.allSatisfy { $0.hasPrefix("b") })
      let names = split.labels["species"]?.map { ["owl", "robin", "wren"][Int($0)] }
      #expect(split.texts["caption"] == names?.map { "a \($0) sings" })
    }
    #expect(Set([set.train, set.validation, set.test].flatMap(\.identifiers)).count == 30)
    let tokeniser = try #require(set.tokenisers["caption"])
    #expect(Set(tokeniser.words) == ["a", "owl", "robin", "wren", "sings"])
    guard case .numbers(let sizes) = set.train.items(of: "size", at: 0..<set.train.count),
      case .tokens(let tokens) = set.train.items(of: "caption", at: [0])
    else {
      Issue.record("items of another type")
      return
    }
    #expect(tokeniser.decode(tokens) == set.train.texts["caption"]?[0])
    for column in 0..<2 {
      let values = stride(from: column, to: sizes.count, by: 2).map { Double(sizes[$0]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let square = values.map { $0 * $0 }.reduce(0, +) / Double(values.count)
      #expect(abs(mean) < 1e-5 && abs(square - 1) < 1e-5)
    }
    #expect(try Sample().load().train.identifiers == set.train.identifiers)
    var other = FolderDataset.Options()
    other.splitSeed = 9
    #expect(try Sample().load(other).train.identifiers != set.train.identifiers)
  }

  @Test func countsWhatIsLeftOut() throws {
    var sample = Sample()
    sample.table += "e1,,x,1,2,owl,\ne2, ,x,1,2,owl,\ne3,an owl,x,,2,owl,\ne4,an owl,x,3,2,,\n\ne5,an emu,x,3,2,emu,\n"
    let omitted = try sample.load()
    #expect(
      omitted.provenance.omissions == [
        .init(reason: "without a value of `species`", count: 1), .init(reason: "without `caption`", count: 2),
        .init(reason: "without `size`", count: 1),
      ])
    #expect(
      omitted.provenance.notes.contains {
        $0.hasPrefix("1 class of `species` with one observation only, the first `emu` at ")
          && $0.contains("table.csv:37 (row 35)")
      })
    // The one emu is learnt from, since nothing could be tested otherwise.
    #expect(omitted.train.identifiers.contains("e5"))
    sample.settings += "missing: allowed\nminimumClassSize: 2\n"
    let allowed = try sample.load()
    #expect(allowed.provenance.omissions.map(\.count) == [1, 1])
    #expect(allowed.provenance.omissions[1].reason == "of a class of `species` with fewer than 2")
    let sides = [allowed.train, allowed.validation, allowed.test]
    #expect(sides.map { $0.column(of: "caption").absentCount }.reduce(0, +) == 2)
    #expect(sides.map { $0.column(of: "size").absentCount }.reduce(0, +) == 1)
    let side = try #require(sides.first { $0.identifiers.contains("e1") })
    let index = try #require(side.identifiers.firstIndex(of: "e1"))
    #expect(!side.isPresent("caption", at: index) && side.isPresent("size", at: index))
    #expect(side.items(of: "caption", at: [index]) == .tokens([0, 0, 0, 0, 0, 0]))
    #expect(side.texts["caption"]?[index] == "")
    #expect(allowed.card.modalities[0].missing.values.reduce(0, +) == 2)
    var options = FolderDataset.Options()
    options.missing = .refused
    #expect(
      sample.fault(options)
        == "table.csv:32 (row 31): the observation has no `caption`, the first of 3 such rows; fill it in, or set `missing: omitted` or `missing: allowed`"
    )
    // What another modality lacks does not matter.
    options.modalities = ["size"]
    options.missing = .omitted
    #expect(try sample.load(options).provenance.omissions.map(\.reason).contains("without `size`"))
    #expect(try sample.load(options).modalities.map(\.name) == ["size"])
  }

  @Test func decodesPicturesOnceAndKeepsCopiesTogether() throws {
    var sample = Sample()
    sample.table = "file,caption\n"
    var files: [String: Data] = [:]
    for index in 0..<24 {
      // Every picture has two captions, and a copy under another name.
      sample.table += "\(index % 12).jpg,caption \(index)\n"
      files["images/\(index % 12).jpg"] = jpeg(UInt8(20 * (index % 6)))
    }
    sample.settings = """
      table: table.csv
      modalities:
        photo: { kind: image, column: file, folder: images, size: 16, channels: 1 }
        caption: { kind: text }
      split: { validationFraction: 0.2, testFraction: 0.2 }

      """
    let set = try sample.load(files: files)
    #expect(set.provenance.notes.contains("24 observations are split as 6 that share no file"))
    var values: [Set<Int>] = []
    for split in [set.train, set.validation, set.test] {
      #expect(split.count % 4 == 0)
      let column = split.column(of: "photo")
      #expect(column.modality.kind == .image(height: 16, width: 16, channels: 1))
      let items = try #require(column.bytes)
      #expect(items.count == split.count / 4 * 256, "a picture of two captions is held once, and so is its copy")
      values.append(Set(items.map { (Int($0) + 10) / 20 }))
    }
    #expect(values[0].isDisjoint(with: values[1]) && values[0].isDisjoint(with: values[2]))
    #expect(values.map(\.count).reduce(0, +) == 6)
    var options = FolderDataset.Options()
    options.imageSize = 8
    #expect(try sample.load(options, files: files).modalities[0].kind.elementCount == 64)
    options.imageSize = 4
    #expect(sample.fault(options, files: files) == "imageSize: cannot be 4; give 8 to 512")

    files["images/3.jpg"] = Data(jpeg(9).prefix(200))
    files["images/7.jpg"] = nil
    let line = sample.fault(files: files)
    #expect(line.hasPrefix("table.csv:5 (row 4): `photo`: images/3.jpg: the JPEG is damaged: "), "\(line)")
    #expect(line.hasSuffix(" (the first of 4 such cells); replace or remove it, or set `broken: omitted`"), "\(line)")
    sample.settings += "broken: omitted\n"
    let rest = try sample.load(files: files)
    #expect(rest.provenance.omissions.map(\.count) == [4])
    #expect(rest.provenance.omissions[0].reason.hasPrefix("`photo` cannot be read, the first: "))
    sample.settings += "missing: allowed\n"
    let kept = try sample.load(files: files)
    #expect(kept.provenance.omissions.isEmpty)
    #expect(kept.provenance.notes.contains { $0.hasPrefix("4 items of `photo` cannot be read and count as missing") })
  }

  @Test func readsTheSameFromTheCache() throws {
    try withTemporaryFolder { folder in
      try SampleFolder.writePictures(to: folder, count: 24)
      try Data("broken".utf8).write(to: folder.appendingPathComponent("images/red-0.jpg"))
      let settings = """
        table: captions.csv
        modalities: { file: { kind: image, size: 16 }, caption: { kind: text }, tags: { kind: tags } }
        broken: omitted

        """
      try Data(settings.utf8).write(to: folder.appendingPathComponent("dataset.yaml"))
      let cache = DatasetCache(folder: folder.appendingPathComponent("cache"))
      let first = try FolderDataset.load(folder: folder, cache: cache)
      let entries = try FileManager.default.contentsOfDirectory(atPath: cache.folder.path)
      #expect(entries.count == 1)
      let second = try FolderDataset.load(folder: folder, cache: cache)
      #expect(try FileManager.default.contentsOfDirectory(atPath: cache.folder.path) == entries)
      for index in first.train.columns.indices {
        #expect(first.train.columns[index].items == second.train.columns[index].items)
        #expect(first.train.columns[index].bytes == second.train.columns[index].bytes)
      }
      #expect(first.provenance == second.provenance && first.checksum == second.checksum)
      #expect(first.tagNames["tags"]?.count == 7)
      // Another content is another checksum, and is read.
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent("images/blue-2.jpg"), to: folder.appendingPathComponent("x.jpg"))
      try FileManager.default.removeItem(at: folder.appendingPathComponent("images/red-0.jpg"))
      try FileManager.default.moveItem(
        at: folder.appendingPathComponent("x.jpg"), to: folder.appendingPathComponent("images/red-0.jpg"))
      let third = try FolderDataset.load(folder: folder, cache: cache)
      #expect(third.checksum != first.checksum && third.provenance.omissions.isEmpty)
    }
  }

  @Test func readsArraysSoundsTagsAndClasses() throws {
    var sample = Sample()
    let count = 30
    var files: [String: Data] = [:]
    files["features.npy"] = NumpyFile(
      NumericArray((0..<count * 6).map { Float($0) }, shape: [count, 2, 3])
    ).encoded()
    files["pictures.idx"] = Data(
      [0, 0, 8, 3] + [0, 0, 0, UInt8(count), 0, 0, 0, 2, 0, 0, 0, 2] + (0..<count * 4).map { UInt8($0 % 256) })
    try withTemporaryFolder { folder in
      for index in 0..<3 {
        let file = folder.appendingPathComponent("\(index).flac")
        let tone = SampleFiles.tone(frequency: 300 * Double(index + 1), rate: 11_025, seconds: 0.2)
        try SampleFiles.writeSound(tone, to: file, rate: 11_025, format: .flac)
        files["\(index).flac"] = try Data(contentsOf: file)
      }
    }
    sample.table = "sound,tags,species,split,at\n"
    for index in 0..<count {
      let split = ["train", "Training", "val", "test", "train"][index / 3 % 5]
      sample.table += "\(index % 3).flac,Red | b\(index % 3)|red,\(10 - index % 3),\(split),\(count - 1 - index)\n"
    }
    sample.settings = """
      table: table.csv
      modalities:
        features: { kind: array, file: features.npy }
        frames: { kind: array, file: features.npy, as: spectrogram, column: at, standardise: false }
        digit: { kind: array, file: pictures.idx, as: image }
        sound: { kind: audio, rate: 8000, frames: 4, bands: 8 }
        tags: { kind: tags, separator: "|", count: 3 }
        species: { kind: label }
      labels: species
      split: { column: split }

      """
    let set = try sample.load(files: files)
    #expect(
      set.modalities.map(\.kind) == [
        .vector(count: 6), .spectrogram(frames: 2, bands: 3), .image(height: 2, width: 2, channels: 1),
        .spectrogram(frames: 4, bands: 8), .tags(count: 3), .label(count: 3),
      ])
    #expect([set.train, set.validation, set.test].map(\.count) == [18, 6, 6])
    #expect(set.classNames["species"] == ["8", "9", "10"])
    #expect(set.train.items(of: "frames", at: [0]) == .numbers((174..<180).map { Float($0) }))
    #expect(set.train.items(of: "digit", at: [1]) == .numbers([4, 5, 6, 7].map { Float($0) / 255 }))
    #expect(set.tagNames["tags"] == ["red", "b0", "b1"])
    #expect(set.train.items(of: "tags", at: [0, 2]) == .numbers([1, 1, 0, 1, 0, 0]))
    #expect(set.train.items(of: "species", at: [0, 2]) == .numbers([0, 0, 1, 1, 0, 0]))
    #expect(set.provenance.notes.contains("split by column `split`"))
    // The recordings are shared by the sides, which a reader should know.
    #expect(set.provenance.notes.contains("6 test observations share a file with training"))
    guard case .numbers(let values) = set.train.columns[3].items else { return }
    #expect(values.count == 3 * 32 && values.allSatisfy(\.isFinite))
    let mean = stride(from: 0, to: values.count, by: 8).map { Double(values[$0]) }.reduce(0, +) / 12
    #expect(abs(mean) < 1e-5)

    sample.settings = sample.settings.replacingOccurrences(of: "{ column: split }", with: "{ column: species }")
    #expect(
      sample.fault(files: files) == "table.csv:2 (row 1): `species` cannot be `10`; write train, validation or test")
  }

  @Test func aSplitColumnWithoutValidationGetsOne() throws {
    var sample = Sample()
    sample.table = sample.table.split(separator: "\n").enumerated().map { index, line in
      index == 0 ? String(line) : line + (index > 24 ? "test" : "train")
    }.joined(separator: "\n")
    sample.settings += "split: { column: split, validationFraction: 0.25 }\n"
    let set = try sample.load()
    #expect([set.train, set.validation, set.test].map(\.count) == [18, 6, 6])
    #expect(set.provenance.notes.contains("no row is for validation, so 6 training rows are (seed 0)"))
    sample.settings = sample.settings.replacingOccurrences(of: "0.25", with: "0")
    #expect(
      sample.fault()
        == "dataset.yaml:7:8: nothing is left in the validation side of the split; name validation in `split`")
  }

  @Test func groupsStayTogether() throws {
    var sample = Sample()
    sample.settings = sample.settings.replacingOccurrences(of: "labels: [species]", with: "split: { group: species }")
    let set = try sample.load()
    #expect(set.classNames.isEmpty && set.train.labels.isEmpty)
    for split in [set.train, set.validation, set.test] {
      #expect(split.count == 10 && Set(split.texts["caption"] ?? []).count == 1)
    }
    #expect(set.provenance.notes.contains("30 observations are split as 3 that share no file and no `species`"))
  }

  @Test(arguments: [
    ("table: table.csv", "table: tabel.csv", "tabel.csv: there is no such file; check its name and folder"),
    ("[width, height]", "[width, heigt]", "dataset.yaml:5:43: table.csv has no column `heigt`; did you mean `height`?"),
    (
      "[species]", "[zzzzzz]",
      "dataset.yaml:6:10: table.csv has no column `zzzzzz`; its columns are id, caption, tags, width, height, species, split"
    ),
    ("identifier: id", "identifer: id", "dataset.yaml:2:1: unknown key `identifer`; did you mean `identifier`?"),
    (
      "length: 6", "lenght: 6",
      "dataset.yaml:4:26: unknown key `modalities.caption.lenght`; did you mean `modalities.caption.length`?"
    ),
    ("length: 6", "length: 2", "dataset.yaml:4:34: `modalities.caption.length` cannot be 2; give 3 to 1024"),
    ("kind: text", "kind: txet", "dataset.yaml:4:20: `modalities.caption.kind` cannot be `txet`; did you mean `text`?"),
    (
      "kind: text, length: 6", "length: 6",
      "dataset.yaml:4:3: `modalities.caption.kind` is missing; choose one of image, video, audio, text, tags, numbers, array, series, label"
    ),
    ("kind: text, length: 6", "kind: array, file: a.npy", "a.npy: there is no such file; check its name and folder"),
    (
      "labels: [species]", "labels: [species]\nsplit: { testFraction: 0.95 }",
      "dataset.yaml:7:8: the shares 0.1 of validation and 0.95 of test are not positive and below 1 together; for example 0.1 and 0.2"
    ),
    (
      "labels: [species]", "labels: [species]\nminimumClassSize: 11",
      "table.csv: no row is left of 30: 30 of a class of `species` with fewer than 11"
    ),
    (
      "labels: [species]", "labels: [species]\nmissing: maybe",
      "dataset.yaml:7:10: `missing` cannot be `maybe`; choose one of allowed, omitted, refused"
    ),
  ]) func refusesAWrongDescription(old: String, new: String, line: String) {
    var sample = Sample()
    sample.settings = sample.settings.replacingOccurrences(of: old, with: new)
    #expect(sample.fault() == line)
  }

  @Test(arguments: [
    (
      "b3,a wren sings,wren; bird,3", "b3,a wren sings,wren; bird,nan",
      "table.csv:5 (row 4): `size`: `nan` in column `width` is not a finite number; correct it or leave it empty, or set `broken: omitted`"
    ),
    (
      "b3,a wren sings,wren; bird,3", "b3,a wren sings,wren; bird,3 cm",
      "table.csv:5 (row 4): `size`: `3 cm` in column `width` is not a finite number; correct it or leave it empty, or set `broken: omitted`"
    ),
    (
      "b3,", "b3,,",
      "table.csv:5: row 4 has 8 cells, but the header 7; put a cell that holds the delimiter into double quotes"
    ),
    (
      "id,caption", "caption,caption",
      "table.csv:1: the header names `caption` twice, as columns 1 and 2; rename one of them"
    ),
  ]) func refusesAWrongTable(old: String, new: String, line: String) {
    var sample = Sample()
    sample.table = sample.table.replacingOccurrences(of: old, with: new)
    #expect(sample.fault() == line)
  }

  @Test func refusesArraysThatDoNotFit() {
    var sample = Sample()
    sample.settings = sample.settings.replacingOccurrences(
      of: "kind: text, length: 6", with: "kind: array, file: a.npy")
    func fault(_ values: [Float], _ shape: [Int]) -> String {
      sample.fault(files: ["a.npy": NumpyFile(NumericArray(values, shape: shape)).encoded()])
    }
    #expect(
      fault([1, 2], [2])
        == "dataset.yaml:4:33: a.npy has 2 rows, but table.csv has 30; name the `column` that holds the row's number, from 0"
    )
    var values = [Float](repeating: 1, count: 60)
    values[9] = .nan
    #expect(
      fault(values, [30, 2])
        == "table.csv:6 (row 5): `caption`: row 4 of a.npy has a number that is not finite; correct it, or set `broken: omitted`"
    )
    sample.settings = sample.settings.replacingOccurrences(of: "a.npy }", with: "a.npy, as: image }")
    #expect(fault(values, [30, 2]).hasPrefix("dataset.yaml:4:33: a row of shape [2] is no picture [height, width]"))
  }

  @Test func namesAMissingDescription() {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("none-\(UUID().uuidString)")
    let error = #expect(throws: UserError.self) { try FolderDataset.load(folder: folder) }
    #expect(error?.what == "there is no such folder" && error?.kind == .inputOutput)
  }
}
