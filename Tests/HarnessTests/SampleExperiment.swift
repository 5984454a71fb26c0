import Diagnostics
import Foundation
import Harness

/// A made-up experiment: its scores are plain functions of seed and settings.
struct SampleExperiment: Experiment {
  struct Settings: ExperimentSettings {
    struct Data: Codable, Equatable, Sendable {
      enum Set: String, Codable, CaseIterable { case emoji, digits }
      var set = Set.emoji
      var imageSize = 32
      var languages = ["en", "ko"]
      var limit: Int?
    }
    struct Augmentation: Codable, Equatable, Sendable {
      var flip: Bool
    }
    struct Method: Codable, Equatable, Sendable {
      var temperature: Float = 0.1
      var weights: [String: Double] = ["image": 1]
    }
    struct Training: Codable, Equatable, Sendable {
      var epochs = 10
      var learningRate = 1e-3
      var optimiser = "adam"
      var shuffle = true
      var augmentation: Augmentation?
    }
    var data = Data()
    var method = Method()
    var training = Training()
  }

  let recipeFolder: URL
  var name: String { "sample" }
  var summary: String { "A made-up experiment" }

  func validate(_ settings: Settings) throws(UserError) {
    guard settings.training.epochs > 0 else {
      throw UserError(.data, "must be at least 1", at: "training.epochs")
    }
  }

  func run(seed: Int, settings: Settings, context: SeedContext) throws -> SeedResult {
    let steps = settings.training.epochs * 2
    try context.events.receive(.began(totalSteps: steps, epochs: settings.training.epochs))
    for step in 1...steps {
      try context.checkInterruption()
      let loss = Double(seed + 1) / Double(step)
      try context.events.receive(
        .step(
          StepRecord(
            step: step, epoch: (step + 1) / 2, terms: [LossTerm("total", loss), LossTerm("image", loss / 2)],
            learningRate: settings.training.learningRate, samplesPerSecond: 100)))
    }
    return SeedResult(
      scores: [
        Score(evaluator: "accuracy", subject: "image", metric: "accuracy", value: 0.9 + 0.01 * Double(seed)),
        Score(evaluator: "retrieval", subject: "image → sound", metric: "median rank", value: 3),
      ], notes: ["Everything is made up."], datasetChecksums: ["sample": "abc"], parameterCount: 12, wallSeconds: 1)
  }
}

/// A folder of recipes and files that is removed with the value's owner.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
  }

  func text(of name: String) throws -> String {
    String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
  }

  /// A catalogue of the recipes in the folder.
  var catalogue: RecipeCatalogue { RecipeCatalogue([SampleExperiment(recipeFolder: url)]) }
}
