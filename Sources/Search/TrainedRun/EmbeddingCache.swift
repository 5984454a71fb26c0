import Diagnostics
import Foundation
import Interchange
import Runs

/// Embeddings by one model, by the SHA-256 digest of what was embedded; a file in the cache folder, losing which costs only
/// time.
///
/// The file `embeddings-<key>.safetensors` has the arrays `digests`, `[items, 32]`, and `vectors`, `[items, dimension]`; its
/// metadata the whole key and a checksum of both. One that is damaged, or another model's, counts as none. In memory they are
/// one block each, beside which there are some fifty bytes an item.
public final class EmbeddingCache {
  /// The file; `nil` for a cache in memory.
  public let file: URL?
  private let key: String
  private var places: [Digest: Int32] = [:]
  /// The digests' bytes, one after another in the order of their places.
  private var digests: [UInt8] = []
  /// The embeddings in the same order.
  private var vectors: [Float] = []
  private var width = 0
  private var isChanged = false

  /// A digest in little memory.
  private typealias Digest = SIMD4<UInt64>

  /// Opens the cache of a model.
  ///
  /// - Parameters:
  ///   - folder: the cache folder; it is made when something is written. `nil` keeps everything in memory.
  ///   - key: 64 hexadecimal digits that stand for the model and its settings.
  public init(folder: URL?, key: String) {
    self.key = key
    file = folder?.appendingPathComponent("embeddings-\(key.prefix(16)).safetensors")
    if let file { read(file) }
  }

  /// How many embeddings there are.
  public var count: Int { places.count }

  /// Whether the embedding of something is known, by its digest of 64 hexadecimal digits.
  public func knows(_ digest: String) -> Bool { places[Self.digest(Self.bytes(of: digest))] != nil }

  /// The embedding of something by its digest of 64 hexadecimal digits.
  public subscript(digest: String) -> ArraySlice<Float>? {
    places[Self.digest(Self.bytes(of: digest))].map { vectors[Int($0) * width..<(Int($0) + 1) * width] }
  }

  /// Makes room for so many more embeddings, so that they need no copy as they come.
  public func reserve(_ more: Int, width: Int) {
    begin(width: width)
    vectors.reserveCapacity(vectors.count + more * width)
    digests.reserveCapacity(digests.count + more * 32)
    places.reserveCapacity(places.count + more)
  }

  /// Keeps an embedding by its digest of 64 hexadecimal digits. One of another width is another model's, so that all others
  /// are forgotten.
  public func keep(_ vector: some Collection<Float>, as digest: String) {
    begin(width: vector.count)
    isChanged = true
    let bytes = Self.bytes(of: digest)
    let own = Self.digest(bytes)
    if let place = places[own] {
      vectors.replaceSubrange(Int(place) * width..<(Int(place) + 1) * width, with: vector)
      return
    }
    places[own] = Int32(places.count)
    digests += bytes
    vectors += vector
  }

  /// Forgets what is of another width.
  private func begin(width: Int) {
    guard width != self.width else { return }
    (places, digests, vectors, self.width) = ([:], [], [], width)
  }

  /// Writes the file where anything has changed.
  ///
  /// - Returns: a note where it cannot be written, which is no error.
  public func save() -> String? {
    guard let file, isChanged, width > 0 else { return nil }
    let content = SafetensorsFile(
      arrays: [
        "digests": NumericArray(shape: [count, 32], values: .uint8(digests)),
        "vectors": NumericArray(vectors, shape: [count, width]),
      ], metadata: ["key": key, "checksum": Self.checksum(digests, vectors)])
    do {
      try RunFolder.createFolder(file.deletingLastPathComponent())
      try content.write(to: file)
      isChanged = false
      return nil
    } catch {
      return "embeddings are computed anew each time, since the cache cannot be written: \(error)"
    }
  }

  private func read(_ file: URL) {
    guard let content = try? SafetensorsFile(readingFrom: file), content.metadata["key"] == key,
      let digests = content.arrays["digests"], let vectors = content.arrays["vectors"],
      case .uint8(let bytes) = digests.values, let values = vectors.floats, digests.shape.count == 2,
      vectors.shape.count == 2, digests.shape[1] == 32, digests.shape[0] == vectors.shape[0],
      content.metadata["checksum"] == Self.checksum(bytes, values)
    else { return }
    var places: [Digest: Int32] = [:]
    places.reserveCapacity(digests.shape[0])
    for item in 0..<digests.shape[0] {
      places[Self.digest(bytes[item * 32..<(item + 1) * 32])] = Int32(item)
    }
    // A file that names something twice is not one of ours.
    guard places.count == digests.shape[0] else { return }
    (self.places, self.digests, self.vectors, width) = (places, bytes, values, vectors.shape[1])
  }

  private static func digest(_ bytes: some Sequence<UInt8>) -> Digest {
    var (digest, index) = (Digest(), 0)
    for byte in bytes {
      digest[index / 8] = digest[index / 8] << 8 | UInt64(byte)
      index += 1
    }
    return digest
  }

  private static func bytes(of digest: String) -> [UInt8] {
    let digits = digest.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue.map { UInt8($0) } }
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
