import Diagnostics
import Foundation
import Interchange

/// Series that a folder has: a file for each row, or one file for all.
struct FolderSeries {
  /// The series.
  let items: SeriesItems
  /// Why an item cannot be used.
  let faults: [Int: UserError]
  /// The digest of each file, where each has its own.
  let digests: [String]
  /// The digest of the one file for all.
  let digest: String?

  /// Reads a file for each item; what cannot be read is only remembered.
  init(_ files: [URL]) {
    let hashed = FileDigests(files)
    var faults: [Int: UserError] = [:]
    var series: [SeriesFile?] = []
    for (index, file) in files.enumerated() {
      do throws(UserError) {
        if let fault = hashed.faults[index] { throw fault }
        series.append(
          try SeriesFile(
            try FolderTable.contents(of: file, limit: FileDigests.largestFile), place: file.relativePath))
      } catch {
        faults[index] = error
        series.append(nil)
      }
    }
    let channels = series.lazy.compactMap { $0 }.first?.channels ?? 1
    var items = SeriesItems(channels: channels)
    for (index, one) in series.enumerated() {
      if let one, one.channels != channels {
        faults[index] = UserError(
          .data, "steps of \(one.channels) numbers, where others have \(channels)", at: files[index].relativePath,
          mend: "give all series the same channels")
      }
      items.append(faults[index] == nil ? one?.values ?? [] : [])
    }
    (self.items, self.faults, digests, digest) = (items, faults, hashed.digests, nil)
  }

  /// Reads one file for all: a `.ts` file, or an `.npy` array `[items, steps, channels]` or `[items, steps]`, where steps
  /// at either end that are NaN throughout are padding.
  ///
  /// - Throws: `UserError` where it is neither.
  init(_ file: URL) throws(UserError) {
    let bytes = try FolderTable.contents(of: file, limit: 1 << 33)
    (digests, digest) = ([], SHA256.hexDigest(of: bytes))
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      let found = try TimeSeriesFile(bytes, place: file.relativePath)
      (self.items, self.faults) = (found.series, found.faults)
      return
    }
    let array = try NumpyFile(data: Data(bytes), name: file.relativePath).array
    let numbers = FolderArray.numbers(of: array)
    guard (2...3).contains(array.shape.count), numbers.count > 0 else {
      throw UserError(
        .data, "an array of shape \(array.shape) holds no series [rows, steps, channels]", at: file.relativePath,
        mend: "give one row an observation")
    }
    let channels = array.shape.count == 2 ? 1 : array.shape[2]
    var (items, faults): (SeriesItems, [Int: UserError]) = (SeriesItems(channels: channels), [:])
    let size = array.shape[1] * channels
    for row in 0..<array.shape[0] {
      let series = numbers.floats(row * size..<(row + 1) * size)
      func isReal(_ step: Int) -> Bool { series[step * channels..<(step + 1) * channels].contains { !$0.isNaN } }
      let first = (0..<array.shape[1]).first(where: isReal) ?? 0
      let last = (0..<array.shape[1]).last(where: isReal) ?? -1
      let kept = last < first ? [] : series[first * channels..<(last + 1) * channels]
      if kept.isEmpty || !kept.allSatisfy(\.isFinite) {
        faults[row] = UserError(
          .data, "row \(row) \(kept.isEmpty ? "has no step" : "has a number that is not finite")",
          at: file.relativePath, mend: "correct it")
      }
      items.append(faults[row] == nil ? kept : [])
    }
    (self.items, self.faults) = (items, faults)
  }
}

extension FolderPool {
  /// Reads series; what cannot be read is remembered.
  mutating func readSeries(_ settings: FolderModality.Series, _ table: FolderTable) throws(UserError) {
    var settings = settings
    let found: FolderSeries
    if settings.file.isEmpty {
      guard let list = try FolderFileList(of: modality, table: table) else { return }
      found = FolderSeries(list.files)
      take(list, named: try table.cells(of: modality.columns[0]), digests: found.digests)
    } else {
      let file = FolderTable.file(settings.file, in: table.folder)
      found = try FolderSeries(file)
      try takeRows(
        of: file, count: found.items.count, digest: found.digest, place: settings.place, table)
    }
    for row in 0..<table.count where isPresent(row: row) {
      guard let fault = found.faults[item(of: row)] else { continue }
      refuse(row, "\(fault.place.map { "\($0): " } ?? "")\(fault.what)", fault.kind, table, mend: fault.mend)
    }
    let longest = found.items.longest
    let cut =
      settings.length.map { length in (0..<found.items.count).count { found.items.steps(of: $0) > length } } ?? 0
    if cut > 0 {
      note("\(cut) series of `\(modality.name)` are longer than \(settings.length ?? 0) steps and are cut at their end")
    }
    settings.length = settings.length ?? max(longest, 1)
    let size = found.items.count * (settings.length ?? 1) * (1 + found.items.channels) * MemoryLayout<Float>.size
    guard size <= 1 << 34 else {
      throw UserError(
        .data, "`\(modality.name)` needs \(size >> 30) GiB of memory, and 16 are allowed", at: modality.place,
        mend: "give a smaller `length`")
    }
    take(found.items, settings)
  }
}
