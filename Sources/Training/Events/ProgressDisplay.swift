import Diagnostics
import Foundation

/// Shows the progress of all seeds: one line redrawn on a terminal, a plain line at every tenth elsewhere.
public final class ProgressDisplay {
  private let write: (String) -> Void
  private let isTerminal: Bool
  private let hasColour: Bool
  private let columns: Int
  private var progress: [SeedProgress] = []
  private var tenths: [Int: Int] = [:]
  private var lastDrawn: ContinuousClock.Instant?
  private var isLineOpen = false

  /// Creates a display.
  ///
  /// - Parameters:
  ///   - isTerminal: whether the output is a terminal, where a line may be redrawn.
  ///   - columns: the width of the terminal.
  public init(
    isTerminal: Bool, hasColour: Bool, columns: Int = 80, write: @escaping (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.hasColour = hasColour && isTerminal
    self.columns = columns
    self.write = write
  }

  /// A display on standard error that looks for a terminal, its width, `TERM` and `NO_COLOR`.
  public static func standard(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> ProgressDisplay {
    let isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    var size = winsize()
    let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return ProgressDisplay(
      isTerminal: isTerminal, hasColour: (environment["NO_COLOR"] ?? "").isEmpty,
      columns: isKnown ? Int(size.ws_col) : 80
    ) { StandardStream.error.write($0) }
  }

  /// Takes in an event of a seed.
  public func receive(_ event: TrainingEvent, seed: Int, seconds: Double) {
    let index = progress.firstIndex { $0.seed == seed } ?? progress.count
    if index == progress.count { progress.append(SeedProgress(seed: seed)) }
    progress[index].receive(event, seconds: seconds)
    if case .note(let text) = event { say("seed \(seed): \(text)") }
    if isTerminal { redraw(force: progress[index].isFinished) } else { log(progress[index]) }
    if progress[index].isFinished {
      if isTerminal { say("seed \(seed) · done in \(SeedProgress.clock(seconds))") }
      progress.remove(at: index)
      if isTerminal { redraw(force: true) }
    }
  }

  /// Forgets a seed that will send no more.
  public func drop(seed: Int) {
    progress.removeAll { $0.seed == seed }
    if isTerminal { redraw(force: true) }
  }

  /// Writes a line of its own above the progress.
  public func say(_ text: String) {
    clear()
    write(text + "\n")
  }

  /// Takes the redrawn line away.
  public func clear() {
    guard isLineOpen else { return }
    write("\r\u{1b}[K")
    isLineOpen = false
  }

  private func redraw(force: Bool) {
    let now = ContinuousClock.now
    if !force, let last = lastDrawn, last.duration(to: now) < .milliseconds(100) { return }
    lastDrawn = now
    guard !progress.isEmpty else { return clear() }
    let share = (columns - 1) / progress.count
    let bar = share >= 70 ? 20 : 0
    let line = String(
      progress.map { $0.line(bar: bar, isShort: share < 60) }.joined(separator: "   ").prefix(columns - 1))
    write("\r\u{1b}[K" + (hasColour ? "\u{1b}[36m\(line)\u{1b}[0m" : line))
    isLineOpen = true
  }

  private func log(_ seed: SeedProgress) {
    let tenth = seed.isFinished ? 11 : Int(seed.fraction * 10)
    guard seed.totalSteps > 0 || seed.isFinished, tenth > tenths[seed.seed] ?? -1 else { return }
    tenths[seed.seed] = tenth
    write(seed.line() + "\n")
  }
}
