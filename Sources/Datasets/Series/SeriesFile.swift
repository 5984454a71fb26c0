import Diagnostics
import Foundation
import Interchange

/// One series in a file: an `.npy` array `[steps, channels]` or `[steps]`, or a table of numbers with a line for each step,
/// with or without a header.
struct SeriesFile {
  /// The number of channels.
  let channels: Int
  /// The numbers, `[steps, channels]`.
  let values: [Float]

  /// Reads a file's bytes; errors call them by `place`.
  ///
  /// - Throws: `UserError` where they are neither, or hold a number that is not finite.
  init(_ bytes: [UInt8], place: String) throws(UserError) {
    if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) {
      let array = try NumpyFile(data: Data(bytes), name: place).array
      let numbers = FolderArray.numbers(of: array)
      guard (1...2).contains(array.shape.count), numbers.count > 0 else {
        throw UserError(
          .data, "an array of shape \(array.shape) is no series [steps, channels]", at: place,
          mend: "save one series in each file")
      }
      channels = array.shape.count == 1 ? 1 : array.shape[1]
      values = numbers.floats(0..<numbers.count)
      if let wrong = values.firstIndex(where: { !$0.isFinite }) {
        throw UserError(
          .data, "step \(wrong / channels) has a number that is not finite", at: place, mend: "correct it")
      }
    } else {
      (channels, values) = try Self.table(bytes, place: place)
    }
  }

  private static func table(
    _ bytes: [UInt8], place: String
  ) throws(UserError) -> (channels: Int, values: [Float]) {
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
      throw UserError(
        .data, "neither an npy file nor a table of numbers", at: place, mend: "save it with numpy.save or as CSV")
    }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
      .filter { !$0.element.allSatisfy(\.isWhitespace) }
    guard let first = lines.first?.element else {
      throw UserError(.data, "there is no step", at: place, mend: "write a line of numbers for each step")
    }
    let delimiter = [Character("\t"), ";", ","].first { first.contains($0) } ?? ","
    var (channels, values): (Int?, [Float]) = (nil, [])
    for (position, line) in lines.enumerated() {
      let cells = line.element.split(separator: delimiter, omittingEmptySubsequences: false)
        .map { FolderTable.trimmed(String($0)) }
      let numbers = cells.map { Float($0) }
      if position == 0, numbers.contains(where: { $0 == nil }), lines.count > 1 {
        channels = cells.count
        continue
      }
      guard cells.count == channels ?? cells.count else {
        throw UserError(
          .data, "a step of \(cells.count) numbers among steps of \(channels ?? 0)", at: "\(place):\(line.offset + 1)",
          mend: "give each step as many")
      }
      channels = cells.count
      for (cell, number) in zip(cells, numbers) {
        guard let number, number.isFinite else {
          throw UserError(
            .data, "`\(cell.prefix(40))` is not a finite number", at: "\(place):\(line.offset + 1)", mend: "correct it")
        }
        values.append(number)
      }
    }
    return (channels ?? 0, values)
  }
}
