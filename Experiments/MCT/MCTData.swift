import Datasets
import Diagnostics
import Kernels
import Objectives

/// A data set as MCT sees it: images, captions in one vocabulary, tags, and classes.
struct MCTData {
  /// One side of the split.
  struct Side {
    let split: MultimodalSplit
    /// For each language or synonym, the tokens of all captions.
    let captions: [[Int32]]
    /// The tags that are trained with, `[observations, tagCount]`; in a control those of other observations.
    let tags: [Float]

    var count: Int { split.count }
  }

  let dataset: MultimodalDataset
  let train: Side
  let validation: Side
  let test: Side
  /// The size of the images.
  let imageSize: (height: Int, width: Int, channels: Int)
  /// The number of tokens of all languages together.
  let vocabulary: Int
  /// The number of tokens of a caption; 0 without captions.
  let captionLength: Int
  /// The number of tags; 0 without tags.
  let tagCount: Int
  /// The labellings, the most important first.
  let labellings: [String]
  /// For each training observation, whether its image is never flipped.
  let keepsSide: [Bool]
  private let imageModality: String
  private let captionModality: String?
  private let tagModality: String

  /// Finds the modalities and labellings that the settings name.
  ///
  /// - Parameter seed: selects the other observations whose tags a control has.
  /// - Throws: `UserError` for one that the data set has not, or that is of another kind.
  init(_ dataset: MultimodalDataset, settings: MCTSettings, seed: Int) throws(UserError) {
    self.dataset = dataset
    let image = try Self.modality(settings.data.image, of: dataset, at: "data.image")
    guard case .image(let height, let width, let channels) = image.kind, channels == 1 || channels == 3 else {
      throw UserError(
        .data, "`\(image.name)` is no modality of images with one or three channels", at: "data.image")
    }
    imageSize = (height, width, channels)
    imageModality = image.name
    tagModality = settings.data.tags
    labellings = try Self.labellings(settings, of: dataset)
    keepsSide = try Self.keepsSide(settings.augmentation.neverFlipped, of: dataset)
    let vocabularies = try Self.vocabularies(settings, of: dataset)
    // The special tokens are common, the words of each language follow one another.
    vocabulary = vocabularies.words.reduce(4) { $0 + $1.size - 4 }
    captionLength = vocabularies.length
    captionModality = vocabularies.words.first?.name
    var tagCount = 0
    if let modality = dataset.modalities.first(where: { $0.name == settings.data.tags }) {
      guard case .tags(let count) = modality.kind else {
        throw UserError(.data, "`\(modality.name)` is no modality of tags", at: "data.tags")
      }
      tagCount = count
    } else if settings.method.weights.tags > 0 {
      _ = try Self.modality(settings.data.tags, of: dataset, at: "data.tags")
    }
    self.tagCount = tagCount
    try Self.checkPresence([image.name] + settings.data.captions.prefix(1), in: dataset)

    func side(_ split: MultimodalSplit, order: [Int]) -> Side {
      var offset: Int32 = 0
      var captions: [[Int32]] = []
      for (name, size) in vocabularies.words {
        guard case .tokens(let tokens) = split.items(of: name, at: 0..<split.count) else { continue }
        captions.append(tokens.map { $0 < 4 ? $0 : $0 + offset })
        offset += Int32(size - 4)
      }
      guard tagCount > 0, case .numbers(let tags) = split.items(of: settings.data.tags, at: order) else {
        return Side(split: split, captions: captions, tags: [])
      }
      return Side(split: split, captions: captions, tags: tags)
    }
    func inPlace(_ split: MultimodalSplit) -> [Int] { Array(0..<split.count) }
    var others = RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: "other tags")
    train = side(
      dataset.train,
      order: settings.data.shufflesTags ? others.permutation(of: dataset.train.count) : inPlace(dataset.train))
    validation = side(dataset.validation, order: inPlace(dataset.validation))
    test = side(dataset.test, order: inPlace(dataset.test))
  }

  /// The names of a labelling's classes as captions, `[classes · captionLength]` tokens: `face-hat` is `face hat`.
  func captions(ofClasses labelling: String) -> [Int32]? {
    guard let captionModality, let tokeniser = dataset.tokenisers[captionModality],
      let names = dataset.classNames[labelling]
    else { return nil }
    return names.flatMap { tokeniser.encode($0, length: captionLength) }
  }

  /// What a reader of zero-shot scores must know of the names of the classes.
  var zeroShotRemarks: [String] {
    guard let tokeniser = captionModality.flatMap({ dataset.tokenisers[$0] }) else { return [] }
    return labellings.compactMap { tokeniser.remark(onNames: dataset.classNames[$0] ?? [], of: $0) }
  }

  /// The observations' own tags, `[observations, tagCount]`.
  func trueTags(of side: Side) -> [Float] {
    guard tagCount > 0, case .numbers(let tags) = side.split.items(of: tagModality, at: 0..<side.count) else {
      return []
    }
    return tags
  }

  /// The classes of a side under a labelling.
  func labels(_ labelling: String, of side: Side) -> [Int] { (side.split.labels[labelling] ?? []).map(Int.init) }

  /// The number of classes of a labelling.
  func classCount(_ labelling: String) -> Int { dataset.classNames[labelling]?.count ?? 0 }

  /// The usual caption of an observation; nil where there is no text.
  func caption(_ index: Int, of side: Side) -> String? {
    captionModality.flatMap { side.split.texts[$0] }.map { $0[index] }
  }

  /// The training images.
  var imageColumn: ModalityColumn? { train.split.columns.first { $0.modality.name == imageModality } }

  /// The pixels of some observations' images, one image after another.
  func pixels(_ observations: some Collection<Int>, of side: Side) -> [Float] {
    guard case .numbers(let pixels) = side.split.items(of: imageModality, at: observations) else { return [] }
    return pixels
  }

  /// The mean and deviation of each channel over the training images; a channel that never changes has deviation 1.
  func channelStatistics() -> (mean: [Float], deviation: [Float]) {
    let channels = imageSize.channels
    var sums = [Double](repeating: 0, count: channels)
    var squares = sums
    guard let imageColumn, case .numbers(let pixels) = imageColumn.items else { return ([], []) }
    for start in stride(from: 0, to: pixels.count, by: channels) {
      for channel in 0..<channels {
        let value = Double(pixels[start + channel])
        sums[channel] += value
        squares[channel] += value * value
      }
    }
    let count = Double(max(1, pixels.count / channels))
    let means = sums.map { $0 / count }
    let deviations = zip(squares, means).map { max(0, $0 / count - $1 * $1).squareRoot() }
    return (means.map(Float.init), deviations.map { $0 > 1e-6 ? Float($0) : 1 })
  }

  /// Refuses observations without an image or their first caption.
  private static func checkPresence(_ names: [String], in dataset: MultimodalDataset) throws(UserError) {
    for split in [dataset.train, dataset.validation, dataset.test] {
      for name in names {
        let absent = split.column(of: name).absentCount
        guard absent == 0 else {
          throw UserError(
            .data, "\(absent) observations of the \(split.name) side have no \(name)", at: "data",
            mend: "set data.folder.missing=omitted")
        }
      }
    }
  }

  private static func modality(
    _ name: String, of dataset: MultimodalDataset, at key: String
  ) throws(UserError) -> Modality {
    guard let modality = dataset.modalities.first(where: { $0.name == name }) else {
      let known = dataset.modalities.map(\.name).joined(separator: ", ")
      throw UserError(.data, "\(dataset.name) has no modality `\(name)`", at: key, mend: "it has \(known)")
    }
    return modality
  }

  private static func vocabularies(
    _ settings: MCTSettings, of dataset: MultimodalDataset
  ) throws(UserError) -> (words: [(name: String, size: Int)], length: Int) {
    var words: [(name: String, size: Int)] = []
    var length = 0
    for name in settings.data.captions {
      let modality = try modality(name, of: dataset, at: "data.captions")
      guard case .tokens(let own, let size) = modality.kind, size >= 4 else {
        throw UserError(.data, "`\(name)` is no modality of captions", at: "data.captions")
      }
      guard length == 0 || own == length else {
        throw UserError(.data, "`\(name)` has \(own) tokens, the captions before \(length)", at: "data.captions")
      }
      length = own
      words.append((name, size))
    }
    return (words, length)
  }

  private static func labellings(
    _ settings: MCTSettings, of dataset: MultimodalDataset
  ) throws(UserError) -> [String] {
    let known = dataset.classNames.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map(\.key)
    guard let names = settings.evaluation.labellings else { return known }
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw UserError(
        .data, "\(dataset.name) has no labelling `\(unknown)`", at: "evaluation.labellings",
        mend: "it has \(known.joined(separator: ", "))")
    }
    return names
  }

  private static func keepsSide(_ names: [String], of dataset: MultimodalDataset) throws(UserError) -> [Bool] {
    var keeps = [Bool](repeating: false, count: dataset.train.count)
    for name in names {
      var isKnown = false
      for (labelling, classes) in dataset.classNames {
        guard let number = classes.firstIndex(of: name) else { continue }
        isKnown = true
        for (index, label) in (dataset.train.labels[labelling] ?? []).enumerated() where Int(label) == number {
          keeps[index] = true
        }
      }
      guard isKnown else {
        throw UserError(.data, "\(dataset.name) has no class `\(name)`", at: "augmentation.neverFlipped")
      }
    }
    return keeps
  }
}
