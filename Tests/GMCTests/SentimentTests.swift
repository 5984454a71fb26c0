import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import GMCPaper
import Interchange
import Recipes
import Runs
import Testing
import Training

/// GMC's supervised experiment: its networks have the official sizes, and its recipes train and are measured.
@Suite(.serialized) struct SentimentTests {
  private let runs: SmallRuns

  init() throws { runs = try SmallRuns() }

  /// Two utterances a side, of the published form.
  private func published(_ channels: [Int]) -> MultimodalDataset {
    func split(_ name: String) -> MultimodalSplit {
      var columns = zip(["text", "audio", "vision"], channels).map { modality, count in
        ModalityColumn(
          modality: Modality(name: modality, kind: .series(length: 50, channels: count)),
          items: .numbers([Float](repeating: 1, count: 2 * 50 * (1 + count))), rows: [0, 1])
      }
      columns.append(
        ModalityColumn(
          modality: Modality(name: "sentiment", kind: .vector(count: 1)), items: .numbers([1, -1]), rows: [0, 1]))
      return MultimodalSplit(name: name, columns: columns, labels: ["polarity": [1, 0]])
    }
    return MultimodalDataset(
      name: "mosi", train: split("train"), validation: split("validation"), test: split("test"),
      classNames: ["polarity": ["negative", "positive"]], checksum: "")
  }

  @Test(arguments: [("gmc/mosi", [300, 5, 20], 1_401_001), ("gmc/mosei", [300, 74, 35], 1_411_081)])
  func networksHaveTheOfficialCount(name: String, channels: [Int], count: Int) throws {
    let settings = try SmallRuns.catalogue.recipe(name).settings(as: AlignmentSettings.self)
    #expect(try GMCExperiment().parameterCount(settings: settings, dataset: published(channels)) == count)
  }

  @Test(arguments: [
    "gmc/mosi", "gmc/mosei", "gmc/mosei-own-encoders", "gmc/mosi-no-contrast", "gmc/sentiment-generated",
    "gmc/sentiment-generated-no-contrast",
  ]) func recipesTrain(name: String) throws {
    let run = try runs.run(name)
    let steps = try MetricsLog.events(in: run.folder.metrics(ofSeed: 0))
      .compactMap { if case .step(let record) = $0 { record } else { nil } }
    #expect(steps.count == 2)
    #expect(steps.allSatisfy { $0.terms.map { $0.name } == ["total", "contrast", "regression"] })
    #expect(run.result.scores.allSatisfy { $0.value.isFinite })
    let regression = run.result.scores.filter { $0.evaluator == "regression" }
    #expect(Set(regression.map(\.subject)) == ["complete", "text", "audio", "vision"])
    #expect(regression.contains { $0.metric == "MAE" } && regression.contains { $0.metric == "F1" })
  }

  @Test func whoKnowsBothHalvesPredictsBest() throws {
    let run = try runs.run(
      "gmc/sentiment-generated",
      overrides: [
        "data.sentiment.trainingCount=240", "data.sentiment.testCount=200", "training.epochs=10",
        "training.batchSize=24", "training.learningRate=0.005", "model.seriesDimensions=8", "model.seriesHeads=4",
        "model.dimensions=8",
      ])
    func score(_ subject: String, _ metric: String) -> Double {
      run.result.scores.first { $0.evaluator == "regression" && $0.subject == subject && $0.metric == metric }?.value
        ?? .nan
    }
    #expect(score("complete", "correlation") > 0.5)
    // Vision knows nothing.
    #expect((0.35...0.65).contains(score("vision", "sign")))
    #expect(score("complete", "MAE") < score("vision", "MAE"))
  }

  @Test func whatTheRegressionNeedsIsNamed() {
    #expect(runs.error("gmc/sentiment-generated", overrides: ["data.target=\"\""])?.place == "data.target")
    #expect(
      runs.error("gmc/digits", overrides: ["method.gmc.crossModalJoint=true"])?.place == "method.gmc.crossModalJoint")
    let error = runs.error("gmc/sentiment-generated", overrides: ["method.gmc.negatives=pairwise"])
    #expect(error?.description.contains("there is no joint representation") == true)
  }
}
