import Diagnostics
import StrictYAML

/// What `dataset.yaml` says.
struct FolderDescription {
  /// A name with where it stands, for errors.
  struct Name: Equatable {
    let text: String
    let place: String
  }

  /// How observations are assigned to sides.
  struct Split {
    /// The column that says so; nil where it is drawn.
    var column: Name?
    /// The share for validation; with a column, of its training rows where it has no validation rows.
    var validationFraction = 0.1
    /// The share for test.
    var testFraction = 0.2
    /// Selects the drawn split.
    var seed: UInt64 = 0
    /// The column whose classes every side gets its share of; nil: the first label.
    var stratum: Name?
    /// The column whose equal values stay together.
    var group: Name?
    /// Where the split stands, for errors.
    var place: String
  }

  /// What is done with an item that cannot be read.
  enum Broken: String, CaseIterable {
    /// The item is an error.
    case refused
    /// The item counts as missing.
    case omitted
  }

  let source: String
  let name: String
  let table: String
  let delimiter: Character
  let identifier: Name?
  var modalities: [FolderModality]
  let labels: [Name]
  let minimumClassSize: Int
  var split: Split
  var missing: FolderDataset.Missing
  let broken: Broken

  private static let keys = [
    "name", "table", "delimiter", "identifier", "modalities", "labels", "minimumClassSize", "split", "missing",
    "broken",
  ]
  private static let splitKeys = ["column", "validationFraction", "testFraction", "seed", "stratify", "group"]

  /// Reads the file's text, strictly.
  ///
  /// - Throws: `UserError` with line and column.
  init(_ text: String, source: String, folderName: String) throws(UserError) {
    self.source = source
    let document = try LocatedValue.parse(text, source: source)
    let section = try StrictSection(document, keys: Self.keys, source: source)
    name = try section.text("name", loosely: true) ?? folderName
    guard let table = try section.text("table") else {
      throw UserError(.data, "`table` is missing", at: source, mend: "for example `table: table.csv`")
    }
    self.table = table
    if let given = try section.text("delimiter") {
      guard given.count == 1, let character = given.first, character.isASCII, character != "\"" else {
        throw section.refused("delimiter", "must be one plain character, not `\(given)`", mend: "for example \";\"")
      }
      delimiter = character
    } else {
      delimiter = table.lowercased().hasSuffix(".tsv") || table.lowercased().hasSuffix(".tsv.gz") ? "\t" : ","
    }
    func named(_ key: String, in section: StrictSection) throws(UserError) -> Name? {
      try section.text(key, loosely: true).map { Name(text: $0, place: section.place(of: key)) }
    }
    identifier = try named("identifier", in: section)
    var labels: [Name] = []
    for (text, place) in try section.texts("labels") {
      guard !labels.contains(where: { $0.text == text }) else {
        throw UserError(.data, "`labels` names `\(text)` twice", at: place, mend: "keep one")
      }
      labels.append(Name(text: text, place: place))
    }
    self.labels = labels
    minimumClassSize = try section.integer("minimumClassSize", 1...1_000_000) ?? 1
    missing = try section.choice("missing", of: FolderDataset.Missing.self) ?? .omitted
    broken = try section.choice("broken", of: Broken.self) ?? .refused
    split = Split(place: section.place(of: "split"))
    if let member = section["split"] {
      let inner = try StrictSection(member.value, path: "split", keys: Self.splitKeys, source: source)
      split.column = try named("column", in: inner)
      split.validationFraction = try inner.number("validationFraction", 0..<1) ?? split.validationFraction
      split.testFraction = try inner.number("testFraction", 0..<1) ?? split.testFraction
      split.seed = UInt64(try inner.integer("seed", 0...Int.max) ?? 0)
      split.stratum = try named("stratify", in: inner)
      split.group = try named("group", in: inner)
      if split.column != nil {
        for key in ["testFraction", "group"] where inner[key] != nil {
          throw inner.refused(key, "has no meaning beside `split.column`", mend: "remove one of them")
        }
      } else {
        let sum = split.validationFraction + split.testFraction
        guard split.validationFraction > 0, split.testFraction > 0, sum < 1 else {
          throw UserError(
            .data,
            "the shares \(split.validationFraction) of validation and \(split.testFraction) of test are not "
              + "positive and below 1 together", at: split.place, mend: "for example 0.1 and 0.2")
        }
      }
    }
    guard let member = section["modalities"] else {
      throw UserError(
        .data, "`modalities` is missing", at: source, mend: "for example `modalities: {caption: {kind: text}}`")
    }
    let list = try StrictSection(member.value, path: "modalities", keys: nil, source: source)
    modalities = []
    for member in list.members { modalities.append(try FolderModality(member, source: source)) }
    guard !modalities.isEmpty else { throw section.refused("modalities", "is empty", mend: "name at least one") }
  }

  /// Puts what a recipe says over what the file says.
  ///
  /// - Throws: `UserError` whose place is the option.
  mutating func apply(_ options: FolderDataset.Options) throws(UserError) {
    try options.validate()
    if let names = options.modalities {
      let known = modalities
      var chosen: [FolderModality] = []
      for name in names {
        guard let modality = known.first(where: { $0.name == name }) else {
          throw UserError(
            .data, "names `\(name)`, which \(source) does not have", at: "modalities",
            mend: nearestName(to: name, among: known.map(\.name)).map { "did you mean `\($0)`?" }
              ?? "it has \(known.map(\.name).joined(separator: ", "))")
        }
        chosen.append(modality)
      }
      for modality in known where options.optionalModalities.contains(modality.name) {
        if !names.contains(modality.name) { chosen.append(modality) }
      }
      modalities = chosen
    }
    if let missing = options.missing { self.missing = missing }
    if let seed = options.splitSeed { split.seed = seed }
    guard let size = options.imageSize else { return }
    for index in modalities.indices {
      if case .image(var settings) = modalities[index].kind {
        settings.size = size
        modalities[index].kind = .image(settings)
      }
    }
  }
}
