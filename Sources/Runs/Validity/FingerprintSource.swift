import Diagnostics
import Foundation
import Recipes

/// What computes fingerprints of recipes under the present program.
public protocol FingerprintSource: Sendable {
  /// The fingerprint of a recipe; nil where its experiment has none, or it cannot be trained.
  func fingerprint(of recipe: Recipe, threads: Int, dataRoot: String?) -> Fingerprint?
}

/// Computes fingerprints in processes of their own, which have the threads that a seed's process has.
public struct FingerprintProcess: FingerprintSource {
  private let program: URL

  /// Takes the program whose command `fingerprint` does it.
  public init(program: URL) { self.program = program }

  /// Writes the recipe into a temporary folder and reads what the process prints.
  public func fingerprint(of recipe: Recipe, threads: Int, dataRoot: String?) -> Fingerprint? {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    guard (try? RunFolder.createFolder(folder)) != nil else { return nil }
    let file = RunFolder(folder).recipe
    guard (try? AtomicFile.write(recipe.yamlWithOrigins, to: file)) != nil else { return nil }
    let process = Process()
    process.executableURL = program
    process.arguments =
      ["fingerprint", file.path, "--threads", "\(threads)"] + (dataRoot.map { ["--data-root", $0] } ?? [])
    var environment = ProcessInfo.processInfo.environment
    environment["OMP_NUM_THREADS"] = "\(threads)"
    environment["OPENBLAS_NUM_THREADS"] = nil
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return try? JSONDecoder().decode(Fingerprint.self, from: data)
  }
}
