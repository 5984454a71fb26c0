import AlignmentExperiments
import BLIPPaper
import CaptionPaper
import Claims
import ComparisonRecipes
import Datasets
import Diagnostics
import DistilPaper
import Evaluators
import FDTPaper
import Foundation
import GMCPaper
import MCTPaper
import Methods
import Options
import PrefixPaper
import Recipes
import Testing
import Training
import TunePaper
import ViLBERTPaper

/// What recipes that are compared must have in common, and what the steps that there are must suffice for.
@Suite struct ProtocolTests {
  private static let catalogue = RecipeCatalogue([
    GMCExperiment(), MCTExperiment(), FDTExperiment(), CompareExperiment(), CaptionExperiment(),
    BLIPExperiment(), ViLBERTExperiment(), PrefixExperiment(), TuneExperiment(), DistilExperiment(),
  ])
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func settings(_ name: String, profile: String? = nil) throws -> AlignmentSettings {
    try Self.catalogue.recipe(name, profile: profile).settings(as: AlignmentSettings.self)
  }

  @Test func recipesOfAClaimChooseTheirEpochAlike() throws {
    var compared = 0
    for file in try ClaimsFile.all(in: Self.root.appending(path: "Papers")) {
      for claim in file.claims {
        let names = Set(claim.names.map(\.results)).map { name in
          let parts = name.split(separator: "/").map(String.init)
          // A row of a suite stands in the suite's folder, by the name of its recipe and, where that is shared, its own.
          let isRow = parts[0] == "Compare" && parts.count > 2
          let recipe =
            isRow ? parts[2].replacing(/-(?:bfloat16|float32)$/, with: "") : parts.dropFirst().joined(separator: "/")
          return parts[0].lowercased() + "/" + recipe
        }
        let rules = try Set(
          names.map { name in
            let evaluation = try settings(name).evaluation
            return evaluation.selection == .last ? "last" : "\(evaluation.selection) \(evaluation.everyEpochs)"
          })
        #expect(rules.count == 1, "\(file.paper) \(claim.identifier): \(rules)")
        compared += names.count > 1 ? 1 : 0
      }
    }
    #expect(compared > 10)
  }

  @Test func recipesOfTheComparisonChooseTheirEpochAlike() throws {
    for entry in try Self.catalogue.entries() where entry.name.hasPrefix("compare/") {
      #expect(try settings(entry.name).evaluation.selection == .last, "\(entry.name)")
    }
  }

  /// Of the emoji 2,534 are for training, of a small folder 250.
  @Test func everyScheduleFitsIntoItsTraining() throws {
    for entry in try Self.catalogue.entries() {
      for profile in [nil, "quick"] {
        let settings = try settings(entry.name, profile: profile)
        let observations = ["emoji": 2534, "folder": 250][settings.data.set.rawValue]
        guard let observations else { continue }
        let remarks = TrainingSchedule(settings, observations: observations).remarks
        // A queue larger than a small folder is said by MCT itself.
        #expect(remarks.filter { !$0.hasPrefix("The queue is never full") }.isEmpty, "\(entry.name) \(remarks)")
      }
    }
  }

  @Test func aWarmUpLongerThanTheTrainingIsSaidWithItsSteps() throws {
    let recipe = try Self.catalogue.recipe(
      "mct/folder", profile: "quick", overrides: ["training.warmupShare=null", "training.warmupSteps=40"])
    let schedule = TrainingSchedule(try recipe.settings(as: AlignmentSettings.self), observations: 250)
    #expect(schedule.length.steps == 10)
    #expect(
      schedule.summary == "250 training observations in batches of 128: 10 steps (10 epochs of 1), 40 of them warm-up.")
    #expect(
      schedule.remarks.first
        == "The learning rate is never reached: the warm-up takes 40 steps, and the training has 10 steps (10 epochs of 1); "
        + "set training.warmupShare=0.05, or more epochs.")
  }

  @Test(arguments: [
    ("compare/vse-warmup", "method.vse.warmupSteps=900", "The hardest negatives never take over"),
    ("compare/gradient-blending", "method.fusion.superEpoch=40", "The losses are never weighed"),
    ("fdt/temperature", "method.fdt.codeTemperature.interval=900", "The temperature of codes never falls"),
    ("compare/moco", "method.moco.queueSize=200000", "The queue is never full"),
    ("compare/mct", "method.mct.queueSize=200000", "The queue is never full"),
    ("compare/clip", "evaluation.selection=retrieval evaluation.everyEpochs=40", "No epoch is chosen but the last"),
    ("compare/clip", "training.schedule=plateau training.patience=40", "The learning rate never falls"),
  ]) func otherSchedulesAreSaidToo(recipe: String, overrides: String, start: String) throws {
    let changed = try Self.catalogue.recipe(recipe, overrides: overrides.split(separator: " ").map(String.init))
    let before = TrainingSchedule(try settings(recipe), observations: 2534).remarks
    let remarks = TrainingSchedule(try changed.settings(as: AlignmentSettings.self), observations: 2534).remarks
    #expect(before.isEmpty && remarks.count == 1 && remarks[0].hasPrefix(start), "\(remarks)")
  }

  @Test func aShareOfTheStepsIsAWarmUp() throws {
    var training = TrainingOptions()
    training.warmupSteps = 40
    #expect(training.warmup(of: 100) == 40)
    training.warmupShare = 0.05
    #expect(training.warmup(of: 100) == 5 && training.warmup(of: 10) == 1 && training.warmup(of: 9) == 0)
    training.warmupShare = 1
    let error = #expect(throws: UserError.self) { try training.validate(section: "training") }
    #expect(error?.place == "training.warmupShare")
  }
}
