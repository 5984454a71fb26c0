import Autograd
import Datasets
import Diagnostics
import Encoders
import Foundation
import Kernels
import Objectives
import Training

/// Training pairs of an image with its texts, in memory or read when they are needed.
protocol TrainingPairs {
  /// The number of pairs.
  var count: Int { get }

  /// Images `[batch, height, width, channels]`, changed at random where that is wanted, and for each modality of captions
  /// their texts.
  func batch(
    _ indices: [Int], using stream: inout RandomStream
  ) throws -> (images: Tensor, texts: [ImageTextEncoder.Texts])
}

/// What an FDT experiment learns from and is measured on.
struct FDTData {
  let name: String
  let checksum: String
  /// The modality of pictures.
  let imageName: String
  /// What the images are.
  let image: ModalityKind
  /// How a file becomes one; nil where none can.
  let form: PictureForm?
  let vocabulary: CaptionVocabulary
  let training: any TrainingPairs
  /// The training side where it is in memory; linear probes need it.
  let train: MultimodalSplit?
  let validation: MultimodalSplit
  let test: MultimodalSplit
  let classNames: [String: [String]]
  let tagNames: [String: [String]]

  /// Loads the data set that settings name.
  ///
  /// - Throws: `UserError` where files are missing or damaged, or the settings name captions that there are not.
  static func load(_ settings: FDTSettings, context: SeedContext) throws(UserError) -> FDTData {
    let data = settings.data
    switch data.set {
    case .emoji:
      return try FDTData(try EmojiDataset.load(data.emoji, cacheFolder: context.cacheFolder), settings)
    case .nlvr:
      var options = data.nlvr
      options.dataRoot = options.dataRoot ?? context.dataRoot?.path
      return try FDTData(try NLVRDataset.load(options), settings)
    case .folder: return try FDTData(try data.folder.load(cacheFolder: context.cacheFolder), settings)
    case .shards:
      return try ShardPairs.load(settings, dataRoot: context.dataRoot)
    }
  }

  /// Takes a data set with pictures, the first modality of them, and captions.
  init(_ dataset: MultimodalDataset, _ settings: FDTSettings) throws(UserError) {
    guard let image = dataset.modalities.first(where: { if case .image = $0.kind { true } else { false } }) else {
      throw UserError(.data, "\(dataset.name) has no modality of pictures", at: "data.set")
    }
    let known = dataset.modalities.filter { if case .tokens = $0.kind { true } else { false } }.map(\.name)
    let chosen = settings.data.captions ?? known
    if let unknown = chosen.first(where: { !known.contains($0) }) {
      throw UserError(
        .data, "\(dataset.name) has no captions \"\(unknown)\"", at: "data.captions",
        mend: known.isEmpty ? nil : "it has \(known.joined(separator: ", "))")
    }
    guard !chosen.isEmpty, Set(chosen).count == chosen.count else {
      throw UserError(.data, "must name different captions, at least one", at: "data.captions")
    }
    var captions: [(name: String, length: Int, tokeniser: WordTokeniser)] = []
    for name in chosen {
      guard case .tokens(let length, _) = dataset.modalities.first(where: { $0.name == name })?.kind,
        let tokeniser = dataset.tokenisers[name]
      else { continue }
      captions.append((name, length, tokeniser))
    }
    let vocabulary = CaptionVocabulary(captions)
    self.init(
      name: dataset.name, checksum: dataset.checksum, imageName: image.name, image: image.kind,
      form: dataset.pictureForm(of: image.name),
      vocabulary: vocabulary,
      training: SplitPairs(
        split: dataset.train, imageName: image.name, image: image.kind, vocabulary: vocabulary,
        augmentation: Self.augmentation(settings.augmentation, of: image.kind)), train: dataset.train,
      validation: dataset.validation, test: dataset.test, classNames: dataset.classNames, tagNames: dataset.tagNames)
  }

  init(
    name: String, checksum: String, imageName: String, image: ModalityKind, form: PictureForm?,
    vocabulary: CaptionVocabulary, training: any TrainingPairs,
    train: MultimodalSplit?, validation: MultimodalSplit, test: MultimodalSplit, classNames: [String: [String]],
    tagNames: [String: [String]]
  ) {
    (self.name, self.checksum) = (name, checksum)
    (self.imageName, self.image, self.form, self.vocabulary) = (imageName, image, form, vocabulary)
    (self.training, self.train, self.validation, self.test) = (training, train, validation, test)
    (self.classNames, self.tagNames) = (classNames, tagNames)
  }

  static func augmentation(
    _ settings: FDTSettings.AugmentationSettings, of image: ModalityKind
  ) -> ImageAugmentation? {
    guard settings.isOn, case .image(let height, let width, let channels) = image, [1, 3].contains(channels) else {
      return nil
    }
    return ImageAugmentation(settings.image, height: height, width: width, channels: channels)
  }

  /// The labellings, by name.
  var labellings: [String] { classNames.keys.sorted() }
}

/// Pairs of one side of a split that is in memory.
struct SplitPairs: TrainingPairs {
  let split: MultimodalSplit
  let imageName: String
  let image: ModalityKind
  let vocabulary: CaptionVocabulary
  /// How training images are changed.
  var augmentation: ImageAugmentation?

  var count: Int { split.count }

  func batch(
    _ indices: [Int], using stream: inout RandomStream
  ) -> (images: Tensor, texts: [ImageTextEncoder.Texts]) {
    (
      augmentation.map { views(indices, $0, &stream) } ?? images(indices),
      vocabulary.captions.map { texts(indices, of: $0) }
    )
  }

  private func views(_ indices: [Int], _ augmentation: ImageAugmentation, _ stream: inout RandomStream) -> Tensor {
    guard case .image(let height, let width, let channels) = image,
      let column = split.columns.first(where: { $0.modality.name == imageName }),
      case .numbers(let values) = column.items
    else { preconditionFailure("SplitPairs: \(image) is no kind of image") }
    return Tensor(
      augmentation.views(of: values, rows: indices.map { column.rows[$0] }, stream: &stream),
      shape: [indices.count, height, width, channels])
  }

  func images(_ indices: some Collection<Int>) -> Tensor {
    guard case .image(let height, let width, let channels) = image,
      case .numbers(let values) = split.items(of: imageName, at: indices)
    else { preconditionFailure("SplitPairs: \(image) is no kind of image") }
    return Tensor(values, shape: [indices.count, height, width, channels])
  }

  func texts(_ indices: some Collection<Int>, of caption: CaptionVocabulary.Caption) -> ImageTextEncoder.Texts {
    guard case .tokens(let tokens) = split.items(of: caption.name, at: indices) else {
      preconditionFailure("SplitPairs: \(caption.name) is no modality of tokens")
    }
    return vocabulary.texts(tokens, of: caption)
  }
}
