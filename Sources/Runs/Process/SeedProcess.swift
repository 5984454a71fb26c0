import Diagnostics
import Foundation

/// The child process of one seed: its events come on standard output, its error on standard error.
package final class SeedProcess {
  package let seed: Int
  private let isTeam: Bool
  private let process = Process()
  private let output = Pipe()
  private let errors = Pipe()
  /// Nothing is written here: the pipe closes when this process ends, however it ends, and the seed's ends then.
  private let lifeline = Pipe()
  private var outputText = Data()
  private var errorText = Data()
  private var isOutputOpen = true
  private var isErrorOpen = true

  /// Starts a program for a seed.
  ///
  /// - Parameter isTeam: whether it is a ``TeamKeeper``, whose end is the end of several processes.
  /// - Throws: where it cannot be started.
  init(
    seed: Int, program: URL, arguments: [String], environment: [String: String], isTeam: Bool = false
  ) throws(UserError) {
    self.seed = seed
    self.isTeam = isTeam
    process.executableURL = program
    process.arguments = arguments
    process.environment = environment
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = lifeline
    do {
      try process.run()
    } catch {
      throw UserError(.inputOutput, "the process of seed \(seed) cannot be started: \(error)", at: program.path)
    }
  }

  /// The descriptors that are still open, to wait on.
  package var descriptors: [Int32] {
    (isOutputOpen ? [output.fileHandleForReading.fileDescriptor] : [])
      + (isErrorOpen ? [errors.fileHandleForReading.fileDescriptor] : [])
  }

  /// Whether the process has closed both of its streams.
  package var isDone: Bool { !isOutputOpen && !isErrorOpen }

  /// Reads what is there from a descriptor that is ready, and gives the whole lines of standard output.
  package func read(from descriptor: Int32) -> [String] {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = buffer.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR || errno == EAGAIN { return [] }
    let isOutput = isOutputOpen && descriptor == output.fileHandleForReading.fileDescriptor
    guard count > 0 else {
      if isOutput { isOutputOpen = false } else { isErrorOpen = false }
      return []
    }
    guard isOutput else {
      errorText.append(contentsOf: buffer[..<count])
      // A library that chatters must not fill the memory; the end is what tells.
      if errorText.count > 1 << 20 { errorText.removeFirst(errorText.count - 1 << 19) }
      return []
    }
    outputText.append(contentsOf: buffer[..<count])
    guard let end = outputText.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    let whole = String(decoding: outputText[...end], as: UTF8.self)
    outputText = Data(outputText[(end + 1)...])
    return whole.split(separator: "\n").map(String.init)
  }

  /// Asks the process to stop at the next step.
  package func askToStop() { if process.isRunning { kill(process.processIdentifier, SIGTERM) } }

  /// Ends the process at once.
  package func end() {
    if process.isRunning { kill(process.processIdentifier, isTeam ? TeamKeeper.ending : SIGKILL) }
  }

  /// Waits for the end; why it was no good one, if it was not.
  package var failure: RunFailure? {
    let (exitCode, message) = outcome()
    guard exitCode != 0 else { return nil }
    // The seed's program names itself at the beginning of its line, as this one will.
    let said = message.map { $0.hasPrefix("concord: ") ? String($0.dropFirst(9)) : $0 }
    return RunFailure(exitCode: exitCode, "seed \(seed): \(said ?? "failed")")
  }

  /// The line that says why a process ended; what `mpirun` says may come before or behind what a rank has said.
  private static func lastLine(of text: String, isTeam: Bool) -> String? {
    let lines = text.split(separator: "\n").map(String.init)
    guard isTeam else { return lines.last }
    let own = lines.filter { $0.hasPrefix("concord: ") && $0.count > 9 }
    return own.last ?? lines.first { $0.contains(where: \.isLetter) }
  }

  /// Waits for the end; gives the exit code (70 where a signal ended it) and a line that says why, if not 0.
  func outcome() -> (exitCode: Int32, message: String?) {
    process.waitUntilExit()
    if isTeam, process.terminationReason == .uncaughtSignal {
      TeamKeeper.removeLeftovers(of: process.processIdentifier)
    }
    let last = Self.lastLine(of: String(decoding: errorText, as: UTF8.self), isTeam: isTeam)
    if process.terminationReason == .uncaughtSignal {
      let reason = "the process was ended by signal \(process.terminationStatus)"
      return (70, last.map { "\(reason): \($0)" } ?? reason)
    }
    let code = process.terminationStatus
    return (code, code == 0 ? nil : last ?? "the process ended with exit code \(code)")
  }
}
