/// Where a data set comes from, what was left out of it, and what a reader should know.
public struct DatasetProvenance: Codable, Equatable, Sendable {
  /// One published source.
  public struct Source: Codable, Equatable, Sendable {
    /// The name of the source.
    public let name: String
    /// Where the source is published.
    public let publisher: String
    /// The licence of the source.
    public let licence: String

    /// Creates a source.
    public init(name: String, publisher: String, licence: String) {
      self.name = name
      self.publisher = publisher
      self.licence = licence
    }
  }

  /// Observations or items that were not used, with the reason.
  public struct Omission: Codable, Equatable, Sendable {
    /// Why they were left out.
    public let reason: String
    /// The number left out.
    public let count: Int

    /// Creates an omission.
    public init(reason: String, count: Int) {
      self.reason = reason
      self.count = count
    }
  }

  /// The sources.
  public let sources: [Source]
  /// What was left out.
  public let omissions: [Omission]
  /// Other facts, one sentence each.
  public let notes: [String]
  /// Whether pictures may be shown in reports that are passed on; not where their licence would bind what holds them.
  public let picturesMayBePublished: Bool

  /// Creates a provenance.
  public init(
    sources: [Source] = [], omissions: [Omission] = [], notes: [String] = [], picturesMayBePublished: Bool = true
  ) {
    self.sources = sources
    self.omissions = omissions
    self.notes = notes
    self.picturesMayBePublished = picturesMayBePublished
  }
}
