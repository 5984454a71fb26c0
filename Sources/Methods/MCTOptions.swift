import Datasets
import Objectives
import Options

/// Multimodal contrastive training (Yuan et al., CVPR 2021) of pictures, captions and tags; see ``MCT``, whose options are
/// among these. MoCo and SimCLR are the same with pictures alone.
///
/// Captions of all languages are one modality to it: a caption's view is in one of them. The terms between modalities
/// compare views, or the same items as other methods: see ``InterInputs``.
public struct MCTOptions: MethodOptions {
  /// What lies behind an encoder.
  public enum HeadKind: String, Codable, CaseIterable, Sendable {
    /// Two dense layers with ReLU, as in MoCo v2.
    case perceptron
    /// One dense layer, as in MoCo v1.
    case linear
  }

  /// What the terms between modalities compare.
  public enum InterInputs: String, Codable, CaseIterable, Sendable {
    /// The views of the terms within a modality: pictures changed by `augmentation.view`, and a view of one caption.
    case views
    /// What methods that contrast modalities compare: pictures changed by `augmentation.image` where that is on, with the
    /// unchanged captions of all languages. It takes a further pass through the encoders.
    case items
  }

  /// `mct`
  public static var key: String { "mct" }
  /// In a few words.
  public static var summary: String { "contrast within and between pictures and captions, with tags, against queues" }
  /// The publication.
  public static var source: String { "Yuan et al., CVPR 2021" }
  /// The file.
  public static var file: String? { #fileID }

  /// Weights, forms of the terms, temperatures, queue and momentum.
  public var objective = MCT.Options()
  /// What the terms between modalities compare.
  public var interInputs = InterInputs.views
  /// What the twin remembers, 1 / (1 − m) steps, as a share of the training's steps; nil takes `momentum`.
  public var momentumShare: Double?
  /// What lies behind the encoders.
  public var head = HeadKind.perceptron
  /// The hidden width of `perceptron`.
  public var headDimensions = 128
  /// Whether keys are computed in another order than queries, so that no part of batch norm holds a query and its key by
  /// design.
  public var shufflesKeys = false

  private enum CodingKeys: String, CodingKey { case interInputs, momentumShare, head, headDimensions, shufflesKeys }

  /// The defaults.
  public init() {}

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    objective = try MCT.Options(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    interInputs = try container.decodeIfPresent(InterInputs.self, forKey: .interInputs) ?? interInputs
    momentumShare = try container.decodeIfPresent(Double.self, forKey: .momentumShare)
    head = try container.decodeIfPresent(HeadKind.self, forKey: .head) ?? head
    headDimensions = try container.decodeIfPresent(Int.self, forKey: .headDimensions) ?? headDimensions
    shufflesKeys = try container.decodeIfPresent(Bool.self, forKey: .shufflesKeys) ?? shufflesKeys
  }

  /// Writes the section.
  public func encode(to encoder: any Encoder) throws {
    try objective.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(interInputs, forKey: .interInputs)
    try container.encodeIfPresent(momentumShare, forKey: .momentumShare)
    try container.encode(head, forKey: .head)
    try container.encode(headDimensions, forKey: .headDimensions)
    try container.encode(shufflesKeys, forKey: .shufflesKeys)
  }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    let weights = objective.weights
    let named = [
      ("imageIntra", weights.imageIntra), ("tags", weights.tags), ("captionIntra", weights.captionIntra),
      ("imageToCaption", weights.imageToCaption), ("captionToImage", weights.captionToImage),
    ]
    return named.map { .notNegative("weights.\($0)", $1) } + [
      OptionRequirement("weights", named.contains { $0.1 > 0 }, "must leave at least one term"),
      OptionRequirement(
        "weights.captionToImage",
        objective.inter != .clip || weights.imageToCaption == weights.captionToImage,
        "must be method.mct.weights.imageToCaption where method.mct.inter is clip"),
      .positive("temperature", objective.temperature), .positive("interTemperature", objective.interTemperature),
      OptionRequirement("tagThreshold", objective.tagThreshold >= 0, "must not be negative"),
      .notNegative("margin", objective.margin), .count("queueSize", objective.queueSize, atMost: (1 << 24) - 1),
      OptionRequirement("momentum", (0...1).contains(objective.momentum), "must be in 0...1"),
      OptionRequirement(
        "momentumShare", momentumShare.map { $0 > 0 && $0 <= 1 } ?? true, "must be above 0 and at most 1"),
      .count("headDimensions", headDimensions, atMost: 65_536),
    ]
  }

  /// Pictures, and captions where a term is of them.
  public func needs(of data: AlignedData) -> [MethodNeed] {
    let weights = objective.weights
    let needsCaptions = weights.captionIntra > 0 || objective.hasInterTerm
    let other = data.modalities.indices.first { place in
      if case .image = data.modalities[place].kind { false } else { !data.isCaption(place) }
    }
    let onlyTags = weights.imageIntra == 0 && !needsCaptions
    return [.images(data)] + (needsCaptions ? [.captions(data)] : []) + [
      MethodNeed(
        "one vocabulary of captions", !needsCaptions || data.captions.count < 2 || data.vocabulary.isShared,
        at: "model.sharesTextEncoder",
        message: "must be true for \(Self.key), to which captions of several modalities are one", mend: "set it to true"
      ),
      MethodNeed("tags", !onlyTags || data.tags != nil),
      MethodNeed(
        "pictures and captions alone", other == nil, at: "data.modalities",
        message: "\(Self.key) knows images and captions only, not \(other.map { data.modalities[$0].name } ?? "")",
        mend: "name images and captions, or take another method"),
    ]
  }

  /// Pictures, and the first captions where a term is of captions; the others are alternatives to it, unless all are
  /// compared with pictures.
  public func indispensable(in data: AlignedData) -> [Int] {
    let knowsCaptions = objective.weights.captionIntra > 0 || objective.hasInterTerm
    let captions = comparesItems ? data.captions : knowsCaptions ? Array(data.captions.prefix(1)) : []
    return (data.image.map { [$0] } ?? []) + captions
  }

  /// Whether terms between modalities compare items of their own.
  public var comparesItems: Bool { interInputs == .items && objective.hasInterTerm }

  /// m in a training of so many steps: the share of it that the twin remembers, or as it was given.
  ///
  ///     m = 1 − 1 / max(1, share · steps)
  public func momentum(steps: Int?) -> Double {
    Self.momentum(objective.momentum, share: momentumShare, steps: steps)
  }

  static func momentum(_ given: Double, share: Double?, steps: Int?) -> Double {
    guard let share, let steps else { return given }
    return 1 - 1 / max(1, share * Double(steps))
  }

  /// The queues, with the logits of a batch against them.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] { blocks(key: Self.key, dimensions, data) }

  func blocks(key: String, _ dimensions: Int, _ data: AlignedData) -> [MemoryBlock] {
    let heads = objective.keyHeads.count
    guard heads > 0 else { return [] }
    let tags = objective.weights.tags > 0 ? Double(data.tags?.count ?? 0) : 0
    return [
      MemoryBlock(
        "method.\(key).queueSize", "\(heads) queues of \(objective.queueSize) × \(dimensions)",
        Double(objective.queueSize) * (Double(heads * dimensions) + tags))
    ]
  }

  /// A queue that is never full.
  public func remarks(on training: TrainingLength) -> [String] { remarks(on: training, key: Self.key) }

  func remarks(on training: TrainingLength, key: String) -> [String] {
    guard !objective.keyHeads.isEmpty, objective.queueSize > training.steps * training.batchSize else { return [] }
    return [
      "The queue is never full: method.\(key).queueSize is \(objective.queueSize), and the training has \(training.text) of "
        + "\(training.batchSize) observations; the other keys stay random."
    ]
  }

  /// Those with the queue, and those within the batch where terms have them; rows are taken some at a time where there are many.
  public func similarities(batch: Int) -> Double {
    (objective.keyHeads.isEmpty ? 0 : LossByRows.held(rows: batch, columns: objective.queueSize))
      + (objective.intra == .batch ? LossByRows.held(rows: 2 * batch, columns: 2 * batch) : 0)
      + (objective.inter == .clip && objective.hasInterTerm ? LossByRows.held(rows: batch, columns: batch) : 0)
  }

  /// Its halves are apart.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { MCTMethod(self, &parts) }
}

extension MCTOptions {
  /// Only the term of pictures with pictures.
  static var ofImagesAlone: MCTOptions {
    var options = MCTOptions()
    options.objective.weights = MCT.Weights(imageIntra: 1)
    return options
  }
}
