import Diagnostics
import Foundation
import Options

/// Pictures with captions in WebDataset's tar shards: the captions are held in memory, pictures stay in the shards and are
/// decoded ahead of the step that needs them, see ``PictureFiles``.
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

  /// What is done with a picture that cannot be read.
  public var broken = Broken.refused

  /// What is done with a picture that cannot be read.
  public enum Broken: String, Codable, CaseIterable, Sendable {
    /// It is an error when it is needed.
    case refused
    /// All pictures are tried before the training, and its sample is left out and counted; which ones are good is kept in
    /// the cache.
    case omitted
  }

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      OptionRequirement("folder", !folder.isEmpty, "must name a folder"),
      .count("imageSize", imageSize, atLeast: 8, atMost: 1024),
      .count("captionLength", captionLength, atLeast: 3, atMost: 1024),
      SubwordTokeniser.requirement(vocabularySize: vocabularySize),
      .count("minimumPieceCount", minimumPieceCount),
      .count("validationCount", validationCount, atLeast: 2, atMost: 10_000_000),
      .count("testCount", testCount, atLeast: 2, atMost: 10_000_000),
    ]
  }

  /// The folder of the shards, where it is not a user's own.
  public func absence(dataRoot: URL?) -> String? {
    guard folder == ShardSource().folder else { return nil }
    let url = (dataRoot ?? DataRoot.url(named: nil)).appendingPathComponent(folder)
    return FileManager.default.fileExists(atPath: url.path)
      ? nil : "\(folder) under the data root: concord help data"
  }

  /// Reads the captions of all shards and holds the last pictures out.
  ///
  /// - Throws: `UserError` where there is no shard, one is damaged, or there are too few pictures.
  public func load(_ request: DataRequest) throws(UserError) -> MultimodalDataset {
    let all = try WebDatasetShards(folder: shardFolder(request))
    let digests = try all.digests()
    var omissions: [DatasetProvenance.Omission] = []
    func leftOut(_ count: Int, _ reason: String) {
      if count > 0 { omissions.append(.init(reason: reason, count: count)) }
    }
    leftOut(all.withoutCaption, "without a caption")
    leftOut(all.withoutPicture, "without a picture")
    let form = PictureForm(ImageResize(side: imageSize))
    var (shards, notes) = (all, [String]())
    if broken == .omitted {
      let trial = PictureTrial(all, digests: digests, form: form, cache: DatasetCache(folder: request.cacheFolder))
      shards = all.leavingOut(Set(trial.bad))
      notes += trial.note.map { [$0] } ?? []
      leftOut(
        trial.bad.count, "whose picture cannot be read" + (trial.first.map { ", the first: \($0)" } ?? ""))
    }
    let count = shards.pictures.count - validationCount - testCount
    guard count > 1 else {
      throw UserError(
        .data, "\(shards.pictures.count) pictures, of which \(validationCount + testCount) are held out",
        at: shardFolder(request).path,
        mend: "give data.shards.validationCount and data.shards.testCount smaller numbers")
    }
    let tokeniser = SubwordTokeniser(
      texts: shards.captions[..<count], vocabularySize: vocabularySize, minimumCount: minimumPieceCount)
    func split(_ name: String, _ range: Range<Int>) -> MultimodalSplit {
      let pictures = PictureFiles(
        shards.pictures[range].map(shards.place(of:)), form: form,
        mend: broken == .refused ? "mend it, or set data.shards.broken=omitted" : nil)
      let (texts, rows) = (Array(shards.captions[range]), (0..<Int32(range.count)).map { $0 })
      return MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(modality: Modality(name: Self.image, kind: pictures.kind), stream: pictures, rows: rows),
          ModalityColumn(
            modality: Modality(
              name: Self.caption, kind: .tokens(length: captionLength, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(tokeniser.encode(texts, length: captionLength)), rows: rows),
        ], labels: [:], texts: [Self.caption: texts], families: texts)
    }
    let validation = count..<count + validationCount
    return MultimodalDataset(
      name: folder, train: split("train", 0..<count), validation: split("validation", validation),
      test: split("test", validation.upperBound..<shards.pictures.count), classNames: [:],
      checksum: checksum(of: digests), tokenisers: [Self.caption: tokeniser],
      provenance: DatasetProvenance(omissions: omissions, notes: notes), pictureForms: [Self.image: form])
  }

  /// Reads the tables of contents and the captions, and decodes nothing.
  public func identity(_ request: DataRequest) throws(UserError) -> DataIdentity {
    let (url, digests) = (shardFolder(request), try WebDatasetShards(folder: shardFolder(request)).digests())
    return DataIdentity(
      name: folder, checksum: checksum(of: digests), folder: url.standardizedFileURL.path, parts: digests)
  }

  private func shardFolder(_ request: DataRequest) -> URL {
    let root = DataRoot.url(named: request.dataRoot?.path)
    return folder.hasPrefix("/") ? URL(fileURLWithPath: folder) : root.appendingPathComponent(folder, isDirectory: true)
  }

  private func checksum(of digests: [String: String]) -> String {
    var hash = SHA256()
    for (name, digest) in digests.sorted(by: { $0.key < $1.key }) { hash.update("\(name) \(digest)") }
    return hash.hexDigest
  }

  private static let image = "image"
  private static let caption = "caption"
}
