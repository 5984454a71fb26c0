import Diagnostics
import Foundation

/// What trained networks need of their data set when it is no longer there, or is another one: vocabularies, the names of
/// classes and tags, the form of pictures, kinds of modalities. A run keeps it beside its parameters.
public struct DatasetForm: Equatable, Sendable {
  /// The data set's name.
  public let name: String
  /// The checksum of what was read.
  public let checksum: String
  /// The modalities, in order.
  public let modalities: [Modality]
  /// The tokeniser of each modality of tokens.
  public let tokenisers: [String: SubwordTokeniser]
  /// The names of the classes of each labelling.
  public let classNames: [String: [String]]
  /// What each number of a modality of tags means.
  public let tagNames: [String: [String]]
  /// How a file becomes an item of a modality of pictures.
  public let pictureForms: [String: PictureForm]
  /// The classes that occur together in training, a class of each labelling in the order of their names.
  public let classesTogether: [[Int32]]

  /// Describes a data set.
  public init(_ dataset: MultimodalDataset) {
    (name, checksum, modalities) = (dataset.name, dataset.checksum, dataset.modalities)
    (tokenisers, classNames, tagNames) = (dataset.tokenisers, dataset.classNames, dataset.tagNames)
    var forms: [String: PictureForm] = [:]
    for modality in dataset.modalities { forms[modality.name] = dataset.pictureForm(of: modality.name) }
    pictureForms = forms
    let labels = dataset.classNames.keys.sorted().compactMap { dataset.train.labels[$0] }
    let isLabelled = labels.count == dataset.classNames.count && !labels.isEmpty
    let together = isLabelled ? Set((0..<dataset.train.count).map { row in labels.map { $0[row] } }) : []
    classesTogether = together.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// A data set of this form without any item: its training observations lack every modality, and are there for the classes
  /// that occur together.
  public var dataset: MultimodalDataset {
    func split(_ name: String, _ count: Int, labels: [String: [Int32]]) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: modalities.map { modality in
          var items = ModalityItems.numbers([])
          if case .tokens = modality.kind { items = .tokens([]) }
          return ModalityColumn(
            modality: modality, items: items, rows: [Int32](repeating: ModalityColumn.absent, count: count))
        }, labels: labels)
    }
    let count = classesTogether.count
    let none = Dictionary(uniqueKeysWithValues: classNames.keys.map { ($0, [Int32]()) })
    var labels = none
    for (place, labelling) in classNames.keys.sorted().enumerated() {
      labels[labelling] = classesTogether.map { $0[place] }
    }
    return MultimodalDataset(
      name: name, train: split("train", count, labels: labels), validation: split("validation", 0, labels: none),
      test: split("test", 0, labels: none), classNames: classNames, checksum: checksum, tokenisers: tokenisers,
      tagNames: tagNames, pictureForms: pictureForms)
  }
}

// MARK: - Files

extension DatasetForm: Codable {
  private enum CodingKeys: CodingKey {
    case name, checksum, modalities, tokenisers, classNames, tagNames, pictureForms, classesTogether
  }

  /// The greatest number of an item's elements that is believed.
  private static let mostElements = 1 << 28

  /// Reads what ``encode(to:)`` has written.
  ///
  /// - Throws: `DecodingError` where it contradicts itself.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func require(_ holds: Bool, _ key: CodingKeys, _ what: String) throws {
      if !holds { throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: what) }
    }
    name = try container.decode(String.self, forKey: .name)
    checksum = try container.decode(String.self, forKey: .checksum)
    modalities = try container.decode([Modality].self, forKey: .modalities)
    tokenisers = try container.decode([String: SubwordTokeniser].self, forKey: .tokenisers)
    classNames = try container.decode([String: [String]].self, forKey: .classNames)
    tagNames = try container.decode([String: [String]].self, forKey: .tagNames)
    pictureForms = try container.decode([String: PictureForm].self, forKey: .pictureForms)
    classesTogether = try container.decode([[Int32]].self, forKey: .classesTogether)
    try require(Set(modalities.map(\.name)).count == modalities.count, .modalities, "a modality is there twice")
    for modality in modalities {
      try require(modality.kind.isSensible(upTo: Self.mostElements), .modalities, "\(modality.name) has no such size")
      guard case .tokens(_, let vocabulary) = modality.kind, let tokeniser = tokenisers[modality.name] else { continue }
      try require(vocabulary == tokeniser.vocabularyCount, .tokenisers, "\(modality.name) has another vocabulary")
    }
    let sizes = classNames.sorted { $0.key < $1.key }.map(\.value.count)
    for classes in classesTogether {
      try require(
        classes.count == sizes.count && zip(classes, sizes).allSatisfy { Int($0) < $1 }, .classesTogether,
        "no such class")
    }
  }

  /// Reads a seed's file.
  ///
  /// - Throws: `UserError` where there is none, as in runs of earlier versions, or it is damaged.
  public init(contentsOf file: URL) throws(UserError) {
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw UserError(
        .data, "the run does not keep the form of its data, as runs of earlier versions do not", at: file.path,
        mend: "run it again")
    }
    let data = try RegularFile.contents(of: file)
    do {
      self = try JSONDecoder().decode(DatasetForm.self, from: data)
    } catch {
      throw UserError(.data, "is damaged", at: file.path, mend: "run it again")
    }
  }

  /// Writes a seed's file.
  ///
  /// - Throws: `UserError` where it cannot be written.
  public func write(to file: URL) throws(UserError) { try AtomicFile.write(Data(json.utf8), to: file) }

  /// Everything as JSON.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { preconditionFailure("DatasetForm: cannot be written") }
    return String(decoding: data, as: UTF8.self)
  }
}

extension ModalityKind {
  /// Whether all sizes are positive, tags apart, and an item has at most so many numbers.
  fileprivate func isSensible(upTo most: Int) -> Bool {
    let sizes: [Int]
    switch self {
    case .image(let height, let width, let channels): sizes = [height, width, channels]
    case .video(let frames, let height, let width, let channels): sizes = [frames, height, width, channels]
    case .spectrogram(let frames, let bands): sizes = [frames, bands]
    case .series(let length, let channels): sizes = [length, channels]
    case .regions(let count, let features, let classes): sizes = [count, features, classes + 1]
    case .vector(let count), .label(let count): sizes = [count]
    case .tags(let count): return (0...most).contains(count)
    case .tokens(let length, let vocabulary): sizes = [length, vocabulary]
    }
    guard sizes.allSatisfy({ (1...most).contains($0) }) else { return false }
    return sizes.reduce(1.0) { $0 * Double($1) } <= Double(most) * 1024 && elementCount <= most
  }
}
