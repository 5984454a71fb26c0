import Diagnostics
import Foundation
import Recipes
import Training

/// What computes fingerprints of recipes under the present program.
public protocol FingerprintSource: Sendable {
  /// The fingerprint of a recipe; nil where its experiment has none, or it cannot be trained.
  func fingerprint(of recipe: Recipe, threads: Int, dataRoot: String?) -> Fingerprint?

  /// The names of a recipe's scores; nil where that cannot be known.
  func scoreNames(of recipe: Recipe, threads: Int, dataRoot: String?) -> [ScoreName]?
}

extension FingerprintSource {
  /// They are not known.
  public func scoreNames(of recipe: Recipe, threads: Int, dataRoot: String?) -> [ScoreName]? { nil }
}

/// What a score is called.
public struct ScoreName: Codable, Hashable, Sendable {
  /// What measured it.
  public let evaluator: String
  /// What was measured.
  public let subject: String
  /// The name of the metric.
  public let metric: String

  /// Names a score.
  public init(evaluator: String, subject: String, metric: String) {
    (self.evaluator, self.subject, self.metric) = (evaluator, subject, metric)
  }

  /// The name of a score.
  public init(_ score: Score) {
    self.init(evaluator: score.evaluator, subject: score.subject, metric: score.metric)
  }

  /// The name in one line, such as `retrieval | image → caption-en | R@1`.
  public var text: String { "\(evaluator) | \(subject) | \(metric)" }
}

/// Computes fingerprints in processes of their own, which have the threads that a seed's process has.
public struct FingerprintProcess: FingerprintSource {
  private let program: URL

  /// Takes the program whose command `fingerprint` does it.
  public init(program: URL) { self.program = program }

  /// Writes the recipe into a temporary folder and reads what the process prints.
  public func fingerprint(of recipe: Recipe, threads: Int, dataRoot: String?) -> Fingerprint? {
    output(of: recipe, [], threads: threads, dataRoot: dataRoot)
  }

  /// The same for the names of scores.
  public func scoreNames(of recipe: Recipe, threads: Int, dataRoot: String?) -> [ScoreName]? {
    output(of: recipe, ["--scores"], threads: threads, dataRoot: dataRoot)
  }

  private func output<Found: Decodable>(
    of recipe: Recipe, _ options: [String], threads: Int, dataRoot: String?
  ) -> Found? {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    guard (try? RunFolder.createFolder(folder)) != nil else { return nil }
    let file = RunFolder(folder).recipe
    guard (try? AtomicFile.write(recipe.yamlWithOrigins, to: file)) != nil else { return nil }
    let arguments =
      ["fingerprint", file.path, "--threads", "\(threads)"] + options + (dataRoot.map { ["--data-root", $0] } ?? [])
    var environment = ProcessInfo.processInfo.environment
    environment["OMP_NUM_THREADS"] = "\(threads)"
    environment["OPENBLAS_NUM_THREADS"] = nil
    return ProcessOutput.data(program, arguments, environment: environment)
      .flatMap { try? JSONDecoder().decode(Found.self, from: $0) }
  }
}
