import Diagnostics
import Figures
import Foundation
import Reports
import Runs
import Testing
import Training

@Suite struct TrackedScoresTests {
  private func epoch(_ number: Int) -> TrainingEvent {
    .epoch(EpochRecord(epoch: number, terms: [LossTerm("total", 1)], seconds: 1))
  }

  private func evaluated(_ recall: Double, _ perplexity: Double) -> TrainingEvent {
    .evaluated([
      Score(evaluator: "codes", subject: "image", metric: "used", value: recall),
      Score(evaluator: "codes", subject: "image", metric: "perplexity", value: perplexity),
    ])
  }

  @Test func scoresOfEachEpochAreJoinedOverSeeds() {
    let first = [epoch(1), evaluated(0.1, 4), epoch(2), evaluated(0.3, 8), evaluated(0.9, 99), .finished]
    let second = [epoch(1), evaluated(0.2, 6), epoch(2), evaluated(0.5, 8), evaluated(0.9, 99), .finished]
    let tracked = TrackedScores(of: [first, second])
    #expect(tracked.seeds == 2 && tracked.courses.count == 2)
    let used = tracked.courses[0]
    #expect(used.epochs == [1, 2])
    #expect(zip(used.mean, [15, 40]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(used.lowest == [10, 30] && used.highest == [20, 50])
    #expect(tracked.courses[1].mean == [5, 8])
    // A share and a number have different units.
    #expect(tracked.charts.map(\.title) == ["codes", "codes perplexity"])
    #expect(tracked.charts.map(\.name) == ["epochs-codes", "epochs-codes-perplexity"])
  }

  @Test func anEpochDoneAgainCountsOnceAndOneThatASeedLacksNot() {
    let first = [epoch(1), evaluated(0.1, 4), epoch(2), evaluated(0.3, 8), epoch(2), evaluated(0.4, 8), epoch(3)]
    let second = [epoch(1), evaluated(0.1, 4), epoch(2), evaluated(0.6, 8), epoch(3), evaluated(0.7, 8)]
    let tracked = TrackedScores(of: [first, second])
    #expect(tracked.courses[0].epochs == [1, 2])
    #expect(abs(tracked.courses[0].mean[1] - 50) < 1e-9)
  }

  @Test func aTrainingWithoutScoresByEpochHasNone() {
    // The last scores are those of the result.
    let log = [epoch(1), epoch(2), evaluated(0.5, 3), .finished]
    #expect(TrackedScores(of: [log]).courses.isEmpty)
    #expect(TrackedScores(of: [[epoch(1), evaluated(0.5, 3)]]).courses.isEmpty)
    #expect(TrackedScores(of: []).charts.isEmpty)
  }

  @Test func manyLinesAreCutToOneMetric() {
    let scores = ["a", "b", "c"].flatMap { subject in
      ["R@1", "R@5", "R@10"].map { Score(evaluator: "retrieval", subject: subject, metric: $0, value: 0.5) }
    }
    let tracked = TrackedScores(of: [[epoch(1), .evaluated(scores), epoch(2), .evaluated(scores)]])
    #expect(tracked.charts[0].courses.map(\.subject) == ["a", "b", "c"])
    let watched = [Score(evaluator: "pretext", subject: "words", metric: "accuracy", value: 0.5)]
    let own = TrackedScores(of: [[epoch(1), .evaluated(watched), epoch(2), .evaluated(watched)]])
    #expect(own.figure(of: own.courses, title: "t").caption == "Measured in each epoch on its own batches, one seed.")
    let (figure, caption) = tracked.figure(of: tracked.charts[0].courses, title: "t")
    #expect(figure.y.label == "R@1" && figure.y.unit == "%" && caption.contains("one seed"))
  }
}

@Suite struct PictureGridFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")

  @Test func whatIsWrittenIsReadAndDrawn() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = PictureGridFile(
      title: "codes", caption: "Rows are codes.",
      rows: [.init(name: "red dog", captions: ["one", "two"]), .init(name: "cat", captions: ["three"])])
    let pictures: [Float] = (0..<48).map { Float($0) / 48 }
    try file.write(pictures: pictures, shape: [2, 2, 3, 4, 1], name: "codes", to: folder)
    #expect(PictureGridFile.names(in: folder) == ["codes"])
    let (figure, caption) = try PictureGridFile.figure(name: "codes", in: folder, seed: 3, title: "t")
    #expect(caption == "Rows are codes. Seed 3.")
    #expect(figure.rows.map(\.count) == [2, 1] && figure.rowNames == ["red dog", "cat"])
    let picture = try #require(figure.rows[1][0].picture)
    #expect(picture.width == 4 && picture.height == 3)
    // The first pixel of the third picture is number 24 of 48, in all three channels.
    #expect(Array(picture.pixels.prefix(3)) == [128, 128, 128])
  }

  @Test func framesNamesAndWordsAloneAreDrawn() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var file = PictureGridFile(
      title: "t", caption: "c",
      rows: [
        .init(name: "", captions: ["query", "found"], frames: [1: 0], wordsOnly: [0]),
        .init(name: "", captions: ["another"]),
      ], columnNames: ["caption", "1"], kinds: ["right"])
    try file.write(pictures: [Float](repeating: 0.5, count: 16), shape: [2, 2, 2, 2, 1], name: "x", to: folder)
    let figure = try PictureGridFile.figure(name: "x", in: folder, seed: 0, title: "t").figure
    #expect(figure.columnNames == ["caption", "1"] && figure.kinds == ["right"] && figure.rowNames.isEmpty)
    #expect(figure.rows[0].map(\.kind) == [nil, 0] && figure.rows[1].map(\.kind) == [nil])
    #expect(figure.rows[0].map { $0.picture == nil } == [true, false])
    // Names and frames that fit nothing are damage, not a crash.
    func refuses(_ change: (inout PictureGridFile) -> Void) throws -> Bool {
      var damaged = file
      change(&damaged)
      try JSONEncoder().encode(damaged).write(to: folder.appending(path: "examples-x.json"))
      return (try? PictureGridFile.read(name: "x", in: folder)) == nil
    }
    #expect(try refuses { $0.columnNames = ["one"] })
    #expect(try refuses { $0.rows[0].frames = [1: 1] })
    #expect(try refuses { $0.rows[0].frames = [2: 0] })
    #expect(try refuses { $0.kinds = nil })
    file.rows[0].wordsOnly = [7]
    #expect(try !refuses { _ in })
  }

  @Test func damageIsNamed() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = PictureGridFile(title: "t", caption: "c", rows: [.init(name: "a", captions: ["b"])])
    try file.write(pictures: [0, 0, 0], shape: [1, 1, 1, 1, 3], name: "x", to: folder)
    try FileManager.default.removeItem(at: folder.appending(path: "examples-x.npz"))
    #expect(throws: UserError.self) { try PictureGridFile.read(name: "x", in: folder) }
    try Data("{}".utf8).write(to: folder.appending(path: "examples-x.json"))
    let error = #expect(throws: UserError.self) { try PictureGridFile.read(name: "x", in: folder) }
    #expect(error?.what == "is no description of pictures")
    #expect(PictureGridFile.title(name: "x", in: folder) == "x")
  }
}

@Suite struct LineChartFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")

  /// Writes a file for each seed, with a line through the values at 0, 1, ….
  private func write(_ seeds: [[Double]]) throws -> [URL] {
    try seeds.enumerated().map { seed, values in
      let own = folder.appending(path: "seed-\(seed)")
      try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
      try LineChartFile(
        title: "ages", caption: "Seed \(seed) says.", horizontal: "age", vertical: "cosine",
        lines: [.init(name: "a", x: values.indices.map(Double.init), y: values)]
      ).write(name: "queue-age", to: own)
      return own
    }
  }

  @Test func seedsAreJoinedWhereTheyMeasuredTheSame() throws {
    let folders = try write([[1, 0.5], [0.5, 0.25], [1, 2, 3]])
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(LineChartFile.names(in: folders[0]) == ["queue-age"] && LineChartFile.names(in: folder).isEmpty)
    let (figure, caption) = try LineChartFile.figure(name: "queue-age", in: folders, title: "t")
    #expect(caption == "Seed 0 says. Mean of 2 seeds in a band from the lowest to the highest.")
    #expect(figure.x.label == "age" && figure.y.label == "cosine" && figure.series.map(\.name) == ["a"])
    #expect(figure.series[0].x == [0, 1] && figure.series[0].y == [0.75, 0.375])
    #expect(figure.series[0].band?.lower == [0.5, 0.25] && figure.series[0].band?.upper == [1, 0.5])
    let one = try LineChartFile.figure(name: "queue-age", in: [folders[2]], title: "t")
    #expect(one.caption.hasSuffix("One seed.") && one.figure.series[0].band == nil)
  }

  @Test func damageIsNamed() throws {
    let folders = try write([[1, 0.5]])
    defer { try? FileManager.default.removeItem(at: folder) }
    var file = try LineChartFile.read(name: "queue-age", in: folders[0])
    file.lines[0].y = [1]
    try JSONEncoder().encode(file).write(to: folders[0].appending(path: "chart-queue-age.json"))
    let error = #expect(throws: UserError.self) {
      try LineChartFile.figure(name: "queue-age", in: folders, title: "t")
    }
    #expect(error?.what == "is no description of lines" && error?.kind == .data)
    #expect(LineChartFile.title(name: "queue-age", in: folders[0]) == "queue-age")
    #expect(throws: UserError.self) { try LineChartFile.read(name: "other", in: folders[0]) }
  }
}
