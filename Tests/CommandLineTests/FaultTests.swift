import Foundation
import Testing

/// Ends runs at random moments and lets them go on; `make fault-test` does so hundreds of times.
///
/// `CONCORD_FAULT_KILLS` is the number of blows in all, `CONCORD_FAULT_SEED` decides when they fall.
@Suite(.serialized) struct FaultTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let settings = ProcessInfo.processInfo.environment
  private static let kills = settings["CONCORD_FAULT_KILLS"].flatMap { Int($0) } ?? 12
  private static let seed = settings["CONCORD_FAULT_SEED"].flatMap { UInt64($0) } ?? 1

  /// Made-up digits: batch norm in the sound's network, eight steps.
  private static let digits = """
    experiment: gmc
    seeds: [0, 1]
    threads: 1
    data:
      set: digits
      digits: { source: generated, trainingPairs: 40, validationPairs: 10, testPairs: 20, withLabel: false }
    model: { imageEncoder: strided, vectorDimensions: [16], dimensions: 8 }
    training: { epochs: 4, batchSize: 20, optimiser: adamW, weightDecay: 0.1, schedule: cosine, warmupSteps: 2 }
    evaluation:
      evaluators: [accuracy, retrieval, geometry, delaunay]
      accuracy: { epochs: 1, hidden: [8], subsets: all }
      retrieval: { match: label, fromComplete: true }

    """

  /// Emoji with dropout in the network of the texts, a ResNet with batch norm, and a plateau.
  private static let emoji = """
    experiment: gmc
    seeds: [0, 1]
    threads: 1
    data:
      set: emoji
      modalities: [image, caption-en, caption-ko, tags]
      emoji: { imageSize: 16, validationFraction: 0.85, testFraction: 0.05 }
    model:
      imageEncoder: resnet
      imageWidths: [4]
      textDimensions: 8
      textLayers: 1
      textHeads: 2
      textDropout: 0.3
      tagDimensions: [8]
      dimensions: 8
    training: { epochs: 4, batchSize: 150, schedule: plateau, patience: 0 }
    evaluation:
      shownObservations: 10
      evaluators: [accuracy, retrieval, geometry, delaunay]
      accuracy: { epochs: 1, hidden: [8], subsets: all }
      retrieval: { fromComplete: true }

    """

  private static let gmc = "method: { name: gmc, gmc: { commonDimensions: 16, headDimensions: [16] } }\n"

  private static let hasEmoji =
    (try? Program.run("data", "emoji"))?.exitCode == 0

  @Test func gmcSurvives() throws {
    try expectSurvival(Self.digits + Self.gmc, arguments: [], kills: (Self.kills + 1) / 2)
  }

  @Test func fusionWithModalityDropoutSurvivesWithSeedsSideBySide() throws {
    let recipe = Self.digits + "method: { name: fusion, fusion: { hidden: [16], modalityDropout: 0.5 } }\n"
    try expectSurvival(recipe, arguments: ["--jobs", "2"], kills: Self.kills > 12 ? Self.kills / 4 : Self.kills / 2)
  }

  @Test(.enabled(if: kills > 12 && hasEmoji, "a part of `make fault-test`, with the Debian packages of the emoji"))
  func textsWithDropoutSurvive() throws {
    try expectSurvival(Self.emoji + Self.gmc, arguments: [], kills: Self.kills / 4)
  }

  private func expectSurvival(_ recipe: String, arguments: [String], kills: Int) throws {
    let path = try folder.write(recipe, to: "trial.yaml")
    let environment = [
      "CONCORD_CACHE": folder.url.appendingPathComponent("cache").path, "TMPDIR": folder.url.path, "NO_COLOR": "1",
    ]
    let runs = folder.url.appendingPathComponent("undisturbed")
    func whole(_ changes: [String: String] = [:]) throws -> Double {
      let began = ContinuousClock.now
      let outcome = try Program.run(
        ["run", path, "--runs", runs.path] + arguments, environment: environment.merging(changes) { $1 })
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      return (ContinuousClock.now - began) / .seconds(1)
    }
    _ = try whole(["PATH": "/nowhere"])
    let reference = try #require(FaultTrial.RunFiles(runs: runs).all.first)
    // The second time finds the cache filled; it tells how long a run takes.
    let other = reference.deletingLastPathComponent().deletingLastPathComponent()
    try FileManager.default.moveItem(at: other, to: folder.url.appendingPathComponent("reference"))
    let duration = try whole()
    let kept = try #require(
      FaultTrial.RunFiles(runs: folder.url.appendingPathComponent("reference")).all.first)
    let log = try String(contentsOf: kept.appendingPathComponent("seed-0/metrics.jsonl"), encoding: .utf8)
    let trial = FaultTrial(
      recipe: path, arguments: arguments, folder: folder.url, environment: environment, duration: duration,
      steps: log.split(separator: "\n").count { $0.hasPrefix("{\"event\":\"step\"") })
    var generator = SeededGenerator(state: Self.seed &* 1_000 &+ UInt64(recipe.utf8.count))
    let record = try trial.strike(kills, reference: kept, using: &generator)
    for fault in record.faults { Issue.record("\(fault)") }
    #expect(record.kills >= kills || !record.faults.isEmpty)
    let phases = FaultTrial.Phase.allCases.map { "\($0.rawValue) \(record.phases[$0] ?? 0)" }
    let blows = FaultTrial.Blow.allCases.map { "\($0.rawValue) \(record.blows[$0] ?? 0)" }
    print(
      "fault test: \(record.kills) blows in \(record.runs) runs of \(arguments.isEmpty ? "one seed" : "two seeds") at a time; "
        + (phases + blows).joined(separator: ", "))
  }
}
