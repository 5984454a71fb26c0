import Diagnostics
import Foundation
import Kernels

/// What many files were decoded to: numbers of the same shape for each, kept in the cache.
struct FileFeatures<Element: BitwiseCopyable & Sendable & AdditiveArithmetic>: Sendable {
  /// What one file gives.
  struct Decoded {
    /// The numbers.
    let values: [Element]
    /// Two measures of the source, such as width and height.
    let size: SIMD2<Int32>
  }

  /// A decoder of a file's bytes; the text is its place for errors.
  typealias Decoder = ([UInt8], String) throws(UserError) -> Decoded

  /// The numbers, `[files, elements]`; zeros for a file that cannot be read, none where they are not kept.
  private(set) var values: [Element]
  /// Two measures of each source.
  private(set) var sizes: [SIMD2<Int32>]
  /// Why a file cannot be read.
  private(set) var faults: [UserError?]
  /// The SHA-256 digest of each file that could be read at all, else empty.
  let digests: [String]
  /// A note where the cache cannot be written.
  private(set) var note: String?

  /// Reads and hashes the files, and decodes them, in parallel, unless the cache has them.
  ///
  /// - Parameters:
  ///   - name: the name of the cache's entry.
  ///   - settings: everything that the result depends on besides the files.
  ///   - elementCount: how many numbers a file gives.
  ///   - isKept: whether the numbers are; else the files are only tried.
  ///   - read: reads a file's bytes.
  init(
    _ files: [URL], name: String, settings: String, elementCount: Int, isKept: Bool = true, cache: DatasetCache,
    read: FileReader = FileDigests.wholeFile, decode: Decoder
  ) {
    let kept = isKept ? elementCount : 0
    let hashed = FileDigests(files, read: read)
    digests = hashed.digests
    faults = hashed.faults
    values = []
    sizes = [SIMD2<Int32>](repeating: .zero, count: files.count)
    var key = SHA256()
    key.update("files 1 \(isKept ? "" : "tried ")\(settings)")
    for digest in digests { key.update(digest) }
    var waiting = files.indices.filter { faults[$0] == nil }
    var isCached = false
    if let data = cache.read(name: name, key: key.hexDigest), let known = restore(data, elementCount: kept) {
      isCached = true
      // The entry knows which files cannot be decoded, but not why.
      waiting = waiting.filter { !known[$0] }
    } else {
      values = [Element](repeating: .zero, count: files.count * kept)
    }
    self.decode(files, waiting, elementCount: elementCount, isKept: isKept, read, decode)
    if !isCached, !waiting.isEmpty { note = cache.write(stored, name: name, key: key.hexDigest) }
  }

  private mutating func decode(
    _ files: [URL], _ waiting: [Int], elementCount: Int, isKept: Bool, _ read: FileReader, _ decode: Decoder
  ) {
    let digests = digests
    values.withUnsafeMutableBufferPointer { values in
      sizes.withUnsafeMutableBufferPointer { sizes in
        faults.withUnsafeMutableBufferPointer { faults in
          Parallel.run(count: waiting.count) { part in
            for index in part.lazy.map({ waiting[$0] }) {
              do throws(UserError) {
                let bytes = try read(files[index])
                guard SHA256.hexDigest(of: bytes) == digests[index] else {
                  throw UserError(
                    .inputOutput, "changed while it was read", at: files[index].relativePath, mend: "start again")
                }
                let decoded = try decode(bytes, files[index].relativePath)
                precondition(
                  decoded.values.count == elementCount,
                  "FileFeatures: \(decoded.values.count) numbers instead of \(elementCount)")
                if isKept {
                  for (offset, value) in decoded.values.enumerated() { values[index * elementCount + offset] = value }
                }
                sizes[index] = decoded.size
              } catch {
                faults[index] = error
              }
            }
          }
        }
      }
    }
  }

  /// A byte for each file (1 where it is good), its size, and all values.
  private var stored: Data {
    var data = Data(faults.map { $0 == nil ? 1 : 0 })
    sizes.withUnsafeBytes { data.append(contentsOf: $0) }
    values.withUnsafeBytes { data.append(contentsOf: $0) }
    return data
  }

  /// Takes sizes and values from a cache's entry; tells which files are good, or nil where the entry does not fit.
  private mutating func restore(_ data: Data, elementCount: Int) -> [Bool]? {
    let count = faults.count
    let (sizeBytes, valueBytes) = (
      count * MemoryLayout<SIMD2<Int32>>.stride, count * elementCount * MemoryLayout<Element>.stride
    )
    guard data.count == count + sizeBytes + valueBytes else { return nil }
    return data.withUnsafeBytes { bytes in
      sizes.withUnsafeMutableBytes {
        $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[count..<count + sizeBytes]))
      }
      values = [Element](unsafeUninitializedCapacity: count * elementCount) { target, initialized in
        UnsafeMutableRawBufferPointer(target).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[(count + sizeBytes)...]))
        initialized = count * elementCount
      }
      return (0..<count).map { bytes[$0] == 1 }
    }
  }
}
