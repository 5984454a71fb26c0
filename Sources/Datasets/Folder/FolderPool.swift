import Diagnostics
import Foundation

/// All items of one modality before the split, and which row of the table has which.
struct FolderPool {
  /// What the items are.
  enum Content {
    /// Numbers in 0…1 as bytes, `[items, elements]`.
    case bytes([UInt8], ModalityKind)
    /// Pictures that stay in their files, each with its digest.
    case files([PictureFiles.Place], PictureForm)
    /// Numbers; where `period` is given, number `i` is standardised with all whose `i mod period` is the same.
    case numbers(FolderNumbers, ModalityKind, period: Int?)
    /// Series, whose length is known.
    case series(SeriesItems, FolderModality.Series)
    /// Texts.
    case texts([String], FolderModality.Text)
    /// Sets of tags, each sorted.
    case tags([[String]], count: Int)
    /// Classes.
    case classes([String])
  }

  /// The modality.
  let modality: FolderModality
  /// The item of each row, or `ModalityColumn.absent`.
  private(set) var rows: [Int32]
  /// The rows whose item cannot be used, and why.
  private(set) var broken: [Int: UserError] = [:]
  /// The items.
  private(set) var content: Content
  /// What identifies an item's content, for items that are files; equal files have equal digests.
  private(set) var digests: [String] = []
  /// What the table calls each file.
  private(set) var names: [String] = []
  /// Two measures of each file: width and height, or sample rate and milliseconds.
  private(set) var sizes: [SIMD2<Int32>] = []
  /// A few words for each row that has an item.
  private(set) var shown: [String]
  /// The digest of an array's file.
  private(set) var arrayDigest: String?
  /// Facts about how it was read.
  private(set) var notes: [String] = []

  /// Reads a modality's items.
  ///
  /// - Throws: `UserError` where a column is missing or an array does not fit; a broken item is only remembered.
  /// - Parameter streams: whether pictures stay in their files; nil: where their pixels would take more memory than a whole
  ///   file may, see `RegularFile.standardLimit`.
  init(
    _ modality: FolderModality, table: FolderTable, cache: DatasetCache, streams: Bool? = nil
  ) throws(UserError) {
    self.modality = modality
    rows = [Int32](repeating: ModalityColumn.absent, count: table.count)
    content = .classes([])
    shown = [String](repeating: "", count: table.count)
    switch modality.kind {
    case .image(let image):
      let resize = ImageResize(side: image.size, fit: image.fit, channels: image.channels)
      let list = try fileList(table)
      let need = list.files.count * resize.elementCount * MemoryLayout<Float>.size
      let isStreamed = streams ?? (need > RegularFile.standardLimit)
      let features: FileFeatures<UInt8> = try files(
        list, table, settings: "image \(image.size) \(image.fit.rawValue) \(image.channels)",
        elementCount: resize.elementCount, isKept: !isStreamed, cache
      ) { bytes, place throws(UserError) in
        let header = try ImageFile.header(of: bytes, place: place)
        let picture = try ImageFile(bytes, place: place, atLeast: image.size)
        return .init(values: resize(picture), size: SIMD2(Int32(header.width), Int32(header.height)))
      }
      if isStreamed {
        content = .files(
          zip(list.files, features.digests).map { PictureFiles.Place.file($0, digest: $1) }, PictureForm(resize))
        notes.append("the files of `\(modality.name)` are decoded when they are needed, not held in memory")
      } else {
        content = .bytes(
          features.values, .image(height: image.size, width: image.size, channels: image.channels))
      }
      show { "\($0), \($1.x) × \($1.y) pixels" }
    case .video(let video):
      let resize = ImageResize(side: video.size, fit: video.fit, channels: video.channels)
      let list = try fileList(table)
      let files = Dictionary(list.files.map { ($0.relativePath, $0) }, uniquingKeysWith: { first, _ in first })
      let features: FileFeatures<UInt8> = try self.files(
        list, table, settings: "video \(video.frames) \(video.size) \(video.fit.rawValue) \(video.channels)",
        elementCount: video.frames * resize.elementCount, cache
      ) { bytes, place throws(UserError) in
        let file = files[place] ?? URL(fileURLWithPath: place)
        let clip = try VideoClip(bytes, file: file, frames: video.frames, resize: resize)
        return .init(values: clip.pixels, size: SIMD2(Int32(clip.frameCount), Int32(clamping: clip.milliseconds)))
      }
      content = .bytes(
        features.values,
        .video(frames: video.frames, height: video.size, width: video.size, channels: video.channels))
      show { "\($0), \($1.x) \($1.x == 1 ? "frame" : "frames")\($1.y > 0 ? ", \($1.y) ms" : "")" }
    case .audio(let audio):
      let window = max(2, Int((audio.window * Double(audio.rate)).rounded()))
      var length = 2
      while length < 2 * window { length *= 2 }
      let spectrogram = LogMelSpectrogram(
        sampleRate: audio.rate, frames: audio.frames, bands: audio.bands, windowLength: window, transformLength: length)
      let features: FileFeatures<Float> = try files(
        try fileList(table), table, settings: "audio \(audio.rate) \(audio.frames) \(audio.bands) \(window)",
        elementCount: audio.frames * audio.bands, cache
      ) { bytes, place throws(UserError) in
        let file = try AudioFile(bytes, place: place)
        let milliseconds = file.samples.count * 1000 / file.sampleRate
        return .init(
          values: spectrogram.spectrogram(of: file.samples(at: audio.rate)),
          size: SIMD2(Int32(file.sampleRate), Int32(milliseconds)))
      }
      content = .numbers(
        .single(features.values), .spectrogram(frames: audio.frames, bands: audio.bands),
        period: audio.standardise ? audio.bands : nil)
      show { "\($0), \($1.y) ms at \($1.x) Hz" }
    case .text(let text): content = .texts(try values(table), text)
    case .tags(let tags): try readTags(tags, table)
    case .numbers(let numbers): try readNumbers(numbers, table)
    case .array(let array): try readArray(array, table)
    case .series(let series): try readSeries(series, table)
    case .label: content = .classes(try values(table))
    }
  }

  /// What is wrong where no cell of the column can be used, of two or more that are not empty, with the first cause.
  var whole: UserError? {
    guard broken.count > 1, !rows.contains(where: { $0 != ModalityColumn.absent }),
      let fault = broken.min(by: { $0.key < $1.key })?.value
    else { return nil }
    return UserError(
      fault.kind, "none of \(broken.count) cells of `\(modality.name)` can be used, the first: \(fault.what)",
      at: fault.place, mend: fault.mend)
  }

  /// Which rows have an item.
  func isPresent(row: Int) -> Bool { rows[row] != ModalityColumn.absent }

  /// The number of a row's item.
  func item(of row: Int) -> Int { Int(rows[row]) }

  /// Remembers a fact about how it was read.
  mutating func note(_ fact: String) { notes.append(fact) }

  /// Takes files, each an item; files of equal contents are one.
  mutating func take(_ list: FolderFileList, named cells: [String], digests: [String]) {
    (rows, shown, self.digests) = (list.rows, cells, digests)
    names = [String](repeating: "", count: list.files.count)
    for row in rows.indices where isPresent(row: row) { names[Int(rows[row])] = shown[row] }
    var first: [String: Int32] = [:]
    for row in rows.indices where isPresent(row: row) && !digests[Int(rows[row])].isEmpty {
      let digest = digests[Int(rows[row])]
      rows[row] = first[digest] ?? rows[row]
      first[digest] = rows[row]
    }
  }

  /// Takes series with their sizes.
  mutating func take(_ series: SeriesItems, _ settings: FolderModality.Series) {
    content = .series(series, settings)
    sizes = (0..<series.count).map { SIMD2(Int32(series.steps(of: $0)), Int32(series.channels)) }
    show { "\($0), \($1.x) steps of \($1.y)" }
  }

  /// Takes the items of one file for all: row by row, or as the column's numbers say.
  mutating func takeRows(
    of file: URL, count: Int, digest: String?, place: String, _ table: FolderTable
  ) throws(UserError) {
    arrayDigest = digest
    if let column = modality.columns.first {
      for (row, cell) in try table.cells(of: column).enumerated() where !cell.isEmpty {
        guard let number = Int(cell), (0..<count).contains(number) else {
          refuse(
            row, "`\(cell)` is not a row of \(file.relativePath), which are 0 to \(count - 1)", .data, table,
            mend: "correct it or leave it empty")
          continue
        }
        rows[row] = Int32(number)
      }
    } else {
      guard count == table.count else {
        throw UserError(
          .data, "\(file.relativePath) has \(count) rows, but \(table.place) has \(table.count)", at: place,
          mend: "name the `column` that holds the row's number, from 0")
      }
      rows = (0..<Int32(table.count)).map { $0 }
    }
    for row in rows.indices where isPresent(row: row) { shown[row] = "row \(rows[row])" }
  }

  /// Remembers that a row's item cannot be used.
  mutating func refuse(_ row: Int, _ what: String, _ kind: UserError.Kind, _ table: FolderTable, mend: String?) {
    broken[row] = UserError(kind, "`\(modality.name)`: \(what)", at: table.place(ofRow: row), mend: mend)
    rows[row] = ModalityColumn.absent
  }

  /// The values of the one column that are not empty; each row has its own item.
  private mutating func values(_ table: FolderTable) throws(UserError) -> [String] {
    var items: [String] = []
    for (row, cell) in try table.cells(of: modality.columns[0]).enumerated() where !cell.isEmpty {
      rows[row] = Int32(items.count)
      shown[row] = cell
      items.append(cell)
    }
    return items
  }

  private func fileList(_ table: FolderTable) throws(UserError) -> FolderFileList {
    guard let list = try FolderFileList(of: modality, table: table) else {
      preconditionFailure("FolderPool: `\(modality.name)` is not of files")
    }
    return list
  }

  /// Decodes the files that the column names, each once.
  ///
  /// - Parameter isKept: whether their numbers are; else only which files are good.
  private mutating func files<Element>(
    _ list: FolderFileList, _ table: FolderTable, settings: String, elementCount: Int, isKept: Bool = true,
    _ cache: DatasetCache, decode: FileFeatures<Element>.Decoder
  ) throws(UserError) -> FileFeatures<Element> {
    let files = list.files
    rows = list.rows
    shown = try table.cells(of: modality.columns[0])
    names = [String](repeating: "", count: files.count)
    for row in rows.indices where isPresent(row: row) { names[Int(rows[row])] = shown[row] }
    let bytes = files.count * elementCount * MemoryLayout<Float>.size
    guard !isKept || bytes <= 1 << 34 else {
      throw UserError(
        .data, "`\(modality.name)` needs \(bytes >> 30) GiB of memory, and 16 are allowed", at: modality.place,
        mend: "make its items smaller")
    }
    let features = FileFeatures<Element>(
      files, name: "folder-\(settings.prefix { $0 != " " })", settings: settings, elementCount: elementCount,
      isKept: isKept, cache: cache, read: list.read, decode: decode)
    for row in rows.indices where isPresent(row: row) {
      guard let fault = features.faults[Int(rows[row])] else { continue }
      refuse(row, "\(fault.place.map { "\($0): " } ?? "")\(fault.what)", fault.kind, table, mend: fault.mend)
    }
    digests = features.digests
    // Files of equal contents are one item.
    var first: [String: Int32] = [:]
    for row in rows.indices where isPresent(row: row) {
      let digest = digests[Int(rows[row])]
      rows[row] = first[digest] ?? rows[row]
      first[digest] = rows[row]
    }
    sizes = features.sizes
    notes += features.note.map { [$0] } ?? []
    return features
  }

  private mutating func show(_ text: (String, SIMD2<Int32>) -> String) {
    for row in rows.indices where isPresent(row: row) { shown[row] = text(shown[row], sizes[Int(rows[row])]) }
  }

  private mutating func readTags(_ tags: FolderModality.Tags, _ table: FolderTable) throws(UserError) {
    var items: [[String]] = []
    for (row, cell) in try table.cells(of: modality.columns[0]).enumerated() {
      let text = tags.ignoresCase ? cell.lowercased() : cell
      let parts = Set(text.components(separatedBy: tags.separator).map(FolderTable.trimmed)).subtracting([""]).sorted()
      guard !parts.isEmpty else { continue }
      rows[row] = Int32(items.count)
      shown[row] = parts.joined(separator: ", ")
      items.append(parts)
    }
    content = .tags(items, count: tags.count)
  }

  private mutating func readNumbers(_ numbers: FolderModality.Numbers, _ table: FolderTable) throws(UserError) {
    let columns = modality.columns
    var cells: [[String]] = []
    for column in columns { cells.append(try table.cells(of: column)) }
    var items: [Double] = []
    rows: for row in 0..<table.count {
      var values: [Double] = []
      for (column, cells) in zip(columns, cells) {
        guard !cells[row].isEmpty else { continue rows }
        guard let number = numbers.value(of: cells[row]), Float(number).isFinite else {
          let hasComma = numbers.decimal == "." && cells[row].contains(",")
          refuse(
            row, "`\(cells[row])` in column `\(column.text)` is not a finite number", .data, table,
            mend: hasComma ? "correct it, or set `decimal: \",\"`" : "correct it or leave it empty")
          continue rows
        }
        values.append(number)
      }
      rows[row] = Int32(items.count / columns.count)
      shown[row] = cells.map { $0[row] }.joined(separator: ", ")
      items += values
    }
    content = .numbers(
      .double(items), .vector(count: columns.count), period: numbers.standardise ? columns.count : nil)
  }

  private mutating func readArray(_ settings: FolderModality.Array, _ table: FolderTable) throws(UserError) {
    let file = FolderTable.file(settings.file, in: table.folder)
    var array = try FolderArray(file)
    let kind = try array.kind(settings.form, place: settings.place)
    try takeRows(of: file, count: array.count, digest: array.digest, place: settings.place, table)
    for row in rows.indices where isPresent(row: row) {
      let number = Int(rows[row])
      if array.isFinite(row: number) {
        let start = (0..<min(4, array.rowCount)).map { array.values.text(number * array.rowCount + $0) }
        shown[row] = "row \(number): \(start.joined(separator: ", "))\(array.rowCount > 4 ? ", …" : "")"
      } else {
        refuse(
          row, "row \(number) of \(file.relativePath) has a number that is not finite", .data, table,
          mend: "correct it")
      }
    }
    let period: Int? =
      switch kind {
      case .image: nil
      case .spectrogram(_, let bands): settings.standardise ? bands : nil
      default: settings.standardise ? array.rowCount : nil
      }
    content = .numbers(array.values, kind, period: period)
  }
}
