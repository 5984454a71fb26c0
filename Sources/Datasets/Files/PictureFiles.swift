import Diagnostics
import Foundation
import Kernels

/// Pictures that stay in their files, encoded as they are, and are decoded when a batch needs them: for sets whose pixels no
/// memory holds.
///
/// A source of data takes bounded memory by one of these as the stream of its column of pictures, while captions, tags and
/// classes are in memory:
///
///     let pictures = PictureFiles(files.map { .file($0) }, form: PictureForm(ImageResize(side: 224)))
///     ModalityColumn(modality: Modality(name: "image", kind: pictures.kind), stream: pictures, rows: rows)
///
/// Items are `[height, width, channels]` in 0…1, with the bits that they have where they are decoded when the set is
/// loaded. Those that ``prepare(_:)`` names are decoded on threads of their own, ahead of the step that asks for them; at
/// most three batches are held, and ahead no more than a bound on memory allows.
public final class PictureFiles: ItemStream {
  /// Where a picture's file is.
  public enum Place: Sendable {
    /// A file of its own; where a digest is given (SHA-256), another content is refused.
    case file(URL, digest: String? = nil)
    /// Some bytes of another file, such as a shard.
    case part(of: URL, offset: UInt64, count: Int)
  }

  /// Where the pictures are.
  public let places: [Place]
  /// How a file becomes an item.
  public let form: PictureForm
  private let decoded: MadeAhead<Int, [UInt8]>

  /// Names pictures; none is read before it is asked for.
  ///
  /// - Parameters:
  ///   - mend: how a user can go on where a picture is damaged; nil for what the decoder says.
  ///   - memory: the most bytes of items that are held ahead of a step.
  public init(_ places: [Place], form: PictureForm, mend: String? = nil, memory: Int = 1 << 29) {
    self.places = places
    self.form = form
    let known = KnownFiles()
    decoded = MadeAhead(mostItems: max(1, memory / max(1, form.elementCount))) { index throws(UserError) in
      do throws(UserError) {
        return try Self.pixels(of: places[index], form: form, known: known)
      } catch {
        throw UserError(error.kind, error.what, at: error.place, mend: mend ?? error.mend)
      }
    }
  }

  /// The number of pictures.
  public var count: Int { places.count }

  /// What the items are.
  public var kind: ModalityKind { .image(height: form.height, width: form.width, channels: form.channels) }

  /// Some pictures in 0…1, one after another; those that are not decoded yet are so on all threads.
  ///
  /// - Throws: `UserError` that names the first file that cannot be read.
  public func items(at indices: [Int]) throws(UserError) -> ModalityItems {
    let size = form.elementCount
    let pictures = try decoded.items(at: indices)
    return .numbers(
      [Float](unsafeUninitializedCapacity: indices.count * size) { target, count in
        nonisolated(unsafe) let target = target
        Parallel.run(count: pictures.count) { part in
          for place in part {
            for i in 0..<size {
              target.initializeElement(at: place * size + i, to: ByteValues.values[Int(pictures[place][i])])
            }
          }
        }
        count = indices.count * size
      })
  }

  /// Decodes some pictures.
  ///
  /// - Throws: `UserError` that names the first file that cannot be read.
  public func load(_ indices: [Int]) throws(UserError) { _ = try decoded.items(at: indices) }

  /// Decodes pictures ahead of the step that asks for them.
  public func prepare(_ indices: [Int], readers: Int) { decoded.prepare(indices, readers: readers) }

  /// How many decoded pictures are held.
  public var heldCount: Int { decoded.heldCount }

  /// Tries to decode a picture.
  ///
  /// - Throws: `UserError` where it cannot be read.
  public func check(_ index: Int) throws(UserError) {
    _ = try Self.pixels(of: places[index], form: form, known: KnownFiles())
  }

  /// What errors call the file of a picture.
  public static func name(of place: Place) -> String {
    switch place {
    case .file(let url, _): url.relativePath
    case .part(let url, let offset, _): "\(url.relativePath), byte \(offset)"
    }
  }

  private static func pixels(
    of place: Place, form: PictureForm, known: KnownFiles
  ) throws(UserError) -> [UInt8] {
    let bytes: [UInt8]
    switch place {
    case .file(let url, let digest):
      let version = digest.flatMap { _ in KnownFiles.Version(of: url) }
      bytes = try FolderTable.contents(of: url, limit: FileDigests.largestFile)
      guard let digest, !known.contains(url, version) else { break }
      guard SHA256.hexDigest(of: bytes) == digest else {
        throw UserError(
          .data, "is not the file that it was when the data set was read", at: url.relativePath,
          mend: "put it back, or start another run")
      }
      known.insert(url, version)
    case .part(let url, let offset, let count): bytes = try TarFile.bytes(of: url, at: offset, count: count)
    }
    return try form.bytes(of: bytes, place: name(of: place))
  }
}
