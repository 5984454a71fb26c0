import Foundation
import Testing

extension ScaleTests {
  /// Processes of a team that are ended from outside.
  @Suite(.serialized) struct ScaleFaultTests {
    /// Who is ended by `SIGKILL`.
    enum Victim: String, CaseIterable {
      case rank, mpirun, keeper, run

      /// The process among those below a run.
      func process(below run: Int32, using generator: inout SeededGenerator) -> Int32? {
        let all = ProcessTree.descendants(of: run)
        func named(_ word: String) -> [Int32] { all.filter { ProcessTree.command(of: $0).contains(word) } }
        return switch self {
        case .run: run
        case .keeper: named(" run-team ").first
        case .mpirun: named("--orte_tmpdir_base").first ?? named("mpirun ").first
        case .rank:
          named(" run-seed ").filter {
            !ProcessTree.command(of: $0).contains("run-team") && !ProcessTree.command(of: $0).contains("mpirun")
          }
          .randomElement(using: &generator)
        }
      }
    }

    private let trial: TeamTrial

    init() throws { trial = try TeamTrial() }

    @Test(arguments: Victim.allCases) func nothingIsLeftAndTheRunGoesOn(victim: Victim) throws {
      var generator = SeededGenerator(state: UInt64(victim.rawValue.count))
      let recipe = trial.recipe("mct", TeamTrial.groups + ["training.epochs=20"])
      #expect(try trial.run("whole", recipe: recipe, ranks: 1).exitCode == 0)
      let leftovers = ProcessTree.leftovers
      for round in 0..<2 {
        let name = "struck-\(round)"
        let lines = Int.random(in: 1...30, using: &generator)
        let delay = UInt32.random(in: 0...100_000, using: &generator)
        var (processes, isStruck) = ([Int32: String](), false)
        let struck = try trial.run(name, recipe: recipe, ranks: 4, ["--checkpoint-seconds", "0"]) { process in
          trial.wait(for: process) { trial.files(name).lines(ofSeed: 0) >= lines }
          usleep(delay)
          for number in ProcessTree.descendants(of: process.processIdentifier) {
            processes[number] = ProcessTree.command(of: number)
          }
          guard let number = victim.process(below: process.processIdentifier, using: &generator) else { return }
          isStruck = kill(number, SIGKILL) == 0
        }
        #expect(isStruck, "\(victim.rawValue), round \(round)")
        #expect(struck.exitCode != 0, "\(victim.rawValue): \(struck.errors)")
        if victim != .run {
          #expect(
            struck.errors.split(separator: "\n").last?.hasPrefix("concord: seed 0: ") ?? false, "\(struck.errors)")
        }
        // Ranks that have lost the others end by themselves.
        let deadline = Date(timeIntervalSinceNow: 3)
        while Date() < deadline, !ProcessTree.remaining(of: processes).isEmpty { usleep(20_000) }
        #expect(
          ProcessTree.remaining(of: processes).isEmpty, "\(victim.rawValue): \(ProcessTree.remaining(of: processes))")
        #expect(ProcessTree.leftovers == leftovers, "\(victim.rawValue)")
        let resumed = try trial.run(name, recipe: recipe, ranks: round == 0 ? 2 : 1)
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        #expect(
          trial.faults(of: name, beside: "whole").isEmpty,
          "\(victim.rawValue): \(trial.faults(of: name, beside: "whole"))")
      }
    }

    @Test func aSecondControlCEndsAllAtOnce() throws {
      let recipe = trial.recipe("clip", ["training.epochs=100000"])
      let leftovers = ProcessTree.leftovers
      var processes: [Int32: String] = [:]
      let ended = try trial.run("ended", recipe: recipe, ranks: 2) { process in
        trial.wait(for: process) { trial.files("ended").lines(ofSeed: 0) > 4 }
        for number in ProcessTree.descendants(of: process.processIdentifier) {
          processes[number] = ProcessTree.command(of: number)
        }
        // A rank that does not answer any more.
        for (number, command) in processes
        where command.contains(" run-seed ") && !command.contains("mpirun") && !command.contains(" run-team ") {
          kill(number, SIGSTOP)
        }
        kill(process.processIdentifier, SIGINT)
        usleep(500_000)
        kill(process.processIdentifier, SIGINT)
      }
      #expect(ended.exitCode == 130, "\(ended.errors)")
      let deadline = Date(timeIntervalSinceNow: 5)
      while Date() < deadline, !ProcessTree.remaining(of: processes).isEmpty { usleep(20_000) }
      #expect(ProcessTree.remaining(of: processes).isEmpty, "\(ProcessTree.remaining(of: processes))")
      #expect(ProcessTree.leftovers == leftovers)
    }
  }
}
