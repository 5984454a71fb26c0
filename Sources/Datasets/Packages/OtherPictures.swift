import Diagnostics
import Foundation

/// A folder of pictures of the same things by another hand, each named as the observation that it shows.
///
/// A name is compared in upper case and, as emoji are written with and without them, without the code points U+FE0F (as a
/// picture) and U+200D (a joiner): `1F469-200D-1F680` finds `1f469-1f680.png`.
public struct OtherPictures: Sendable {
  /// The folder.
  public let folder: URL
  private let files: [String: String]

  /// Lists the PNG and JPEG files of a folder and its subfolders.
  ///
  /// - Throws: `UserError` where there is no such folder.
  public init(folder: URL) throws(UserError) {
    self.folder = folder
    let package = DebianPackage.gemojione
    let paths = try FileTree.paths(
      in: folder, mend: "name another folder, or none for the Debian package \(package.name) (\(package.command))")
    let endings = [".png", ".jpg", ".jpeg"]
    files = Dictionary(
      paths.compactMap { path in
        endings.first { path.lowercased().hasSuffix($0) }.map { (Self.key(String(path.dropLast($0.count))), path) }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The emoji of EmojiOne.
  ///
  /// - Throws: `UserError` that names the package where it is not installed.
  public static func gemojione() throws(UserError) -> OtherPictures {
    guard let folder = DebianPackage.gemojione.location else {
      throw UserError(
        .data, "there are no emoji by another artist",
        mend: "install the Debian package \(DebianPackage.gemojione.name): \(DebianPackage.gemojione.command)")
    }
    return try OtherPictures(folder: folder)
  }

  /// The picture of an observation by its identifier; nil where there is none.
  public func file(of identifier: String) -> URL? {
    files[Self.key(identifier)].map { folder.appendingPathComponent($0) }
  }

  private static func key(_ name: String) -> String {
    name.uppercased().split(separator: "-").filter { $0 != "FE0F" && $0 != "200D" }.joined(separator: "-")
  }
}
