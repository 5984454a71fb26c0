import Diagnostics
import Foundation
import Training

/// Shows the progress of a comparison: cells done, those at work, the time left and, on a terminal, the table so far;
/// elsewhere a plain line for each cell.
package final class ComparisonDisplay {
  private let write: (String) -> Void
  private let isTerminal: Bool
  private let columns: Int
  private let lines: Int
  private var working: [(title: String, progress: SeedProgress)] = []
  private var table: [String] = []
  private var phase = ""
  private var total = 0
  private var done = 0
  private var failed = 0
  private var expectedEnd: ContinuousClock.Instant?
  private var openLines = 0
  private var lastDrawn: ContinuousClock.Instant?

  /// Creates a display.
  ///
  /// - Parameters:
  ///   - isTerminal: whether the output is a terminal, where lines may be redrawn.
  ///   - columns: the width of the terminal.
  ///   - lines: its height.
  package init(isTerminal: Bool, columns: Int = 80, lines: Int = 24, write: @escaping (String) -> Void) {
    self.isTerminal = isTerminal
    self.columns = max(20, columns)
    self.lines = max(4, lines)
    self.write = write
  }

  /// A display on standard error that looks for a terminal and its size.
  package static func standard(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> ComparisonDisplay {
    let isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    var size = winsize()
    let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
    return ComparisonDisplay(
      isTerminal: isTerminal, columns: isKnown ? Int(size.ws_col) : 80, lines: isKnown ? Int(size.ws_row) : 24
    ) { StandardStream.error.write($0) }
  }

  /// Begins a phase of so many cells, some of which are done already.
  package func begin(_ phase: String, total: Int, done: Int) {
    (self.phase, self.total, self.done, failed) = (phase, total, done, 0)
    expectedEnd = nil
    if total > 0 {
      say("\(phase): \(total) \(total == 1 ? "cell" : "cells")" + (done > 0 ? ", \(done) of them done before" : ""))
    }
  }

  /// Says how long the phase will take.
  package func expect(_ seconds: Double?) { expectedEnd = seconds.map { .now + .seconds($0) } }

  /// The time left in words; empty where it is not known.
  private var timeLeft: String {
    guard let expectedEnd else { return "" }
    let seconds = ContinuousClock.now.duration(to: expectedEnd).components.seconds
    return "about \(SeedProgress.clock(Double(max(0, seconds)))) left"
  }

  /// A cell begins.
  package func start(_ title: String, seed: Int) {
    working.append((title, SeedProgress(seed: seed)))
    draw(force: true)
  }

  /// Takes in an event of a cell.
  package func receive(_ event: TrainingEvent, of title: String, seconds: Double) {
    guard let index = working.firstIndex(where: { $0.title == title }) else { return }
    working[index].progress.receive(event, seconds: seconds)
    draw(force: false)
  }

  /// A cell has ended.
  ///
  /// - Parameters:
  ///   - failure: why it has no result; `nil` where it has one.
  ///   - table: the lines of the table so far.
  package func end(_ title: String, seconds: Double?, failure: String?, table: [String]) {
    working.removeAll { $0.title == title }
    self.table = table
    if failure == nil { done += 1 } else { failed += 1 }
    let outcome = failure.map { "failed: \($0)" } ?? "done" + (seconds.map { " in \(SeedProgress.clock($0))" } ?? "")
    let left = isTerminal || timeLeft.isEmpty || done + failed == total ? "" : "; \(timeLeft)"
    say("[\(done + failed)/\(total)] \(title): \(outcome)\(left)")
  }

  /// A cell ends without a word, since all are stopped.
  package func drop(_ title: String) {
    working.removeAll { $0.title == title }
    draw(force: true)
  }

  /// Writes a line of its own above the progress.
  package func say(_ text: String) {
    clear()
    write(text + "\n")
    draw(force: true)
  }

  /// Takes the redrawn lines away.
  package func clear() {
    guard openLines > 0 else { return }
    write("\r" + (openLines > 1 ? "\u{1b}[\(openLines - 1)A" : "") + "\u{1b}[J")
    openLines = 0
  }

  private func draw(force: Bool) {
    guard isTerminal else { return }
    let now = ContinuousClock.now
    if !force, let last = lastDrawn, last.duration(to: now) < .milliseconds(200) { return }
    lastDrawn = now
    clear()
    guard !working.isEmpty else { return }
    var block = working.map { "\($0.title) · " + $0.progress.line(isShort: columns < 90).dropped(upTo: " · ") }
    block.append(summary)
    // The last line has no end, so that the terminal does not scroll for it.
    block = table.prefix(max(0, lines - 2 - block.count)) + block
    let shown = block.map { String($0.prefix(columns - 1)) }
    write(shown.joined(separator: "\n"))
    openLines = shown.count
  }

  /// Cells done, failed and left.
  private var summary: String {
    var parts = ["\(phase): \(done) of \(total) cells done"]
    if failed > 0 { parts.append("\(failed) failed") }
    if !timeLeft.isEmpty { parts.append(timeLeft) }
    return parts.joined(separator: " · ")
  }
}

extension String {
  /// The text behind the first separator, or all of it.
  fileprivate func dropped(upTo separator: String) -> String {
    range(of: separator).map { String(self[$0.upperBound...]) } ?? self
  }
}
