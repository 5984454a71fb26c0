import Diagnostics
import Foundation
import Interchange

/// Pictures in rows with words, by which an experiment shows examples: a file of pictures and one of words.
///
/// `examples-<name>.npz` in the seed's folder holds the float32 array `pictures`, `[rows, columns, height, width,
/// channels]` in 0…1 with 1 or 3 channels; `examples-<name>.json` what is said of them.
public struct PictureGridFile: NamedSeedFile, Equatable {
  /// One row.
  public struct Row: Codable, Equatable, Sendable {
    /// What stands before it.
    public var name: String
    /// What stands under each picture; a row may have fewer pictures than there are columns.
    public var captions: [String]
    /// The pictures that are framed, each with the frame's meaning, an index into `kinds`; nil for none.
    public var frames: [Int: Int]?
    /// The places of captions that stand alone, without a picture; nil for none.
    public var wordsOnly: [Int]?

    /// Creates a row.
    public init(name: String, captions: [String], frames: [Int: Int]? = nil, wordsOnly: [Int]? = nil) {
      self.name = name
      self.captions = captions
      self.frames = frames
      self.wordsOnly = wordsOnly
    }
  }

  /// What the pictures show, in a few words.
  public var title: String
  /// How to read them, one to three sentences.
  public var caption: String
  /// The rows.
  public var rows: [Row]
  /// What stands over each column of the longest row; nil for nothing.
  public var columnNames: [String]?
  /// What each kind of frame means; nil where nothing is framed.
  public var kinds: [String]?
  /// Whether the pictures may be passed on; nil where they may.
  public var mayBePublished: Bool?

  /// `examples-`
  public static let prefix = "examples-"
  /// Pictures.
  public static let contents = "pictures"
  /// As a person reads it.
  public static let formatting: JSONEncoder.OutputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  private static let array = "pictures"

  /// Describes pictures.
  ///
  /// - Parameter mayBePublished: whether reports that leave the run's folder may show the pictures.
  public init(
    title: String, caption: String, rows: [Row], columnNames: [String]? = nil, kinds: [String]? = nil,
    mayBePublished: Bool = true
  ) {
    self.title = title
    self.caption = caption
    self.rows = rows
    self.columnNames = columnNames
    self.kinds = kinds
    self.mayBePublished = mayBePublished ? nil : false
  }

  /// Whether names of columns and frames are those of columns and kinds that there are.
  public var isSensible: Bool {
    let longest = rows.map(\.captions.count).max() ?? 0
    return columnNames.map { $0.count == longest } ?? true
      && rows.allSatisfy { row in
        (row.frames ?? [:]).allSatisfy {
          row.captions.indices.contains($0.key) && (kinds ?? []).indices.contains($0.value)
        }
      }
  }

  /// Writes both files.
  ///
  /// - Parameter shape: that of the pictures, as above; what stands in the place of words alone is not shown.
  public func write(pictures: [Float], shape: [Int], name: String, to folder: URL) throws {
    precondition(
      shape.count == 5 && shape[0] == rows.count && [1, 3].contains(shape[4])
        && rows.allSatisfy { $0.captions.count <= shape[1] } && isSensible,
      "PictureGridFile: pictures of shape \(shape) for \(rows.count) rows")
    try NumpyArchive(arrays: [Self.array: NumericArray(pictures, shape: shape)])
      .write(to: folder.appending(path: "\(Self.prefix)\(name).npz"))
    try write(name: name, to: folder)
  }

  /// Reads both files.
  ///
  /// - Throws: where one is missing or they do not fit.
  package static func read(
    name: String, in folder: URL
  ) throws(UserError) -> (file: PictureGridFile, pictures: [Float], shape: [Int]) {
    let words = folder.appending(path: "\(prefix)\(name).json")
    guard let data = try? Data(contentsOf: words), let file = try? JSONDecoder().decode(Self.self, from: data) else {
      throw UserError(.data, "is no description of pictures", at: words.path)
    }
    let url = folder.appending(path: "\(prefix)\(name).npz")
    guard let array = try NumpyArchive(readingFrom: url).arrays[Self.array], let pictures = array.floats,
      array.shape.count == 5, array.shape[0] == file.rows.count, [1, 3].contains(array.shape[4]),
      array.shape.allSatisfy({ $0 > 0 }), file.isSensible,
      file.rows.allSatisfy({ $0.captions.count <= array.shape[1] })
    else {
      throw UserError(.data, "does not hold the pictures that \(words.lastPathComponent) describes", at: url.path)
    }
    return (file, pictures, array.shape)
  }
}
