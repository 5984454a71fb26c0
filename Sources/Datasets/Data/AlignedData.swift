import Diagnostics
import Kernels
import Options

/// A data set as methods and evaluators see it: the modalities that are aligned, in order, their captions in one
/// vocabulary, tags, classes, and which observation has what.
public struct AlignedData: Sendable {
  /// The sides of the split.
  public enum Side: String, CaseIterable, Sendable {
    /// For learning.
    case train
    /// For choosing settings.
    case validation
    /// For reporting.
    case test
  }

  /// The most modalities that are aligned: their subsets are evaluated.
  public static let mostModalities = 10

  /// The data set.
  public private(set) var dataset: MultimodalDataset
  /// What the recipe says of it.
  public let options: DataOptions
  /// How training items are changed.
  public let augmentation: AugmentationOptions
  /// The modalities that are aligned; those of captions are of the vocabulary and length that they are read in.
  public let modalities: [Modality]
  /// The modalities of captions among them.
  public let vocabulary: CaptionVocabulary
  /// The labellings that are looked at, the most important first.
  public let labellings: [String]
  /// The modality of tags and their number, where there is one.
  public let tags: (name: String, count: Int)?
  /// The modality of a number to predict, where there is one.
  public let target: String?
  /// The mean and deviation of each channel of the first pictures, or videos where there are none, over the training side, where
  /// pixels are standardised.
  public let channelStatistics: (mean: [Float], deviation: [Float])?
  private var presences: [Side: ModalityPresence]
  /// For each side and modality of captions the number of each observation's text.
  private(set) var numbersOfTexts: [Side: [String: [Int32]]]
  private let views: ImageAugmentation?
  private let mildViews: ImageAugmentation?
  private let captionViews: CaptionAugmentation
  /// How encoders of an imported model see items; nil where there are none.
  public let imported: ImportedReading?
  let keepsSide: [Bool]
  let viewsAhead: ViewsAhead?
  private let shuffledTags: [Int]?
  /// For each modality of texts, pictures or sounds the number of each training observation's item.
  let trainingItems: [[Int]?]
  /// For each training observation the one whose items of all modalities but the first it is trained with.
  private let partners: [Int]?

  /// Finds what the options name.
  ///
  /// - Parameters:
  ///   - labellings: those to look at, in order; nil takes all, that of the fewest classes first.
  ///   - sharesVocabulary: whether captions of all languages are of one vocabulary and length.
  ///   - imported: how encoders of an imported model see items.
  ///   - seed: selects the other observations whose tags, or whose items, a control has.
  /// - Throws: `UserError` for something that the data set has not, with the recipe's key as its place.
  public init(
    _ dataset: MultimodalDataset, options: DataOptions, augmentation: AugmentationOptions = AugmentationOptions(),
    labellings: [String]? = nil, sharesVocabulary: Bool = true, imported: ImportedReading? = nil, seed: Int = 0
  ) throws(UserError) {
    var dataset = dataset
    let read = try Self.chosen(options, of: dataset).filter { modality in
      if case .tokens = modality.kind { imported?.includes(modality) == true } else { false }
    }.map(\.name)
    if let reader = imported?.captions { dataset = dataset.reading(read, by: reader) }
    (self.dataset, self.options, self.augmentation, self.imported) = (dataset, options, augmentation, imported)
    let chosen = try Self.chosen(options, of: dataset)
    vocabulary = CaptionVocabulary(
      chosen.compactMap { modality in
        guard case .tokens(let length, _) = modality.kind, let tokeniser = dataset.tokenisers[modality.name] else {
          return nil
        }
        return (modality.name, length, tokeniser)
      }, isShared: sharesVocabulary, readers: imported?.captions.map { reader in read.map { ($0, reader) } } ?? [])
    let captions = vocabulary
    modalities = chosen.map { modality in
      guard let caption = captions.caption(named: modality.name) else { return modality }
      return Modality(
        name: modality.name, kind: .tokens(length: caption.textLength, vocabulary: caption.vocabularyCount))
    }
    self.labellings = try Self.labellings(labellings, of: dataset)
    tags = try Self.tags(options.tags, of: dataset)
    target = try Self.target(options.target, of: dataset)
    let names = modalities.map(\.name)
    presences = [
      .train: ModalityPresence(of: dataset.train, modalities: names),
      .validation: ModalityPresence(of: dataset.validation, modalities: names),
      .test: ModalityPresence(of: dataset.test, modalities: names),
    ]
    numbersOfTexts = Self.textNumbers(modalities, of: dataset)
    (views, mildViews) = Self.augmentations(augmentation, of: modalities)
    captionViews = CaptionAugmentation(augmentation.caption)
    keepsSide = try Self.keepsSide(augmentation.neverFlipped, of: dataset)
    viewsAhead = Self.viewsAhead(of: modalities, in: dataset.train, views, mild: mildViews)
    channelStatistics =
      try imported?.readsPictures == true ? nil : Self.channelStatistics(options, of: dataset, modalities)
    trainingItems = Self.trainingItems(of: dataset, modalities)
    if options.shufflesTags {
      var others = RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: "other tags")
      shuffledTags = others.permutation(of: dataset.train.count)
    } else {
      shuffledTags = nil
    }
    partners = try Self.partners(options, of: presences[.train], set: dataset.name, seed: seed)
  }

  /// The place of the first modality of pictures.
  public var image: Int? { modalities.firstIndex { if case .image = $0.kind { true } else { false } } }
  /// Whether there are videos.
  public var hasVideos: Bool { modalities.contains { if case .video = $0.kind { true } else { false } } }

  /// The places of the modalities of captions.
  public var captions: [Int] { modalities.indices.filter { isCaption($0) } }

  /// Whether a modality is one of captions.
  public func isCaption(_ place: Int) -> Bool { if case .tokens = modalities[place].kind { true } else { false } }

  /// The observations of a side.
  public subscript(side: Side) -> MultimodalSplit? {
    switch side {
    case .train: dataset.train
    case .validation: dataset.validation
    case .test: dataset.test
    }
  }

  /// The number of observations of a side.
  public func count(_ side: Side) -> Int { presence(side).count }

  /// Which observations of a side have which of the aligned modalities.
  public func presence(_ side: Side) -> ModalityPresence {
    guard let presence = presences[side] else { preconditionFailure("AlignedData: no side \(side)") }
    return presence
  }

  /// The same data with at most so many validation observations, evenly spread.
  public func samplingValidation(most: Int) -> AlignedData {
    let count = dataset.validation.count
    guard count > most else { return self }
    let rows = (0..<most).map { $0 * count / most }
    var sample = self
    sample.dataset = MultimodalDataset(
      name: dataset.name, train: dataset.train,
      validation: dataset.validation.gathering(rows), test: dataset.test,
      classNames: dataset.classNames, checksum: dataset.checksum, tokenisers: dataset.tokenisers,
      tagNames: dataset.tagNames, provenance: dataset.provenance)
    sample.presences[.validation] = ModalityPresence(
      of: sample.dataset.validation, modalities: modalities.map(\.name))
    sample.numbersOfTexts[.validation] = numbersOfTexts[.validation]?.mapValues { numbers in rows.map { numbers[$0] } }
    return sample
  }

  /// The classes of a side under a labelling, below 0 where an observation has none.
  public func labels(_ labelling: String, of side: Side) -> [Int32]? { self[side]?.labels[labelling] }

  /// Whether each observation's sentence is true of its picture, 1, or false, 0; nil where nobody called one false.
  public func statements(of side: Side) -> [Int32]? {
    guard classNames(MultimodalDataset.statementLabelling) == MultimodalDataset.statementClasses,
      let truths = labels(MultimodalDataset.statementLabelling, of: side), truths.contains(0)
    else { return nil }
    return truths
  }

  /// The names of the classes of a labelling.
  public func classNames(_ labelling: String) -> [String] { dataset.classNames[labelling] ?? [] }

  /// The text of an observation in a modality; nil where there is none.
  public func text(_ modality: String, of index: Int, in side: Side) -> String? {
    guard let texts = self[side]?.texts[modality], texts.indices.contains(index), !texts[index].isEmpty else {
      return nil
    }
    return texts[index]
  }
}

// MARK: - Items

extension AlignedData {
  /// The items of a modality for some observations, unchanged, captions in the common vocabulary; zeros, or an empty text,
  /// where an observation has none.
  ///
  /// - Throws: `UserError` where a streamed item cannot be read.
  public func items(
    of place: Int, at rows: some Collection<Int>, in side: Side
  ) throws(UserError) -> ModalityItems {
    let name = modalities[place].name
    let items = try split(side).readItems(of: name, at: rows)
    guard case .tokens(let tokens) = items, let caption = vocabulary.caption(named: name) else { return items }
    return .tokens(vocabulary.tokens(tokens, of: caption))
  }

  /// The aligned modalities whose training items are made when a batch needs them.
  public var streamed: [Modality] {
    modalities.filter { dataset.train.column(of: $0.name).stream != nil }
  }

  /// Begins a batch of training observations: what the next one needs of streamed items and changed pictures is made
  /// meanwhile.
  ///
  /// - Parameter next: the observations of the next batch; nil where there is none.
  public func begin(_ rows: [Int], next: [Int]?) {
    for place in modalities.indices {
      let column = dataset.train.column(of: modalities[place].name)
      let readers = options.readers ?? (column.stream == nil ? 0 : max(1, Parallel.threads / 2))
      var isMade = false
      if place == image, let viewsAhead {
        isMade = viewsAhead.begin(pictures(of: rows), next: next.map(pictures(of:)), readers: readers)
      }
      guard let stream = column.stream, readers > 0, !isMade else { continue }
      let items = trainingRows(of: place, at: next ?? []).filter(column.isPresent(at:)).map { Int(column.rows[$0]) }
      stream.prepare(items, readers: readers)
    }
  }

  /// Makes the streamed items of a batch that began, before anything else is done with it.
  ///
  /// - Throws: `UserError` where one cannot be read.
  public func load(_ rows: [Int]) throws(UserError) {
    for place in modalities.indices {
      let column = dataset.train.column(of: modalities[place].name)
      guard let stream = column.stream else { continue }
      if place == image, let viewsAhead, try viewsAhead.load() { continue }
      try stream.load(
        trainingRows(of: place, at: rows).filter(column.isPresent(at:)).map { Int(column.rows[$0]) })
    }
  }

  /// The items of a modality for some training observations, with pictures changed where that is wanted.
  public func trainingItems(
    of place: Int, at rows: [Int], using stream: inout RandomStream
  ) throws(UserError) -> ModalityItems {
    guard place == image, mildViews != nil else {
      if place == image { viewsAhead?.noteUnchanged() }
      return try items(of: place, at: trainingRows(of: place, at: rows), in: .train)
    }
    return try views(rows, isMild: true, using: &stream)
  }

  /// The observations whose items of a modality some training observations are trained with: themselves, unless pairs are
  /// wrong on purpose.
  public func trainingRows(of place: Int, at rows: [Int]) -> [Int] {
    guard place > 0, let partners else { return rows }
    return rows.map { partners[$0] }
  }

  /// Random views of the pictures of some training observations.
  public func imageViews(_ rows: [Int], using stream: inout RandomStream) throws(UserError) -> ModalityItems {
    try views(rows, isMild: false, using: &stream)
  }

  private func views(
    _ rows: [Int], isMild: Bool, using stream: inout RandomStream
  ) throws(UserError) -> ModalityItems {
    guard let image, let augmentation = isMild ? mildViews : views else {
      preconditionFailure("AlignedData: views of pictures without pictures")
    }
    let request = ViewsAhead.Request(isMild: isMild, key: stream.key, position: stream.position)
    let known = try viewsAhead?.views(of: pictures(of: rows), request) ?? []
    let count = known.count / modalities[image].kind.elementCount
    stream.position &+= UInt64(count) &* ImageViews.draws
    guard count < rows.count else { return .numbers(known) }
    let rest = trainingRows(of: image, at: Array(rows[count...]))
    let keeps = !isMild && keepsSide.contains(true) ? rest.map { keepsSide[$0] } : nil
    let column = dataset.train.column(of: modalities[image].name)
    if column.stream != nil || column.bytes != nil {
      guard case .numbers(let pixels) = try dataset.train.readItems(of: modalities[image].name, at: rest) else {
        preconditionFailure("AlignedData: pictures without pixels")
      }
      return .numbers(
        known + augmentation.views(of: pixels, rows: rest.indices.map(Int32.init), keepsSide: keeps, stream: &stream))
    }
    guard case .numbers(let pixels) = column.items else { preconditionFailure("AlignedData: pictures without pixels") }
    return .numbers(
      known + augmentation.views(of: pixels, rows: rest.map { column.rows[$0] }, keepsSide: keeps, stream: &stream))
  }

  /// Random views of the captions of some training observations: one of their captions, changed.
  ///
  /// - Parameter place: the modality whose captions they are; nil for one of all that an observation has.
  public func captionViews(
    _ rows: [Int], of place: Int? = nil, using stream: inout RandomStream
  ) throws(UserError) -> ModalityItems {
    var (all, length): ([[Int32]], Int) = ([], 0)
    for place in place.map({ [$0] }) ?? captions {
      guard case .tokens(let tokens) = try items(of: place, at: trainingRows(of: place, at: rows), in: .train),
        case .tokens(let own, _) = modalities[place].kind
      else { continue }
      all.append(tokens)
      length = own
    }
    return .tokens(
      captionViews.views(
        of: all, length: length, rows: Array(rows.indices), beginsWord: vocabulary.beginsWord,
        changesWords: vocabulary.captions.allSatisfy { $0.reader == nil }, stream: &stream))
  }

  /// The tags of some observations, `[rows, tags]`; nil without tags.
  public func tags(at rows: some Collection<Int>, in side: Side) -> Matrix? {
    guard let tags, let split = self[side], case .numbers(let values) = split.items(of: tags.name, at: rows) else {
      return nil
    }
    return Matrix(rows: rows.count, columns: tags.count, values: values)
  }

  /// The tags that training observations are trained with: their own, or in a control those of others.
  public func trainingTags(at rows: [Int]) -> Matrix? {
    tags(at: shuffledTags.map { others in rows.map { others[$0] } } ?? rows, in: .train)
  }

  /// What a reader of scores that read class names as captions must know of the names.
  public var classNameRemarks: [String] {
    guard image != nil, let caption = vocabulary.captions.first, caption.reader == nil else { return [] }
    return labellings.compactMap {
      caption.tokeniser.remark(onNames: classNames($0), of: $0, length: caption.length)
    }
  }

  private func split(_ side: Side) -> MultimodalSplit {
    guard let split = self[side] else { preconditionFailure("AlignedData: the side \(side) is not in memory") }
    return split
  }
}
