import Diagnostics
import Foundation

/// Pictures of many files, PNG, JPEG and SVG, each brought to a square with white beside it, kept in the cache.
struct DrawnPictures {
  /// The pictures, one after another, `[files, side, side, 3]`; zeros for those that cannot be read.
  let pixels: [UInt8]
  /// The SHA-256 digest of each file that could be read, else empty.
  let digests: [String]
  /// Why a file cannot be used.
  let faults: [UserError?]
  /// A note where the cache cannot be written.
  let note: String?

  /// How a picture is brought to its size; the same for files that a trained network is given later.
  static func resize(side: Int) -> ImageResize { ImageResize(side: side, fit: .pad) }

  /// Decodes the files in parallel, unless the cache has them.
  ///
  /// - Parameter name: the name of the cache's entry.
  /// - Throws: `UserError` where SVG is among them and cannot be drawn on this machine.
  init(_ files: [URL], side: Int, name: String, cache: DatasetCache) throws(UserError) {
    if files.contains(where: { Self.isDrawing($0) }) { try SVGFile.requireLibrary() }
    let resize = Self.resize(side: side)
    let drawings = Set(files.filter { Self.isDrawing($0) }.map(\.relativePath))
    let features = FileFeatures<UInt8>(
      files, name: name, settings: "drawn 1 \(side)", elementCount: resize.elementCount, cache: cache
    ) { bytes, place throws(UserError) in
      let image =
        drawings.contains(place)
        ? try SVGFile.square(bytes, side: side, place: place)
        : try ImageFile(bytes, place: place, atLeast: side)
      return .init(values: resize(image), size: SIMD2(Int32(image.width), Int32(image.height)))
    }
    (pixels, digests, faults, note) = (features.values, features.digests, features.faults, features.note)
  }

  private static func isDrawing(_ file: URL) -> Bool { file.pathExtension.lowercased() == "svg" }

  /// The first place with each file's pixels, so that pictures that look the same have the same number.
  func looks(side: Int) -> [Int] {
    let size = Self.resize(side: side).elementCount
    var known: [String: Int] = [:]
    return faults.indices.map { place in
      let key = pixels[place * size..<(place + 1) * size].withUnsafeBytes { bytes in
        var hash = SHA256()
        hash.update(bytes)
        return hash.hexDigest
      }
      let first = known[key] ?? place
      known[key] = first
      return first
    }
  }
}
