import Diagnostics
import Foundation
import Recipes
import Training

/// A run of a recipe: its folder, one process a seed, and the result over all seeds.
public struct Run: Sendable {
  /// How the process of a seed is started.
  public struct Launch: Sendable {
    /// The program.
    public let program: URL
    /// Its arguments for a run folder, a seed and a number of threads.
    public let arguments: @Sendable (RunFolder, Int, Int) -> [String]
    /// How several processes run a seed together; nil for one.
    public let team: TeamLaunch?

    /// Describes the start of a process.
    ///
    /// - Parameter arguments: of each rank where there is a team.
    public init(
      program: URL, team: TeamLaunch? = nil, arguments: @escaping @Sendable (RunFolder, Int, Int) -> [String]
    ) {
      self.program = program
      self.team = team
      self.arguments = arguments
    }
  }

  /// The recipe.
  public let recipe: Recipe
  /// The folder of all runs.
  public let runs: URL
  /// The number of seeds at a time.
  public let jobs: Int
  /// The number of threads of each seed.
  public let threads: Int
  /// The folder of downloaded data that the user named.
  public let dataRoot: String?
  /// How the process of a seed is started.
  public let launch: Launch
  /// The machine, for the manifest.
  public let machine: Machine
  /// The versions, for the manifest.
  public let versions: [String: String]

  /// The cores to use: `OMP_NUM_THREADS` where it is set, else all.
  public static var availableCores: Int {
    let named = ProcessInfo.processInfo.environment["OMP_NUM_THREADS"].flatMap { Int($0) }
    return named.map { max(1, $0) } ?? ProcessInfo.processInfo.activeProcessorCount
  }

  /// Plans a run.
  ///
  /// - Parameter cores: the number of cores; shared out among the jobs where the recipe does not say the threads.
  public init(
    recipe: Recipe, runs: URL, jobs: Int = 1, cores: Int = Run.availableCores,
    dataRoot: String? = nil, launch: Launch, machine: Machine, versions: [String: String]
  ) {
    precondition(jobs > 0, "Run: \(jobs) jobs; at least 1 is needed")
    self.recipe = recipe
    self.runs = runs
    self.jobs = min(jobs, recipe.seeds.count)
    threads = recipe.threads ?? max(1, cores / (launch.team?.ranksOfAHost() ?? self.jobs))
    self.dataRoot = dataRoot
    self.launch = launch
    self.machine = machine
    self.versions = versions
  }

  /// Makes a new run, runs all seeds and writes `results.json`.
  public func execute(
    display: ProgressDisplay, interruptions: () -> Int = { 0 }
  ) throws -> (folder: RunFolder, result: RunResult) {
    let session = try create()
    return (session.folder, try execute(session, display: display, interruptions: interruptions))
  }

  /// Runs the seeds that are not done and writes `results.json`.
  ///
  /// A run that goes on has the threads that it began with, whatever is free now: others would change its bits.
  ///
  /// - Parameters:
  ///   - session: what ``open(catalogue:isFresh:)`` gave.
  ///   - display: shows the progress.
  ///   - interruptions: how many times the user has pressed Ctrl-C.
  /// - Throws: ``RunFailure`` where a seed failed or the user stopped the run, `UserError` where a file cannot be
  ///   written.
  public func execute(
    _ session: RunSession, display: ProgressDisplay, interruptions: () -> Int = { 0 }
  ) throws -> RunResult {
    let folder = session.folder
    let manifest = session.manifest
    let seeds = remainingSeeds(in: folder)
    let isResumed = session.beginning == .resumed
    for remark in session.remarks { display.say(remark) }
    display.say(
      "\(recipe.name) \(recipe.hash) · \(isResumed ? "goes on with seeds \(seeds) of" : "seeds") \(recipe.seeds) · "
        + (manifest.ranks.map { "\($0) ranks · " } ?? "")
        + "\(manifest.threads) \(manifest.threads == 1 ? "thread" : "threads") a \(manifest.ranks == nil ? "seed" : "rank")"
        + "\(isResumed ? " as before" : "") · "
        + folder.url.path)
    do {
      try runSeeds(seeds, threads: manifest.threads, in: folder, display: display, interruptions: interruptions)
      return try finish(session)
    } catch {
      abandon(session, error)
      throw error
    }
  }

  /// The seeds that have no scores yet.
  package func remainingSeeds(in folder: RunFolder) -> [Int] {
    recipe.seeds.filter { (try? folder.readSeedResult($0)) == nil }
  }

  /// Writes `results.json` of a run whose seeds are all done, and says so in the manifest.
  ///
  /// - Throws: where a seed has no scores, two seeds have different ones, or a file cannot be written.
  package func finish(_ session: RunSession) throws(UserError) -> RunResult {
    let folder = session.folder
    var manifest = session.manifest
    var results: [SeedResult] = []
    for seed in recipe.seeds { results.append(try folder.readSeedResult(seed)) }
    let result = try RunResult(
      recipe: recipe, name: manifest.recipe, isComparable: manifest.isComparable, seeds: results)
    let checksums = Set(results.map(\.datasetChecksums) + [manifest.datasetChecksums]).subtracting([[:]])
    guard checksums.count < 2 else {
      throw UserError(
        .data, "the data changed while the run was at work, so that its seeds are not of the same", at: folder.url.path,
        mend: "start another run with --fresh")
    }
    try folder.write(result)
    try ItemsFile.join(recipe.seeds.map { folder.items(ofSeed: $0) }, to: folder.items)
    // A process that was killed between its scores and its end leaves what it would have gone on from.
    for seed in recipe.seeds { TrainingCheckpoints.removeFiles(in: folder.seed(seed)) }
    manifest.ending = .finished
    if !result.datasetChecksums.isEmpty { manifest.datasetChecksums = result.datasetChecksums }
    manifest.end = Date()
    // The manifest says that the run is whole, so it comes last.
    try folder.write(manifest)
    return result
  }

  /// Says in the manifest why a run ends without a result.
  package func abandon(_ session: RunSession, _ error: any Error) {
    var manifest = session.manifest
    let isInterrupted = (error as? RunFailure)?.exitCode == RunFailure.interrupted
    manifest.ending = isInterrupted ? .interrupted : .failed
    manifest.message = isInterrupted ? nil : "\(error)"
    manifest.end = Date()
    // What went wrong first is what the user must hear of; on a full disk this would go wrong too.
    try? session.folder.write(manifest)
  }

  /// Runs seeds, `jobs` at a time; after a failure no more are begun and those at work are let finish.
  private func runSeeds(
    _ seeds: [Int], threads: Int, in folder: RunFolder, display: ProgressDisplay, interruptions: () -> Int
  ) throws {
    var waiting = seeds[...]
    var working: [SeedProcess] = []
    var failure: RunFailure?
    var stops = 0
    defer {
      for process in working { process.end() }
      display.clear()
    }
    while true {
      while failure == nil, stops == 0, working.count < jobs, let seed = waiting.popFirst() {
        working.append(try start(seed, threads: threads, in: folder))
      }
      if working.isEmpty { break }
      receive(from: working, display: display)
      let pressed = interruptions()
      if pressed > stops {
        if stops == 0 {
          display.say("stopping at the next step; press Ctrl-C again to end at once")
          for process in working { process.askToStop() }
        }
        stops = pressed
        if stops > 1 { for process in working { process.end() } }
      }
      for process in working where process.isDone {
        working.removeAll { $0 === process }
        display.drop(seed: process.seed)
        if let ended = process.failure, stops == 0, failure == nil {
          failure = ended
          if !working.isEmpty { display.say("\(failure?.description ?? ""); waiting for the seeds at work") }
        }
      }
    }
    if stops > 0,
      recipe.seeds.contains(where: { (try? folder.readSeedResult($0)) == nil })
    {
      throw RunFailure(
        exitCode: RunFailure.interrupted,
        "interrupted; what is done stays in \(folder.url.path); run the same command to go on")
    }
    if let failure { throw failure }
  }

  /// Starts the process of a seed.
  package func start(_ seed: Int, threads: Int, in folder: RunFolder) throws -> SeedProcess {
    var environment = ProcessInfo.processInfo.environment
    environment["OMP_NUM_THREADS"] = "\(threads)"
    environment["OPENBLAS_NUM_THREADS"] = nil
    let arguments = launch.arguments(folder, seed, threads)
    let team = launch.team.map { team in
      ["run-team", "--ranks", "\(team.ranks)"] + (team.hosts.map { ["--hosts", $0] } ?? []) + ["--"]
    }
    return try SeedProcess(
      seed: seed, program: launch.program, arguments: (team ?? []) + arguments, environment: environment,
      isTeam: team != nil)
  }

  /// Waits a moment for events and shows them.
  private func receive(from working: [SeedProcess], display: ProgressDisplay) {
    var descriptors = working.flatMap(\.descriptors).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&descriptors, nfds_t(descriptors.count), 200) > 0 else { return }
    for descriptor in descriptors where descriptor.revents != 0 {
      guard let process = working.first(where: { $0.descriptors.contains(descriptor.fd) }) else { continue }
      for line in process.read(from: descriptor.fd) {
        if let (event, seconds) = TrainingEvent.read(line) {
          display.receive(event, seed: process.seed, seconds: seconds)
        } else {
          display.say("seed \(process.seed): \(line)")
        }
      }
    }
  }
}
