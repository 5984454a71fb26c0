import Diagnostics
import Foundation

/// A data set of one's own: a folder with `dataset.yaml` and a table whose columns name files or hold values.
///
/// An observation is a row of the table. Its modalities are pictures, recordings, texts, sets of tags, numbers, classes
/// or rows of an array, as `dataset.yaml` says. Vocabularies and the mean and deviation of numbers come from the training
/// side alone.
public enum FolderDataset {
  /// What is done with an observation that lacks one of its modalities.
  public enum Missing: String, Codable, CaseIterable, Sendable {
    /// It is kept without that modality, if it has another one.
    case allowed
    /// It is left out and counted.
    case omitted
    /// It is an error.
    case refused
  }

  /// What a recipe may say about the data set; an absent value leaves what `dataset.yaml` says.
  public struct Options: Codable, Equatable, Sendable {
    /// The modalities to read, in this order; what the others lack does not matter then.
    public var modalities: [String]?
    /// What is done with an observation that lacks one of the modalities.
    public var missing: Missing?
    /// The side of the pictures in pixels.
    public var imageSize: Int?
    /// Selects the split, where it is drawn.
    public var splitSeed: UInt64?

    /// Leaves everything as `dataset.yaml` says.
    public init() {}
  }

  /// Loads the data set of a folder; decoded pictures and sounds are kept in the cache.
  ///
  /// Its labellings are the label columns, maybe none. `MultimodalSplit.identifiers` are the values of the identifier
  /// column, else the row numbers; an observation lacks a modality only where missing ones are allowed.
  ///
  /// - Throws: `UserError` that names the file and the line or row of what is wrong.
  public static func load(
    folder: URL, options: Options = Options(), cache: DatasetCache = DatasetCache()
  ) throws(UserError) -> MultimodalDataset {
    throw UserError(.data, "data sets of one's own cannot be read yet", at: folder.path)
  }
}
