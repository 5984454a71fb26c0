import Diagnostics
import Figures
import Foundation
import Interchange
import Reports
import Runs
import SampleRuns
import Testing
import Training

@Suite struct FigureTests {
  private let report: SampleRun

  init() throws { report = try SampleRun() }

  /// A run of two seeds with logs and representations of three modalities.
  private func run() throws -> RunFolder {
    let run = try report.finished(
      overrides: ["seeds=[0,1]"], results: [SampleRun.seed(0), SampleRun.seed(0.01)])
    for seed in 0..<2 {
      let log = try MetricsLog(appendingTo: run.metrics(ofSeed: seed))
      for step in [1, 2, 2, 3] {
        let terms = [
          LossTerm("total", Double(10 * seed + step)), LossTerm("sound, \"loud\"", 2), LossTerm("image", 1),
        ]
        try log.receive(.step(StepRecord(step: step, epoch: 1, terms: terms, learningRate: 1, samplesPerSecond: 1)))
      }
      try writeEmbeddings(run, seed: seed)
    }
    return run
  }

  private func writeEmbeddings(_ run: RunFolder, seed: Int) throws {
    let values = (0..<36).map { Float(($0 * 7 + seed) % 11) - 5 }
    try NumpyArchive(arrays: [
      "bell": NumericArray(values, shape: [12, 3]), "complete": NumericArray(values.reversed(), shape: [12, 3]),
      "sound": NumericArray(values.map { $0 + 1 }, shape: [12, 3]),
      "image": NumericArray(values.map { $0 - 2 }, shape: [12, 3]),
      "labels": NumericArray((0..<12).map { Int32($0 % 3) }, shape: [12]),
    ]).write(to: run.seed(seed).appendingPathComponent(EmbeddingsFile.name))
  }

  private func data(_ name: String, of run: RunFolder) throws -> [String] {
    try String(contentsOf: run.figures.appendingPathComponent("\(name).dat"), encoding: .utf8).split(separator: "\n")
      .map(String.init)
  }

  @Test func everyFigureHasItsCaption() throws {
    let run = try run()
    let names = [
      "loss-curves", "scores-accuracy", "scores-retrieval", "embedding-pca", "embedding-tsne", "similarity-matrix",
      "similarity-distributions",
    ]
    #expect(try RunFigures(run).figures.map(\.name) == names)
    #expect(try FigureList.read(in: run).isEmpty)
    let files = try RunFigures(run).draw(formats: [.svg])
    #expect(files.count == 3 * names.count + 1 && files.last?.lastPathComponent == FigureList.fileName)
    let entries = try FigureList.read(in: run)
    #expect(entries.map(\.name) == names)
    #expect(
      entries.map(\.kind) == [
        .training, .scores, .scores, .embedding, .embedding, .similarity, .similarity,
      ])
    #expect(entries.allSatisfy { $0.caption.hasSuffix(".") && !$0.title.isEmpty })
    let overlaps = try #require(entries.last?.caption)
    #expect(overlaps.contains("over 2 seeds: image – complete ") && overlaps.contains("; bell – complete "))
    #expect(
      entries[0].caption
        == "The total loss and its terms by training step, mean of 2 seeds in a band from the lowest to the highest.")
  }

  @Test func representationsOfTheSameSpaceAreCompared() throws {
    let run = try report.finished(overrides: ["seeds=[0]"], results: [SampleRun.seed(0)])
    func figures(_ widths: [String: Int]) throws -> [String] {
      var arrays = ["labels": NumericArray((0..<6).map { Int32($0 % 2) }, shape: [6])]
      for (name, width) in widths {
        arrays[name] = NumericArray((0..<6 * width).map { Float(($0 * 5) % 7) - 3 }, shape: [6, width])
      }
      try NumpyArchive(arrays: arrays).write(to: run.seed(0).appendingPathComponent(EmbeddingsFile.name))
      return try RunFigures(run).figures.map(\.name).filter { $0.hasPrefix("similarity") }
    }
    // Features before the heads are of another width, and stand first by name.
    #expect(try figures(["features": 4, "image": 3, "text": 3]).count == 2)
    try RunFigures(run).draw(only: ["similarity-distributions"], formats: [.svg])
    #expect(try FigureList.read(in: run).last?.caption.contains(": image – text ") == true)
    // Where nothing else is of its space, a representation is compared with nothing.
    #expect(try figures(["features": 4]) == ["similarity-matrix"])
    #expect(try figures(["features": 4, "image": 3]) == ["similarity-matrix"])
  }

  @Test func termsKeepTheirOrderAndRepeatedStepsCountOnce() throws {
    let run = try run()
    try RunFigures(run).draw(only: ["loss-curves"], formats: [.svg])
    let lines = try data("loss-curves", of: run)
    #expect(
      lines.filter { $0.hasPrefix("# index") }.map { $0.split(separator: ": ").last }
        == [
          "line total", "band total", "line sound, \"loud\"", "band sound, \"loud\"", "line image", "band image",
        ])
    #expect(Array(lines[4..<7]) == ["1.0 6.0", "2.0 7.0", "3.0 8.0"])
    #expect(lines.contains("3.0 3.0 13.0"))
    let line = #"{"event":"step","step":1,"epoch":1,"terms":{"total":2,"b":1,"a":null},"time":{"seconds":0}}"#
    guard case .step(let record)? = TrainingEvent.read(line)?.event else { throw CancellationError() }
    #expect(record.terms.map(\.name) == ["total", "a", "b"])
  }

  @Test func modalitiesStandInTheOrderOfTheScores() throws {
    let run = try run()
    try RunFigures(run).draw(only: ["embedding-pca", "similarity-matrix"], formats: [.svg])
    var panels: [Substring] = []
    for line in try data("embedding-pca", of: run) where line.hasPrefix("# index") {
      let panel = line.split(separator: ": ")[1]
      if panels.last != panel { panels.append(panel) }
    }
    #expect(panels == ["complete", "image", "sound", "bell", "all, by modality"])
    let matrices = try data("similarity-matrix", of: run).filter { $0.hasPrefix("# index") }
    #expect(
      matrices.map { $0.split(separator: ": ")[1].split(separator: ",")[0] }
        == ["complete × complete", "image × complete", "sound × complete", "bell × complete"])
    #expect(try FigureList.read(in: run).map(\.name) == ["embedding-pca", "similarity-matrix"])
    try RunFigures(run).draw(only: ["scores-accuracy"], formats: [.svg])
    #expect(
      try FigureList.read(in: run).map(\.name) == ["scores-accuracy", "embedding-pca", "similarity-matrix"])
  }

  @Test func anUnknownFigureIsNamedWithTheNearest() throws {
    let run = try run()
    let error = #expect(throws: UserError.self) { try RunFigures(run).draw(only: ["embedding-pcb"]) }
    #expect(error?.kind == .usage && error?.mend == "did you mean embedding-pca?")
    #expect(!FileManager.default.fileExists(atPath: run.figures.path))
  }

  @Test func aRunDrawsWhatItHas() throws {
    let run = try run()
    try FileManager.default.removeItem(at: run.results)
    for seed in 0..<2 {
      try FileManager.default.removeItem(at: run.seed(seed).appendingPathComponent(EmbeddingsFile.name))
    }
    #expect(try RunFigures(run).figures.map(\.name) == ["loss-curves"])
    for seed in 0..<2 { try FileManager.default.removeItem(at: run.metrics(ofSeed: seed)) }
    #expect(try RunFigures(run).draw().isEmpty)
  }

  @Test func whatCanBeDrawnIsDrawnBeforeTheError() throws {
    let run = try run()
    try NumpyArchive(arrays: [
      "image": NumericArray([Float.nan, 1], shape: [2, 1]), "labels": NumericArray([0, 1] as [Int32], shape: [2]),
    ]).write(to: run.seed(0).appendingPathComponent(EmbeddingsFile.name))
    let error = #expect(throws: UserError.self) { try RunFigures(run).draw(formats: [.svg]) }
    #expect(error?.what == "array `image` has a number that is not finite")
    #expect(
      try FigureList.read(in: run).map(\.name) == ["loss-curves", "scores-accuracy", "scores-retrieval"])
  }

  @Test func aDamagedListIsAnError() throws {
    let run = try run()
    try FileManager.default.createDirectory(at: run.figures, withIntermediateDirectories: true)
    try Data("[".utf8).write(to: run.figures.appendingPathComponent(FigureList.fileName))
    let error = #expect(throws: UserError.self) { try FigureList.read(in: run) }
    #expect(error?.mend == "draw the figures again with 'concord plot'")
  }
}
