import Foundation

/// The built program, run as a user would.
enum Program {
  /// What a run of the program gave.
  struct Outcome {
    let exitCode: Int32
    let output: String
    let errors: String
  }

  /// The program beside the test bundle.
  static var url: URL {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      let program = folder.appendingPathComponent("concord")
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: program.path, isDirectory: &isFolder), !isFolder.boolValue {
        return program
      }
      folder.deleteLastPathComponent()
    }
    return URL(fileURLWithPath: ".build/release/concord")
  }

  static func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - program: another program that starts it, such as a shell.
  ///   - addressSpace: the KiB of memory that it may ask for, used or not; one that asks for more is ended.
  ///   - whileRunning: is given the process once it is started.
  static func run(
    program: URL = url, _ arguments: [String], environment: [String: String] = [:], addressSpace: Int? = nil,
    whileRunning: (Process) -> Void = { _ in }
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    if let addressSpace {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "ulimit -v \(addressSpace); exec \"$0\" \"$@\"", program.path] + arguments
    }
    process.environment = ProcessInfo.processInfo.environment
      .merging(["NO_COLOR": "1", "COLUMNS": "120"]) { $1 }.merging(environment) { $1 }
    let output = Pipe()
    process.standardOutput = output
    // Errors go to a file, so that neither stream can fill up while the other is read.
    let errors = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString).txt")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    whileRunning(process)
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      exitCode: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }
}
