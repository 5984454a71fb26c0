import Foundation
import Testing

/// Several processes that train one model, by Open MPI.
@Suite(.serialized, .enabled(if: OpenMPI.isThere, "\(OpenMPI.absence)")) struct ScaleTests {
  /// Two steps of every method by one, two and four processes, beside undivided ones.
  @Suite(.serialized) struct ScaleStepTests {
    /// What `concord team-check` prints.
    private struct Check: Decodable, Equatable {
      let bits: String
      let gradient, loss, state: Double
      let streamsAgree: Bool
    }

    static let cases: [(recipe: String, overrides: [String])] = [
      ("clip", TeamTrial.dropout + ["method.clip.labelSmoothing=0.1"]), ("siglip", TeamTrial.dropout),
      ("triplet", TeamTrial.dropout), ("vse-hardest", TeamTrial.dropout), ("vicreg", TeamTrial.groups),
      ("simclr", TeamTrial.groups), ("moco", TeamTrial.groups),
      ("mct", TeamTrial.groups + ["method.mct.shufflesKeys=true", "method.mct.intra=batch"]),
      ("mct-strong-views", TeamTrial.dropout + ["method.mct.shufflesKeys=true"]),
      ("fdt", TeamTrial.dropout + ["method.fdt.orthogonality=0.1"]), ("gmc", TeamTrial.dropout),
      ("late-fusion", TeamTrial.dropout), ("gradient-blending", ["method.fusion.modalityDropout=0.3"]),
      ("declip", TeamTrial.dropout), ("mopoe", TeamTrial.dropout), ("mmvae", ["method.vae.draws=2"]),
      ("vq-cross-modal", TeamTrial.dropout + ["method.vq.codes=12", "method.vq.resetAfter=1"]),
      ("blip", TeamTrial.dropout + ["method.blip.matchingStart=0"]),
      ("clip", TeamTrial.dropout + ["method.name=caption", "method.caption.decoder.look=regions"]),
      ("clip", ["method.name=vilbert", "method.vilbert.patchSize=4"]),
      ("clip", ["method.name=prefix", "method.prefix.languageShare=0"]),
    ]

    private let trial: TeamTrial

    init() throws { trial = try TeamTrial() }

    private func outcome(_ number: Int, ranks: Int, _ arguments: [String] = []) throws -> Program.Outcome {
      let (recipe, overrides) = Self.cases[number]
      return try OpenMPI.run(
        ranks: ranks, [["team-check"] + trial.recipe(recipe, overrides) + arguments],
        environment: ["CONCORD_CACHE": trial.folder.url.path])
    }

    private func check(_ outcome: Program.Outcome, _ remark: String) throws -> Check {
      #expect(outcome.exitCode == 0, "\(remark): \(outcome.errors)")
      return try JSONDecoder().decode(Check.self, from: Data(outcome.output.utf8))
    }

    @Test(arguments: Self.cases.indices) func whoComputesAChunkChangesNoBit(number: Int) throws {
      let remark = "\(Self.cases[number])"
      let one = try check(try outcome(number, ranks: 1), remark)
      #expect(one.gradient <= 1e-5 && one.loss <= 2e-6 && one.state <= 1e-5, "\(remark): \(one)")
      #expect(one.gradient > 0 && one.streamsAgree, "\(remark): \(one)")
      for ranks in [2, 4] {
        #expect(try check(try outcome(number, ranks: ranks), "\(remark), \(ranks) ranks") == one)
      }
    }

    @Test func anUnevenTreeHasTheSameOrder() throws {
      // Of twelve chunks a rank has twelve, six, four or three: not one node of the tree each.
      let overrides = TeamTrial.dropout + ["training.batchSize=24", "training.chunks=12"]
      func check(_ ranks: Int) throws -> Check {
        try self.check(
          try OpenMPI.run(
            ranks: ranks, [["team-check"] + trial.recipe("clip", overrides)],
            environment: ["CONCORD_CACHE": trial.folder.url.path]), "\(ranks) ranks")
      }
      let one = try check(1)
      for ranks in [2, 3, 4] { #expect(try check(ranks) == one, "\(ranks) ranks") }
    }

    @Test(arguments: [(1, "besideOnEveryRank"), (0, "noWindow"), (0, "exchangedRows")])
    func aFaultIsSeen(number: Int, fault: String) throws {
      let faulty = try check(try outcome(number, ranks: 2, ["--fault", fault]), fault)
      #expect(faulty.gradient > 1e-3, "\(fault): \(faulty)")
    }

    @Test func aParameterOfItsOwnIsFound() throws {
      let outcome = try outcome(0, ranks: 2, ["--fault", "otherParameter"])
      #expect(outcome.exitCode == 65)
      #expect(outcome.errors.contains("rank 1 has other parameters than rank 0; "), "\(outcome.errors)")
      #expect(outcome.errors.contains("concord: \(OpenMPI.host): "), "\(outcome.errors)")
    }
  }

  /// Whole runs.
  @Suite(.serialized) struct ScaleRunTests {
    private let trial: TeamTrial

    init() throws { trial = try TeamTrial() }

    static let recipes: [(name: String, overrides: [String])] = [
      ("mct", TeamTrial.groups + ["method.mct.shufflesKeys=true"]),
      ("fdt", TeamTrial.dropout + ["evaluation.selection=retrieval", "evaluation.trackedObservations=8"]),
      ("gradient-blending", ["evaluation.evaluators=[accuracy]"]),
    ]

    @Test(arguments: Self.recipes.indices) func theNumberOfRanksChangesNoByte(number: Int) throws {
      let recipe = trial.recipe(Self.recipes[number].name, Self.recipes[number].overrides)
      let one = try trial.run("1", recipe: recipe, ranks: 1)
      #expect(one.exitCode == 0, "\(one.errors)")
      for (name, ranks) in [("2", 2), ("4", 4), ("again", 4)] {
        let outcome = try trial.run(name, recipe: recipe, ranks: ranks)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains(" · \(ranks) ranks · 1 thread a rank · "), "\(outcome.errors)")
        #expect(trial.faults(of: name, beside: "1").isEmpty, "\(ranks) ranks: \(trial.faults(of: name, beside: "1"))")
        #expect(trial.files(name).text("manifest.json").contains("\"ranks\" : \(ranks)"))
      }
      #expect(!trial.files("1").text("manifest.json").contains("\"ranks\""))
    }

    @Test func whatRanksCannotDoIsNamed() throws {
      func refused(_ recipe: [String], _ ranks: Int, _ arguments: [String] = []) throws -> Program.Outcome {
        let outcome = try trial.run("refused", recipe: recipe, ranks: ranks, arguments)
        #expect(outcome.output.isEmpty && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        return outcome
      }
      let uneven = try refused(trial.recipe("clip"), 3)
      #expect(uneven.exitCode == 65)
      #expect(uneven.errors.hasPrefix("concord: training.chunks: must be a multiple of --ranks (3), not 4; "))
      #expect(try refused(trial.recipe("clip"), 2, ["--jobs", "2"]).exitCode == 64)
      #expect(try refused(trial.recipe("clip"), 1, ["--hosts", "a:2"]).exitCode == 64)
      #expect(try refused(trial.recipe("clip"), 0).exitCode == 64)
      for hosts in ["a", "a:0", "a:2,", "a:x", "a b:2"] {
        let outcome = try refused(trial.recipe("clip"), 2, ["--hosts", hosts])
        #expect(outcome.exitCode == 64 && outcome.errors.contains("--hosts: must name each host"), "\(hosts)")
      }
      let few = try refused(trial.recipe("clip"), 4, ["--hosts", "a:2,b:1"])
      #expect(few.exitCode == 64 && few.errors.contains("--hosts: has 3 places for 4 ranks"))
    }

    @Test func mpirunIsLeftOutByTheUser() throws {
      let outcome = try OpenMPI.run([["run"] + trial.recipe("clip")])
      #expect(outcome.exitCode == 64)
      #expect(outcome.errors.contains("concord: `concord run` was started by mpirun or srun"), "\(outcome.errors)")
    }

    @Test func controlCStopsAllRanksAndAnotherNumberGoesOn() throws {
      let recipe = trial.recipe("mct", TeamTrial.groups + ["training.epochs=80"])
      #expect(try trial.run("whole", recipe: recipe, ranks: 1).exitCode == 0)
      let before = ProcessTree.leftovers
      let stopped = try trial.run("stopped", recipe: recipe, ranks: 4, ["--checkpoint-seconds", "1000"]) { process in
        trial.wait(for: process) { trial.files("stopped").lines(ofSeed: 0) > 4 }
        kill(process.processIdentifier, SIGINT)
      }
      #expect(stopped.exitCode == 130, "\(stopped.errors)")
      #expect(stopped.errors.hasSuffix("run the same command to go on\n"), "\(stopped.errors)")
      #expect(trial.files("stopped").has("seed-0/training-state.safetensors"))
      #expect(ProcessTree.leftovers == before)
      let resumed = try trial.run("stopped", recipe: recipe, ranks: 2)
      #expect(resumed.exitCode == 0, "\(resumed.errors)")
      #expect(resumed.errors.contains(/seed 0: goes on from step \d+ of \d+\n/), "\(resumed.errors)")
      #expect(trial.faults(of: "stopped", beside: "whole").isEmpty)
    }

    @Test func anErrorOfTheTrainingIsToldInOneLine() throws {
      let recipe = trial.recipe("clip", ["training.learningRate=1e30", "training.optimiser=sgd"])
      let outcome = try trial.run("broken", recipe: recipe, ranks: 2)
      #expect(outcome.exitCode == 65, "\(outcome.errors)")
      let last = outcome.errors.split(separator: "\n").last ?? ""
      #expect(last.hasPrefix("concord: seed 0: step "), "\(outcome.errors)")
      #expect(!last.contains("rank 1"), "\(outcome.errors)")
    }
  }
}

extension TeamTrial {
  /// Waits until something is reached, as long as a process is at work.
  func wait(for process: Process, until isReached: () -> Bool) {
    let deadline = Date(timeIntervalSinceNow: 60)
    while process.isRunning, Date() < deadline, !isReached() { usleep(1_000) }
  }
}
