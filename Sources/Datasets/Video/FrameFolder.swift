import Diagnostics
import Foundation

/// A folder whose pictures are the frames of a clip, in the order of their names; numbers in names count as numbers, so that
/// `9.png` stands before `10.png`.
enum FrameFolder {
  private static let endings = ["png", "jpg", "jpeg", "webp"]
  private static let signature = Array("concord frames 1\n".utf8)

  /// Whether something is a folder.
  static func isFolder(_ file: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// The names of the frames in a folder, in order.
  ///
  /// - Throws: `UserError` where it cannot be read or has none.
  static func names(in folder: URL) throws(UserError) -> [String] {
    guard let all = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      throw UserError(.inputOutput, "cannot be read", at: folder.relativePath, mend: "see its permissions")
    }
    let pictures = all.filter { name in
      !name.hasPrefix(".") && endings.contains { name.lowercased().hasSuffix(".\($0)") }
    }
    guard !pictures.isEmpty else {
      throw UserError(
        .data, "a folder without a picture", at: folder.relativePath,
        mend: "put the frames there as PNG, JPEG or WebP files")
    }
    return pictures.sorted { first, second in
      let order = first.compare(second, options: .numeric)
      return order == .orderedSame ? first < second : order == .orderedAscending
    }
  }

  /// The files of evenly spaced frames, one after another, with what is needed to take them apart again; without names, so that
  /// clips of equal frames have equal bytes.
  ///
  /// - Throws: `UserError` where one cannot be read.
  static func contents(of folder: URL, frames count: Int, limit: Int) throws(UserError) -> [UInt8] {
    let names = try names(in: folder)
    var bytes = signature + Self.bytes(of: names.count)
    var last: Int?
    for frame in FrameTimes.frames(count, of: [Double](repeating: 1, count: names.count)) where frame != last {
      last = frame
      let file = try FolderTable.contents(of: folder.appendingPathComponent(names[frame]), limit: limit)
      guard bytes.count + file.count <= limit else {
        throw UserError(.data, "frames of more than the \(limit) bytes that are read here", at: folder.relativePath)
      }
      bytes += Self.bytes(of: frame) + Self.bytes(of: file.count) + file
    }
    return bytes
  }

  /// The frames of ``contents(of:frames:limit:)``, and of how many they are; nil for other bytes.
  static func frames(in bytes: [UInt8]) -> (frames: [(number: Int, file: [UInt8])], count: Int)? {
    guard bytes.starts(with: signature) else { return nil }
    var position = signature.count
    func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard count >= 0, count <= bytes.count - position else { return nil }
      defer { position += count }
      return bytes[position..<position + count]
    }
    func number() -> Int? { take(8).map { $0.reduce(0) { $0 << 8 | Int($1) } } }
    guard let count = number(), (1...1 << 24).contains(count) else { return nil }
    var frames: [(number: Int, file: [UInt8])] = []
    while position < bytes.count {
      guard let frame = number(), (0..<count).contains(frame), let file = number().flatMap(take)
      else {
        return nil
      }
      frames.append((frame, Array(file)))
    }
    return (frames, count)
  }

  private static func bytes(of number: Int) -> [UInt8] {
    (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
