import Autograd
import Kernels
import Layers

/// A classifier of observations of several modalities, some of which may be missing.
///
/// | stage | network | a missing modality |
/// | --- | --- | --- |
/// | early | one ``LatentClassifier`` on the joined inputs | is zeros |
/// | intermediate | one ``LatentClassifier`` on the joined features | is zeros |
/// | late | one ``LatentClassifier`` for each modality; logits and latent representation are means | is left out |
///
/// Early and intermediate fusion differ in what the caller gives: inputs or features of a low level, or what an encoder
/// of each modality has made of them.
public struct FusionClassifier: Module {
  /// Where modalities meet.
  public enum Stage: String, Codable, CaseIterable, Sendable {
    /// Before any network of their own.
    case early
    /// Behind an encoder each.
    case intermediate
    /// Behind a classifier each.
    case late
  }

  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// Where modalities meet.
    public var stage: Stage
    /// The widths of hidden layers before the latent representation.
    public var hidden: [Int]
    /// d, the width of the latent representation.
    public var latentDimensions: Int
    /// The function behind every layer but the classifier; the identity, without hidden layers, for a linear classifier.
    public var activation: Activation
    /// Whether each modality has a classifier of its own beside the joint one, as ``GradientBlending`` needs; late fusion
    /// has them anyway.
    public var hasModalityHeads: Bool

    /// Creates settings.
    public init(
      stage: Stage, hidden: [Int], latentDimensions: Int, activation: Activation = .relu, hasModalityHeads: Bool
    ) {
      (self.stage, self.hidden, self.latentDimensions) = (stage, hidden, latentDimensions)
      (self.activation, self.hasModalityHeads) = (activation, hasModalityHeads)
    }
  }

  /// What is known of one modality of a batch.
  public struct Features {
    /// The modality.
    public let name: String
    /// `[batch, width]`; the rows of observations without the modality may hold any finite numbers.
    public let values: Tensor
    /// For each observation whether it has the modality; nil where all have it.
    public let isPresent: [Bool]?

    /// Creates features.
    public init(name: String, values: Tensor, isPresent: [Bool]? = nil) {
      (self.name, self.values, self.isPresent) = (name, values, isPresent)
    }
  }

  /// What comes out for a batch.
  public struct Output {
    /// The representation that classes are read from, `[batch, d]`.
    public let latent: Tensor
    /// `[batch, classes]`
    public let logits: Tensor
    /// The logits of each modality's own classifier, `[batch, classes]`, where there are such; those of observations
    /// without the modality mean nothing.
    public let heads: [(name: String, logits: Tensor)]
    private let presence: [[Bool]?]

    fileprivate init(latent: Tensor, logits: Tensor, heads: [(name: String, logits: Tensor)], presence: [[Bool]?]) {
      (self.latent, self.logits, self.heads, self.presence) = (latent, logits, heads, presence)
    }

    /// The mean cross-entropy of each modality's own classifier, and of all modalities together, `fused`, last.
    ///
    /// That of a modality is over the observations which have it, and 0 where none does.
    ///
    /// - Parameter targets: the class of each observation.
    public func losses(targets: [Int32]) -> [(name: String, value: Tensor)] {
      zip(heads, presence).map { ($0.name, FusionClassifier.loss($0.logits, targets: targets, isPresent: $1)) }
        + [("fused", FusionClassifier.loss(logits, targets: targets))]
    }
  }

  /// The mean cross-entropy of logits, `[batch, classes]`, over the observations that have the modality.
  ///
  /// - Parameter isPresent: for each observation whether it has the modality; nil where all have it.
  public static func loss(_ logits: Tensor, targets: [Int32], isPresent: [Bool]? = nil) -> Tensor {
    let rows = logits.crossEntropy(targets: targets)
    guard let isPresent else { return rows.mean() }
    let count = isPresent.count { $0 }
    return (rows * Tensor(isPresent.map { $0 ? 1 / Float(count) : 0 })).sum()
  }

  /// The settings in use.
  public let options: Options
  /// The modalities in order, and the widths of their features.
  public let modalities: [(name: String, dimensions: Int)]
  /// The classifier of the joined features; nil in late fusion.
  public let joint: LatentClassifier?
  /// The classifier of each modality, where there are such.
  public let heads: [LatentClassifier]

  /// Creates the networks.
  public init(
    modalities: [(name: String, dimensions: Int)], classes: Int, options: Options,
    stream: inout RandomStream
  ) {
    precondition(!modalities.isEmpty, "FusionClassifier: no modality")
    self.options = options
    self.modalities = modalities
    func network(_ width: Int, _ stream: inout RandomStream) -> LatentClassifier {
      LatentClassifier(
        width, hidden: options.hidden, latentDimensions: options.latentDimensions, classes: classes,
        activation: options.activation, stream: &stream)
    }
    joint = options.stage == .late ? nil : network(modalities.reduce(0) { $0 + $1.dimensions }, &stream)
    var heads: [LatentClassifier] = []
    if options.stage == .late || options.hasModalityHeads {
      for modality in modalities { heads.append(network(modality.dimensions, &stream)) }
    }
    self.heads = heads
  }

  /// The joint classifier, and each modality's under its name.
  public var parts: [ModulePart] {
    (joint.map { [.module("joint", $0)] } ?? [])
      + zip(modalities, heads).map { .module("head.\($0.name)", $1) }
  }

  /// Classifies a batch; it is the same in training and evaluation.
  ///
  /// - Parameter features: those of all modalities, in their order.
  public func callAsFunction(_ features: [Features]) -> Output {
    check(features)
    let found = zip(heads, features).map { $0($1.values) }
    let logits = zip(features, found).map { (name: $0.name, logits: $1.logits) }
    let presence = features.map(\.isPresent)
    guard let joint else {
      let shares = shares(of: features)
      func mean(_ tensors: [Tensor]) -> Tensor {
        let weighted = zip(tensors, shares).map { $0 * $1 }
        return weighted.dropFirst().reduce(weighted[0], +)
      }
      return Output(
        latent: mean(found.map(\.latent)), logits: mean(found.map(\.logits)), heads: logits, presence: presence)
    }
    let masked = features.map { feature in
      feature.isPresent.map { present in
        feature.values * Tensor(present.map { $0 ? 1 : 0 }, shape: [present.count, 1])
      } ?? feature.values
    }
    let whole = joint(Tensor.concatenated(masked, axis: 1))
    return Output(latent: whole.latent, logits: whole.logits, heads: logits, presence: presence)
  }

  /// What each modality counts in the mean of an observation, `[batch, 1]` each.
  private func shares(of features: [Features]) -> [Tensor] {
    let batch = features[0].values.shape[0]
    let counts = (0..<batch).map { row in features.count { $0.isPresent?[row] ?? true } }
    return features.map { feature in
      Tensor(
        (0..<batch).map { row in feature.isPresent?[row] ?? true ? 1 / Float(counts[row]) : 0 }, shape: [batch, 1])
    }
  }

  private func check(_ features: [Features]) {
    precondition(
      features.map(\.name) == modalities.map(\.name),
      "FusionClassifier: features of \(features.map(\.name)) for modalities \(modalities.map(\.name))")
    let batch = features[0].values.shape.first ?? 0
    for (feature, modality) in zip(features, modalities) {
      precondition(
        feature.values.shape == [batch, modality.dimensions] && feature.isPresent.map { $0.count == batch } ?? true,
        "FusionClassifier: \(feature.name) of shape \(feature.values.shape), a mask of \(feature.isPresent?.count ?? batch),"
          + " for \([batch, modality.dimensions])")
    }
    for row in 0..<batch {
      precondition(
        features.contains { $0.isPresent?[row] ?? true },
        "FusionClassifier: observation \(row) of the batch has no modality"
      )
    }
  }
}
