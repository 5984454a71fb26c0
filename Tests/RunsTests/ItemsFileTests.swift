import Diagnostics
import Evaluation
import Foundation
import Interchange
import Runs
import Testing

@Suite struct ItemsFileTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private func table(_ shift: Int32, families: [Int32] = [1, 1, 2, 3]) -> ItemTable {
    ItemTable(
      families: families,
      outcomes: [
        ItemOutcomes(
          evaluator: "accuracy", subject: "image+sound", metric: "group", measure: .hit, values: [1, 0, 1],
          observations: [0, 2, 3]),
        ItemOutcomes(
          evaluator: "retrieval", subject: "image → caption-en", metric: "", measure: .rank,
          values: [1, 255, 256, 1000 + shift], observations: [0, 1, 2, 3]),
      ])
  }

  @Test func seedsAreReadAsTheyWereWritten() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("items.npz")
    for families in [[1, 1, 2, 3], [5, 6, 7, 8]] as [[Int32]] {
      let tables = [0: table(0), 12: table(7, families: families)]
      try ItemsFile.write(tables, to: file)
      #expect(try ItemsFile.read(from: file) == tables)
    }
    #expect(try ItemsFile.read(from: folder.appendingPathComponent("none.npz")) == nil)
  }

  @Test func filesOfSeedsAreJoined() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = [0, 1].map { folder.appendingPathComponent("\($0).npz") }
    let joined = folder.appendingPathComponent("items.npz")
    try ItemsFile.write([0: table(0)], to: files[0])
    try ItemsFile.join(files, to: joined)
    #expect(try ItemsFile.read(from: joined) == nil)
    try ItemsFile.write([1: table(1)], to: files[1])
    try ItemsFile.join(files, to: joined)
    #expect(try ItemsFile.read(from: joined) == [0: table(0), 1: table(1)])
  }

  @Test func aDamagedFileIsRefused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("items.npz")
    for arrays in [
      ["families": NumericArray([Int32](arrayLiteral: 1)), "0|hit|a|b|c": NumericArray([Int32](arrayLiteral: 1, 0))],
      ["0|hit|a|b|c": NumericArray([Int32](arrayLiteral: 1))],
      ["families": NumericArray([Int32](arrayLiteral: 1)), "0|guess|a|b|c": NumericArray([Int32](arrayLiteral: 1))],
      ["families": NumericArray([Int32](arrayLiteral: 1)), "0|hit|a|b|c": NumericArray([Float](arrayLiteral: 1))],
    ] {
      try NumpyArchive(arrays: arrays).write(to: file)
      let error = #expect(throws: UserError.self) { try ItemsFile.read(from: file) }
      #expect(error?.description.contains("the file is damaged") == true)
    }
  }

  // 80 recipes of 10 seeds at this size are about 10 MB.
  @Test func anEmojiRunTakesLittle() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let observations = Array(0..<Int32(710))
    let outcomes = (0..<20).map { row in
      ItemOutcomes(
        evaluator: row < 12 ? "retrieval" : "accuracy", subject: "row \(row)", metric: row < 12 ? "" : "group",
        measure: row < 12 ? .rank : .hit,
        values: observations.map {
          row < 12 ? 1 + ($0 * $0 * 31 + Int32(row) * 7) % 60 : ($0 * $0 / 3 + Int32(row)) % 2
        },
        observations: observations)
    }
    let file = folder.appendingPathComponent("items.npz")
    try ItemsFile.write([0: ItemTable(families: observations, outcomes: outcomes)], to: file)
    #expect(try Data(contentsOf: file).count < 20_000)
  }
}
