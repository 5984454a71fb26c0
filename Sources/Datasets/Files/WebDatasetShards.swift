import Diagnostics
import Foundation

/// Pictures with captions in the tar shards of WebDataset: files of one key, such as `000012.jpg` and `000012.txt`, are a
/// sample.
///
/// The captions are held in memory; pictures stay in the shards and are read one by one.
public struct WebDatasetShards: Sendable {
  /// Where a picture lies.
  public struct Picture: Equatable, Sendable {
    /// The number of its shard.
    public let shard: Int
    /// Where the bytes of the file begin.
    public let offset: UInt64
    /// The number of bytes.
    public let size: Int
  }

  /// The shards, by name.
  public let files: [URL]
  /// The pictures, in the order of the shards.
  public let pictures: [Picture]
  /// The caption of each picture.
  public let captions: [String]
  /// How many samples have a picture and no caption; they are left out.
  public let withoutCaption: Int
  /// How many samples have a caption and no picture; they are left out.
  public let withoutPicture: Int

  private static let pictureEndings: Set<String> = ["jpg", "jpeg", "png", "webp"]

  /// Reads the tables of contents and the captions of all `.tar` files of a folder.
  ///
  /// - Throws: `UserError` where there is no shard, one is damaged, or no sample is complete.
  public init(folder: URL) throws(UserError) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    files = names.filter { $0.hasSuffix(".tar") }.sorted().map { folder.appendingPathComponent($0) }
    guard !files.isEmpty else {
      throw UserError(
        .data, "no .tar file", at: folder.path, mend: "put the shards there, such as those that img2dataset writes")
    }
    var pictures: [Picture] = []
    var captions: [String] = []
    var (withoutCaption, withoutPicture) = (0, 0)
    for (shard, file) in files.enumerated() {
      let tar = try TarFile(file: file)
      var start = 0
      while start < tar.entries.count {
        let key = Self.key(of: tar.entries[start].name)
        var end = start
        var picture: TarFile.Entry?
        var caption: TarFile.Entry?
        while end < tar.entries.count, Self.key(of: tar.entries[end].name) == key {
          let entry = tar.entries[end]
          let ending = Self.ending(of: entry.name)
          if Self.pictureEndings.contains(ending) { picture = picture ?? entry }
          if ending == "txt" { caption = caption ?? entry }
          end += 1
        }
        start = end
        let text = try caption.map { entry throws(UserError) in
          String(decoding: try tar.contents(of: entry), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard let picture, let text, !text.isEmpty else {
          if picture != nil { withoutCaption += 1 } else if caption != nil { withoutPicture += 1 }
          continue
        }
        pictures.append(Picture(shard: shard, offset: picture.offset, size: picture.size))
        captions.append(text)
      }
    }
    guard !pictures.isEmpty else {
      throw UserError(
        .data, "no sample has both a picture and a caption", at: folder.path,
        mend: "a sample is a .jpg and a .txt file of the same name")
    }
    (self.pictures, self.captions) = (pictures, captions)
    (self.withoutCaption, self.withoutPicture) = (withoutCaption, withoutPicture)
  }

  /// The same shards without some samples.
  func leavingOut(_ places: Set<Int>) -> WebDatasetShards {
    let kept = pictures.indices.filter { !places.contains($0) }
    return WebDatasetShards(
      files: files, pictures: kept.map { pictures[$0] }, captions: kept.map { captions[$0] },
      withoutCaption: withoutCaption, withoutPicture: withoutPicture)
  }

  private init(files: [URL], pictures: [Picture], captions: [String], withoutCaption: Int, withoutPicture: Int) {
    (self.files, self.pictures, self.captions) = (files, pictures, captions)
    (self.withoutCaption, self.withoutPicture) = (withoutCaption, withoutPicture)
  }

  /// The bytes of a picture's file.
  ///
  /// - Throws: `UserError` where they cannot be read.
  public func contents(of picture: Picture) throws(UserError) -> [UInt8] {
    try TarFile.bytes(of: files[picture.shard], at: picture.offset, count: picture.size)
  }

  /// Where the bytes of a picture's file are.
  public func place(of picture: Picture) -> PictureFiles.Place {
    .part(of: files[picture.shard], offset: picture.offset, count: picture.size)
  }

  /// The most bytes of shards that are hashed whole; of more it is the captions and the pictures' places that are, since
  /// reading all pictures would take hours.
  private static let mostHashed = 1 << 30

  /// The digest of each shard by its name: of all its bytes where the shards are small, else of its captions and of its
  /// pictures' places.
  ///
  /// - Throws: `UserError` where a shard cannot be read.
  func digests() throws(UserError) -> [String: String] {
    var hashes = [SHA256](repeating: SHA256(), count: files.count)
    var sizes: [Int] = []
    for file in files {
      // A shard may be a link, whose own size is that of a path.
      let path = file.resolvingSymlinksInPath().path
      guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int else {
        throw UserError(.inputOutput, "its size cannot be read", at: file.path)
      }
      sizes.append(size)
    }
    if sizes.reduce(0, +) <= Self.mostHashed {
      for (shard, file) in files.enumerated() {
        let part = 1 << 22
        for start in stride(from: 0, to: sizes[shard], by: part) {
          let bytes = try TarFile.bytes(of: file, at: UInt64(start), count: min(part, sizes[shard] - start))
          bytes.withUnsafeBytes { hashes[shard].update($0) }
        }
      }
    } else {
      for (caption, picture) in zip(captions, pictures) {
        hashes[picture.shard].update("\(picture.offset) \(picture.size) \(caption)")
      }
    }
    return Dictionary(
      uniqueKeysWithValues: zip(files, hashes).map { ($0.lastPathComponent, $1.hexDigest) })
  }

  /// The path up to the first dot of its last part, as WebDataset has it.
  static func key(of name: String) -> Substring {
    let start = name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex
    return name[..<(name[start...].firstIndex(of: ".") ?? name.endIndex)]
  }

  /// What follows that dot, in lower case.
  static func ending(of name: String) -> String { name.dropFirst(key(of: name).count + 1).lowercased() }
}
