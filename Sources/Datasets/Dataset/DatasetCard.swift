/// A data set described by plain values, for the command line and reports.
public struct DatasetCard: Codable, Equatable, Sendable {
  /// One modality's name, kind and shape, such as `image`, `image`, `[28, 28, 1]`.
  public struct ModalityLine: Codable, Equatable, Sendable {
    /// The modality's name.
    public let name: String
    /// The kind of its values.
    public let kind: String
    /// The shape of one item.
    public let shape: [Int]
    /// The number of different tokens, for tokens.
    public let vocabulary: Int?
    /// What becomes of the texts of each split as tokens, for tokens.
    public let texts: [String: TextStatistics]?
    /// The number of distinct items of each split.
    public let items: [String: Int]
    /// The number of observations of each split that lack the modality.
    public let missing: [String: Int]
  }

  /// One labelling's classes and how often each occurs in each split.
  public struct LabellingLine: Codable, Equatable, Sendable {
    /// The labelling's name.
    public let name: String
    /// The classes' names.
    public let classes: [String]
    /// For each split, each class's number of observations.
    public let counts: [String: [Int]]
  }

  /// The data set's name.
  public let name: String
  /// The checksum of what was read.
  public let checksum: String
  /// The number of observations of `train`, `validation` and `test`.
  public let observations: [String: Int]
  /// The number of families of `train`, `validation` and `test`, which share nothing with each other where the source draws its sides.
  public let families: [String: Int]
  /// The modalities, in order.
  public let modalities: [ModalityLine]
  /// The labellings, by name.
  public let labellings: [LabellingLine]
  /// Sources, omissions and notes.
  public let provenance: DatasetProvenance

  /// Describes a data set.
  public init(_ dataset: MultimodalDataset) {
    let splits = [dataset.train, dataset.validation, dataset.test]
    func bySplit<Value>(_ value: (MultimodalSplit) -> Value) -> [String: Value] {
      Dictionary(uniqueKeysWithValues: splits.map { ($0.name, value($0)) })
    }
    name = dataset.name
    checksum = dataset.checksum
    provenance = dataset.provenance
    observations = bySplit(\.count)
    families = bySplit { Set($0.families).count }
    modalities = dataset.modalities.enumerated().map { index, modality in
      let (kind, shape) = Self.shape(of: modality.kind)
      var vocabulary: Int?
      if case .tokens(_, let size) = modality.kind { vocabulary = size }
      return ModalityLine(
        name: modality.name, kind: kind, shape: shape, vocabulary: vocabulary,
        texts: dataset.textStatistics(of: modality.name),
        items: bySplit { Set($0.columns[index].rows).subtracting([ModalityColumn.absent]).count },
        missing: bySplit { $0.columns[index].absentCount })
    }
    labellings = dataset.classNames.sorted { $0.key < $1.key }.map { name, classes in
      LabellingLine(
        name: name, classes: classes,
        counts: bySplit { split in
          var counts = [Int](repeating: 0, count: classes.count)
          for label in split.labels[name] ?? [] { counts[Int(label)] += 1 }
          return counts
        })
    }
  }

  private static func shape(of kind: ModalityKind) -> (String, [Int]) {
    switch kind {
    case .image(let height, let width, let channels): ("image", [height, width, channels])
    case .video(let frames, let height, let width, let channels): ("video", [frames, height, width, channels])
    case .spectrogram(let frames, let bands): ("spectrogram", [frames, bands])
    case .series(let length, let channels): ("series", [length, channels])
    case .regions(let count, let features, let classes): ("regions", [count, features, classes])
    case .vector(let count): ("vector", [count])
    case .tokens(let length, _): ("tokens", [length])
    case .tags(let count): ("tags", [count])
    case .label(let count): ("label", [count])
    }
  }
}

extension DatasetCard: CustomStringConvertible {
  /// Several lines: counts, modalities, labellings, omissions, sources, notes.
  public var description: String {
    let order = ["train", "validation", "test"]
    func perSplit(_ value: (String) -> String) -> String { order.map(value).joined(separator: " / ") }
    func percent(_ share: Double) -> String {
      let tenths = Int((share * 1000).rounded())
      return "\(tenths / 10).\(tenths % 10) %"
    }
    var lines = [
      "\(name): \(perSplit { String(observations[$0] ?? 0) }) observations (train / validation / test)",
      "checksum: \(checksum)",
    ]
    if families != observations {
      lines.append(
        "families: \(perSplit { String(families[$0] ?? 0) }) (variants, or what shares a picture, caption or sound)")
    }
    for modality in modalities {
      var line = "modality \(modality.name): \(modality.kind) \(modality.shape)"
      if let vocabulary = modality.vocabulary { line += " of \(vocabulary) tokens" }
      line += ", \(perSplit { String(modality.items[$0] ?? 0) }) items"
      if modality.missing.values.contains(where: { $0 > 0 }) {
        line += ", missing in \(perSplit { String(modality.missing[$0] ?? 0) })"
      }
      lines.append(line)
      guard let texts = modality.texts else { continue }
      func counts(_ count: KeyPath<TextStatistics, Int>) -> String {
        perSplit { String(texts[$0]?[keyPath: count] ?? 0) }
      }
      lines.append(
        "texts of \(modality.name): \(counts(\.texts)), different \(counts(\.different)), of these equal to another as tokens "
          + "\(counts(\.confused)), cut \(counts(\.cut)); bytes among the tokens "
          + perSplit { percent(texts[$0]?.byteShare ?? 0) })
      for split in order {
        let remarks = texts[split]?.remarks(on: modality.name, side: split, length: modality.shape.first ?? 0) ?? []
        lines += remarks.map { "note: \($0)" }
      }
    }
    for labelling in labellings {
      var line = "labelling \(labelling.name): \(labelling.classes.count) classes"
      for split in order {
        let counts = labelling.counts[split] ?? []
        line += "; \(split) \(counts.min() ?? 0) to \(counts.max() ?? 0) each"
        let absent = counts.count { $0 == 0 }
        if absent > 0 { line += ", \(absent) absent" }
      }
      lines.append(line)
    }
    lines += provenance.omissions.map { "left out: \($0.count), \($0.reason)" }
    lines += provenance.sources.map { "source: \($0.name); \($0.publisher); \($0.licence)" }
    lines += provenance.notes.map { "note: \($0)" }
    return lines.joined(separator: "\n")
  }
}

extension MultimodalDataset {
  /// The data set described by plain values.
  public var card: DatasetCard { DatasetCard(self) }
}
