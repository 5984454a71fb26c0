import Diagnostics
import Foundation
import Kernels

/// Files of annotations in the folder of a set, with the digest of all that were read.
struct AnnotationFiles {
  let folder: URL
  let publisher: String
  private var digests: [String] = []
  private static let largest = 1 << 31

  init(folder: URL, publisher: String) { (self.folder, self.publisher) = (folder, publisher) }

  /// The path of a file.
  func place(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// The bytes of a file.
  ///
  /// - Parameter mend: what else would help where it is missing.
  /// - Throws: `UserError` where it is missing or cannot be read.
  mutating func read(_ name: String, mend: String? = nil) throws(UserError) -> [UInt8] {
    let file = folder.appendingPathComponent(name)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw UserError(
        .inputOutput, "there is no such file", at: file.path,
        mend: "fetch it from \(publisher) and put it under the data root, which --data-root or CONCORD_DATA names"
          + (mend.map { ", \($0)" } ?? ""))
    }
    let bytes = try DataFile.contents(of: file, limit: Self.largest)
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    digests.append(hash.hexDigest)
    return bytes
  }

  /// The digest of the files and of which pictures are on which side; reading all pictures would take long.
  func checksum(_ sides: [[CaptionedPicture]]) -> String {
    var hash = SHA256()
    for digest in digests { hash.update(digest) }
    for (index, side) in sides.enumerated() {
      for picture in side { hash.update("\(index) \(picture.file)\n") }
    }
    return hash.hexDigest
  }
}
