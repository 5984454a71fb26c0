import Diagnostics
import Foundation

/// The pictures in a folder and those below it, by the endings `.png`, `.jpg` and `.jpeg`.
public struct PictureFolder: Sendable {
  /// The files, in the order of their paths.
  public let files: [URL]
  /// The paths of the files from the folder.
  public let names: [String]

  private static let endings: Set<String> = ["png", "jpg", "jpeg", "webp"]

  /// Lists a folder; hidden files, and folders behind links, are left out.
  ///
  /// - Throws: `UserError` where there is no such folder, or no picture in it.
  public init(_ path: String) throws(UserError) {
    let folder = URL(fileURLWithPath: path, isDirectory: true)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw UserError(
        .inputOutput, "there is no such folder", at: path, mend: "name a folder of PNG, JPEG or WebP files")
    }
    var names: [String] = []
    var waiting = [""]
    while let parent = waiting.popLast() {
      let inside = folder.appendingPathComponent(parent, isDirectory: true)
      for name in (try? FileManager.default.contentsOfDirectory(atPath: inside.path)) ?? [] where !name.hasPrefix(".") {
        let relative = parent.isEmpty ? name : "\(parent)/\(name)"
        let attributes = try? FileManager.default.attributesOfItem(atPath: inside.appendingPathComponent(name).path)
        if attributes?[.type] as? FileAttributeType == .typeDirectory {
          waiting.append(relative)
        } else if Self.endings.contains(URL(fileURLWithPath: name).pathExtension.lowercased()) {
          names.append(relative)
        }
      }
    }
    guard !names.isEmpty else {
      throw UserError(.data, "no .png, .jpg or .jpeg file is in the folder", at: path)
    }
    self.names = names.sorted()
    files = self.names.map { folder.appendingPathComponent($0) }
  }
}
