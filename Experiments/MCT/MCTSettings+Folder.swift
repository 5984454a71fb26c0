import Datasets
import Diagnostics
import Foundation

extension MCTSettings {
  /// A data set of one's own; what is null here is as its `dataset.yaml` says.
  public struct FolderSettings: Codable, Equatable, Sendable {
    /// The folder with `dataset.yaml`, relative to the current folder; `~` is the home folder.
    public var path = ""
    /// What is done with an observation that lacks a modality; `allowed` serves only tags and further captions.
    public var missing: FolderDataset.Missing?
    /// The side of the pictures in pixels.
    public var imageSize: Int?
    /// Selects the split, where it is drawn.
    public var splitSeed: UInt64?

    /// The defaults.
    public init() {}

    /// Loads some modalities of the folder.
    func load(modalities: [String], cacheFolder: URL) throws(UserError) -> MultimodalDataset {
      guard !path.isEmpty else {
        throw UserError(
          .data, "names no folder", at: "data.folder.path",
          mend: "add data.folder.path=FOLDER, a folder with dataset.yaml")
      }
      var options = FolderDataset.Options()
      options.modalities = modalities
      options.missing = missing
      options.imageSize = imageSize
      options.splitSeed = splitSeed
      let folder = URL(fileURLWithPath: (path as NSString).expandingTildeInPath, isDirectory: true)
      return try FolderDataset.load(folder: folder, options: options, cache: DatasetCache(folder: cacheFolder))
    }
  }
}
