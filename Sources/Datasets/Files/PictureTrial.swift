import Diagnostics
import Foundation
import Kernels

/// Which pictures of some shards can be decoded, tried once and kept in the cache.
struct PictureTrial {
  /// The samples whose picture cannot be.
  let bad: [Int]
  /// What is wrong with the first.
  private(set) var first: UserError?
  /// A note where the cache cannot be written.
  private(set) var note: String?

  /// Tries all pictures, on all threads, unless the cache knows.
  ///
  /// - Parameter digests: what the shards hold, by their names.
  init(_ shards: WebDatasetShards, digests: [String: String], form: PictureForm, cache: DatasetCache) {
    let pictures = PictureFiles(shards.pictures.map(shards.place(of:)), form: form)
    var key = SHA256()
    key.update("tried 1 \(form)")
    for (file, digest) in digests.sorted(by: { $0.key < $1.key }) { key.update("\(file) \(digest)") }
    // Of shards that are too large to be hashed whole the times tell whether one was written anew.
    for file in shards.files {
      let attributes = try? FileManager.default.attributesOfItem(atPath: file.resolvingSymlinksInPath().path)
      key.update("\((attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0)")
    }
    let known = cache.read(name: "shards", key: key.hexDigest).map { [UInt8]($0) }.flatMap {
      $0.count == pictures.count ? $0 : nil
    }
    // What was bad is tried again: a library may be there now.
    let doubtful = known.map { known in known.indices.filter { known[$0] == 0 } } ?? Array(0..<pictures.count)
    var isGood = [UInt8](repeating: 1, count: pictures.count)
    isGood.withUnsafeMutableBufferPointer { isGood in
      nonisolated(unsafe) let isGood = isGood
      Parallel.run(count: doubtful.count) { part in
        for index in doubtful[part] where Self.fault(of: index, in: pictures) != nil { isGood[index] = 0 }
      }
    }
    bad = isGood.indices.filter { isGood[$0] == 0 }
    if known != isGood { note = cache.write(Data(isGood), name: "shards", key: key.hexDigest) }
    if let index = bad.first { first = Self.fault(of: index, in: pictures) }
  }

  private static func fault(of index: Int, in pictures: PictureFiles) -> UserError? {
    do throws(UserError) {
      try pictures.check(index)
      return nil
    } catch {
      return error
    }
  }
}
