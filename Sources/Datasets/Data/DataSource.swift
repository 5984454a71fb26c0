import Diagnostics
import Foundation
import Options

/// Where a data set comes from, with its options: the section of its name below `data`.
///
/// A new source is a file with such a type and a line in ``DataSources``.
public protocol DataSource: OptionSection {
  /// What it has, in a few words, for the catalogue.
  static var summary: String { get }

  /// Whether its split is drawn, so that ``DataRequest/fold`` can be the test side.
  static var hasFolds: Bool { get }

  /// The folds that its split is divided into where `data.folds` says nothing; 1 for sides of its own.
  var usualFolds: Int { get }

  /// Whether a share of the test side is asked for that is not the usual one, which folds leave no room for.
  var asksForTestShare: Bool { get }

  /// What has to be installed or fetched before it can be loaded, in a few words; nil where all is there, or where a user
  /// names the files.
  ///
  /// - Parameter dataRoot: the folder of downloaded data that the user named.
  func absence(dataRoot: URL?) -> String?

  /// Loads the data set.
  ///
  /// - Throws: `UserError` where files are missing or damaged; for an option its place is the option's key.
  func load(_ request: DataRequest) throws(UserError) -> MultimodalDataset

  /// What the data set is now; its checksum is that of the loaded data set.
  ///
  /// - Throws: `UserError` where files are missing or damaged.
  func identity(_ request: DataRequest) throws(UserError) -> DataIdentity
}

extension DataSource {
  /// It is not said.
  public static var summary: String { "" }
  /// A user names the files.
  public func absence(dataRoot: URL?) -> String? { nil }
  /// Its sides are its own.
  public static var hasFolds: Bool { false }
  /// None.
  public var usualFolds: Int { 1 }
  /// Folds are only where they are asked for, and then they come first.
  public var asksForTestShare: Bool { false }

  /// Loads the data set to know.
  public func identity(_ request: DataRequest) throws(UserError) -> DataIdentity {
    let dataset = try load(request)
    return DataIdentity(name: dataset.name, checksum: dataset.checksum)
  }
}

/// A source whose sides are drawn by families: a share is tested, or a fold.
public protocol DrawnSource: DataSource {
  /// The folds that families are divided into, each the test side of one seed; 1 for a test side by its share.
  var folds: Int { get }

  /// The share of the test side, where there is one fold.
  var testFraction: Double { get }
}

extension DrawnSource {
  /// Families are drawn.
  public static var hasFolds: Bool { true }
  /// Its own.
  public var usualFolds: Int { folds }
  /// Where it is not the default.
  public var asksForTestShare: Bool { testFraction != Self().testFraction }
}

/// A source of files that a publisher offers and a user has put under a data root.
public protocol PublishedFiles: DataSource {
  /// The folder of downloaded data; nil for the one that the request names.
  var dataRoot: String? { get set }

  /// Reads the files.
  ///
  /// - Throws: `UserError` where files are missing or damaged; for an option its place is the option's key.
  func dataset() throws(UserError) -> MultimodalDataset
}

extension PublishedFiles {
  /// Where the files are not.
  func absent(_ folder: String, _ files: [String], dataRoot root: URL?) -> String? {
    let base = DataRoot.url(named: dataRoot ?? root?.path)
    let url = folder.isEmpty ? base : base.appendingPathComponent(folder)
    let isThere = files.contains { FileManager.default.fileExists(atPath: url.appendingPathComponent($0).path) }
    return isThere ? nil : "\(folder) under the data root: concord help data"
  }

  /// The source with its own data root, or the request's where it has none.
  func under(_ request: DataRequest) -> Self {
    var source = self
    source.dataRoot = dataRoot ?? request.dataRoot?.path
    return source
  }

  /// Reads the files from its own data root or the request's.
  public func load(_ request: DataRequest) throws(UserError) -> MultimodalDataset { try under(request).dataset() }
}

/// What an experiment asks of a source.
public struct DataRequest: Sendable {
  /// The modalities that are wanted; nil for all that there are.
  public var modalities: [String]?
  /// The modality of tags that is wanted beside them, where there is one.
  public var tags: String?
  /// The modality of a number to predict that is wanted beside them; nil for none.
  public var target: String?
  /// The folder of downloaded data that the user named.
  public var dataRoot: URL?
  /// The folder for data built once; nil for the standard one.
  public var cacheFolder: URL?
  /// Whether an observation that lacks one of the modalities is of no use, unless the source is told otherwise.
  public var wantsCompleteObservations: Bool
  /// The seed of the run, at least 0, which chooses the fold where the options name none.
  public var seed: Int
  /// What is tested in a cross-validation; nil for the source's own sides. Only sources with ``DataSource/hasFolds`` are
  /// asked for one.
  public var fold: DataFold?

  /// Creates a request.
  public init(
    modalities: [String]? = nil, tags: String? = nil, dataRoot: URL? = nil, cacheFolder: URL? = nil,
    wantsCompleteObservations: Bool = false, seed: Int = 0, fold: DataFold? = nil
  ) {
    self.modalities = modalities
    self.tags = tags
    self.dataRoot = dataRoot
    self.cacheFolder = cacheFolder
    self.wantsCompleteObservations = wantsCompleteObservations
    self.seed = seed
    self.fold = fold
  }
}

/// The sources that there are.
public enum DataSources: OptionCatalogue {
  /// Their options.
  public static let all: [any OptionSection.Type] = [
    EmojiDataset.Options.self, StampSource.self, ClipartSource.self, DigitsDataset.Options.self,
    CIFARDataset.Options.self, NLVRDataset.Options.self, NLVRScenes.self, SentimentDataset.self, COCODataset.self,
    Flickr30kDataset.self,
    FolderSource.self, ShardSource.self, PendulumSource.self, MHDDataset.self,
  ]
}
