import Diagnostics

/// What one modality's values are, and so which encoder suits them.
public enum ModalityKind: Hashable, Codable, Sendable {
  /// Pictures, `[height, width, channels]`, in 0…1.
  case image(height: Int, width: Int, channels: Int)
  /// Videos, `[frames, height, width, channels]`, in 0…1.
  case video(frames: Int, height: Int, width: Int, channels: Int)
  /// A spectrogram, `[frames, bands]`.
  case spectrogram(frames: Int, bands: Int)
  /// A series, `[length, 1 + channels]`: a step begins with 1, followed by its numbers; a step of padding is zeros.
  case series(length: Int, channels: Int)
  /// Regions of a picture, in no order, `[count, 6 + features + classes]`: a region begins with 1, then come its box (left,
  /// top, right, bottom in shares of the picture's width and height, and the share of its area), its features, and the shares
  /// of the classes of what is in it, where they are known; padding is zeros.
  case regions(count: Int, features: Int, classes: Int)
  /// A vector of numbers without further structure, `[count]`.
  case vector(count: Int)
  /// Token numbers, `[length]`, padded at the end with token 0.
  case tokens(length: Int, vocabulary: Int)
  /// A set of tags as a multi-hot vector, `[count]`.
  case tags(count: Int)
  /// A class as a one-hot vector, `[count]`.
  case label(count: Int)

  /// The numbers of a region before its features: the mark that it is one, and its box.
  public static let regionHead = 6

  /// How many numbers one item has.
  public var elementCount: Int {
    switch self {
    case .image(let height, let width, let channels): height * width * channels
    case .video(let frames, let height, let width, let channels): frames * height * width * channels
    case .spectrogram(let frames, let bands): frames * bands
    case .series(let length, let channels): length * (1 + channels)
    case .regions(let count, let features, let classes): count * (Self.regionHead + features + classes)
    case .vector(let count), .tags(let count), .label(let count): count
    case .tokens(let length, _): length
    }
  }
}

/// A modality's name and kind.
public struct Modality: Hashable, Codable, Sendable {
  /// The name used in recipes and tables, such as `image`.
  public let name: String
  /// What its values are.
  public let kind: ModalityKind

  /// Creates a modality.
  public init(name: String, kind: ModalityKind) {
    self.name = name
    self.kind = kind
  }
}

/// Items of one modality, one after another: numbers, or token numbers for text.
public enum ModalityItems: Equatable, Sendable {
  /// `[items, elements]` numbers.
  case numbers([Float])
  /// `[items, length]` token numbers.
  case tokens([Int32])
}

/// One modality's items and which of them belongs to each observation.
public struct ModalityColumn: Sendable {
  /// The modality.
  public let modality: Modality
  /// The items, row-major; none where they are bytes or streamed.
  public let items: ModalityItems
  /// Items in 0…1 as bytes, of which each stands for its 255th: pictures that are held in memory.
  public let bytes: [UInt8]?
  /// What makes the items when a batch needs them, for those that no memory holds.
  public let stream: (any ItemStream)?
  /// The item of each observation, or `absent` where it has none.
  public let rows: [Int32]

  /// Stands in `rows` for an observation that lacks this modality.
  public static let absent: Int32 = -1

  /// Creates a column; every row must name an item or be `absent`.
  public init(modality: Modality, items: ModalityItems, rows: [Int32]) {
    (self.modality, self.items, self.rows, stream, bytes) = (modality, items, rows, nil, nil)
  }

  /// Creates a column of numbers in 0…1 that are held as bytes; every row must name an item or be `absent`.
  public init(modality: Modality, bytes: [UInt8], rows: [Int32]) {
    (self.modality, self.bytes, self.rows, stream, items) = (modality, bytes, rows, nil, .numbers([]))
  }

  /// Creates a column of numbers that are made when a batch needs them; every row must name an item or be `absent`.
  public init(modality: Modality, stream: any ItemStream, rows: [Int32]) {
    (self.modality, self.stream, self.rows, items, bytes) = (modality, stream, rows, .numbers([]), nil)
  }

  /// The same items for other observations.
  public func with(rows: [Int32]) -> ModalityColumn {
    if let stream { return ModalityColumn(modality: modality, stream: stream, rows: rows) }
    if let bytes { return ModalityColumn(modality: modality, bytes: bytes, rows: rows) }
    return ModalityColumn(modality: modality, items: items, rows: rows)
  }

  /// The items of some places among the bytes, as numbers.
  func numbers(of bytes: [UInt8], at places: [Int]) -> [Float] {
    let size = modality.kind.elementCount
    return [Float](unsafeUninitializedCapacity: places.count * size) { target, count in
      ByteValues.values.withUnsafeBufferPointer { values in
        bytes.withUnsafeBufferPointer { bytes in
          for (row, place) in places.enumerated() {
            for i in 0..<size {
              target.initializeElement(at: row * size + i, to: values[Int(bytes[place * size + i])])
            }
          }
        }
      }
      count = places.count * size
    }
  }

  /// Whether an observation has an item of this modality.
  public func isPresent(at index: Int) -> Bool { rows[index] != Self.absent }

  /// The number of observations that lack this modality.
  public var absentCount: Int { rows.count { $0 == Self.absent } }
}

/// One side of a split: observations, each with an item of every modality, unless it lacks that modality, and a class
/// under every labelling.
public struct MultimodalSplit: Sendable {
  /// `train`, `validation` or `test`.
  public let name: String
  /// The modalities in the data set's order, all with as many rows.
  public let columns: [ModalityColumn]
  /// For each labelling, such as `digit` or `subgroup`, each observation's class.
  public let labels: [String: [Int32]]
  /// What each observation is called at its source, such as `1F600`; empty where it has no name.
  public let identifiers: [String]
  /// The text behind a modality of tokens, one for each observation (empty where it has none), for reports.
  public let texts: [String: [String]]
  /// The family of each observation: those of one share a picture, caption or sound, or are variants of one thing, such
  /// as the skin tones and genders of an emoji. Where a source draws its sides, names are the same on all sides and in all folds. Where nothing is known
  /// each observation is a family of its own.
  public let families: [String]

  /// Creates a side of a split.
  ///
  /// - Parameter families: each observation's family; nil where nothing is known of any.
  public init(
    name: String, columns: [ModalityColumn], labels: [String: [Int32]], identifiers: [String] = [],
    texts: [String: [String]] = [:], families: [String]? = nil
  ) {
    self.name = name
    self.columns = columns
    self.labels = labels
    self.identifiers = identifiers
    self.texts = texts
    self.families =
      families ?? (identifiers.isEmpty ? (0..<(columns.first?.rows.count ?? 0)).map { "\(name) \($0)" } : identifiers)
  }

  /// The number of observations.
  public var count: Int { columns.first?.rows.count ?? 0 }

  /// Some of the observations, in the named order.
  public func gathering(_ indices: [Int]) -> MultimodalSplit {
    MultimodalSplit(
      name: name,
      columns: columns.map { column in
        column.with(rows: indices.map { column.rows[$0] })
      },
      labels: labels.mapValues { labels in indices.map { labels[$0] } },
      identifiers: identifiers.isEmpty ? [] : indices.map { identifiers[$0] },
      texts: texts.mapValues { texts in indices.map { texts[$0] } }, families: indices.map { families[$0] })
  }

  /// The column of a modality, which must be one of this data set's.
  public func column(of modality: String) -> ModalityColumn {
    guard let column = columns.first(where: { $0.modality.name == modality }) else {
      preconditionFailure("MultimodalSplit \(name): no modality \(modality)")
    }
    return column
  }

  /// Whether an observation has an item of a modality.
  public func isPresent(_ modality: String, at index: Int) -> Bool { column(of: modality).isPresent(at: index) }

  /// Whether some observations, in their order, have an item of a modality.
  public func presence(of modality: String, at indices: some Collection<Int>) -> [Bool] {
    let column = column(of: modality)
    return indices.map { column.isPresent(at: $0) }
  }

  /// Whether every observation has an item of every modality.
  public var isComplete: Bool { columns.allSatisfy { $0.absentCount == 0 } }

  /// The items of one modality for some observations, in their order, `[indices, elements]`, read where they are streamed.
  ///
  /// An observation that lacks the modality gets zeros, as in ``items(of:at:)``.
  ///
  /// - Throws: `UserError` where a streamed item cannot be read.
  public func readItems(of modality: String, at indices: some Collection<Int>) throws(UserError) -> ModalityItems {
    let column = column(of: modality)
    guard let stream = column.stream else { return items(of: modality, at: indices) }
    let items = try stream.items(at: indices.filter(column.isPresent(at:)).map { Int(column.rows[$0]) })
    guard case .numbers(let values) = items else { return items }
    return .numbers(spread(values, over: indices, of: column))
  }

  /// Items of the observations that have one, one after another, with zeros for the others.
  private func spread(_ values: [Float], over indices: some Collection<Int>, of column: ModalityColumn) -> [Float] {
    guard indices.contains(where: { !column.isPresent(at: $0) }) else { return values }
    let size = column.modality.kind.elementCount
    var (spread, next) = ([Float](), 0)
    spread.reserveCapacity(indices.count * size)
    for index in indices {
      if column.isPresent(at: index) {
        spread += values[next..<next + size]
        next += size
      } else {
        spread += repeatElement(0, count: size)
      }
    }
    return spread
  }

  /// The items of one modality, which must be in memory, for some observations, in their order, `[indices, elements]`.
  ///
  /// An observation that lacks the modality gets zeros, which for tokens is padding; `presence(of:at:)` tells which.
  public func items(of modality: String, at indices: some Collection<Int>) -> ModalityItems {
    let column = column(of: modality)
    precondition(column.stream == nil, "MultimodalSplit \(name): \(modality) is not in memory")
    if let bytes = column.bytes {
      let places = indices.filter(column.isPresent(at:)).map { Int(column.rows[$0]) }
      return .numbers(spread(column.numbers(of: bytes, at: places), over: indices, of: column))
    }
    let size = column.modality.kind.elementCount
    func gather<Element: Numeric>(_ source: [Element]) -> [Element] {
      [Element](unsafeUninitializedCapacity: indices.count * size) { target, count in
        source.withUnsafeBufferPointer { source in
          var place = target.baseAddress!
          for index in indices {
            if column.isPresent(at: index) {
              place.initialize(from: source.baseAddress! + Int(column.rows[index]) * size, count: size)
            } else {
              place.initialize(repeating: 0, count: size)
            }
            place += size
          }
        }
        count = indices.count * size
      }
    }
    switch column.items {
    case .numbers(let values): return .numbers(gather(values))
    case .tokens(let values): return .tokens(gather(values))
    }
  }
}

/// A data set of observations in several modalities, with its fixed split.
public struct MultimodalDataset: Sendable {
  /// The name used in recipes.
  public let name: String
  /// The training side.
  public let train: MultimodalSplit
  /// The side on which settings are chosen.
  public let validation: MultimodalSplit
  /// The side that is reported.
  public let test: MultimodalSplit
  /// The names of the classes of each labelling.
  public let classNames: [String: [String]]
  /// The checksum of what was read, for the run's manifest.
  public let checksum: String
  /// The tokeniser of each modality of tokens.
  public let tokenisers: [String: SubwordTokeniser]
  /// What each number of a modality of tags means.
  public let tagNames: [String: [String]]
  /// Where the data comes from and what was left out.
  public let provenance: DatasetProvenance
  /// For each training row a number that rows share which are one observation to training, such as a picture with its
  /// captions: one of them is drawn each time. Nil where each row is an observation.
  public let alternatives: [Int]?
  /// How a file becomes an item of a modality of pictures, where the data set has its own way.
  let pictureForms: [String: PictureForm]

  /// Creates a data set.
  public init(
    name: String, train: MultimodalSplit, validation: MultimodalSplit, test: MultimodalSplit,
    classNames: [String: [String]], checksum: String, tokenisers: [String: SubwordTokeniser] = [:],
    tagNames: [String: [String]] = [:], provenance: DatasetProvenance = DatasetProvenance(),
    pictureForms: [String: PictureForm] = [:], alternatives: [Int]? = nil
  ) {
    self.name = name
    self.train = train
    self.validation = validation
    self.test = test
    self.classNames = classNames
    self.checksum = checksum
    self.tokenisers = tokenisers
    self.tagNames = tagNames
    self.provenance = provenance
    self.pictureForms = pictureForms
    self.alternatives = alternatives
  }

  /// The labelling that says whether an observation's sentence is true of its picture, 1, or false, 0, where people said so.
  public static let statementLabelling = "statement"

  /// The names of that labelling's classes; a labelling of a user's that is called the same has others.
  public static let statementClasses = ["false", "true"]

  /// Whether observations pair a picture with a sentence that is false of it.
  public var hasFalsePairs: Bool {
    classNames[Self.statementLabelling] == Self.statementClasses
      && [train, validation, test].contains { $0.labels[Self.statementLabelling]?.contains(0) ?? false }
  }

  /// The modalities, in order.
  public var modalities: [Modality] { train.columns.map(\.modality) }

  /// How a file becomes an item of a modality; nil where the modality is not one of pictures.
  public func pictureForm(of modality: String) -> PictureForm? {
    pictureForms[modality] ?? modalities.first { $0.name == modality }.flatMap { PictureForm(of: $0.kind) }
  }
}
