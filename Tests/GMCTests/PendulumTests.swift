import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import GMCPaper
import Kernels
import Recipes
import Runs
import Synchronization
import Testing
import Training

@Suite(.serialized) struct PendulumTests {
  private let runs: SmallRuns

  init() throws { runs = try SmallRuns() }

  @Test(arguments: [("gmc/pendulum-paper", 1_933_386), ("gmc/pendulum", 240_714)])
  func networksHaveTheOfficialCount(name: String, count: Int) throws {
    let settings = try SmallRuns.catalogue.recipe(
      name, overrides: ["data.pendulum.observations=20", "data.pendulum.testObservations=2"]
    ).settings(as: AlignmentSettings.self)
    let dataset = try settings.data.load()
    #expect(try GMCExperiment().parameterCount(settings: settings, dataset: dataset) == count)
  }

  private func value(_ result: SeedResult, _ subject: String, _ metric: String) -> Double? {
    result.scores.first { $0.evaluator == "policy" && $0.subject == subject && $0.metric == metric }?.value
  }

  @Test(arguments: [
    ("gmc/pendulum", ["image+sound", "image", "sound", "image, zeros for the rest", "sound, zeros for the rest"]),
    ("gmc/pendulum-official-action", ["image+sound", "image", "sound"]),
    ("gmc/pendulum-paper", ["image+sound", "image", "sound"]),
    ("gmc/pendulum-fusion", ["image+sound", "image", "sound"]), ("gmc/pendulum-state", ["state"]),
    ("gmc/pendulum-mvae", ["image+sound", "image", "sound"]),
  ]) func recipesTrainAPolicy(name: String, subjects: [String]) throws {
    let run = try runs.run(name)
    for subject in subjects + ["random torque", "no torque"] {
      let reward = try #require(value(run.result, subject, "reward"), "\(subject)")
      #expect((-16.3...0).contains(reward))
      #expect((0...1).contains(try #require(value(run.result, subject, "success"))))
    }
    // What was learnt from retains all of itself, which says nothing.
    #expect(value(run.result, subjects[0], "retention") == nil)
    let chosen = run.result.scores.first { $0.evaluator == "policy, chosen frame" }?.value
    #expect(chosen == 20 || chosen == 40)
    for file in ["policy.safetensors", "chart-policy.json", "examples-policy.npz", "animation-policy.json"] {
      #expect(FileManager.default.fileExists(atPath: run.folder.seed(0).appending(path: file).path), "\(file)")
    }
    #expect(run.result.scores.allSatisfy { $0.value.isFinite })
  }

  @Test func unknownCodeIsRefused() {
    let error = runs.error("gmc/pendulum", overrides: ["evaluation.policy.learnsFrom=smell"])
    #expect(error?.place == "evaluation.policy.learnsFrom")
  }

  /// Runs a seed in a folder, until it asks for the so-manieth time whether to stop.
  private func run(_ folder: RunFolder, stoppingAt most: Int = .max) throws -> SeedResult? {
    let asked = Mutex(0)
    let runner = SeedRunner(
      folder: folder, seed: 0, catalogue: SmallRuns.catalogue, dataRoot: nil, cacheFolder: folder.url, threads: 1,
      checkpointSeconds: 3600)
    do {
      return try runner.run(progress: NullSink()) {
        asked.withLock {
          $0 += 1
          return $0 > most
        }
      }
    } catch is Interruption {
      return nil
    }
  }

  @Test func aPolicyThatWasStoppedGoesOnToTheSameBits() throws {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    func folder(_ name: String) throws -> RunFolder {
      let recipe = try SmallRuns.catalogue.recipe(
        "gmc/pendulum", overrides: SmallRuns.overrides(of: "gmc/pendulum", seed: 0))
      let run = try RunFolder.create(
        in: runs.subfolder(name), recipe: recipe, start: Date(timeIntervalSince1970: 0))
      try recipe.yamlWithOrigins.write(to: run.recipe, atomically: true, encoding: .utf8)
      return run
    }
    let whole = try folder("whole")
    let expected = try #require(try run(whole))
    let stopped = try folder("stopped")
    let state = stopped.seed(0).appending(path: "policy-state.safetensors")
    // Stops later and later, until one comes while the policy learns, and once more in the same training.
    var stops = 0
    var result: SeedResult?
    for most in stride(from: 5, to: 2000, by: 15) where result == nil {
      result = try run(stopped, stoppingAt: most)
      if result == nil, FileManager.default.fileExists(atPath: state.path) { stops += 1 }
    }
    #expect(stops > 0)
    #expect(result?.scores == expected.scores)
    // A training that goes on says so, and nothing else differs.
    let logs = try [stopped, whole].map { run in
      try SmallRuns.log(of: run, seed: 0).split(separator: "\n").filter { !$0.contains("goes on from step") }
    }
    #expect(logs[0] == logs[1])
    for file in ["policy.safetensors", "chart-policy.json", "checkpoint.safetensors"] {
      let both = try [whole, stopped].map { try Data(contentsOf: $0.seed(0).appending(path: file)) }
      #expect(both[0] == both[1], "\(file)")
    }
    #expect(!FileManager.default.fileExists(atPath: state.path))
  }
}
