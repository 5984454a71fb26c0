import CGnuplot
import Diagnostics
import Foundation

/// The gnuplot program, which draws the figures.
public struct Gnuplot: Sendable {
  /// The program's name, looked up in `PATH`, or its path.
  public let program: String

  /// Creates a reference to a program; it is looked for when it is first needed.
  public init(program: String = "gnuplot") {
    self.program = program
  }

  /// The program's version, such as `5.4`.
  ///
  /// - Throws: a `UserError` of kind `inputOutput` where the program is missing or fails.
  public func version() throws(UserError) -> String {
    let text = try run("print GPVAL_VERSION\n", in: FileManager.default.temporaryDirectory, subject: "version")
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The kinds of pictures the program can draw, such as `svg` and `pngcairo`.
  ///
  /// - Throws: as ``version()`` does.
  public func terminals() throws(UserError) -> [String] {
    let text = try run("print GPVAL_TERMINALS\n", in: FileManager.default.temporaryDirectory, subject: "terminals")
    return text.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  /// Runs a script with a working folder and returns what the program said on its error stream.
  ///
  /// - Parameter subject: what is being drawn, for errors.
  /// - Throws: a `UserError` of kind `inputOutput` where the program is missing, dies or reports an error.
  func run(_ script: String, in folder: URL, subject: String) throws(UserError) -> String {
    var handle: OpaquePointer?
    var code = concord_gnuplot_open(program, folder.path, &handle)
    // A program that was written a moment ago is busy as long as a process begun meanwhile still has it open.
    for _ in 0..<100 where code == ETXTBSY {
      usleep(10_000)
      code = concord_gnuplot_open(program, folder.path, &handle)
    }
    guard code == 0, let handle else { throw missing(code) }
    var text = script
    let sent = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { concord_gnuplot_send(handle, $0.baseAddress, $0.count) }
    }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let status = buffer.withUnsafeMutableBytes {
      concord_gnuplot_close(handle, $0.bindMemory(to: CChar.self).baseAddress, $0.count)
    }
    let said = String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    if sent == 0 && status == 0 { return said }
    // Where exec itself is what failed, some systems report it only as exit status 127.
    if status == 127 { throw missing(ENOENT) }
    if said.contains("terminal type") {
      throw UserError(
        .inputOutput, "this gnuplot lacks the svg, pngcairo or pdfcairo terminal", at: program,
        mend: "install the package gnuplot-nox")
    }
    let lines = said.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    let reason = lines.first { $0.hasPrefix("line ") } ?? lines.last ?? "it ended with status \(status)"
    throw UserError(
      .inputOutput, "\(program) could not draw: \(reason)", at: subject,
      mend: "check that it is gnuplot 5.2 or newer, from the package gnuplot-nox")
  }

  private func missing(_ code: Int32) -> UserError {
    if code == ENOENT {
      return UserError(
        .inputOutput, "the program is not installed", at: program,
        mend: "install the package gnuplot-nox, for instance with 'apt install gnuplot-nox'")
    }
    return UserError(
      .inputOutput, "the program cannot be started: \(String(cString: strerror(code)))", at: program,
      mend: "check that it is gnuplot, from the package gnuplot-nox")
  }
}
