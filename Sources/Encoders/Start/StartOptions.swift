import Datasets
import Diagnostics
import Options

/// Where encoders begin: the section `init` of every recipe.
public struct StartOptions: Codable, Equatable, Sendable {
  /// The encoders of pictures, those of captions, or both.
  public enum Side: String, Codable, CaseIterable, Sendable {
    /// Both.
    case both
    /// That of pictures.
    case image
    /// That of captions.
    case text
    /// Neither.
    case none

    /// Whether the encoder of pictures is meant.
    public var hasImage: Bool { self == .both || self == .image }
    /// Whether those of captions are meant.
    public var hasText: Bool { self == .both || self == .text }
  }

  /// The trained numbers beside weights that stay as they are.
  public enum Adapter: String, Codable, CaseIterable, Sendable {
    /// None: the weights themselves are trained.
    case none
    /// A change of low rank (Hu et al., ICLR 2022).
    case lora
    /// A change in tensor-train form (LoRETTA; Yang et al., NAACL 2024).
    case tensorTrain
  }

  /// The folder of an imported model or of a run, or of a seed of it; nil begins from random numbers.
  public var from: String?
  /// Which encoders begin there.
  public var take = Side.both
  /// The modalities whose encoders these are; nil for all of the sort.
  public var modalities: [String]?
  /// Which of them stay as they begin.
  public var freeze = Side.none
  /// What is trained in the others.
  public var adapter = Adapter.none
  /// r, the rank of adapters.
  public var rank = 8
  /// α; a change is multiplied by α / r.
  public var alpha = 16.0

  /// Random numbers.
  public init() {}

  /// What the values must be.
  public var requirements: [OptionRequirement] {
    var requirements: [OptionRequirement] = [
      .count("rank", rank, atLeast: 1, atMost: 4_096), .positive("alpha", alpha),
      OptionRequirement("take", take != .none, "must be both, image or text"),
    ]
    if from == nil {
      requirements += [
        OptionRequirement("take", take == .both, "needs `init.from`: nothing is taken without it"),
        OptionRequirement("modalities", modalities == nil, "needs `init.from`: nothing is taken without it"),
        OptionRequirement("freeze", freeze == .none, "needs `init.from`: random encoders are not frozen"),
        OptionRequirement("adapter", adapter == .none, "needs `init.from`: adapters change weights that are known"),
      ]
    }
    for (side, isTaken, isFrozen) in [
      ("image", take.hasImage, freeze.hasImage), ("text", take.hasText, freeze.hasText),
    ] where isFrozen && !isTaken && from != nil {
      requirements.append(
        OptionRequirement("freeze", false, "names \(side), which `init.take` leaves to random numbers"))
    }
    let isAllFrozen = (!take.hasImage || freeze.hasImage) && (!take.hasText || freeze.hasText)
    requirements.append(
      OptionRequirement(
        "adapter", adapter == .none || from == nil || !isAllFrozen, "has nothing to change where all is frozen"))
    return requirements
  }

  /// The side of a modality; nil where it is neither of pictures nor of captions.
  private static func side(of kind: ModalityKind) -> Side? {
    switch kind {
    case .image: .image
    case .tokens: .text
    case .video, .spectrogram, .series, .regions, .vector, .tags, .label: nil
    }
  }

  /// Whether the encoder of a modality begins there.
  public func takes(_ modality: Modality) -> Bool {
    guard from != nil, let side = Self.side(of: modality.kind) else { return false }
    return (side == .image ? take.hasImage : take.hasText) && modalities?.contains(modality.name) ?? true
  }

  /// Whether the encoder of pictures of some modalities begins there.
  public func takesPictures(of modalities: [Modality]) -> Bool {
    modalities.contains { Self.side(of: $0.kind) == .image && takes($0) }
  }

  /// Whether an encoder of captions begins there.
  public func takesTexts(of modalities: [Modality]) -> Bool {
    modalities.contains { Self.side(of: $0.kind) == .text && takes($0) }
  }

  /// Whether the encoder of a modality begins there and stays so.
  public func freezes(_ modality: Modality) -> Bool {
    takes(modality) && (Self.side(of: modality.kind) == .image ? freeze.hasImage : freeze.hasText)
  }
}
