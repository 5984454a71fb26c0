import Diagnostics
import Foundation
import Kernels

/// The SHA-256 digests of many files, computed on all threads.
struct FileDigests {
  /// The digest of each file that can be read, else empty.
  private(set) var digests: [String]
  /// Why a file cannot be read.
  private(set) var faults: [UserError?]

  /// The largest file that is read.
  static let largestFile = 1 << 28

  /// Reads and hashes files.
  init(_ files: [URL]) {
    digests = [String](repeating: "", count: files.count)
    faults = [UserError?](repeating: nil, count: files.count)
    digests.withUnsafeMutableBufferPointer { digests in
      faults.withUnsafeMutableBufferPointer { faults in
        Parallel.run(count: files.count) { part in
          for index in part {
            do throws(UserError) {
              var hash = SHA256()
              try FolderTable.contents(of: files[index], limit: Self.largestFile).withUnsafeBytes { hash.update($0) }
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
