import Foundation

/// Reading of whole files, whose size is looked at before memory is taken.
public enum RegularFile {
  /// The most bytes that are read where a reader names no limit: a quarter of the machine's memory, since what is read
  /// out of them is held beside them.
  public static let standardLimit = Int(clamping: ProcessInfo.processInfo.physicalMemory / 4)

  /// The bytes of a file.
  ///
  /// A pipe or a device is refused: one may never end, and the other never begin.
  ///
  /// - Parameter place: what errors call the file; its path where nothing is given.
  /// - Throws: a `UserError` of kind `inputOutput` where it cannot be read, `data` where it has more than `limit` bytes.
  public static func contents(
    of url: URL, limit: Int = standardLimit, place: String? = nil
  ) throws(UserError) -> Data {
    let path = url.path
    let place = place ?? path
    func failure(_ what: String, mend: String) -> UserError { UserError(.inputOutput, what, at: place, mend: mend) }
    func cannotRead(_ code: Int32) -> UserError {
      switch code {
      case ENOENT, ENOTDIR: failure("there is no such file", mend: "check its name and folder")
      case EACCES, EPERM: failure("cannot be read: \(String(cString: strerror(code)))", mend: "see its permissions")
      default: failure("cannot be read: \(String(cString: strerror(code)))", mend: "check the file system")
      }
    }
    // A path cannot hold a zero byte; the system would look for the file that is named by what stands before it.
    guard !path.utf8.contains(0) else { throw failure("there is no such file", mend: "check its name and folder") }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw cannotRead(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw cannotRead(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw failure("is \(isFolder ? "a folder" : "a pipe or device"), not a file", mend: "name a file")
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw UserError(.data, "has \(size) bytes, more than the \(limit) that are read here", at: place)
    }
    var data = Data(count: size)
    var offset = 0
    while offset < size {
      let count = data.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + offset, size - offset) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw cannotRead(errno) }
      guard count > 0 else { throw failure("became shorter while it was read", mend: "read it again") }
      offset += count
    }
    return data
  }
}
