import Diagnostics
import Foundation

/// A data set of one's own: a folder with `dataset.yaml` and a table whose columns name files or hold values.
///
/// An observation is a row of the table. Its modalities are pictures, videos, recordings, texts, sets of tags, numbers, classes
/// or rows of an array, as `dataset.yaml` says. Vocabularies and the mean and deviation of numbers come from the training
/// side alone.
public enum FolderDataset {
  /// The name of the file that describes a folder.
  public static let descriptionFile = "dataset.yaml"

  /// What is done with an observation that lacks one of its modalities.
  public enum Missing: String, Codable, CaseIterable, Sendable {
    /// The observation is kept without that modality, if it has another one.
    case allowed
    /// The observation is left out and counted.
    case omitted
    /// The observation is an error.
    case refused
  }

  /// What a recipe may say about the data set; an absent value leaves what `dataset.yaml` says.
  public struct Options: Codable, Equatable, Sendable {
    /// The modalities to read, in this order; what the others lack does not matter then.
    public var modalities: [String]?
    /// Modalities that are read besides, where the folder has them.
    public var optionalModalities: [String] = []
    /// What is done with an observation that lacks one of the modalities.
    public var missing: Missing?
    /// The side of the pictures in pixels.
    public var imageSize: Int?
    /// Selects the split, where it is drawn.
    public var splitSeed: UInt64?
    /// What is tested in a cross-validation; nil for the shares or the column of `dataset.yaml`.
    public var fold: DataFold?
    /// Whether pictures stay in their files and are decoded when a batch needs them; nil: where their pixels would take
    /// more than a quarter of the machine's memory.
    public var streams: Bool?

    /// Leaves everything as `dataset.yaml` says.
    public init() {}

    /// Checks that the values make sense.
    ///
    /// - Throws: an error whose place is the option.
    public func validate() throws(UserError) {
      if let modalities, modalities.isEmpty || Set(modalities).count < modalities.count {
        throw UserError(
          .data, "cannot be [\(modalities.joined(separator: ", "))]", at: "modalities", mend: "name different ones")
      }
      if let imageSize, !imageSizes.contains(imageSize) {
        throw UserError(
          .data, "cannot be \(imageSize)", at: "imageSize",
          mend: "give \(imageSizes.lowerBound) to \(imageSizes.upperBound)")
      }
    }
  }

  static let imageSizes = 8...512

  /// Loads the data set of a folder; decoded pictures and sounds are kept in the cache.
  ///
  /// Its labellings are the label columns, maybe none. `MultimodalSplit.identifiers` are the values of the identifier
  /// column, else the row numbers; an observation lacks a modality only where missing ones are allowed.
  ///
  /// - Throws: `UserError` that names the file and the line or row of what is wrong; its place is a property of `Options`
  ///   where that is wrong.
  public static func load(
    folder: URL, options: Options = Options(), cache: DatasetCache = DatasetCache()
  ) throws(UserError) -> MultimodalDataset {
    try read(folder: folder, options: options, cache: cache).dataset
  }

  /// A data set with what it was made of.
  struct Reading {
    let dataset: MultimodalDataset
    let pools: [FolderPool]
    /// The rows of training, validation and test.
    let sides: [[Int]]
  }

  /// The description with what a recipe says over it, and the table.
  private static func describe(
    _ folder: URL, _ options: Options
  ) throws(UserError) -> (text: String, description: FolderDescription, table: FolderTable) {
    let file = folder.appendingPathComponent(descriptionFile)
    let text = try descriptionText(file, folder: folder)
    var description = try FolderDescription(
      text, source: file.relativePath, folderName: folder.standardizedFileURL.lastPathComponent)
    try description.apply(options)
    return (text, description, try FolderTable(folder: folder, description: description))
  }

  static func read(folder: URL, options: Options, cache: DatasetCache) throws(UserError) -> Reading {
    let (text, description, table) = try describe(folder, options)
    // Wrong columns are told before files are read, which can take long.
    let identifiers = try description.identifier.map { name throws(UserError) in try table.cells(of: name) }
    if let identifiers, let name = description.identifier { try refuseRepeated(identifiers, name, table) }
    var labels: [(name: String, cells: [String])] = []
    for label in description.labels { labels.append((label.text, try table.cells(of: label))) }
    let stratum = try description.split.stratum.map { name throws(UserError) in try table.cells(of: name) }
    let group = try description.split.group.map { name throws(UserError) in try table.cells(of: name) }
    let given = try description.split.column.map { name throws(UserError) in
      try FolderSplit.sides(name, table: table)
    }
    for modality in description.modalities {
      for column in modality.columns { _ = try table.index(of: column) }
    }
    var pools: [FolderPool] = []
    for modality in description.modalities {
      pools.append(try FolderPool(modality, table: table, cache: cache, streams: options.streams))
    }
    let selection = try FolderSelection(description, table: table, pools: pools, labels: labels, sides: given)
    let rows = selection.rows
    let split = try FolderSplit(
      description, rows: rows, given: given,
      stratum: (stratum ?? labels.first?.cells).map { cells in rows.map { cells[$0] } },
      group: group.map { cells in rows.map { cells[$0] } }, pools: pools, table: table, fold: options.fold)
    let sides = (0..<3).map { side in rows.indices.filter { split.sides[$0] == side }.map { rows[$0] } }

    var columns: [FolderColumns] = []
    for pool in pools { columns.append(try FolderColumns(pool, sides: sides)) }
    let classes = labels.map { label in FolderColumns.classNames(Set(rows.map { label.cells[$0] })) }
    func identifier(_ row: Int) -> String {
      let name = identifiers?[row] ?? ""
      return name.isEmpty ? "\(row + 1)" : name
    }
    let firstMembers = Dictionary(uniqueKeysWithValues: zip(rows, split.firstMembers))
    let splits = sides.indices.map { side in
      MultimodalSplit(
        name: FolderSplit.names[side], columns: columns.map { $0.columns[side] },
        labels: Dictionary(
          uniqueKeysWithValues: zip(labels, classes).map { label, names in
            let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
            return (label.name, sides[side].compactMap { numbers[label.cells[$0]] })
          }),
        identifiers: sides[side].map(identifier),
        texts: Dictionary(
          uniqueKeysWithValues: zip(pools, columns).compactMap { pool, columns in
            columns.texts.map { (pool.modality.name, $0[side]) }
          }), families: sides[side].map { row in identifier(firstMembers[row] ?? row) })
    }
    let notes =
      selection.notes + split.notes + classNotes(labels, table: table, sides: sides) + columns.flatMap(\.notes)
      + pools.flatMap(\.notes)
    func named<Value>(_ value: (FolderColumns) -> Value?) -> [String: Value] {
      Dictionary(
        uniqueKeysWithValues: zip(pools, columns).compactMap { pool, columns in
          value(columns).map { (pool.modality.name, $0) }
        })
    }
    let dataset = MultimodalDataset(
      name: description.name, train: splits[0], validation: splits[1], test: splits[2],
      classNames: Dictionary(uniqueKeysWithValues: zip(labels.map(\.name), classes)),
      checksum: checksum(text, table, pools.map { ($0.modality.name, $0.digests, $0.arrayDigest) }),
      tokenisers: named(\.tokeniser), tagNames: named(\.tagNames),
      provenance: DatasetProvenance(omissions: selection.omissions, notes: notes), pictureForms: pictureForms(pools))
    return Reading(dataset: dataset, pools: pools, sides: sides)
  }

  /// Refuses identifiers that stand for several rows.
  private static func refuseRepeated(
    _ identifiers: [String], _ name: FolderDescription.Name, _ table: FolderTable
  ) throws(UserError) {
    let rows = Dictionary(grouping: identifiers.indices.filter { !identifiers[$0].isEmpty }) { identifiers[$0] }
    let repeated = rows.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    guard let first = repeated.first else { return }
    let more = repeated.count > 1 ? ", the first of \(repeated.count) such" : ""
    throw UserError(
      .data, "the identifier `\(identifiers[first[0]])` stands in \(first.count) rows\(more)",
      at: table.place(ofRow: first[1]),
      mend: "give every row one of its own in `\(name.text)`, or take `identifier` out of \(descriptionFile)")
  }

  /// How the files of pictures were brought to their size.
  private static func pictureForms(_ pools: [FolderPool]) -> [String: PictureForm] {
    var forms: [String: PictureForm] = [:]
    for pool in pools {
      guard case .image(let image) = pool.modality.kind else { continue }
      forms[pool.modality.name] = PictureForm(ImageResize(side: image.size, fit: image.fit, channels: image.channels))
    }
    return forms
  }

  private static func descriptionText(_ file: URL, folder: URL) throws(UserError) -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw UserError(.inputOutput, "there is no such folder", at: folder.relativePath)
    }
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw UserError(
        .inputOutput, "there is no such file", at: file.relativePath,
        mend: "`concord data init \(folder.relativePath)` writes a first one")
    }
    let bytes = try FolderTable.contents(of: file, limit: 1 << 20)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw UserError(.data, "text that is not UTF-8", at: file.relativePath, mend: "save it as UTF-8")
    }
    return text
  }

  /// The digest of everything that was read.
  private static func checksum(
    _ text: String, _ table: FolderTable, _ modalities: [(name: String, files: [String], array: String?)]
  ) -> String {
    var hash = SHA256()
    hash.update(text)
    hash.update(table.digest)
    for modality in modalities {
      hash.update(modality.name)
      for digest in modality.files + [modality.array ?? ""] { hash.update(digest) }
    }
    return hash.hexDigest
  }

  /// What the data set of a folder is now, without decoding any file: the checksum of the loaded one.
  ///
  /// - Throws: `UserError` where the description or the table is wrong or an array is missing.
  public static func identity(folder: URL, options: Options = Options()) throws(UserError) -> DataIdentity {
    let (text, description, table) = try describe(folder, options)
    var parts = [descriptionFile: SHA256.hexDigest(of: text.utf8), description.table: table.digest]
    var modalities: [(name: String, files: [String], array: String?)] = []
    for modality in description.modalities {
      var (files, array): ([String], String?) = ([], nil)
      if let list = try FolderFileList(of: modality, table: table) {
        files = FileDigests(list.files, read: list.read).digests
        for (file, digest) in zip(list.files, files) { parts[name(of: file, in: folder)] = digest }
      } else if let path = modality.oneFile {
        let file = FolderTable.file(path, in: folder)
        array = SHA256.hexDigest(of: try FolderTable.contents(of: file, limit: 1 << 33))
        parts[name(of: file, in: folder)] = array
      }
      modalities.append((modality.name, files, array))
    }
    if parts.count > DataIdentity.mostParts {
      var joint = SHA256()
      for digest in modalities.flatMap(\.files) { joint.update(digest) }
      parts = parts.filter { [descriptionFile, description.table].contains($0.key) }
      parts["one or more files"] = joint.hexDigest
    }
    return DataIdentity(
      name: description.name, checksum: checksum(text, table, modalities), folder: folder.standardizedFileURL.path,
      parts: parts)
  }

  /// A file as its user calls it: by its path in the folder.
  private static func name(of file: URL, in folder: URL) -> String {
    let (path, start) = (file.standardizedFileURL.path, folder.standardizedFileURL.path + "/")
    return path.hasPrefix(start) ? String(path.dropFirst(start.count)) : path
  }

  /// Notes on classes that cannot be learnt or tested.
  private static func classNotes(
    _ labels: [(name: String, cells: [String])], table: FolderTable, sides: [[Int]]
  ) -> [String] {
    labels.flatMap { label in
      var rows: [String: [Int]] = [:]
      for row in sides.joined() { rows[label.cells[row], default: []].append(row) }
      var notes: [String] = []
      let single = rows.filter { $0.value.count == 1 }.sorted { $0.value[0] < $1.value[0] }
      if let first = single.first {
        let count = single.count == 1 ? "1 class" : "\(single.count) classes"
        notes.append(
          "\(count) of `\(label.name)` with one observation only, the first `\(first.key)` at "
            + "\(table.place(ofRow: first.value[0])); `minimumClassSize: 2` leaves them out")
      }
      let trained = Set(sides[0].map { label.cells[$0] })
      let untrained = rows.keys.count { !trained.contains($0) }
      if untrained > 0 { notes.append("\(untrained) classes of `\(label.name)` do not occur in training") }
      return notes
    }
  }
}
