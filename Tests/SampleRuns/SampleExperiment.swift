import Diagnostics
import Foundation
import Recipes
import Runs
import Training

/// A made-up experiment: its scores are plain functions of seed and settings.
package struct SampleExperiment: Experiment {
  package struct Settings: ExperimentSettings {
    package struct Data: Codable, Equatable, Sendable {
      package enum Set: String, Codable, CaseIterable { case emoji, digits }
      package var set = Set.emoji
      package var imageSize = 32
      package var languages = ["en", "ko"]
      package var limit: Int?
    }
    package struct Augmentation: Codable, Equatable, Sendable {
      package var flip: Bool
    }
    package struct Method: Codable, Equatable, Sendable {
      package var temperature: Float = 0.1
      package var weights: [String: Double] = ["image": 1]
    }
    package struct Training: Codable, Equatable, Sendable {
      package var epochs = 10
      package var learningRate = 1e-3
      package var optimiser = "adam"
      package var shuffle = true
      package var augmentation: Augmentation?
    }
    package var data = Data()
    package var method = Method()
    package var training = Training()

    package init() {}
  }

  package let recipeFolder: URL

  package init(recipeFolder: URL) { self.recipeFolder = recipeFolder }

  package var name: String { "sample" }
  package var summary: String { "A made-up experiment" }

  package func validate(_ settings: Settings) throws(UserError) {
    guard settings.training.epochs > 0 else {
      throw UserError(.data, "must be at least 1", at: "training.epochs")
    }
  }

  /// The text of the file `data` beside the recipes, where there is one; the text `gone` stands for data that cannot be read.
  package func dataIdentity(settings: Settings, context: SeedContext) throws(UserError) -> DataIdentity? {
    guard let text = try? String(contentsOf: recipeFolder.appendingPathComponent("data"), encoding: .utf8) else {
      return nil
    }
    if text == "gone" { throw UserError(.inputOutput, "there is no such folder", at: "birds", mend: "make it") }
    return DataIdentity(name: "sample", checksum: text, folder: "/birds", parts: ["table.csv": text, "a.png": "same"])
  }

  package func run(seed: Int, settings: Settings, context: SeedContext) throws -> SeedResult {
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
package final class TemporaryFolder {
  package let url: URL

  package init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  package func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
  }

  package func text(of name: String) throws -> String {
    String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
  }

  /// A catalogue of the recipes in the folder.
  package var catalogue: RecipeCatalogue { RecipeCatalogue([SampleExperiment(recipeFolder: url)]) }
}
