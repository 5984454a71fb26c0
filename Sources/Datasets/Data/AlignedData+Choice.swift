import Diagnostics
import Kernels
import Options

/// What the options name, looked up in the data set.
extension AlignedData {
  static func chosen(_ options: DataOptions, of dataset: MultimodalDataset) throws(UserError) -> [Modality] {
    let known = dataset.modalities.map(\.name)
    let all = dataset.modalities.filter { $0.name != options.target }.filter {
      switch $0.kind {
      case .tags, .label: options.includesSupervision
      default: true
      }
    }
    let names = options.modalities ?? all.map(\.name)
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw missing("modality", unknown, in: dataset, known: known, at: "data.modalities")
    }
    guard !names.isEmpty, Set(names).count == names.count else {
      throw UserError(
        .data, "must name different modalities of \(dataset.name), at least one", at: "data.modalities",
        mend: "it has \(known.joined(separator: ", "))")
    }
    guard names.count <= mostModalities else {
      throw UserError(
        .data, "\(names.count) modalities have too many subsets to evaluate", at: "data.modalities",
        mend: "name at most \(mostModalities)")
    }
    return names.compactMap { name in dataset.modalities.first { $0.name == name } }
  }

  static func labellings(_ names: [String]?, of dataset: MultimodalDataset) throws(UserError) -> [String] {
    let known = dataset.classNames.sorted { ($0.value.count, $0.key) < ($1.value.count, $1.key) }.map(\.key)
    guard let names else { return known }
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw missing("labelling", unknown, in: dataset, known: known, at: "evaluation.labellings")
    }
    return names
  }

  static func tags(_ name: String, of dataset: MultimodalDataset) throws(UserError) -> (name: String, count: Int)? {
    guard !name.isEmpty else { return nil }
    guard let modality = dataset.modalities.first(where: { $0.name == name }) else {
      // Nobody has asked for the usual name.
      guard name != DataOptions().tags else { return nil }
      throw missing("modality", name, in: dataset, known: dataset.modalities.map(\.name), at: "data.tags")
    }
    guard case .tags(let count) = modality.kind else {
      throw UserError(.data, "`\(modality.name)` is no modality of tags", at: "data.tags")
    }
    return count > 0 ? (name, count) : nil
  }

  static func target(_ name: String, of dataset: MultimodalDataset) throws(UserError) -> String? {
    guard !name.isEmpty else { return nil }
    guard let modality = dataset.modalities.first(where: { $0.name == name }) else {
      throw missing("modality", name, in: dataset, known: dataset.modalities.map(\.name), at: "data.target")
    }
    guard case .vector(count: 1) = modality.kind else {
      throw UserError(.data, "`\(name)` is no modality of one number", at: "data.target")
    }
    return name
  }

  /// The numbers to predict of some observations, nil where one has none; nil where nothing is to be predicted.
  public func targets(at rows: some Collection<Int>, in side: Side) -> [Float?]? {
    guard let target, let split = self[side], case .numbers(let values) = split.items(of: target, at: rows) else {
      return nil
    }
    return zip(values, split.presence(of: target, at: rows)).map { $1 ? $0 : nil }
  }

  /// The observations whose items wrong pairs have; nil where all pairs are right.
  static func partners(
    _ options: DataOptions, of presence: ModalityPresence?, set: String, seed: Int
  ) throws(UserError) -> [Int]? {
    guard options.pairNoise > 0, let presence else { return nil }
    guard presence.isWhole else {
      throw UserError(
        .data, "must be 0 for \(set), whose training observations do not all have every modality",
        at: "data.pairNoise", mend: "leave out those that lack one")
    }
    var stream = RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: "pair noise")
    return PairNoise(share: options.pairNoise).sources(count: presence.count, using: &stream)
  }

  static func augmentations(
    _ options: AugmentationOptions, of modalities: [Modality]
  ) -> (views: ImageAugmentation?, mild: ImageAugmentation?) {
    guard let image = modalities.first(where: { if case .image = $0.kind { true } else { false } }),
      case .image(let height, let width, let channels) = image.kind, [1, 3].contains(channels)
    else { return (nil, nil) }
    func augmentation(_ options: ImageAugmentation.Options) -> ImageAugmentation {
      ImageAugmentation(options, height: height, width: width, channels: channels)
    }
    return (augmentation(options.view), options.isOn ? augmentation(options.image) : nil)
  }

  static func keepsSide(_ names: [String], of dataset: MultimodalDataset) throws(UserError) -> [Bool] {
    guard !names.isEmpty else { return [] }
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

  /// The first modality of pictures, or else of videos, and its channels.
  private static func pictures(among modalities: [Modality]) -> (Modality, channels: Int)? {
    for modality in modalities { if case .image(_, _, let channels) = modality.kind { return (modality, channels) } }
    for modality in modalities { if case .video(_, _, _, let channels) = modality.kind { return (modality, channels) } }
    return nil
  }

  /// The mean and deviation of each channel over the training pictures, or frames where there are only videos; a channel
  /// that never changes has deviation 1.
  static func channelStatistics(
    _ options: DataOptions, of dataset: MultimodalDataset, _ modalities: [Modality]
  ) throws(UserError) -> (mean: [Float], deviation: [Float])? {
    guard options.normalisation == .standardised,
      let (image, channels) = pictures(among: modalities)
    else { return nil }
    var sums = [Double](repeating: 0, count: channels)
    var squares = sums
    var numbers = 0
    func add(_ items: ModalityItems) {
      guard case .numbers(let pixels) = items else { preconditionFailure("AlignedData: pictures without pixels") }
      for start in stride(from: 0, to: pixels.count, by: channels) {
        for channel in 0..<channels {
          let value = Double(pixels[start + channel])
          sums[channel] += value
          squares[channel] += value * value
        }
      }
      numbers += pixels.count
    }
    let column = dataset.train.column(of: image.name)
    if let stream = column.stream {
      let part = 256
      for start in stride(from: 0, to: stream.count, by: part) {
        let end = min(start + part, stream.count)
        stream.prepare(Array(end..<min(end + part, stream.count)))
        add(try stream.items(at: Array(start..<end)))
      }
    } else if let bytes = column.bytes {
      let (part, size) = (256, image.kind.elementCount)
      for start in stride(from: 0, to: bytes.count / size, by: part) {
        add(.numbers(column.numbers(of: bytes, at: Array(start..<min(start + part, bytes.count / size)))))
      }
    } else {
      add(column.items)
    }
    let count = Double(max(1, numbers / channels))
    let means = sums.map { $0 / count }
    let deviations = zip(squares, means).map { max(0, $0 / count - $1 * $1).squareRoot() }
    return (means.map(Float.init), deviations.map { $0 > 1e-6 ? Float($0) : 1 })
  }

  private static func missing(
    _ sort: String, _ name: String, in dataset: MultimodalDataset, known: [String], at place: String
  ) -> UserError {
    let near = nearestName(to: name, among: known).map { "did you mean \($0)?" }
    let all = known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"
    return UserError(.data, "\(dataset.name) has no \(sort) \"\(name)\"", at: place, mend: near ?? all)
  }
}
