import Diagnostics
import Foundation
import Kernels
import Options

/// Pictures with captions in WebDataset's tar shards: the captions are held in memory, pictures are read and decoded when
/// a batch needs them.
///
/// | modality | kind |
/// | --- | --- |
/// | `image` | `imageSize` × `imageSize` × 3 in 0…1 |
/// | `caption` | tokens, see ``SubwordTokeniser`` |
public struct ShardSource: DataSource {
  /// `shards`
  public static var key: String { "shards" }
  /// In a few words.
  public static var summary: String { "pictures with captions in WebDataset's tar shards, such as CC3M" }

  /// The folder of the shards under the data root, or its full path.
  public var folder = "cc3m"
  /// The side of the pictures in pixels.
  public var imageSize = 224
  /// The number of tokens of a caption, begin and end included.
  public var captionLength = 77
  /// The greatest number of different tokens.
  public var vocabularySize = 32_768
  /// How often a piece of a word must occur in the training captions to be a token.
  public var minimumPieceCount = 5
  /// The pictures held out for validation, the last but those for test.
  public var validationCount = 1_000
  /// The pictures held out for test, the last of all.
  public var testCount = 5_000

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      OptionRequirement("folder", !folder.isEmpty, "must name a folder"),
      .count("imageSize", imageSize, atLeast: 8, atMost: 1024),
      .count("captionLength", captionLength, atLeast: 3, atMost: 1024),
      .count(
        "vocabularySize", vocabularySize, atLeast: SubwordTokeniser.vocabularySizes.lowerBound,
        atMost: SubwordTokeniser.vocabularySizes.upperBound),
      .count("minimumPieceCount", minimumPieceCount),
      .count("validationCount", validationCount, atLeast: 2, atMost: 100_000),
      .count("testCount", testCount, atLeast: 2, atMost: 100_000),
    ]
  }

  /// The folder of the shards, where it is not a user's own.
  public func absence(dataRoot: URL?) -> String? {
    guard folder == ShardSource().folder else { return nil }
    let url = (dataRoot ?? DigitsFiles.root(named: nil)).appendingPathComponent(folder)
    return FileManager.default.fileExists(atPath: url.path)
      ? nil : "\(folder) under the data root: concord help data"
  }

  /// Reads the captions of all shards and holds the last pictures out.
  ///
  /// - Throws: `UserError` where there is no shard, one is damaged, or there are too few pictures.
  public func load(_ request: DataRequest) throws(UserError) -> MultimodalDataset {
    let root = request.dataRoot ?? URL(fileURLWithPath: "data")
    let url =
      folder.hasPrefix("/")
      ? URL(fileURLWithPath: folder) : root.appendingPathComponent(folder, isDirectory: true)
    let shards = try WebDatasetShards(folder: url)
    let count = shards.pictures.count - validationCount - testCount
    guard count > 1 else {
      throw UserError(
        .data, "\(shards.pictures.count) pictures, of which \(validationCount + testCount) are held out", at: url.path,
        mend: "give data.shards.validationCount and data.shards.testCount smaller numbers")
    }
    let stream = ShardStream(
      shards: shards, resize: ImageResize(side: imageSize),
      tokeniser: SubwordTokeniser(
        texts: shards.captions[..<count], vocabularySize: vocabularySize, minimumCount: minimumPieceCount),
      length: captionLength, count: count)
    let validation = count..<count + validationCount
    return MultimodalDataset(
      name: folder, train: try stream.split("train", 0..<0), validation: try stream.split("validation", validation),
      test: try stream.split("test", validation.upperBound..<shards.pictures.count), classNames: [:],
      checksum: stream.checksum, tokenisers: [ShardStream.caption: stream.tokeniser],
      pictureForms: [ShardStream.image: PictureForm(stream.resize)], stream: stream)
  }
}

/// The training pictures and captions of some shards.
private struct ShardStream: ObservationStream {
  static let image = "image"
  static let caption = "caption"
  private static let channels = 3

  let shards: WebDatasetShards
  let resize: ImageResize
  let tokeniser: SubwordTokeniser
  let length: Int
  let count: Int

  func items(of modality: String, at indices: [Int]) throws(UserError) -> ModalityItems {
    guard modality == Self.image else {
      return .tokens(tokeniser.encode(indices.lazy.map { shards.captions[$0] }, length: length))
    }
    return .numbers(try pixels(indices))
  }

  func texts(of modality: String) -> [String] { modality == Self.caption ? Array(shards.captions[..<count]) : [] }

  func itemNumbers(of modality: String, at indices: [Int]) -> [Int]? { modality == Self.image ? indices : nil }

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
  func split(_ name: String, _ range: Range<Int>) throws(UserError) -> MultimodalSplit {
    let rows = range.indices.map { Int32($0 - range.lowerBound) }
    let kinds: [(String, ModalityKind)] = [
      (Self.image, .image(height: resize.side, width: resize.side, channels: Self.channels)),
      (Self.caption, .tokens(length: length, vocabulary: tokeniser.vocabularyCount)),
    ]
    var columns: [ModalityColumn] = []
    for (modality, kind) in kinds {
      columns.append(
        ModalityColumn(
          modality: Modality(name: modality, kind: kind), items: try items(of: modality, at: Array(range)), rows: rows))
    }
    return MultimodalSplit(
      name: name, columns: columns, labels: [:], texts: [Self.caption: Array(shards.captions[range])],
      families: Array(shards.captions[range]))
  }

  /// The digest of the captions and of the pictures' places; reading all pictures would take hours.
  var checksum: String {
    var hash = SHA256()
    for (caption, picture) in zip(shards.captions, shards.pictures) {
      hash.update("\(picture.shard) \(picture.offset) \(picture.size) \(caption)\n")
    }
    return hash.hexDigest
  }
}
