import Datasets
import Diagnostics
import Foundation
import Interchange

/// Pictures with what a published image encoder's preprocessing makes of them.
///
/// Arrays: `in.<name>` decoded pixels, `u8.<name>.<side>` the square in RGB, `out.<name>.<side>` normalised, channels
/// first; of a side with `index.<side>` only those rows and columns. Metadata: `file.<name>` the picture's file, `mean`,
/// `std`.
struct PreprocessingCase {
  private let reference: SafetensorsFile
  private let folder: URL
  private let place: String

  /// Whether a file is of this kind.
  static func matches(_ file: SafetensorsFile) -> Bool { file.metadata.keys.contains { $0.hasPrefix("file.") } }

  init(_ reference: SafetensorsFile, url: URL) {
    (self.reference, folder, place) = (reference, url.deletingLastPathComponent(), url.lastPathComponent)
  }

  /// The largest difference of each array, in steps of a pixel's value.
  func compare() throws -> ParityResult {
    var errors: [String: Float] = [:]
    var unsupported: [String] = []
    for key in reference.arrays.keys.sorted() where key.hasPrefix("u8.") {
      let parts = key.dropFirst(3).split(separator: ".")
      guard parts.count >= 2, let side = parts.last.flatMap({ Int($0) }), (1...4096).contains(side) else {
        throw UserError(.data, "\(key) names no picture and side", at: place)
      }
      let name = String(parts[0])
      let form = PretrainedPictureForm(side: side)
      let isHighByte = parts.count == 3
      if !isHighByte, reference.arrays["in.\(name)"]?.values.isWide == true {
        // Pillow turns pictures of 16-bit grey white.
        unsupported.append(name)
        continue
      }
      let square = try square(name, form)
      let expected = try integers(key)
      let places = try reference.arrays["index.\(side)"].map { try integers($0, "index.\(side)") } ?? Array(0..<side)
      guard expected.count == 3 * places.count * places.count, places.allSatisfy((0..<side).contains) else {
        throw UserError(.data, "\(key) is no square of \(places.count)", at: place)
      }
      var largest = 0
      for (row, y) in places.enumerated() {
        for (column, x) in places.enumerated() {
          for channel in 0..<3 {
            let own = Int(square[(y * side + x) * 3 + channel])
            largest = max(largest, abs(own - expected[(row * places.count + column) * 3 + channel]))
          }
        }
      }
      errors[key] = Float(largest)
      let out = "out.\(name).\(side)"
      if !isHighByte, let values = reference.arrays[out]?.floats {
        errors[out] = try difference(form.normalised(square), values, side, places, form)
      }
    }
    guard !errors.isEmpty else { throw UserError(.data, "no pictures to compare", at: place) }
    return ParityResult(
      file: place, name: "preprocessing", errors: errors,
      unsupported: unsupported.isEmpty
        ? nil : "16-bit grey, which Pillow turns white and Concord does not: \(Set(unsupported).sorted().joined())",
      tolerance: 1)
  }

  /// In steps of a pixel's value.
  private func difference(
    _ own: [Float], _ expected: [Float], _ side: Int, _ places: [Int], _ form: PretrainedPictureForm
  ) throws -> Float {
    guard expected.count == 3 * places.count * places.count else {
      throw UserError(.data, "a normalised picture is no square of \(places.count)", at: place)
    }
    var largest: Float = 0
    for channel in 0..<3 {
      for (row, y) in places.enumerated() {
        for (column, x) in places.enumerated() {
          let value = expected[(channel * places.count + row) * places.count + column]
          largest = max(largest, abs(own[(y * side + x) * 3 + channel] - value) * 255 * form.deviation[channel])
        }
      }
    }
    return largest
  }

  private func square(_ name: String, _ form: PretrainedPictureForm) throws -> [UInt8] {
    guard let array = reference.arrays["in.\(name)"] else {
      throw UserError(.data, "no pixels in.\(name)", at: place)
    }
    let file = reference.metadata["file.\(name)"].map { folder.appending(path: $0) }
    let kinds: [Int: PixelKind] = [1: .grey, 2: .greyAlpha, 3: .rgb, 4: name == "cmyk" ? .cmyk : .rgba]
    let channels = array.shape.count == 2 ? 1 : array.shape.last ?? 0
    // Indices of a palette mean nothing without the file, nor do 16 bits fit here.
    if ["palette", "bilevel"].contains(name) || array.values.isWide {
      guard let file else { throw UserError(.data, "no file of \(name)", at: place) }
      return try form.square(ofFile: [UInt8](RegularFile.contents(of: file, limit: 1 << 28)), place: file.path)
    }
    guard case .uint8(let pixels) = array.values, (2...3).contains(array.shape.count), let kind = kinds[channels],
      array.shape[0] > 0, array.shape[1] > 0
    else { throw UserError(.data, "in.\(name) of shape \(array.shape) is no picture", at: place) }
    return form.square(pixels, height: array.shape[0], width: array.shape[1], kind: kind)
  }

  private func integers(_ key: String) throws -> [Int] {
    guard let array = reference.arrays[key] else { throw UserError(.data, "no array \(key)", at: place) }
    return try integers(array, key)
  }

  private func integers(_ array: NumericArray, _ key: String) throws -> [Int] {
    guard let values = array.integers else { throw UserError(.data, "\(key) holds no whole numbers", at: place) }
    return values
  }
}

extension NumericArray.Values {
  /// Whether the numbers are whole and wider than a byte.
  fileprivate var isWide: Bool {
    if case .int32 = self { true } else { false }
  }
}
