import Diagnostics
import Foundation

/// What a short process prints, without its errors.
package enum ProcessOutput {
  /// Waits for a process; nil where it cannot be started or fails.
  ///
  /// - Parameter environment: the whole environment; nil for ``ChildEnvironment/own``.
  package static func data(_ program: URL, _ arguments: [String], environment: [String: String]? = nil) -> Data? {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = environment ?? ChildEnvironment.own
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? data : nil
  }
}
