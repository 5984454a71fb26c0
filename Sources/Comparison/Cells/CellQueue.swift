import Diagnostics
import Foundation
import Recipes
import Runs
import Training

/// Runs cells, some at a time, each in a process of its own; a cell that fails does not keep the others.
package struct CellQueue {
  /// The folder of the comparison.
  package let folder: ComparisonFolder
  /// The number of cells at a time.
  package let jobs: Int
  /// The number of threads of each cell that has not begun.
  package let threads: Int
  /// The folder of downloaded data that the user named.
  package let dataRoot: String?
  /// How the process of a cell is started.
  package let launch: Run.Launch
  /// The machine, for manifests.
  package let machine: Machine
  /// The versions, for manifests.
  package let versions: [String: String]
  /// The recipes.
  package let catalogue: RecipeCatalogue
  /// What the data are now.
  let identities: DataIdentities
  /// Decides which cells are what the program of now would compute.
  let judge: ValidityJudge

  /// A cell that failed.
  package struct Failure: Sendable {
    /// What the cell is called.
    package let title: String
    /// What went wrong.
    package let error: RunFailure
  }

  /// How often cells that other processes train are looked at.
  private static let lookEvery = Duration.seconds(2)

  /// How many cells may fail in the same way, with none that does not, before the others are not begun.
  private static let mostAlike = 3

  private struct Work {
    let title: String
    let cell: Cell
    let run: Run
    let session: RunSession
    let process: SeedProcess
  }

  /// Runs cells that have not finished; those that other processes train are waited for, and taken over where these end
  /// without a result.
  ///
  /// - Parameters:
  ///   - cells: the cells, each with what it is called.
  ///   - interruptions: how many times the user has pressed Ctrl-C.
  ///   - ended: is told of each cell that has ended, with its wall time where it has a result; gives the table so far
  ///     and the seconds left.
  /// - Returns: the cells that failed.
  /// - Throws: ``RunFailure`` of an interrupted run where the user stopped it.
  package func run(
    _ cells: [(title: String, cell: Cell)], display: ComparisonDisplay, interruptions: () -> Int,
    ended: (Cell, Double?) -> (table: [String], secondsLeft: Double?)
  ) throws(RunFailure) -> [Failure] {
    var waiting = cells[...]
    // Those that other processes train, which are looked at again until they are done or left alone.
    var elsewhere: [(title: String, cell: Cell)] = []
    var (lastLook, hasSaid) = (ContinuousClock.now, false)
    var working: [Work] = []
    var failures: [Failure] = []
    var hasResult = false
    var stops = 0
    defer {
      for work in working { work.process.end() }
      display.clear()
    }
    func tell(_ title: String, _ cell: Cell, _ outcome: Result<RunResult, RunFailure>) {
      switch outcome {
      case .success(let result):
        hasResult = true
        let (table, left) = ended(cell, result.wallSeconds.first)
        display.expect(left)
        display.end(title, seconds: result.wallSeconds.first, failure: nil, table: table)
      case .failure(let error):
        failures.append(Failure(title: title, error: error))
        let (table, left) = ended(cell, nil)
        display.expect(left)
        display.end(title, seconds: nil, failure: "\(error)", table: table)
        // What keeps the first cells from beginning, such as a folder that is not there, keeps the others as well.
        guard !hasResult, failures.count >= Self.mostAlike, Set(failures.map { "\($0.error)" }).count == 1,
          !waiting.isEmpty
        else { return }
        display.say("the first \(failures.count) cells failed alike, so the other \(waiting.count) are not begun")
        waiting = []
      }
    }
    while true {
      while stops == 0, interruptions() == 0, working.count < jobs, let (title, cell) = waiting.popFirst() {
        do throws(RunFailure) {
          switch try begin(title, cell) {
          case .finished(let result): tell(title, cell, .success(result))
          case .working(let work):
            working.append(work)
            display.start(title, seed: work.process.seed)
          case .elsewhere: elsewhere.append((title, cell))
          }
        } catch {
          tell(title, cell, .failure(error))
        }
      }
      if waiting.isEmpty, !elsewhere.isEmpty, stops == 0, lastLook.duration(to: .now) >= Self.lookEvery {
        (waiting, elsewhere, lastLook) = (elsewhere[...], [], .now)
        continue
      }
      if waiting.isEmpty, working.isEmpty, !elsewhere.isEmpty, !hasSaid {
        hasSaid = true
        display.say(
          "\(elsewhere.count) \(elsewhere.count == 1 ? "cell is" : "cells are") trained by other processes; waiting for them"
        )
      }
      if working.isEmpty, elsewhere.isEmpty || stops > 0 || interruptions() > 0 { break }
      receive(from: working, display: display)
      let pressed = interruptions()
      if pressed > stops {
        if stops == 0 {
          display.say("stopping at the next step; press Ctrl-C again to end at once")
          for work in working { work.process.askToStop() }
        }
        stops = pressed
        if stops > 1 { for work in working { work.process.end() } }
      }
      for work in working where work.process.isDone {
        working.removeAll { $0.process === work.process }
        let outcome = end(work, isStopped: stops > 0)
        if case .failure(let error) = outcome, error.exitCode == RunFailure.interrupted {
          display.drop(work.title)
        } else {
          tell(work.title, work.cell, outcome)
        }
      }
    }
    guard interruptions() == 0 else {
      throw RunFailure(
        exitCode: RunFailure.interrupted,
        "interrupted; what is done stays in \(folder.url.path); run the same command to go on")
    }
    return failures
  }

  private enum Beginning {
    case finished(RunResult)
    case working(Work)
    /// Another process trains it.
    case elsewhere
  }

  private func begin(_ title: String, _ cell: Cell) throws(RunFailure) -> Beginning {
    let run = Run(
      recipe: cell.recipe, runs: folder.cells, cores: threads, dataRoot: dataRoot, launch: launch, machine: machine,
      versions: versions)
    do {
      let session = try run.open(catalogue: catalogue, identities: identities, judge: judge)
      if session.beginning == .finished { return .finished(try session.folder.readResult()) }
      // A process that was killed behind its last word leaves scores without a result.
      guard let seed = run.remainingSeeds(in: session.folder).first else { return .finished(try run.finish(session)) }
      do {
        let process = try run.start(seed, threads: session.manifest.threads, in: session.folder)
        return .working(Work(title: title, cell: cell, run: run, session: session, process: process))
      } catch {
        run.abandon(session, error)
        throw error
      }
    } catch let error as UserError {
      if error.kind == .notYet { return .elsewhere }
      throw RunFailure(exitCode: error.kind.rawValue, "\(error)")
    } catch {
      throw RunFailure(exitCode: 70, "\(error)")
    }
  }

  /// The result of a cell whose process has ended, or why there is none.
  private func end(_ work: Work, isStopped: Bool) -> Result<RunResult, RunFailure> {
    if let failure = work.process.failure {
      // Of processes that were asked to stop nobody wants to hear that they have.
      let told = isStopped ? RunFailure(exitCode: RunFailure.interrupted, "interrupted") : failure
      let prefix = "seed \(work.process.seed): "
      work.run.abandon(work.session, told)
      // The title has the seed already.
      let words = told.description
      return .failure(
        RunFailure(
          exitCode: told.exitCode, words.hasPrefix(prefix) ? String(words.dropFirst(prefix.count)) : words))
    }
    do {
      return .success(try work.run.finish(work.session))
    } catch {
      work.run.abandon(work.session, error)
      return .failure(RunFailure(exitCode: error.kind.rawValue, "\(error)"))
    }
  }

  /// Waits a moment for events and shows them.
  private func receive(from working: [Work], display: ComparisonDisplay) {
    var descriptors = working.flatMap(\.process.descriptors).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    guard poll(&descriptors, nfds_t(descriptors.count), 200) > 0 else { return }
    for descriptor in descriptors where descriptor.revents != 0 {
      guard let work = working.first(where: { $0.process.descriptors.contains(descriptor.fd) }) else { continue }
      for line in work.process.read(from: descriptor.fd) {
        if let (event, seconds) = TrainingEvent.read(line) {
          display.receive(event, of: work.title, seconds: seconds)
        } else {
          display.say("\(work.title): \(line)")
        }
      }
    }
  }
}
