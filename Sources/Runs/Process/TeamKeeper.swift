import Diagnostics
import Foundation

/// Starts `mpirun` for a team, hands signals on, and leaves nothing behind.
///
/// It stands between the run and `mpirun`, so that whichever of them is killed, another is left to end the ranks and to remove
/// what Open MPI has put down: the end of the run's process closes our standard input, ours closes that of rank 0.
public struct TeamKeeper {
  /// How a run asks for the end at once.
  static let ending = SIGUSR2
  /// How long `mpirun` may take for that, and ranks whose `mpirun` was killed, in seconds.
  private static let (patience, farewell) = (2.5, 1.5)

  private let launch: TeamLaunch
  private let command: [String]

  /// Keeps a team that runs a command, a program and its arguments.
  public init(_ launch: TeamLaunch, command: [String]) { (self.launch, self.command) = (launch, command) }

  /// Runs the team to its end.
  ///
  /// `SIGTERM` stops it at the next step.
  ///
  /// - Throws: ``RunFailure`` where it ends with another exit code than 0; without a description where ranks or `mpirun` have said
  ///   why.
  public func run() throws {
    // Ctrl-C is for the run alone, which says what becomes of it.
    setpgid(0, 0)
    for number in [SIGINT, SIGHUP] { signal(number, SIG_IGN) }
    let (stop, end) = (StopRequest(signals: SIGTERM), StopRequest(signals: Self.ending))
    defer { withExtendedLifetime((stop, end)) {} }
    let orphaned = ParentWatch.beginCounting()
    let environment = ProcessInfo.processInfo.environment
    guard let program = TeamLaunch.program(environment: environment) else { return try launch.check() }
    let folder = try Self.makeFolder()
    defer { Self.remove(folder) }
    let process = Process()
    process.executableURL = program
    process.arguments = launch.arguments(for: command, folder: folder)
    let lifeline = Pipe()
    process.standardInput = lifeline
    // Whoever started the run may have signals blocked, which `mpirun` would inherit and never hand on.
    var none = sigset_t()
    sigemptyset(&none)
    sigprocmask(SIG_SETMASK, &none, nil)
    do {
      try process.run()
    } catch {
      throw UserError(.inputOutput, "mpirun cannot be started: \(error)", at: program.path)
    }
    wait(for: process, lifeline: lifeline, stops: stop.times) { end.times() > 0 || orphaned() }
    try Self.check(process)
  }

  private func wait(for process: Process, lifeline: Pipe, stops: () -> Int, isOver: () -> Bool) {
    var hasAsked = false
    var deadline: ContinuousClock.Instant?
    while process.isRunning {
      if !hasAsked, stops() > 0 {
        hasAsked = true
        kill(process.processIdentifier, SIGUSR1)
      }
      if deadline == nil, isOver() {
        deadline = .now + .seconds(Self.patience)
        try? lifeline.fileHandleForWriting.close()
        kill(process.processIdentifier, SIGTERM)
      }
      if let deadline, ContinuousClock.now > deadline { kill(process.processIdentifier, SIGKILL) }
      usleep(20_000)
    }
    process.waitUntilExit()
    try? lifeline.fileHandleForWriting.close()
    // Ranks notice by themselves that it is gone, and still use its files until then.
    if process.terminationReason == .uncaughtSignal { usleep(UInt32(Self.farewell * 1e6)) }
  }

  private static func check(_ process: Process) throws {
    let status = process.terminationStatus
    if process.terminationReason == .uncaughtSignal {
      throw RunFailure(exitCode: 70, "mpirun was ended by signal \(status)")
    }
    switch status {
    case 0: return
    case RunFailure.interrupted: throw RunFailure(exitCode: status, "interrupted")
    // Of these the ranks have said nothing.
    case 205:
      throw RunFailure(exitCode: 70, "a host of the team was lost; the same command goes on from the last checkpoint")
    case 129...192: throw RunFailure(exitCode: 70, "a rank was ended by signal \(status - 128)")
    // What `mpirun` itself could not do.
    case 1, 193...: throw RunFailure(exitCode: UserError.Kind.inputOutput.rawValue, "")
    default: throw RunFailure(exitCode: status, "")
    }
  }

  /// A folder in memory for what Open MPI keeps while it runs, since processes of a host pass numbers through it.
  private static func makeFolder() throws(UserError) -> URL {
    let bases = ["/dev/shm", FileManager.default.temporaryDirectory.path]
    for base in bases {
      var template = Array("\(base)/\(prefix(of: getpid()))XXXXXX".utf8CString)
      if mkdtemp(&template) != nil {
        return URL(fileURLWithPath: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
    }
    throw UserError(
      .inputOutput, "no folder can be made in \(bases.joined(separator: " or "))", mend: "see its permissions")
  }

  private static func prefix(of process: Int32) -> String { "concord-team-\(process)-" }

  private static func remove(_ folder: URL) {
    // What ends at this moment may still make a file.
    for _ in 0..<50 {
      try? FileManager.default.removeItem(at: folder)
      if !FileManager.default.fileExists(atPath: folder.path) { return }
      usleep(20_000)
    }
  }

  /// Removes what a keeper that was killed has left.
  static func removeLeftovers(of process: Int32) {
    for base in ["/dev/shm", FileManager.default.temporaryDirectory.path] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
      let own = names.filter { $0.hasPrefix(prefix(of: process)) }
      if !own.isEmpty { usleep(UInt32(farewell * 1e6)) }
      for name in own { remove(URL(fileURLWithPath: base).appendingPathComponent(name)) }
    }
  }
}
