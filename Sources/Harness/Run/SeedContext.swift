import Diagnostics
import Foundation

/// What a run of one seed is given by the harness.
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
  private let stopRequested: @Sendable () -> Bool

  /// Creates a context.
  public init(
    folder: URL, events: any EventSink, dataRoot: URL? = nil, cacheFolder: URL, checkpointSeconds: Double? = nil,
    threads: Int, stopRequested: @escaping @Sendable () -> Bool = { false }
  ) {
    self.folder = folder
    self.events = events
    self.dataRoot = dataRoot
    self.cacheFolder = cacheFolder
    self.checkpointSeconds = checkpointSeconds
    self.threads = threads
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

/// What a run of one seed hands back.
public struct SeedResult: Codable, Equatable, Sendable {
  /// The scores, in the order in which the report shows them.
  public var scores: [Score]
  /// Remarks on the protocol that a reader of the numbers must know, one sentence each.
  public var notes: [String]
  /// The checksum of each dataset used, by the dataset's name.
  public var datasetChecksums: [String: String]
  /// The number of trained parameters.
  public var parameterCount: Int?
  /// The wall time of training and evaluation in seconds.
  public var wallSeconds: Double
  /// The greatest memory that the process of the seed had resident, in bytes; `nil` in files of earlier versions and
  /// where the system does not say. Of a seed that went on it is that of the last process.
  public var peakMemory: Int?

  /// Creates a result.
  public init(
    scores: [Score], notes: [String] = [], datasetChecksums: [String: String] = [:], parameterCount: Int? = nil,
    wallSeconds: Double
  ) {
    self.scores = scores
    self.notes = notes
    self.datasetChecksums = datasetChecksums
    self.parameterCount = parameterCount
    self.wallSeconds = wallSeconds
  }
}
