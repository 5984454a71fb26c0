import Datasets
import Diagnostics
import Foundation
import Interchange
import SampleFolders
import Testing

/// Tables as users have them: what is read, and which line says what is wrong.
@Suite struct FolderFaultTests {
  private func load(
    _ table: String, _ description: String, files: [String: Data] = [:]
  ) throws -> MultimodalDataset {
    var result: Result<MultimodalDataset, any Error>?
    try withTemporaryFolder { folder in
      for (name, data) in files.merging(
        ["table.csv": Data(table.utf8), "dataset.yaml": Data(description.utf8)], uniquingKeysWith: { $1 })
      {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
      }
      result = Result {
        try FolderDataset.load(
          folder: folder, cache: DatasetCache(folder: folder.appendingPathComponent("cache")))
      }
    }
    return try #require(result).get()
  }

  private func fault(_ table: String, _ description: String, files: [String: Data] = [:]) -> UserError? {
    #expect(throws: UserError.self) { _ = try load(table, description, files: files) }
  }

  private func jpeg(_ value: Int) -> Data {
    SampleFiles.jpeg(width: 16, height: 16, pixels: [UInt8](repeating: UInt8(value), count: 16 * 16 * 3))
  }

  /// All numbers of a modality, of all sides.
  private func numbers(_ set: MultimodalDataset, _ modality: String) -> [Float] {
    [set.train, set.validation, set.test].flatMap { side -> [Float] in
      guard case .numbers(let values) = side.items(of: modality, at: 0..<side.count) else { return [] }
      return values
    }
  }

  // MARK: Numbers

  /// Seconds since 1970 a minute apart, coordinates in metres a centimetre apart, and a constant.
  private static let times = (0..<30).map { 1_732_800_000 + 60 * Double($0) }
  private static let metres = (0..<30).map { (row: Int) -> Double in 5_412_345.67 + 0.01 * Double(row * 7 % 30) }

  /// Checks numbers of 30 observations of 3 numbers against their own mean and deviation in double.
  private func expectStandardised(_ set: MultimodalDataset, _ modality: String) throws {
    #expect(set.provenance.notes.contains("1 of 3 numbers of `\(modality)` are constant in training"))
    let rows = [set.train, set.validation, set.test].flatMap(\.identifiers).compactMap { Int($0) }
    let numbers = self.numbers(set, modality)
    try #require(rows.count == 30 && numbers.count == 90)
    let trained = set.train.identifiers.compactMap { Int($0) }
    for (column, source) in [Self.times, Self.metres].enumerated() {
      let mean = trained.map { source[$0] }.reduce(0, +) / Double(trained.count)
      let square = trained.map { (source[$0] - mean) * (source[$0] - mean) }.reduce(0, +) / Double(trained.count)
      for (place, row) in rows.enumerated() {
        let wanted = (source[row] - mean) / square.squareRoot()
        #expect(abs(Double(numbers[3 * place + column]) - wanted) < 1e-4)
      }
    }
  }

  @Test func largeNumbersThatDifferLittleAreStandardisedInDouble() throws {
    var table = "id,caption,time,metres,same\n"
    for i in 0..<30 { table += "\(i),row \(i % 5),\(Int(Self.times[i])),\(Self.metres[i]),5412345.1\n" }
    let set = try load(
      table,
      """
      table: table.csv
      identifier: id
      modalities:
        caption: { kind: text }
        place: { kind: numbers, columns: [time, metres, same] }
      """)
    try expectStandardised(set, "place")
  }

  @Test func arraysOfDoublesAreToo() throws {
    var table = "id,caption\n"
    for i in 0..<30 { table += "\(i),row \(i % 5)\n" }
    let values = (0..<30).flatMap { [Self.times[$0], Self.metres[$0], 5_412_345.1] }
    let set = try load(
      table,
      """
      table: table.csv
      identifier: id
      modalities:
        caption: { kind: text }
        place: { kind: array, file: place.npy }
      """, files: ["place.npy": NumpyFile(NumericArray(values, shape: [30, 3])).encoded()])
    try expectStandardised(set, "place")
  }

  @Test func aCommaMayStandBeforeTheFraction() throws {
    var table = "id;caption;size\n"
    for i in 0..<30 { table += "\(i);row \(i % 5);\(i),5\n" }
    func description(_ decimal: String) -> String {
      """
      table: table.csv
      delimiter: ";"
      identifier: id
      modalities:
        caption: { kind: text }
        size: { kind: numbers, columns: [size], standardise: false\(decimal) }
      """
    }
    let set = try load(table, description(", decimal: \",\""))
    #expect(Set(numbers(set, "size")) == Set((0..<30).map { Float($0) + 0.5 }))
    let error = fault(table, description(""))
    #expect(error?.what.contains(/`\d+,5` in column `size` is not a finite number/) == true)
    #expect(error?.mend?.hasPrefix("correct it, or set `decimal: \",\"`") == true)
  }

  // MARK: Splits

  private let pictures = """
    table: table.csv
    modalities:
      image: { kind: image, column: file, size: 16 }
      caption: { kind: text }

    """

  @Test func aSplitOfRowsThatShareOneFileNamesTheFile() throws {
    var table = "file,caption\n"
    for i in 0..<12 { table += "a.jpg,caption \(i)\n" }
    let error = fault(table, pictures, files: ["a.jpg": jpeg(9)])
    #expect(
      error?.what
        == "nothing is left in the validation side of the split: all 12 rows are kept together in one group, since they "
        + "share a file, or files of the same content")
    #expect(error?.mend?.contains("split: { column") == true)
  }

  @Test func aSplitOfClassesWithOneMemberNamesTheLabel() throws {
    var (table, files) = ("file,caption,name\n", [String: Data]())
    for i in 0..<12 {
      table += "\(i).jpg,caption \(i),name\(i)\n"
      files["\(i).jpg"] = jpeg(10 * i)
    }
    let error = fault(table, pictures + "labels: [name]\n", files: files)
    #expect(
      error?.what
        == "nothing is left in the validation side of the split: every class of `name` has one member only, which is for "
        + "training")
    // What is advised helps.
    #expect(error?.mend?.hasPrefix("take `name` out of `labels`") == true)
    #expect(try load(table, pictures, files: files).validation.count > 0)
  }

  @Test func aPlaceholderThatMovesTheSplitIsNamed() throws {
    var (table, files) = ("file,caption\n", [String: Data]())
    for i in 0..<60 {
      table += "\(i).jpg,caption \(i)\n"
      files["\(i).jpg"] = jpeg(i % 4 == 1 ? 200 : 3 * i)
    }
    let set = try load(table, pictures, files: files)
    let note = try #require(set.provenance.notes.first { $0.contains("the same `image`") })
    #expect(note.hasPrefix("15 of 60 observations have the same `image`, 1.jpg, the first at "))
    #expect(note.contains(":3 (row 2); they stay together in "))
    #expect(note.contains(" % asked; where it is a placeholder, leave these rows out"))
    // Captions of a picture are no placeholder.
    table = "file,caption\n"
    for i in 0..<60 { table += "\(i / 5).jpg,caption \(i)\n" }
    #expect(try !load(table, pictures, files: files).provenance.notes.contains { $0.contains("the same `image`") })
  }

  @Test func anIdentifierThatStandsTwiceIsRefused() throws {
    var table = "id,caption,size\n"
    for i in 0..<12 { table += "\(i < 3 || i == 7 ? "same" : "row\(i)"),caption,\(i)\n" }
    let error = fault(
      table,
      """
      table: table.csv
      identifier: id
      modalities:
        caption: { kind: text }
        size: { kind: numbers, columns: [size] }
      """)
    #expect(error?.what == "the identifier `same` stands in 4 rows")
    #expect(error?.place?.hasSuffix("table.csv:3 (row 2)") == true)
  }
}
