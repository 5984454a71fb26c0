import Alignment
import Autograd
import Datasets
import Diagnostics
import Foundation
import Kernels

/// How pictures in shards are read.
public struct ShardOptions: Codable, Equatable, Sendable {
  /// The folder of the shards under the data root, or its full path.
  public var folder = "cc3m"
  /// The side of the pictures in pixels.
  public var imageSize = 224
  /// The number of tokens of a caption, begin and end included.
  public var captionLength = 77
  /// How often a word must occur in the training captions to be a token.
  public var minimumWordCount = 5
  /// The pictures held out for validation, the last but those for test.
  public var validationCount = 1_000
  /// The pictures held out for test, the last of all.
  public var testCount = 5_000

  /// The defaults.
  public init() {}

  /// Checks that the numbers make sense.
  ///
  /// - Throws: an error whose place is the option.
  func validate() throws(UserError) {
    func require(_ holds: Bool, _ key: String, _ what: String) throws(UserError) {
      if !holds { throw UserError(.data, what, at: key) }
    }
    try require(!folder.isEmpty, "folder", "must name a folder")
    try require((8...1024).contains(imageSize), "imageSize", "must be 8 to 1024")
    try require((3...1024).contains(captionLength), "captionLength", "must be 3 to 1024")
    try require((1...1_000_000).contains(minimumWordCount), "minimumWordCount", "must be 1 to 1000000")
    try require((2...100_000).contains(validationCount), "validationCount", "must be 2 to 100000")
    try require((2...100_000).contains(testCount), "testCount", "must be 2 to 100000")
  }
}

/// Pairs in WebDataset's shards; pictures are read and decoded when a batch needs them.
struct ShardPairs {
  static func load(_ settings: FDTSettings, dataRoot: URL?) throws(UserError) -> FDTData {
    throw UserError(.data, "shards cannot be read yet", at: "data.set")
  }
}
