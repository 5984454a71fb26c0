import Diagnostics
import Foundation

/// Courses of pendulums, by which an experiment shows them moving: a file of each seed.
///
/// `animation-<name>.json` in the seed's folder holds the angles and what is said of them.
public struct PendulumAnimationFile: Codable, Equatable, Sendable {
  /// One pendulum.
  public struct Rod: Codable, Equatable, Sendable {
    /// What stands under it.
    public var name: String
    /// Its angle at each step, in radians, 0 upright and positive counter-clockwise.
    public var angles: [Double]

    /// Creates a pendulum.
    public init(name: String, angles: [Double]) { (self.name, self.angles) = (name, angles) }
  }

  /// What the animation shows, in a few words.
  public var title: String
  /// How to read it, one to three sentences.
  public var caption: String
  /// The time between two angles.
  public var secondsPerStep: Double
  /// The pendulums, beside each other.
  public var rods: [Rod]

  private static let prefix = "animation-"

  /// Describes an animation.
  public init(title: String, caption: String, secondsPerStep: Double, rods: [Rod]) {
    (self.title, self.caption, self.secondsPerStep, self.rods) = (title, caption, secondsPerStep, rods)
  }

  /// Whether every pendulum has as many finite angles as the others.
  private var isSensible: Bool {
    let count = rods.first?.angles.count ?? 0
    return count > 1 && secondsPerStep > 0
      && rods.allSatisfy { $0.angles.count == count && $0.angles.allSatisfy(\.isFinite) }
  }

  /// Writes the file.
  public func write(name: String, to folder: URL) throws {
    precondition(isSensible, "PendulumAnimationFile: the angles of \(name) are not as many, or not finite")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(try encoder.encode(self), to: Self.url(name, in: folder))
  }

  /// The names of the files in a seed's folder.
  package static func names(in folder: URL) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".json") }.map {
      String($0.dropFirst(prefix.count).dropLast(5))
    }.sorted()
  }

  /// Reads a file.
  ///
  /// - Throws: where it is missing or damaged.
  package static func read(name: String, in folder: URL) throws(UserError) -> PendulumAnimationFile {
    let url = url(name, in: folder)
    guard let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(Self.self, from: data),
      file.isSensible
    else {
      throw UserError(.data, "is no description of pendulums", at: url.path)
    }
    return file
  }

  private static func url(_ name: String, in folder: URL) -> URL { folder.appending(path: "\(prefix)\(name).json") }
}
