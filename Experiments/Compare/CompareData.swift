import Autograd
import Datasets
import Diagnostics
import Encoders
import Kernels
import Objectives

/// A data set as the comparison sees it: the modalities that are aligned, captions in one vocabulary, tags and classes.
struct CompareData {
  let dataset: MultimodalDataset
  /// The modalities that are aligned; those of captions are of the common vocabulary and length.
  let modalities: [Modality]
  /// The modalities of captions.
  let vocabulary: CaptionVocabulary
  /// The labellings, the coarsest first.
  let labellings: [String]
  /// The modality of tags and their number, where there is one.
  let tags: (name: String, count: Int)?
  /// The place of the first modality of images among the modalities.
  let image: Int?
  /// The place of the first modality of captions among the modalities.
  let firstCaption: Int?
  private let augmentation: ImageAugmentation?
  private let view: ImageAugmentation?
  private let captionView: CaptionAugmentation

  /// The observations that are trained on.
  var train: MultimodalSplit { dataset.train }

  /// Finds the modalities and labellings that the settings name.
  ///
  /// - Throws: `UserError` for one that the data set has not, and for observations that lack a modality.
  init(_ dataset: MultimodalDataset, _ settings: CompareSettings) throws(UserError) {
    self.dataset = dataset
    let chosen = try Self.chosen(settings, of: dataset)
    vocabulary = CaptionVocabulary(
      chosen.compactMap { modality in
        guard case .tokens(let length, _) = modality.kind, let tokeniser = dataset.tokenisers[modality.name] else {
          return nil
        }
        return (modality.name, length, tokeniser)
      })
    let words = (vocabulary.length, vocabulary.count)
    modalities = chosen.map { modality in
      guard case .tokens = modality.kind else { return modality }
      return Modality(name: modality.name, kind: .tokens(length: words.0, vocabulary: words.1))
    }
    labellings = try Self.labellings(settings, of: dataset)
    if let modality = dataset.modalities.first(where: { $0.name == settings.data.tags }),
      case .tags(let count) = modality.kind, count > 0
    {
      tags = (modality.name, count)
    } else {
      tags = nil
    }
    image = modalities.firstIndex { if case .image = $0.kind { true } else { false } }
    firstCaption = modalities.firstIndex { if case .tokens = $0.kind { true } else { false } }
    if let image, case .image(let height, let width, let channels) = modalities[image].kind, [1, 3].contains(channels) {
      augmentation =
        settings.augmentation.isOn
        ? ImageAugmentation(settings.augmentation.image, height: height, width: width, channels: channels) : nil
      view = ImageAugmentation(settings.augmentation.view, height: height, width: width, channels: channels)
    } else {
      augmentation = nil
      view = nil
    }
    captionView = CaptionAugmentation(settings.augmentation.caption)
  }

  private static func chosen(
    _ settings: CompareSettings, of dataset: MultimodalDataset
  ) throws(UserError) -> [Modality] {
    let all = dataset.modalities.filter {
      switch $0.kind {
      case .tags, .label: false
      default: true
      }
    }
    let names = settings.data.modalities ?? all.map(\.name)
    let known = dataset.modalities.map(\.name)
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw UserError(
        .data, "\(dataset.name) has no modality \"\(unknown)\"", at: "data.modalities",
        mend: nearestName(to: unknown, among: known).map { "did you mean \($0)?" }
          ?? "it has \(known.joined(separator: ", "))")
    }
    guard (2...10).contains(names.count), Set(names).count == names.count else {
      throw UserError(
        .data, "must name two to ten different modalities of \(dataset.name), not \(names.count)",
        at: "data.modalities", mend: "it has \(known.joined(separator: ", "))")
    }
    for side in [dataset.train, dataset.validation, dataset.test] {
      for name in names where side.column(of: name).absentCount > 0 {
        throw UserError(
          .data, "\(side.column(of: name).absentCount) \(side.name) observations of \(dataset.name) lack \(name)",
          at: "data.folder.missing", mend: "omit them, or name other modalities")
      }
    }
    return names.compactMap { name in dataset.modalities.first { $0.name == name } }
  }

  private static func labellings(
    _ settings: CompareSettings, of dataset: MultimodalDataset
  ) throws(UserError) -> [String] {
    let known = dataset.classNames.sorted { ($0.value.count, $0.key) < ($1.value.count, $1.key) }.map(\.key)
    guard let names = settings.evaluation.labellings else { return known }
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw UserError(
        .data, "\(dataset.name) has no labelling \"\(unknown)\"", at: "evaluation.labellings",
        mend: known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))")
    }
    return names
  }

  /// The items of all modalities of some observations, unchanged; images in ±1.
  func inputs(_ rows: some Collection<Int>, of split: MultimodalSplit) -> [ModalityInput] {
    modalities.map { input($0, split.items(of: $0.name, at: rows)) }
  }

  /// The items of all modalities of some training observations, with images changed where that is wanted.
  func trainingInputs(_ rows: [Int], using stream: inout RandomStream) -> [ModalityInput] {
    modalities.enumerated().map { place, modality in
      guard place == image, let augmentation else { return input(modality, train.items(of: modality.name, at: rows)) }
      return views(rows, by: augmentation, using: &stream)
    }
  }

  /// Random views of the images of some training observations, in ±1.
  func imageViews(_ rows: [Int], using stream: inout RandomStream) -> ModalityInput {
    guard let view else { preconditionFailure("CompareData: views of images without images") }
    return views(rows, by: view, using: &stream)
  }

  /// Random views of the captions of some training observations: one of their captions, changed.
  func captionViews(_ rows: [Int], using stream: inout RandomStream) -> ModalityInput {
    let captions = vocabulary.captions.map { caption -> [Int32] in
      guard case .tokens(let tokens) = train.items(of: caption.name, at: rows) else { return [] }
      return vocabulary.texts(tokens, of: caption).tokens
    }
    return .tokens(
      captionView.views(of: captions, length: vocabulary.length, rows: Array(rows.indices), stream: &stream),
      length: vocabulary.length)
  }

  private func views(
    _ rows: [Int], by augmentation: ImageAugmentation, using stream: inout RandomStream
  ) -> ModalityInput {
    guard let image else { preconditionFailure("CompareData: views of images without images") }
    let modality = modalities[image]
    let column = train.column(of: modality.name)
    guard case .numbers(let pixels) = column.items else { preconditionFailure("CompareData: images without pixels") }
    return input(
      modality, .numbers(augmentation.views(of: pixels, rows: rows.map { column.rows[$0] }, stream: &stream)))
  }

  private func input(_ modality: Modality, _ items: ModalityItems) -> ModalityInput {
    switch (modality.kind, items) {
    case (.tokens, .tokens(let tokens)):
      guard let caption = vocabulary.captions.first(where: { $0.name == modality.name }) else {
        preconditionFailure("CompareData: \(modality.name) is no modality of captions")
      }
      return .tokens(vocabulary.texts(tokens, of: caption).tokens, length: vocabulary.length)
    case (.image, _):
      guard case .numbers(let pixels) = ModalityInput(items, kind: modality.kind) else {
        preconditionFailure("CompareData: \(modality.name) has no pixels")
      }
      return .numbers(pixels * 2 - 1)
    default: return ModalityInput(items, kind: modality.kind)
    }
  }

  /// The tags of some observations, `[rows, tags]`; nil without tags.
  func tags(_ rows: some Collection<Int>, of split: MultimodalSplit) -> Matrix? {
    guard let tags, case .numbers(let values) = split.items(of: tags.name, at: rows) else { return nil }
    return Matrix(rows: rows.count, columns: tags.count, values: values)
  }

  /// The names of a labelling's classes as captions of the first modality of captions: `face-hat` is `face hat`.
  func captions(ofClasses labelling: String) -> ModalityInput? {
    guard let caption = vocabulary.captions.first, let names = dataset.classNames[labelling], !names.isEmpty else {
      return nil
    }
    return .tokens(vocabulary.texts(names, of: caption).tokens, length: vocabulary.length)
  }

  /// What a reader of zero-shot scores must know of the names of the classes.
  var zeroShotRemarks: [String] {
    guard image != nil, let caption = vocabulary.captions.first else { return [] }
    return labellings.compactMap { caption.tokeniser.remark(onNames: dataset.classNames[$0] ?? [], of: $0) }
  }

  /// Whether a modality is one of captions.
  func isCaption(_ place: Int) -> Bool { if case .tokens = modalities[place].kind { true } else { false } }
}
