import Diagnostics
import Foundation
import Kernels

/// Reads the bytes of a file.
typealias FileReader = @Sendable (URL) throws(UserError) -> [UInt8]

/// The SHA-256 digests of many files, computed on all threads.
struct FileDigests {
  /// The digest of each file that can be read, else empty.
  private(set) var digests: [String]
  /// Why a file cannot be read.
  private(set) var faults: [UserError?]

  /// The largest file that is read.
  static let largestFile = 1 << 28

  /// Reads a file as it is.
  static let wholeFile: FileReader = { file throws(UserError) in
    try FolderTable.contents(of: file, limit: largestFile)
  }

  /// Reads and hashes files.
  init(_ files: [URL], read: FileReader = FileDigests.wholeFile) {
    digests = [String](repeating: "", count: files.count)
    faults = [UserError?](repeating: nil, count: files.count)
    digests.withUnsafeMutableBufferPointer { digests in
      faults.withUnsafeMutableBufferPointer { faults in
        Parallel.run(count: files.count) { part in
          for index in part {
            do throws(UserError) {
              var hash = SHA256()
              try read(files[index]).withUnsafeBytes { hash.update($0) }
              digests[index] = hash.hexDigest
            } catch {
              faults[index] = error
            }
          }
        }
      }
    }
  }
}
