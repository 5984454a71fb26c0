import Diagnostics
import Foundation

/// The files below a folder.
enum FileTree {
  /// The paths of all files below a folder, relative to it, in the order of their bytes; links to files are files, links to
  /// folders are not followed.
  ///
  /// - Throws: `UserError` where there is no such folder, or more than `most` files.
  static func paths(in folder: URL, most: Int = 1_000_000, mend: String) throws(UserError) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue,
      let files = FileManager.default.enumerator(atPath: folder.path)
    else { throw UserError(.data, "there is no such folder", at: folder.path, mend: mend) }
    var paths: [String] = []
    while let path = files.nextObject() as? String {
      guard paths.count < most else {
        throw UserError(.data, "more than \(most) files", at: folder.path, mend: "name a folder with fewer")
      }
      if files.fileAttributes?[.type] as? FileAttributeType != .typeDirectory { paths.append(path) }
    }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
