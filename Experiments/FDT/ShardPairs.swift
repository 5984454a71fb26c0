import Autograd
import Datasets
import Diagnostics
import Encoders
import Foundation
import Kernels
import Objectives

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
struct ShardPairs: TrainingPairs {
  private let shards: WebDatasetShards
  private let resize: ImageResize
  private let vocabulary: CaptionVocabulary
  private let augmentation: ImageAugmentation?
  let count: Int

  private static let captionName = "caption"
  private static let channels = 3

  /// Reads the captions of all shards and holds the last pictures out.
  ///
  /// - Throws: `UserError` where there is no shard, one is damaged, or there are too few pictures.
  static func load(_ settings: FDTSettings, dataRoot: URL?) throws(UserError) -> FDTData {
    let options = settings.data.shards
    let root = dataRoot ?? URL(fileURLWithPath: "data")
    let folder =
      options.folder.hasPrefix("/")
      ? URL(fileURLWithPath: options.folder) : root.appendingPathComponent(options.folder, isDirectory: true)
    let shards = try WebDatasetShards(folder: folder)
    let count = shards.pictures.count - options.validationCount - options.testCount
    guard count > 1 else {
      throw UserError(
        .data,
        "\(shards.pictures.count) pictures, of which \(options.validationCount + options.testCount) are held out",
        at: folder.path, mend: "give data.shards.validationCount and data.shards.testCount smaller numbers")
    }
    let tokeniser = WordTokeniser(texts: shards.captions[..<count], minimumCount: options.minimumWordCount)
    let image = ModalityKind.image(height: options.imageSize, width: options.imageSize, channels: channels)
    let vocabulary = CaptionVocabulary([(captionName, options.captionLength, tokeniser)])
    let pairs = ShardPairs(
      shards: shards, resize: ImageResize(side: options.imageSize), vocabulary: vocabulary,
      augmentation: FDTData.augmentation(settings.augmentation, of: image), count: count)
    let validation = count..<count + options.validationCount
    return FDTData(
      name: options.folder, checksum: checksum(of: shards), imageName: "image", image: image,
      form: PictureForm(pairs.resize), vocabulary: vocabulary,
      training: pairs, train: nil, validation: try pairs.split("validation", validation, image),
      test: try pairs.split("test", validation.upperBound..<shards.pictures.count, image), classNames: [:],
      tagNames: [:])
  }

  func batch(
    _ indices: [Int], using stream: inout RandomStream
  ) throws -> (images: Tensor, texts: [ImageTextEncoder.Texts]) {
    var pixels = try pixels(indices)
    if let augmentation {
      pixels = augmentation.views(of: pixels, rows: indices.indices.map(Int32.init), stream: &stream)
    }
    return (
      Tensor(pixels, shape: [indices.count, resize.side, resize.side, Self.channels]),
      vocabulary.captions.map { caption in vocabulary.texts(indices.map { shards.captions[$0] }, of: caption) }
    )
  }

  /// The pictures in 0…1, decoded on all threads.
  private func pixels(_ indices: [Int]) throws(UserError) -> [Float] {
    let size = resize.elementCount
    var failures = [UserError?](repeating: nil, count: indices.count)
    let pixels = [Float](unsafeUninitializedCapacity: indices.count * size) { target, filled in
      target.initialize(repeating: 0)
      failures.withUnsafeMutableBufferPointer { failures in
        nonisolated(unsafe) let (target, failures) = (target, failures)
        Parallel.run(count: indices.count) { range in
          for place in range {
            do throws(UserError) {
              let bytes = try picture(indices[place])
              for i in 0..<size { target[place * size + i] = Float(bytes[i]) / 255 }
            } catch {
              failures[place] = error
            }
          }
        }
      }
      filled = indices.count * size
    }
    if let failure = failures.lazy.compactMap({ $0 }).first { throw failure }
    return pixels
  }

  private func picture(_ index: Int) throws(UserError) -> [UInt8] {
    let picture = shards.pictures[index]
    let place = "\(shards.files[picture.shard].path), byte \(picture.offset)"
    return resize(try ImageFile(try shards.contents(of: picture), place: place, atLeast: resize.side))
  }

  /// Some pairs in memory.
  private func split(_ name: String, _ range: Range<Int>, _ image: ModalityKind) throws(UserError) -> MultimodalSplit {
    let caption = vocabulary.captions[0]
    let rows = range.indices.map { Int32($0 - range.lowerBound) }
    return MultimodalSplit(
      name: name,
      columns: [
        ModalityColumn(
          modality: Modality(name: "image", kind: image), items: .numbers(try pixels(Array(range))), rows: rows),
        ModalityColumn(
          modality: Modality(
            name: caption.name, kind: .tokens(length: caption.length, vocabulary: caption.tokeniser.vocabulary.count)),
          items: .tokens(range.flatMap { caption.tokeniser.encode(shards.captions[$0], length: caption.length) }),
          rows: rows),
      ], labels: [:], texts: [caption.name: Array(shards.captions[range])])
  }

  /// The digest of the captions and of the pictures' places; reading all pictures would take hours.
  private static func checksum(of shards: WebDatasetShards) -> String {
    var hash = SHA256()
    for (caption, picture) in zip(shards.captions, shards.pictures) {
      hash.update("\(picture.shard) \(picture.offset) \(picture.size) \(caption)\n")
    }
    return hash.hexDigest
  }
}
