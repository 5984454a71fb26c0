import Autograd
import Datasets
import Diagnostics
import Encoders
import Foundation
import Interchange
import Kernels
import Layers
import Methods
import Options
import Pretrained
import Recipes
import Runs
import StrictYAML
import Training

/// What the section `init` of a recipe names, opened: an imported model, or a seed of an earlier run.
///
/// A seed begins from the same seed of a run, whose split of the data may be its own, unless one seed of it is named.
struct ModelStart {
  /// What the encoders begin from, and what of them is trained.
  let encoders: EncoderStart
  /// How encoders of an imported model see items.
  let imported: ImportedReading?
  private let notes: [String]
  private let content: Content

  private enum Content {
    case nothing
    case model(PretrainedModel, folder: URL)
    case sentences(SentenceEncoder, folder: URL)
    case seed(SeedStart)
  }

  /// The folder within a seed's own that keeps vocabulary and sizes of an imported model, so that the run can be opened
  /// without it.
  private static let formFolder = "imported"

  private static let key = "init.from"

  /// Opens what the settings name, for a data set; nil where they name nothing.
  ///
  /// - Throws: `UserError` where it is missing or damaged, or does not fit settings and data.
  static func open(
    _ settings: AlignmentSettings, dataset: MultimodalDataset, seed: Int
  ) throws(UserError) -> ModelStart? {
    let options = settings.start
    guard let from = options.from else { return nil }
    let folder = URL(fileURLWithPath: from, isDirectory: true)
    if SentenceEncoder.isImported(folder) {
      guard !options.take.hasImage else {
        throw UserError(
          .data, "names a text encoder alone, \(from)", at: key,
          mend: "set init.take=text, and init.freeze to text or none")
      }
      return ModelStart(
        try SentenceEncoder(folder: folder), options, folder: folder,
        notes: ["Encoders (\(options.take.rawValue)) begin from \(from)\(describe(options))."])
    }
    guard PretrainedModel.isImported(folder) else {
      let start = try SeedStart(from: from, seed: seed)
      try start.check(settings, dataset: dataset)
      return ModelStart(
        encoders: EncoderStart(options, source: start.source), imported: nil,
        notes: ["Encoders (\(options.take.rawValue)) begin from \(from)\(describe(options))."]
          + start.notes(on: dataset, settings, seed: seed), content: .seed(start))
    }
    let side = try side(settings, dataset)
    return try ModelStart(
      PretrainedModel(folder: folder, side: side), options, folder: folder, readsPictures: side != nil,
      notes: ["Encoders (\(options.take.rawValue)) begin from \(from)\(describe(options))."])
  }

  /// Opens the form of an imported model that a seed's folder keeps; nil where encoders are the recipe's own.
  ///
  /// - Throws: `UserError` where it is damaged.
  static func reopen(
    _ settings: AlignmentSettings, dataset: MultimodalDataset, seedFolder: URL
  ) throws(UserError) -> ModelStart? {
    guard settings.start.from != nil else { return nil }
    let folder = seedFolder.appending(path: formFolder)
    if SentenceEncoder.isImported(folder) {
      return ModelStart(try SentenceEncoder(blank: folder), settings.start, folder: folder, notes: [])
    }
    guard PretrainedModel.isImported(folder) else {
      return ModelStart(
        encoders: EncoderStart(settings.start, source: nil), imported: nil, notes: [], content: .nothing)
    }
    return try ModelStart(
      PretrainedModel(blank: folder), settings.start, folder: folder,
      readsPictures: try side(settings, dataset) != nil, notes: [])
  }

  private init(encoders: EncoderStart, imported: ImportedReading?, notes: [String], content: Content) {
    (self.encoders, self.imported, self.notes, self.content) = (encoders, imported, notes, content)
  }

  private init(
    _ model: PretrainedModel, _ options: StartOptions, folder: URL, readsPictures: Bool, notes: [String]
  ) throws(UserError) {
    var captions: ImportedReading.Captions?
    if options.take.hasText {
      guard let tokeniser = model.tokeniser else {
        throw UserError(
          .data, "names a model without a vocabulary, so that captions mean nothing to it", at: Self.key,
          mend: "import it with its vocabulary, or set init.take=image")
      }
      captions = .init(tokeniser: tokeniser, length: model.description.configuration.length)
    }
    encoders = EncoderStart(options, source: ImportedSource(model))
    imported = ImportedReading(
      readsPictures: readsPictures, captions: captions, modalities: options.modalities)
    self.notes = notes + model.description.configuration.notes
    content = .model(model, folder: folder)
  }

  private init(_ encoder: SentenceEncoder, _ options: StartOptions, folder: URL, notes: [String]) {
    encoders = EncoderStart(options, source: SentenceSource(encoder))
    imported = ImportedReading(
      readsPictures: false,
      captions: .init(tokeniser: encoder.tokeniser, length: encoder.description.configuration.length),
      modalities: options.modalities)
    self.notes = notes
    content = .sentences(encoder, folder: folder)
  }

  /// What is trained, in a few words.
  private static func describe(_ options: StartOptions) -> String {
    var words: [String] = []
    if options.freeze != .none { words.append("\(options.freeze.rawValue) frozen") }
    switch options.adapter {
    case .none: break
    case .lora: words.append("trained by LoRA of rank \(options.rank), α \(options.alpha)")
    case .tensorTrain: words.append("trained by tensor-train adapters of rank \(options.rank), α \(options.alpha)")
    }
    return words.isEmpty ? "" : ", " + words.joined(separator: ", ")
  }

  /// The side of the pictures that an imported model is to read; nil where it reads none.
  private static func side(
    _ settings: AlignmentSettings, _ dataset: MultimodalDataset
  ) throws(UserError) -> Int? {
    guard settings.start.take.hasImage else { return nil }
    let names = settings.data.modalities ?? dataset.modalities.map(\.name)
    var side: Int?
    for modality in dataset.modalities where names.contains(modality.name) && settings.start.takes(modality) {
      guard case .image(let height, let width, let channels) = modality.kind else { continue }
      guard height == width, channels == 3, side == nil || side == height else {
        throw UserError(
          .data,
          "names a model of square pictures of one size in colour, and \(modality.name) is \(height) × \(width) "
            + "with \(channels) channels", at: Self.key, mend: "set init.take=text, or take other pictures")
      }
      side = height
    }
    return side
  }

  /// Checks that encoders as the recipe has them fit, once the data are read.
  ///
  /// - Throws: `UserError` naming everything that does not.
  func check(_ settings: AlignmentSettings, _ data: AlignedData) throws(UserError) {
    let options = settings.start
    let names = data.modalities.map(\.name)
    if let unknown = options.modalities?.first(where: { !names.contains($0) }) {
      throw UserError(
        .data, "names `\(unknown)`, which is not aligned", at: "init.modalities",
        mend: "aligned are \(names.joined(separator: ", "))")
    }
    guard data.modalities.contains(where: options.takes) else {
      throw UserError(
        .data, "has nothing to begin with, since no aligned modality is of pictures or captions", at: "init.take",
        mend: "name others by data.modalities")
    }
    let captions = data.captions.map { data.modalities[$0] }
    let takenCaptions = captions.filter(options.takes)
    guard !settings.model.sharesTextEncoder || takenCaptions.isEmpty || takenCaptions.count == captions.count else {
      throw UserError(
        .data, "names some captions of those that share an encoder", at: "init.modalities",
        mend: "set model.sharesTextEncoder=false")
    }
    if settings.training.epochs == 0, let width = leftOutWidth(settings, data) {
      throw UserError(
        .data,
        "is \(settings.model.dimensions), and the map that encoders begin with leads to \(width) dimensions, so that an "
          + "untrained one would be measured", at: "model.dimensions", mend: "set it to \(width)")
    }
    // The encoders of an imported model are its own, and have attention.
    guard case .seed(let start) = content else { return }
    var stream = RandomStreams.stream("init", seed: 0)
    let taken = EncoderSet(data.modalities, options: settings.model, stream: &stream).all
      .filter { options.takes($0.modality) }
    try start.check(taken.map { ($0.name, $0.encoder) })
    guard options.adapter != .none else { return }
    for (name, modality, encoder) in taken where !options.freezes(modality) && encoder.adaptableWeights.isEmpty {
      throw UserError(
        .data, "has no weights to change in the encoder of \(name), which has no attention", at: "init.adapter",
        mend: "take a transformer for it, or set init.adapter=none")
    }
  }

  /// The width of the space that the source's own maps lead to, where the recipe has another and they are not taken.
  private func leftOutWidth(_ settings: AlignmentSettings, _ data: AlignedData) -> Int? {
    var stream = RandomStreams.stream("init", seed: 0)
    return EncoderSet(data.modalities, options: settings.model, stream: &stream).all.lazy
      .compactMap { encoders.projection(behind: $0.name, $0.modality)?.shape[0] }
      .first { $0 != settings.model.dimensions }
  }

  /// What a reader of the scores must know once the data are read.
  func notes(_ settings: AlignmentSettings, _ data: AlignedData) -> [String] {
    guard let width = leftOutWidth(settings, data) else { return notes }
    return notes + [
      "The map into \(width) dimensions that encoders begin with is not taken: model.dimensions is "
        + "\(settings.model.dimensions)."
    ]
  }

  /// Keeps what the run needs of an imported model.
  func write(to seedFolder: URL) throws(UserError) {
    let folder = seedFolder.appending(path: Self.formFolder)
    switch content {
    case .nothing, .seed: return
    case .model(let model, let source):
      try RunFolder.createFolder(folder)
      try model.writeForm(from: source, to: folder)
    case .sentences(let encoder, let source):
      try RunFolder.createFolder(folder)
      try encoder.writeForm(from: source, to: folder)
    }
  }

  /// The checksums of what the settings name, by what they are of.
  ///
  /// - Throws: `UserError` where it is missing or damaged.
  static func checksums(_ options: StartOptions) throws(UserError) -> [String: String] {
    guard let from = options.from else { return [:] }
    let folder = URL(fileURLWithPath: from, isDirectory: true)
    let checksum =
      try SentenceEncoder.isImported(folder)
      ? SentenceEncoder.description(of: folder).checksum
      : PretrainedModel.isImported(folder) ? PretrainedModel.checksum(of: folder) : SeedStart.checksum(of: from)
    return ["init from \(from)": checksum]
  }
}
