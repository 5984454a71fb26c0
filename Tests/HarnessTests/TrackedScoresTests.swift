import Diagnostics
import Foundation
import Harness
import Testing

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
