import Foundation

/// Files whose digests were found right, each as it was then: a digest is taken once for as long as a file stays the same.
package final class KnownFiles: @unchecked Sendable {
  /// What changes where a file is written anew.
  package struct Version: Equatable {
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int

    /// The file as it is now; nil where there is none.
    package init?(of url: URL) {
      var status = stat()
      guard stat(url.path, &status) == 0 else { return nil }
      inode = UInt64(status.st_ino)
      size = Int64(status.st_size)
      (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
  }

  /// Guards the versions.
  private let lock = NSLock()
  private var versions: [URL: Version] = [:]

  /// Knows none.
  package init() {}

  /// Whether a file was found right in this version.
  package func contains(_ url: URL, _ version: Version?) -> Bool {
    guard let version else { return false }
    return lock.withLock { versions[url] == version }
  }

  /// Remembers that a file was found right.
  package func insert(_ url: URL, _ version: Version?) { lock.withLock { versions[url] = version } }
}
