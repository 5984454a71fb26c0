extension MCT {
  /// How much each term counts; 0 leaves it out.
  public struct Weights: Codable, Equatable, Sendable {
    /// λ_ii, of images with images.
    public var imageIntra = 1.0
    /// λ_tag, of images with images that share tags.
    public var tags = 1.0
    /// λ_cc, of captions with captions.
    public var captionIntra = 1.0
    /// λ_ic, of images with captions.
    public var imageToCaption = 1.0
    /// λ_ci, of captions with images.
    public var captionToImage = 1.0

    /// All terms alike.
    public init() {}

    /// Creates weights; those that are not named are 0.
    public init(
      imageIntra: Double, tags: Double = 0, captionIntra: Double = 0, imageToCaption: Double = 0,
      captionToImage: Double = 0
    ) {
      (self.imageIntra, self.tags, self.captionIntra) = (imageIntra, tags, captionIntra)
      (self.imageToCaption, self.captionToImage) = (imageToCaption, captionToImage)
    }
  }

  /// What the terms within a modality contrast.
  public enum Intra: String, Codable, CaseIterable, Sendable {
    /// A query with its key and a queue: MoCo.
    case queue
    /// Two views with all views of the batch: SimCLR.
    case batch
  }

  /// What the terms between modalities are.
  public enum Inter: String, Codable, CaseIterable, Sendable {
    /// Cross-entropy over a queue.
    case infoNCE
    /// Hinges over a queue.
    case hinge
    /// Symmetric cross-entropy over the batch with a learnt temperature: CLIP.
    case clip
  }

  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// How much each term counts.
    public var weights = Weights()
    /// What the terms within a modality contrast.
    public var intra = Intra.queue
    /// What the terms between modalities are.
    public var inter = Inter.infoNCE
    /// τ of the terms within a modality and of tags.
    public var temperature = 0.2
    /// τ of the terms between modalities; with `clip` its first value.
    public var interTemperature = 0.07
    /// ε, above which the number of shared tags makes a positive.
    public var tagThreshold = 0.0
    /// α of `hinge`; that of VSE++.
    public var margin = 0.2
    /// How the hinges of a query become one number.
    public var reduction = QueueHinge.Reduction.mean
    /// K, the number of keys in each queue.
    public var queueSize = 1024
    /// m, how much of its parameters the momentum twin keeps in a step.
    public var momentum = 0.98

    /// All five terms; queue and momentum for small data.
    public init() {}

    /// Whether a term between modalities counts.
    public var hasInterTerm: Bool { weights.imageToCaption > 0 || weights.captionToImage > 0 }

    /// The heads that the networks need.
    public var heads: Set<Head> {
      var heads: Set<Head> = []
      if weights.imageIntra > 0 || weights.tags > 0 { heads.insert(.imageIntra) }
      if weights.captionIntra > 0 { heads.insert(.captionIntra) }
      if hasInterTerm { heads.formUnion([.imageCommon, .captionCommon]) }
      return heads
    }

    /// The heads whose projections are queries.
    public var queryHeads: Set<Head> {
      var heads = heads.subtracting([.imageCommon, .captionCommon])
      if weights.imageToCaption > 0 || inter == .clip && hasInterTerm { heads.insert(.imageCommon) }
      if weights.captionToImage > 0 || inter == .clip && hasInterTerm { heads.insert(.captionCommon) }
      return heads
    }

    /// The heads whose second views are projected with gradients, too.
    public var viewHeads: Set<Head> {
      guard intra == .batch else { return [] }
      return Set((weights.imageIntra > 0 ? [.imageIntra] : []) + (weights.captionIntra > 0 ? [.captionIntra] : []))
    }

    /// The heads whose keys a momentum twin gives, each with a queue.
    public var keyHeads: Set<Head> {
      var heads: Set<Head> = []
      if weights.tags > 0 || intra == .queue && weights.imageIntra > 0 { heads.insert(.imageIntra) }
      if intra == .queue && weights.captionIntra > 0 { heads.insert(.captionIntra) }
      if inter != .clip && weights.imageToCaption > 0 { heads.insert(.captionCommon) }
      if inter != .clip && weights.captionToImage > 0 { heads.insert(.imageCommon) }
      return heads
    }
  }
}
