import Diagnostics
import Foundation
import Interchange

/// The rows of an `.npy` or IDX file.
struct FolderArray {
  /// The extents of one row.
  let rowShape: [Int]
  /// The number of rows.
  let count: Int
  /// The numbers, row-major.
  private(set) var values: FolderNumbers
  /// Whether the numbers are whole.
  let isWhole: Bool
  /// The digest of the file's bytes.
  let digest: String

  /// Reads an array of at least one dimension.
  init(_ file: URL) throws(UserError) {
    let place = file.relativePath
    let bytes = try FolderTable.contents(of: file, limit: 1 << 33)
    digest = SHA256.hexDigest(of: bytes)
    let shape: [Int]
    if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) {
      let array = try NumpyFile(data: Data(bytes), name: place).array
      shape = array.shape
      isWhole = array.doubles == nil
      values = Self.numbers(of: array)
    } else if bytes.starts(with: [0, 0]) || bytes.starts(with: [0x1f, 0x8b]) {
      let idx = try IDXFile(contents: DataFile.contents(of: file, limit: 1 << 32), place: place)
      shape = idx.shape
      isWhole = true
      values = .single(idx.values.map { Float($0) })
    } else {
      throw UserError(.data, "neither an npy nor an IDX file", at: place, mend: "save it with numpy.save")
    }
    guard let count = shape.first, count > 0, shape.dropFirst().allSatisfy({ $0 > 0 }) else {
      throw UserError(.data, "an array of shape \(shape) has no rows", at: place, mend: "give one row an observation")
    }
    self.count = count
    rowShape = Array(shape.dropFirst())
  }

  /// The numbers of an array.
  static func numbers(of array: NumericArray) -> FolderNumbers {
    switch array.values {
    case .float32(let values): .single(values)
    case .float64(let values): .double(values)
    case .int32(let values): .double(values.map { Double($0) })
    case .int64(let values): .double(values.map { Double($0) })
    case .uint8(let values): .single(values.map { Float($0) })
    case .bool(let values): .single(values.map { $0 ? 1 : 0 })
    }
  }

  /// How many numbers a row has.
  var rowCount: Int { rowShape.reduce(1, *) }

  /// Whether every number of a row is finite.
  func isFinite(row: Int) -> Bool {
    (row * rowCount..<(row + 1) * rowCount).allSatisfy { Float(values[$0]).isFinite }
  }

  /// What a row is in the form that `dataset.yaml` asks for; pictures of whole numbers are brought to 0…1.
  ///
  /// - Throws: `UserError` where the row's shape or, for pictures, a number does not suit the form.
  mutating func kind(_ form: FolderModality.Array.Form, place: String) throws(UserError) -> ModalityKind {
    func refused(_ wanted: String) -> UserError {
      UserError(.data, "a row of shape \(rowShape) is no \(wanted)", at: place, mend: "choose another `as`")
    }
    switch form {
    case .vector: return .vector(count: rowCount)
    case .spectrogram:
      guard rowShape.count == 2, rowShape[0] > 1 else { throw refused("spectrogram [frames, bands]") }
      return .spectrogram(frames: rowShape[0], bands: rowShape[1])
    case .image:
      let shape = rowShape.count == 2 ? rowShape + [1] : rowShape
      guard shape.count == 3, shape[2] == 1 || shape[2] == 3 else {
        throw refused("picture [height, width] or [height, width, 1 or 3]")
      }
      let top = isWhole ? 255.0 : 1
      let wrong = (0..<values.count).first { values[$0].isFinite && !(0...top).contains(values[$0]) }
      if let wrong {
        throw UserError(
          .data, "the number \(values.text(wrong)) of a picture does not lie in 0…\(Int(top))", at: place,
          mend: "scale the array or choose another `as`")
      }
      if isWhole { values = .single(values.floats(0..<values.count).map { $0 / 255 }) }
      return .image(height: shape[0], width: shape[1], channels: shape[2])
    }
  }
}
