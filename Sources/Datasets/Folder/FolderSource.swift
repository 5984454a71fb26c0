import Diagnostics
import Foundation
import Options

/// Where a data set of one's own is, and what a recipe says otherwise than its `dataset.yaml`: the section
/// `data.folder`; what is null here is as the file says.
public struct FolderSource: Codable, Equatable, Sendable {
  /// The folder with `dataset.yaml`, relative to the current folder; `~` is the home folder.
  public var path = ""
  /// What is done with an observation that lacks one of the modalities.
  public var missing: FolderDataset.Missing?
  /// The side of the pictures in pixels.
  public var imageSize: Int?
  /// Selects the split, where it is drawn.
  public var splitSeed: UInt64?
  /// Whether pictures stay in their files and are decoded ahead of each step; null: where their pixels would take more
  /// than a quarter of the machine's memory. The numbers are the same.
  public var streams: Bool?

  /// The defaults.
  public init() {}

  private func options(
    modalities: [String]?, tags: String?, target: String? = nil, fold: DataFold? = nil
  ) -> FolderDataset.Options {
    var options = FolderDataset.Options()
    options.modalities = modalities
    options.optionalModalities = [tags, target].compactMap { $0 }
    options.missing = missing
    options.imageSize = imageSize
    options.splitSeed = splitSeed
    options.fold = fold
    options.streams = streams
    return options
  }

  /// Checks that the values make sense.
  public func validate() throws(UserError) { try options(modalities: nil, tags: nil).validate() }

  /// Loads some modalities of the folder, or all, and tags where it has them.
  ///
  /// - Throws: an error whose place is the recipe's key, or a file of the folder.
  public func load(
    modalities: [String]?, tags: String? = nil, target: String? = nil, cacheFolder: URL?, fold: DataFold? = nil
  ) throws(UserError) -> MultimodalDataset {
    try read { (folder) throws(UserError) in
      try FolderDataset.load(
        folder: folder, options: options(modalities: modalities, tags: tags, target: target, fold: fold),
        cache: DatasetCache(folder: cacheFolder))
    }
  }

  /// Reads something of the folder, with errors whose places are the recipe's keys.
  private func read<Value>(_ read: (URL) throws(UserError) -> Value) throws(UserError) -> Value {
    guard !path.isEmpty else {
      throw UserError(
        .data, "names no folder", at: "data.folder.path",
        mend: "add data.folder.path=FOLDER, a folder with dataset.yaml")
    }
    let folder = URL(fileURLWithPath: (path as NSString).expandingTildeInPath, isDirectory: true)
    do {
      return try read(folder)
    } catch {
      // The data set names its own options, the recipe's keys are longer.
      let keys = [
        "modalities": "data.modalities", "imageSize": "data.folder.imageSize", "streams": "data.folder.streams",
        "fold": "data.folds",
      ]
      throw UserError(error.kind, error.what, at: error.place.map { keys[$0] ?? $0 }, mend: error.mend)
    }
  }
}

extension FolderSource: DataSource {
  /// `folder`
  public static var key: String { "folder" }
  /// In a few words.
  public static var summary: String { "a folder of your own with a table and dataset.yaml" }

  /// Families are drawn, unless a column says the sides.
  public static var hasFolds: Bool { true }

  /// Reads the folder's table and files.
  public func load(_ request: DataRequest) throws(UserError) -> MultimodalDataset {
    var source = self
    if request.wantsCompleteObservations { source.missing = missing ?? .omitted }
    return try source.load(
      modalities: request.modalities, tags: request.tags, target: request.target, cacheFolder: request.cacheFolder,
      fold: request.fold)
  }

  /// Reads the description and the table, and hashes the files without decoding them.
  public func identity(_ request: DataRequest) throws(UserError) -> DataIdentity {
    try read { (folder) throws(UserError) in
      try FolderDataset.identity(
        folder: folder,
        options: options(modalities: request.modalities, tags: request.tags, target: request.target))
    }
  }
}
