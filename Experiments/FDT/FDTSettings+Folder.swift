import Datasets
import Diagnostics
import Foundation

extension FDTSettings {
  /// A data set of one's own; what is null here is as its `dataset.yaml` says.
  public struct FolderSettings: Codable, Equatable, Sendable {
    /// The folder with `dataset.yaml`, relative to the current folder; `~` is the home folder.
    public var path = ""
    /// The modalities to read: pictures, captions, maybe tags; nil reads all.
    public var modalities: [String]?
    /// The side of the pictures in pixels.
    public var imageSize: Int?
    /// Selects the split, where it is drawn.
    public var splitSeed: UInt64?

    /// The defaults.
    public init() {}

    private var options: FolderDataset.Options {
      var options = FolderDataset.Options()
      options.modalities = modalities
      // A pair needs both of its sides.
      options.missing = .omitted
      options.imageSize = imageSize
      options.splitSeed = splitSeed
      return options
    }

    /// Checks that the values make sense.
    func validate() throws(UserError) { try options.validate() }

    /// Loads the folder.
    func load(cacheFolder: URL) throws(UserError) -> MultimodalDataset {
      guard !path.isEmpty else {
        throw UserError(
          .data, "names no folder", at: "data.folder.path",
          mend: "add data.folder.path=FOLDER, a folder with dataset.yaml")
      }
      let folder = URL(fileURLWithPath: (path as NSString).expandingTildeInPath, isDirectory: true)
      do {
        return try FolderDataset.load(folder: folder, options: options, cache: DatasetCache(folder: cacheFolder))
      } catch {
        // The data set names its own options, the recipe's keys are longer.
        let keys = ["modalities", "imageSize"]
        throw UserError(
          error.kind, error.what, at: error.place.map { keys.contains($0) ? "data.folder.\($0)" : $0 },
          mend: error.mend)
      }
    }
  }
}
