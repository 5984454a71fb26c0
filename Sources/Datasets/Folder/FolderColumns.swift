import Diagnostics

/// One modality's columns of all sides, with what was learnt from the training side.
struct FolderColumns {
  /// The column of each side.
  private(set) var columns: [ModalityColumn] = []
  /// The texts of each side's observations, for a modality of tokens.
  private(set) var texts: [[String]]?
  /// The tokeniser, for a modality of tokens.
  private(set) var tokeniser: SubwordTokeniser?
  /// The tags, for a modality of tags.
  private(set) var tagNames: [String]?
  /// Facts about what was made of the items.
  private(set) var notes: [String] = []

  /// Makes the columns.
  ///
  /// - Parameter sides: the rows of training, validation and test.
  /// - Throws: `UserError` where no training observation has the modality.
  init(_ pool: FolderPool, sides: [[Int]]) throws(UserError) {
    let name = pool.modality.name
    let training = sides[0].filter { pool.isPresent(row: $0) }
    guard !training.isEmpty else {
      throw UserError(
        .data, "no training observation has `\(name)`", at: pool.modality.place, mend: "give some or remove it")
    }
    let trainingItems = training.map { Int(pool.rows[$0]) }
    let used = sides.map { rows in
      Array(Set(rows.lazy.filter { pool.isPresent(row: $0) }.map { Int(pool.rows[$0]) })).sorted()
    }
    var kind: ModalityKind
    let items: (Int) -> ModalityItems
    var stream: (Int) -> PictureFiles? = { _ in nil }
    var bytes: (Int) -> [UInt8]? = { _ in nil }
    switch pool.content {
    case .bytes(let values, let given):
      kind = given
      let size = kind.elementCount
      items = { _ in .numbers([]) }
      bytes = { side in used[side].flatMap { item in values[item * size..<(item + 1) * size] } }
    case .files(let places, let form):
      kind = .image(height: form.height, width: form.width, channels: form.channels)
      items = { _ in .numbers([]) }
      stream = { side in PictureFiles(used[side].map { places[$0] }, form: form) }
    case .numbers(let values, let given, let period):
      kind = given
      let size = kind.elementCount
      if let period {
        let (standardised, constant) = values.standardised(size: size, period: period, by: used[0])
        if constant > 0 { notes.append("\(constant) of \(period) numbers of `\(name)` are constant in training") }
        items = { side in .numbers(used[side].flatMap { standardised[$0 * size..<($0 + 1) * size] }) }
      } else {
        items = { side in .numbers(used[side].flatMap { values.floats($0 * size..<($0 + 1) * size) }) }
      }
    case .series(let series, let settings):
      let length = settings.length ?? series.longest
      kind = .series(length: length, channels: series.channels)
      var made = series
      if settings.standardise {
        let (standardised, constant) = series.standardised(by: used[0])
        if constant > 0 {
          notes.append("\(constant) of \(series.channels) channels of `\(name)` are constant in training")
        }
        made = standardised
      }
      let prepared = made
      items = { side in
        .numbers(used[side].flatMap { prepared.padded($0, to: length, atFront: settings.padding == .front) })
      }
    case .texts(let values, let settings):
      let training = trainingItems.map { values[$0] }
      let tokeniser = SubwordTokeniser(
        texts: training, vocabularySize: settings.vocabularySize, minimumCount: settings.minimumPieceCount)
      let length = settings.length ?? tokeniser.length(holding: training)
      self.tokeniser = tokeniser
      kind = .tokens(length: length, vocabulary: tokeniser.vocabularyCount)
      items = { side in .tokens(tokeniser.encode(used[side].map { values[$0] }, length: length)) }
      texts = sides.map { rows in rows.map { pool.isPresent(row: $0) ? values[Int(pool.rows[$0])] : "" } }
    case .tags(let sets, let count):
      let names = Self.mostFrequent(trainingItems.flatMap { sets[$0] }, count: count)
      tagNames = names
      kind = .tags(count: names.count)
      let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
      items = { side in .numbers(used[side].flatMap { Self.multiHot(sets[$0].compactMap { numbers[$0] }, names.count) })
      }
      let bare = used.joined().count { item in !sets[item].contains { numbers[$0] != nil } }
      if bare > 0 { notes.append("\(bare) items of `\(name)` have none of the \(names.count) kept tags") }
    case .classes(let values):
      let names = Self.classNames(Set(used.joined().map { values[$0] }))
      kind = .label(count: names.count)
      let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
      items = { side in .numbers(used[side].flatMap { Self.multiHot([numbers[values[$0]]!], names.count) }) }
    }
    for (side, rows) in sides.enumerated() {
      let numbers = Dictionary(uniqueKeysWithValues: used[side].enumerated().map { ($1, Int32($0)) })
      let (modality, places) = (
        Modality(name: name, kind: kind), rows.map { numbers[Int(pool.rows[$0])] ?? ModalityColumn.absent }
      )
      columns.append(
        stream(side).map { ModalityColumn(modality: modality, stream: $0, rows: places) }
          ?? bytes(side).map { ModalityColumn(modality: modality, bytes: $0, rows: places) }
          ?? ModalityColumn(modality: modality, items: items(side), rows: places))
    }
  }

  /// Class names in order: by number where all are whole numbers, else by code points.
  static func classNames(_ names: Set<String>) -> [String] {
    let numbers = names.compactMap { Int($0) }
    guard numbers.count < names.count || Set(numbers).count < names.count else {
      return names.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }
    }
    return names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
  }

  private static func multiHot(_ numbers: [Int], _ count: Int) -> [Float] {
    var vector = [Float](repeating: 0, count: count)
    for number in numbers { vector[number] = 1 }
    return vector
  }

  private static func mostFrequent(_ tags: [String], count: Int) -> [String] {
    let counts = Dictionary(tags.map { ($0, 1) }, uniquingKeysWith: +)
    let ordered = counts.sorted { first, second in
      first.value == second.value
        ? first.key.unicodeScalars.lexicographicallyPrecedes(second.key.unicodeScalars) : first.value > second.value
    }
    return ordered.prefix(count).map(\.key)
  }
}
