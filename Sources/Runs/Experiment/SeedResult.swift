import Training

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
  /// The share of the wall time in which the process of the seed waited for a processor, as beside other work; `nil` in files
  /// of earlier versions, of a seed that went on, and where the system does not say.
  public var waiting: Double?
  /// Where the wall time went; `nil` in files of earlier versions. Of a seed that went on, what the processes before took
  /// is one part.
  public var timings: Timings?

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

  /// Whether a wall time is a training's own: whether it is known to have waited a tenth of the time at most.
  public static func isOwnTime(waiting: Double?) -> Bool { (waiting ?? 1) <= 0.1 }
}
