import Foundation
import Testing

/// What is said of each kind of bad input: the command, the exit code, and the one line on standard error.
///
/// `HERE` stands for a folder of bad input, see `BadInputFolder`.
@Suite struct BadInputTests {
  static let snapshot = #"""
    """#

  /// A row of the snapshot.
  struct Row: CustomTestStringConvertible, Sendable {
    let command: String
    let exitCode: Int32
    let message: String

    var testDescription: String { command }
  }

  /// The rows: a line that begins with `$`, and under it the exit code and the message.
  static let rows: [Row] = {
    let lines = snapshot.split(separator: "\n").map(String.init)
    return stride(from: 0, to: lines.count - 1, by: 2).map { index in
      let answer = lines[index + 1].split(separator: " ", maxSplits: 1)
      return Row(
        command: String(lines[index].dropFirst(2)), exitCode: Int32(answer[0]) ?? -1, message: String(answer[1]))
    }
  }()

  @Test(arguments: rows) func isToldOnOneLine(row: Row) throws {
    let folder = try BadInputFolder()
    let words = row.command.split(separator: " ").dropFirst().map { String($0).replacing("HERE", with: folder.path) }
    let outcome = try Program.run(
      words, environment: ["CONCORD_DATA": "\(folder.path)/data", "CONCORD_CACHE": folder.path])
    let errors = outcome.errors.replacing(folder.path, with: "HERE")
    #expect(errors == row.message + "\n")
    #expect(outcome.exitCode == row.exitCode)
    #expect(outcome.output.isEmpty)
  }

  @Test func thereAreAtLeastTwentyKinds() {
    #expect(Self.rows.count >= 20)
    #expect(Set(Self.rows.map(\.message)).count == Self.rows.count)
  }
}
