import Diagnostics
import Foundation
import Interchange
import Runs

/// Embeddings by one model, by the SHA-256 digest of what was embedded; a file in the cache folder, losing which costs only
/// time.
///
/// The file `embeddings-<key>.safetensors` has the arrays `digests`, `[items, 32]`, and `vectors`, `[items, dimension]`; its
/// metadata the whole key and a checksum of both. One that is damaged, or another model's, counts as none.
public final class EmbeddingCache {
  /// The file; `nil` for a cache in memory.
  public let file: URL?
  private let key: String
  private var vectors: [String: [Float]] = [:]
  private var isChanged = false

  /// Opens the cache of a model.
  ///
  /// - Parameters:
  ///   - folder: the cache folder; it is made when something is written. `nil` keeps everything in memory.
  ///   - key: 64 hexadecimal digits that stand for the model and its settings.
  public init(folder: URL?, key: String) {
    self.key = key
    file = folder?.appendingPathComponent("embeddings-\(key.prefix(16)).safetensors")
    vectors = file.flatMap { Self.read($0, key: key) } ?? [:]
  }

  /// How many embeddings there are.
  public var count: Int { vectors.count }

  /// The embedding of something by its digest of 64 hexadecimal digits.
  public subscript(digest: String) -> [Float]? {
    get { vectors[digest] }
    set {
      vectors[digest] = newValue
      isChanged = true
    }
  }

  /// Writes the file where anything has changed.
  ///
  /// - Returns: a note where it cannot be written, which is no error.
  public func save() -> String? {
    guard let file, isChanged, let width = vectors.values.first?.count else { return nil }
    let digests = vectors.keys.filter { vectors[$0]?.count == width }.sorted()
    let bytes = digests.flatMap(Self.bytes)
    let values = digests.flatMap { vectors[$0] ?? [] }
    let content = SafetensorsFile(
      arrays: [
        "digests": NumericArray(shape: [digests.count, 32], values: .uint8(bytes)),
        "vectors": NumericArray(values, shape: [digests.count, width]),
      ], metadata: ["key": key, "checksum": Self.checksum(bytes, values)])
    do {
      try RunFolder.createFolder(file.deletingLastPathComponent())
      try content.write(to: file)
      isChanged = false
      return nil
    } catch {
      return "embeddings are computed anew each time, since the cache cannot be written: \(error)"
    }
  }

  private static func read(_ file: URL, key: String) -> [String: [Float]]? {
    guard let content = try? SafetensorsFile(readingFrom: file), content.metadata["key"] == key,
      let digests = content.arrays["digests"], let vectors = content.arrays["vectors"],
      case .uint8(let bytes) = digests.values, let values = vectors.floats, digests.shape.count == 2,
      vectors.shape.count == 2, digests.shape[1] == 32, digests.shape[0] == vectors.shape[0],
      content.metadata["checksum"] == checksum(bytes, values)
    else { return nil }
    let width = vectors.shape[1]
    var result: [String: [Float]] = [:]
    for item in 0..<digests.shape[0] {
      let digest = bytes[item * 32..<(item + 1) * 32].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      result[digest] = Array(values[item * width..<(item + 1) * width])
    }
    return result
  }

  private static func bytes(of digest: String) -> [UInt8] {
    let digits = digest.compactMap { $0.hexDigitValue.map { UInt8($0) } }
    precondition(digits.count == 64, "EmbeddingCache: a digest has 64 digits, not \(digest)")
    return (0..<32).map { digits[2 * $0] << 4 | digits[2 * $0 + 1] }
  }

  private static func checksum(_ bytes: [UInt8], _ values: [Float]) -> String {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    values.withUnsafeBytes { hash.update($0) }
    return hash.hexDigest
  }
}
