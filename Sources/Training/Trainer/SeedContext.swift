import Diagnostics
import Foundation
import Teams

/// What a run of one seed is given.
public struct SeedContext: Sendable {
  /// The seed's folder, `seed-N` in the run folder. It exists.
  public let folder: URL
  /// Where training events go: progress and `metrics.jsonl`.
  public let events: any EventSink
  /// The folder of downloaded data, where the user named one.
  public let dataRoot: URL?
  /// The folder for data built once, such as rendered pictures.
  public let cacheFolder: URL
  /// The greatest time between two checkpoints of the training, 0 for one after each step; `nil` for no checkpoints.
  public let checkpointSeconds: Double?
  /// The number of threads to compute with.
  public let threads: Int
  /// The processes that train this seed together. Ranks other than 0 leave when the training is over.
  public let team: Team
  /// Where the time goes.
  public let stopwatch = Stopwatch()
  private let stopRequested: @Sendable () -> Bool

  /// Creates a context.
  public init(
    folder: URL, events: any EventSink, dataRoot: URL? = nil, cacheFolder: URL, checkpointSeconds: Double? = nil,
    threads: Int, team: Team = .alone, stopRequested: @escaping @Sendable () -> Bool = { false }
  ) {
    self.folder = folder
    self.events = events
    self.dataRoot = dataRoot
    self.cacheFolder = cacheFolder
    self.checkpointSeconds = checkpointSeconds
    self.threads = threads
    self.team = team
    self.stopRequested = stopRequested
  }

  /// Whether the user has asked to stop. Look in every long piece of work, and throw ``Interruption`` when it is so; a
  /// ``Trainer`` does so before every step, after it has saved the training.
  public var shouldStop: Bool { stopRequested() }

  /// Throws ``Interruption`` where the user has asked to stop.
  public func checkInterruption() throws {
    if shouldStop { throw Interruption() }
  }
}

/// Thrown by an experiment that stopped because it was asked to.
public struct Interruption: Error, Equatable, Sendable {
  /// Creates the error.
  public init() {}
}
