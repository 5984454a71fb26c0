import Datasets
import Diagnostics
import Foundation
import Interchange
import SampleFolders
import Testing

/// A folder with a table of four rows and series of two channels.
private func load(
  _ modality: String, column: [String] = ["a", "b", "c", "d"], files: [String: Data], extra: String = ""
) throws -> Result<MultimodalDataset, UserError> {
  var result: Result<MultimodalDataset, UserError>?
  try withTemporaryFolder { folder in
    let sides = ["train", "train", "val", "test"]
    let rows = zip(column, sides).map { "\($0),\($1),k" }
    try Data((["walk,split,kind"] + rows).joined(separator: "\n").utf8)
      .write(to: folder.appendingPathComponent("t.csv"))
    try Data(
      """
      table: t.csv
      modalities:
        walk: { kind: series, \(modality) }
      labels: [kind]
      split: { column: split }
      \(extra)
      """.utf8
    ).write(to: folder.appendingPathComponent("dataset.yaml"))
    for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
    let cache = DatasetCache(folder: folder.appendingPathComponent("cache"))
    do throws(UserError) {
      result = .success(try FolderDataset.load(folder: folder, cache: cache))
    } catch {
      func bare(_ text: String) -> String { text.replacingOccurrences(of: folder.path + "/", with: "") }
      result = .failure(
        UserError(error.kind, bare(error.what), at: error.place.map(bare), mend: error.mend.map(bare)))
    }
  }
  return try #require(result)
}

private func fault(
  _ modality: String, column: [String] = ["a", "b", "c", "d"], files: [String: Data]
) throws -> String {
  guard case .failure(let error) = try load(modality, column: column, files: files) else { return "" }
  #expect(!error.description.contains("\n"))
  return error.description
}

private func npy(_ values: [Float], _ shape: [Int]) throws -> Data {
  var data = Data()
  try withTemporaryFolder { folder in
    let file = folder.appendingPathComponent("x.npy")
    try NumpyFile(NumericArray(values, shape: shape)).write(to: file)
    data = try Data(contentsOf: file)
  }
  return data
}

private func numbers(_ split: MultimodalSplit) -> [Float] {
  guard case .numbers(let values) = split.items(of: "walk", at: 0..<split.count) else { return [] }
  return values
}

struct SeriesTests {
  private let files: [String: Data] = [
    "a": Data("x,y\n1,10\n3,30\n".utf8), "b": Data("5,50\n".utf8), "c": Data("0;0\n1;1\n2;2".utf8),
    "d": Data("7\t8\n".utf8),
  ]

  @Test func filesOfDifferentLengthsAreOneModality() throws {
    let set = try load("standardise: false", files: files).get()
    #expect(set.modalities.map(\.kind) == [.series(length: 3, channels: 2)])
    #expect(numbers(set.train) == [1, 1, 10, 1, 3, 30, 0, 0, 0, 1, 5, 50, 0, 0, 0, 0, 0, 0])
    #expect(numbers(set.test) == [1, 7, 8, 0, 0, 0, 0, 0, 0])
    let front = try load("standardise: false, padding: front, length: 2", files: files).get()
    #expect(numbers(front.train) == [1, 1, 10, 1, 3, 30, 0, 0, 0, 1, 5, 50])
    #expect(numbers(front.validation) == [1, 0, 0, 1, 1, 1])
    #expect(front.provenance.notes.contains("1 series of `walk` are longer than 2 steps and are cut at their end"))
    #expect(set.card.description.contains("modality walk: series [3, 2]"))
  }

  @Test func channelsAreStandardisedByTheirOwnSteps() throws {
    let set = try load("length: 4", files: files).get()
    // The training steps are 1, 3, 5 and ten times as much: mean 3, deviation √(8/3).
    let deviation = Float((8.0 / 3).squareRoot())
    let first = numbers(set.train)
    #expect(abs(first[1] + 2 / deviation) < 1e-6 && abs(first[2] + 2 / deviation) < 1e-6)
    #expect(first[4] == 0 && first[6..<12].allSatisfy { $0 == 0 })
    #expect(abs(numbers(set.test)[1] - 4 / deviation) < 1e-5)
  }

  @Test func anArrayHasPaddingThatIsNotANumber() throws {
    let nan = Float.nan
    let array = try npy([1, 2, nan, nan, 3, 4, 5, 6, nan, nan, 7, 8, 9, 9, 9, 9], [4, 2, 2])
    let set = try load("file: x.npy, standardise: false", files: ["x.npy": array]).get()
    #expect(numbers(set.train) == [1, 1, 2, 0, 0, 0, 1, 3, 4, 1, 5, 6])
    #expect(numbers(set.validation) == [1, 7, 8, 0, 0, 0])
    let column = try load(
      "file: x.npy, column: walk, standardise: false", column: ["3", "0", "1", "2"], files: ["x.npy": array]
    ).get()
    #expect(numbers(column.train) == [1, 9, 9, 1, 9, 9, 1, 1, 2, 0, 0, 0])
  }

  private static let published = """
    # A comment
    @problemName Walks
    @timestamps false
    @univariate false
    @dimensions 2
    @equalLength false
    @classLabel true up down
    @data
    1,3:10,30:up
    5:50:down
    0,1,2:0,1,2:up
    7:8:down
    """

  @Test func filesOfTheArchives() throws {
    let set = try load("file: w.ts, standardise: false", files: ["w.ts": Data(Self.published.utf8)]).get()
    #expect(numbers(set.train) == [1, 1, 10, 1, 3, 30, 0, 0, 0, 1, 5, 50, 0, 0, 0, 0, 0, 0])
    let holes = Data(Self.published.replacing("0,1,2:0,1,2", with: "0,?,2:0,1,2").utf8)
    do {
      let found = try fault("file: w.ts", files: ["w.ts": holes]);
      #expect(found == "t.csv:4 (row 3): `walk`: w.ts:11: a value is missing; fill it in, or set `broken: omitted`")
    }
  }

  @Test func wrongFilesHaveOneLine() throws {
    var wrong = files
    wrong["b"] = Data("5,x\n6,7\n8,\n".utf8)
    do {
      let found = try fault("length: 3", files: wrong);
      #expect(found == "t.csv:3 (row 2): `walk`: b:3: `` is not a finite number; correct it, or set `broken: omitted`")
    }
    wrong["b"] = Data("5,6\n6\n".utf8)
    do {
      let found = try fault("length: 3", files: wrong);
      #expect(
        found
          == "t.csv:3 (row 2): `walk`: b:2: a step of 1 numbers among steps of 2; give each step as many, or set `broken: omitted`"
      )
    }
    wrong["b"] = Data("5\n".utf8)
    #expect(try fault("length: 3", files: wrong).contains("steps of 1 numbers, where others have 2"))
    wrong["b"] = Data([0x50, 0x4b, 0, 0])
    #expect(try fault("length: 3", files: wrong).contains("neither an npy file nor a table of numbers"))
    wrong["b"] = Data()
    #expect(try fault("length: 3", files: wrong).contains("there is no step"))
    wrong["b"] = nil
    #expect(try fault("length: 3", files: wrong).hasPrefix("t.csv:3 (row 2): `walk`: b: "))
    let whole = try npy([1, 2, 3, 4, 5, 6, 7, 8], [4, 2])
    wrong["b"] = whole.dropLast(3)
    #expect(try fault("length: 3", files: wrong).contains("bytes of numbers but has"))
    wrong["b"] = try npy([1, .infinity], [1, 2])
    #expect(try fault("length: 3", files: wrong).contains("step 0 has a number that is not finite"))
    #expect(try fault("file: x.npy", files: ["x.npy": whole.dropLast(9)]).contains("bytes of numbers but has"))
    #expect(
      try fault("file: x.npy", files: ["x.npy": try npy([1, 2, 3], [3])])
        .contains("an array of shape [3] holds no series [rows, steps, channels]"))
    #expect(
      try fault("file: x.npy", files: ["x.npy": try npy([1, 2, 3], [3, 1, 1])]).contains("x.npy has 3 rows, but"))
    #expect(try fault("file: w.ts", files: ["w.ts": Data("a,b\n1,2\n".utf8)]).contains("does not begin with @"))
    #expect(
      try fault("file: w.ts", files: ["w.ts": Data("@problemName x\n".utf8)]).contains("there is no @data"))
    #expect(
      try fault("file: w.ts", files: ["w.ts": Data("@timestamps true\n@data\n(0,1)\n".utf8)])
        .contains("values with time stamps are not read"))
    #expect(
      try fault("file: w.ts", files: ["w.ts": Data("@data\n1,2:3\n1:2\n1:2\n1:2\n".utf8)])
        .contains("the dimensions differ in their number of values"))
    #expect(
      try fault("file: w.ts, folder: x", files: [:]).contains("has no meaning beside `file`"))
  }

  @Test func aDraftNamesSeries() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("windows"), withIntermediateDirectories: true)
      for name in ["a", "b", "c", "d"] {
        try Data("1,2\n".utf8).write(to: folder.appendingPathComponent("windows/\(name).csv"))
      }
      try Data("walk,note\na.csv,one two three four\nb.csv,five six\nc.csv,a b c d e\nd.csv,f g h\n".utf8)
        .write(to: folder.appendingPathComponent("t.csv"))
      try Data(Self.published.utf8).write(to: folder.appendingPathComponent("steps.ts"))
      let draft = try FolderDraft(folder: folder)
      #expect(draft.text.contains("walk: { kind: series, folder: windows }  # 4 of 4 files exist"), "\(draft.text)")
      #expect(draft.text.contains("steps: { kind: series, file: steps.ts }  # up to 3 steps of 2 numbers"))
    }
  }
}
