import ArgumentParser
import Diagnostics
import Foundation
import Runs

/// The command line.
@main struct Concord: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "concord",
    abstract: "Reproduces experiments of multimodal contrastive learning.",
    discussion: """
      A first run:  concord run gmc/emoji --profile quick

      Topics, printed by concord help TOPIC: \(HelpTopic.all.map(\.name).joined(separator: ", ")).

      Exit codes: 0 good, 1 a result outside its tolerance, 64 wrong usage, 65 bad data or recipe, 74 input or output, 75 not yet, \
      130 stopped by Ctrl-C.
      """,
    version: Version.concord,
    subcommands: subcommands)

  /// Parses and runs a command; an error is one line on standard error and the exit code of its kind.
  static func main() {
    ThreadWaiting.shorten()
    signal(SIGPIPE, SIG_IGN)
    // Writing beyond the limit on the size of files is an error like a full disk, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as UserError {
      end("\(error)", code: error.kind.rawValue)
    } catch let error as RunFailure {
      end("\(error)", code: error.exitCode)
    } catch let error where isParsers(error) {
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      // The parser's own text spreads usage over several lines; its last one names the help of the command.
      let help = fullMessage(for: error).split(separator: "'").first { $0.hasSuffix("--help") } ?? "concord --help"
      let said = message(for: error)
      end("\(said.hasSuffix(".") ? String(said.dropLast()) : said); see `\(help)`", code: UserError.Kind.usage.rawValue)
    } catch {
      end("\(error)", code: 70)
    }
  }

  /// Whether an error is the argument parser's: help, version, wrong usage.
  private static func isParsers(_ error: any Error) -> Bool {
    if error is ExitCode || error is CleanExit || error is ValidationError { return true }
    return String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
  }

  /// Ends the process with one line on standard error.
  private static func end(_ line: String, code: Int32) -> Never {
    StandardStream.error.write("concord: \(line.onOneLine(limit: 4_000))\n")
    Foundation.exit(code)
  }
}

/// Writes to standard output.
func say(_ text: String, terminator: String = "\n") {
  StandardStream.output.write(text + terminator)
}
