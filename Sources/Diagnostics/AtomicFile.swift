import Foundation

/// Writing of whole files such that a reader sees the old content or the new, never a part.
public enum AtomicFile {
  /// Writes data under a temporary name in the same folder, flushes it to the disk and renames it.
  ///
  /// - Throws: a `UserError` of kind `inputOutput` that names the file; the temporary file is removed.
  public static func write(_ data: Data, to url: URL) throws(UserError) {
    let path = url.path
    let folder = url.deletingLastPathComponent().path
    let stamp = String(UInt64.random(in: .min ... .max), radix: 16)
    let temporary = "\(folder)/.\(stamp)\(suffix)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(errno, path: path) }
    var code = data.withUnsafeBytes { writeAll($0, to: descriptor) }
    if code == 0, fsync(descriptor) != 0 { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    if code == 0, rename(temporary, path) != 0 { code = errno }
    if code != 0 {
      unlink(temporary)
      throw failure(code, path: path)
    }
    synchronize(folder: folder)
  }

  /// Writes text as UTF-8, as `write(_:to:)` writes data.
  public static func write(_ text: String, to url: URL) throws(UserError) {
    try write(Data(text.utf8), to: url)
  }

  /// Removes what writers that were killed have left in a folder; nobody may be writing there.
  public static func removeLeftovers(in folder: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where isTemporary(name) { unlink(folder.appendingPathComponent(name).path) }
  }

  /// Makes the names in a folder durable; some file systems cannot, and the files are already safe, so a fault is
  /// ignored.
  public static func synchronize(folder: URL) { synchronize(folder: folder.path) }

  private static let suffix = ".concord-part"

  private static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(suffix) && UInt64(name.dropFirst().dropLast(suffix.count), radix: 16) != nil
  }

  /// Writes every byte, however many calls that takes; returns 0 or the error's number.
  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress!, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = rest.dropFirst(written)
    }
    return 0
  }

  private static func synchronize(folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func failure(_ code: Int32, path: String) -> UserError {
    let mend =
      switch code {
      case ENOENT, ENOTDIR: "make its folder first"
      case EACCES, EPERM, EROFS: "choose a folder you may write to"
      case ENOSPC, EDQUOT: "free some space"
      case EFBIG: "raise the limit on the size of files, see `ulimit -f`"
      case EISDIR: "choose a name that no folder has"
      default: "check the file system"
      }
    return UserError(.inputOutput, "cannot write: \(String(cString: strerror(code)))", at: path, mend: mend)
  }
}
