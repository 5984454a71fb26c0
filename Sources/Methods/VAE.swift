import Autograd
import Datasets
import Decoders
import Diagnostics
import Encoders
import Foundation
import Graphs
import Kernels
import Layers
import Objectives
import Options

/// Multimodal variational autoencoders: each modality is decoded from a code whose distribution all modalities tell; see
/// ``MultimodalELBO`` and ``MixtureBound``.
public struct VAEOptions: MethodOptions {
  /// How the modalities' posteriors become one, and what is maximised.
  public enum Objective: String, Codable, CaseIterable, Sendable {
    /// A joint encoder, and posteriors of single modalities drawn towards its (Suzuki et al., 2017).
    case jmvae
    /// A product of experts, trained on subsets (Wu & Goodman, NeurIPS 2018).
    case mvae
    /// A mixture of experts, by importance weighting (Shi et al., NeurIPS 2019).
    case mmvae
    /// A mixture of products of experts (Sutter et al., ICLR 2021).
    case mopoe
  }

  /// `vae`
  public static var key: String { "vae" }
  /// In a few words.
  public static var summary: String { "a code that every modality is decoded from: JMVAE, MVAE, MMVAE, MoPoE" }
  /// The publication.
  public static var source: String { "Wu & Goodman, NeurIPS 2018; Shi et al., NeurIPS 2019; Sutter et al., ICLR 2021" }
  /// The file.
  public static var file: String? { #fileID }

  /// What is maximised.
  public var objective = Objective.mvae
  /// The decoders.
  public var decoder = DecoderOptions()
  /// What the divergence from the prior is multiplied by; MMVAE's bound has no such factor.
  public var beta = 1.0
  /// The share of the training over which that factor rises from 0.
  public var warmup = 0.0
  /// What JMVAE multiplies the divergence from the modalities' own posteriors by.
  public var alpha = 0.1
  /// Whether MVAE trains on each modality by itself, too; without it there is no way from one to another.
  public var trainsSingles = true
  /// How many further subsets MVAE draws for each step.
  public var drawnSubsets = 1
  /// The form of MMVAE's posteriors and prior; nil takes Laplace's. The others' are normal.
  public var posterior: LatentDistribution.Form?
  /// K, how many codes MMVAE draws from each posterior.
  public var draws = 10
  /// MMVAE's bound.
  public var bound = MixtureBound.Kind.looser
  /// MMVAE's estimator of gradients.
  public var estimator = MixtureBound.Estimator.dreg
  /// Whether MMVAE learns the scale of its prior.
  public var learnsPrior = true

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    decoder.requirements.map { $0.within("decoder") } + [
      .notNegative("beta", beta), .share("warmup", warmup), .notNegative("alpha", alpha),
      .count("drawnSubsets", drawnSubsets, atLeast: 0, atMost: 1_000), .count("draws", draws, atMost: 1_000),
      OptionRequirement(
        "posterior", objective == .mmvae || posterior != .laplace, "must be normal: MMVAE alone may have others"),
    ]
  }

  /// Two modalities; a weight for each where weights are named, pixels in 0…1 for a Bernoulli likelihood, and no imported
  /// text encoder where texts are said place by place.
  public func needs(of data: AlignedData) -> [MethodNeed] {
    let hasWeights = decoder.weights.isEmpty || decoder.weights.count == data.modalities.count
    return [
      .twoModalities(data),
      MethodNeed(
        "a weight for each modality", hasWeights, at: "method.vae.decoder.weights",
        message: "names \(decoder.weights.count) weights for \(data.modalities.count) modalities",
        mend: "name one for each of \(data.modalities.map(\.name).joined(separator: ", "))"),
      MethodNeed(
        "pixels in 0…1",
        data.image == nil && !data.hasVideos || decoder.pictures != .bernoulli || data.options.normalisation == .none,
        at: "method.vae.decoder.pictures", message: "is bernoulli, but pixels are not in 0…1",
        mend: "set data.normalisation to none, or take laplace"),
      // A decoder is as long as the longest text, and the folder of a seed keeps no texts, by which an imported model's are.
      MethodNeed(
        "texts of a length that is known", decoder.texts != .sequence || !readsImportedTexts(data),
        at: "method.vae.decoder.texts",
        message:
          "is sequence, which says as many word pieces as the data's longest text, where an imported model's texts "
          + "may have any length", mend: "set it to bag, or init.take=image"),
    ]
  }

  private func readsImportedTexts(_ data: AlignedData) -> Bool {
    data.captions.contains { data.vocabulary.caption(named: data.modalities[$0].name)?.reader != nil }
  }

  /// The codes that MMVAE decodes at once.
  public func blocks(dimensions: Int, data: AlignedData) -> [MemoryBlock] {
    guard objective == .mmvae else { return [] }
    let (count, numbers) = (
      data.modalities.count, data.modalities.map { decoder.outputCount(of: $0.kind) }.reduce(0, +)
    )
    return [
      MemoryBlock(
        "method.vae.draws", "\(count) × \(draws) decodings of \(numbers) numbers for each observation of 64",
        64 * Double(count * draws) * Double(numbers))
    ]
  }

  /// A code is told by the modalities there are.
  public static var acceptsIncompleteObservations: Bool { true }

  /// Every observation is encoded, drawn and decoded by itself.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { MultimodalVAE(self, &parts) }
}

/// A method that writes items of modalities from codes.
public protocol GenerativeMethod: AlignmentMethod {
  /// The width of a code.
  var codeDimensions: Int { get }
  /// q(z | the items that are there); for a mixture its components, which count the same.
  func posteriors(of members: [MemberInput]) -> [LatentDistribution]
  /// p(z).
  var prior: LatentDistribution { get }
  /// The decoder of each modality.
  var decoders: [ModalityDecoder] { get }
}

/// See ``VAEOptions``.
///
///     q_m(z | x_m) by μ_m = A_m f_m(x_m) + a_m,  ln σ²_m = B_m f_m(x_m) + b_m
struct MultimodalVAE: GenerativeMethod {
  private static let noiseStream = "latent noise"
  private static let subsetStream = "subsets of modalities"
  /// ln σ² is kept in this range, so that no exponential overflows; a trained model's lies well within.
  private static let logVariances: ClosedRange<Float> = -20...20

  let options: VAEOptions
  let codeDimensions: Int
  let decoders: [ModalityDecoder]
  private let source: EncoderSet
  private let means: [Linear]
  private let logVariances: [Linear]
  private let joint: (mean: Linear, logVariance: Linear)?
  private let priorScale: Parameter?
  private let weights: [Double]
  private let steps: Int?
  private let current = CurrentSubsets()

  /// The subsets of modalities that MVAE's step at hand is trained on.
  private final class CurrentSubsets {
    var subsets: [[Int]] = []
  }

  init(_ options: VAEOptions, _ parts: inout MethodParts) {
    self.options = options
    source = parts.encoders
    codeDimensions = parts.dimensions
    steps = parts.steps
    weights = options.decoder.likelihoodWeights(of: parts.encoders.modalities)
    var (means, logVariances): ([Linear], [Linear]) = ([], [])
    for width in parts.encoders.widths {
      means.append(Linear(width, parts.dimensions, stream: &parts.stream))
      logVariances.append(Linear(width, parts.dimensions, stream: &parts.stream))
    }
    (self.means, self.logVariances) = (means, logVariances)
    let all = parts.encoders.widths.reduce(0, +)
    joint =
      options.objective == .jmvae
      ? (
        Linear(all, parts.dimensions, stream: &parts.stream), Linear(all, parts.dimensions, stream: &parts.stream)
      ) : nil
    var decoders: [ModalityDecoder] = []
    for modality in parts.encoders.modalities {
      decoders.append(
        options.decoder.decoder(for: modality.kind, dimensions: parts.dimensions, stream: &parts.stream))
    }
    self.decoders = decoders
    priorScale = options.objective == .mmvae ? Parameter(Tensor(repeating: 0, shape: [parts.dimensions])) : nil
    priorScale?.isTrainable = options.learnsPrior
  }

  var encoders: EncoderSet? { source }

  var parts: [ModulePart] {
    let names = source.modalities.map(\.name)
    return zip(names, means).map { .module("mean.\($0)", $1) }
      + zip(names, logVariances).map { .module("logVariance.\($0)", $1) }
      + (joint.map { [.module("joint.mean", $0.mean), .module("joint.logVariance", $0.logVariance)] } ?? [])
      + zip(names, decoders).map { .module("decoder.\($0)", $1) }
      + (priorScale.map { [.parameter("prior", $0)] } ?? [])
  }

  var notes: [String] {
    let shown = zip(source.modalities, zip(decoders, weights)).map { modality, found in
      let (decoder, weight) = found
      let scaled =
        [.laplace, .normal].contains(decoder.likelihood) ? " of scale \(options.decoder.scale.formatted())" : ""
      return "\(modality.name) \(decoder.likelihood.rawValue)\(scaled), weight \(weight.formatted())"
    }
    return ["Likelihoods: \(shown.joined(separator: "; ")). They decide what such a model learns."]
  }

  var warnings: [String] {
    options.objective == .mvae && !options.trainsSingles && options.drawnSubsets == 0
      ? ["MVAE without subsets learns no way from one modality to another."] : []
  }

  var prior: LatentDistribution {
    let zero = Tensor(repeating: 0, shape: [codeDimensions])
    guard let priorScale else { return LatentDistribution(mean: zero, logVariance: zero) }
    return LatentDistribution(form, mean: zero, logVariance: priorScale.tensor)
  }

  private var form: LatentDistribution.Form { options.objective == .mmvae ? options.posterior ?? .laplace : .normal }

  private func expert(_ place: Int, _ vector: Tensor) -> LatentDistribution {
    LatentDistribution(
      form, mean: means[place](vector), logVariance: logVariances[place](vector).clamped(to: Self.logVariances))
  }

  private func jointPosterior(_ vectors: [Tensor]) -> LatentDistribution? {
    guard let joint else { return nil }
    let all = Tensor.concatenated(vectors, axis: 1)
    return LatentDistribution(
      mean: joint.mean(all), logVariance: joint.logVariance(all).clamped(to: Self.logVariances))
  }

  private func presence(_ batch: TrainingBatch) -> [[Bool]?] {
    guard batch.presence != nil else { return source.modalities.map { _ in nil } }
    return source.modalities.indices.map { place in (0..<batch.count).map { batch.isPresent(place, at: $0) } }
  }

  private var all: [Int] { Array(source.modalities.indices) }

  /// Draws the subsets.
  func beginStep(_ batch: TrainingBatch) throws {
    if options.objective == .mvae { current.subsets = subsets(of: all, using: &batch.streams[Self.subsetStream]) }
    let subsets = options.objective == .mopoe ? Self.nonEmptySubsets(of: all).count : 0
    guard batch.count >= subsets else {
      throw UserError(
        .data, "is \(batch.count), fewer observations than the \(subsets) subsets that MoPoE draws codes from",
        at: "training.batchSize", mend: "set it to at least \(subsets)")
    }
  }

  /// The items' vectors; zeros for what is missing, which no encoder sees, and for a modality that one observation has.
  private func vectors(_ inputs: [ModalityInput], of batch: TrainingBatch, in pass: ForwardPass) -> [Tensor] {
    inputs.indices.map { place in
      let vector = batch.present(inputs[place], of: place).map { source.encoding(of: place, $0, in: pass).vector }
      guard let vector else { return Tensor(repeating: 0, shape: [batch.count, source.widths[place]]) }
      guard let places = batch.presence?[place], places.count < batch.count else { return vector }
      // Behind the vectors stands the row of zeros.
      var rows = [Int32](repeating: Int32(places.count), count: batch.count)
      for (row, place) in places.enumerated() { rows[Int(place)] = Int32(row) }
      return Tensor.concatenated([vector, Tensor(repeating: 0, shape: [1, vector.shape[1]])], axis: 0)
        .gatheringRows(rows)
    }
  }

  /// What the objective reckons of each observation by itself, whose means the loss has.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let (inputs, presence) = (try batch.inputs(), presence(batch))
    let vectors = vectors(inputs, of: batch, in: pass)
    let present = presence.map { known in
      known.map { Tensor($0.map { $0 ? Float(1) : 0 }, shape: [1, batch.count]) }
    }
    let variational = VariationalBatch(
      experts: vectors.indices.map { expert($0, vectors[$0]) }, presence: presence
    ) { codes, place in
      let found = decoders[place].logLikelihood(of: inputs[place], given: codes) * Float(weights[place])
      return present[place].map { found * $0 } ?? found
    }
    func noise(_ leading: [Int] = []) -> Tensor {
      LatentDistribution.noise(
        form, shape: leading + [batch.count, codeDimensions], using: &batch.streams[Self.noiseStream])
    }
    switch options.objective {
    case .mvae:
      return MultimodalELBO.mvaeRows(
        variational, subsets: current.subsets, noise: current.subsets.map { _ in noise() }, beta: beta(at: batch.step)
      ).rows
    case .jmvae:
      guard let joint = jointPosterior(vectors) else { preconditionFailure("JMVAE without a joint encoder") }
      return MultimodalELBO.jmvaeRows(variational, joint: joint, noise: noise())
    case .mopoe:
      return MultimodalELBO.mopoeRows(
        variational, subsets: Self.nonEmptySubsets(of: all), noise: noise(),
        window: RowWindow(batch.range, of: batch.wholeCount)
      ).rows
    case .mmvae:
      return MixtureBound.rows(
        variational, prior: prior, noise: noise([all.count, options.draws]), bound: options.bound,
        estimator: options.estimator
      ).rows
    }
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) throws -> LossTerms {
    let rows = representations.compactMap { $0 }
    switch options.objective {
    case .mvae:
      let found = rows.map { $0.mean() }
      let names = current.subsets.map { members in members.map { source.modalities[$0].name }.joined(separator: "+") }
      // Subsets that are drawn differ from step to step, so they are shown together.
      let own = 1 + (options.trainsSingles ? all.count : 0)
      var terms = Array(zip(names, found).prefix(own))
      if let first = found.dropFirst(own).first {
        terms.append(("drawn subsets", found.dropFirst(own + 1).reduce(first, +)))
      }
      return LossTerms(summing: terms)
    case .jmvae:
      let found = MultimodalELBO.jmvae(rows: rows, beta: beta(at: batch.step), alpha: Float(options.alpha))
      return LossTerms(
        summing: [
          ("reconstruction", found.reconstruction), ("prior", found.prior), ("single modalities", found.unimodal),
        ])
    case .mopoe:
      let found = MultimodalELBO.mopoe(rows: rows, beta: beta(at: batch.step))
      return LossTerms(summing: [("reconstruction", found.reconstruction), ("prior", found.divergence)])
    case .mmvae: return LossTerms(summing: [("bound", MixtureBound.loss(of: rows))])
    }
  }

  private func beta(at step: Int) -> Float { Float(options.beta * share(ofWarmupAt: step)) }

  /// How far β has risen.
  private func share(ofWarmupAt step: Int) -> Double {
    guard options.warmup > 0, let steps, steps > 0 else { return 1 }
    return min(1, Double(step + 1) / (options.warmup * Double(steps)))
  }

  /// All modalities, each by itself, and some of the other subsets.
  private func subsets(of all: [Int], using stream: inout RandomStream) -> [[Int]] {
    var found = [all]
    if options.trainsSingles { found += all.map { [$0] } }
    // Sizes are uniform in 2 … M − 1, then a subset of that size.
    guard all.count > 2 else { return found }
    for _ in 0..<options.drawnSubsets {
      let size = 2 + stream.below(all.count - 2)
      found.append(stream.permutation(of: all.count).prefix(size).sorted())
    }
    return found
  }

  /// Every subset that is not empty, the full one last.
  static func nonEmptySubsets(of all: [Int]) -> [[Int]] {
    (1..<(1 << all.count)).map { bits in all.filter { bits >> $0 & 1 == 1 } }.sorted {
      ($0.count, $0.map(String.init).joined(separator: ",")) < ($1.count, $1.map(String.init).joined(separator: ","))
    }
  }

  var subsetRule: SubsetRule { .each }

  func posteriors(of members: [MemberInput]) -> [LatentDistribution] {
    let vectors = members.map { source.encoding(of: $0.place, $0.input, in: .evaluation).vector }
    if members.count == source.modalities.count, let joint = jointPosterior(vectors) { return [joint] }
    let experts = zip(members, vectors).map { expert($0.place, $1) }
    switch options.objective {
    case .mmvae: return experts
    case .mvae, .jmvae, .mopoe:
      // MoPoE's prior is an expert of the full set only, JMVAE's product is of the single posteriors.
      let hasPrior =
        options.objective == .mvae || options.objective == .mopoe && members.count == source.modalities.count
      return [
        LatentDistribution.product(
          of: experts, weights: experts.map { _ in nil },
          prior: hasPrior ? Tensor(repeating: 1, shape: [1, 1]) : nil)
      ]
    }
  }

  /// The mean of one modality's posterior; that of MVAE is drawn to the prior's 0 by how little the modality tells.
  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    let vector = source.described(place, input).vector
    let mean = means[place].described(vector)
    guard options.objective == .mvae else { return mean }
    // 1/σ² of 1/σ² + 1, with ln σ² in its range.
    let precision = (logVariances[place].described(vector).maximum(Self.logVariances.lowerBound) * -1)
      .maximum(-Self.logVariances.upperBound)
    return mean * precision.sigmoid()
  }

  /// The mean of the posterior.
  func representation(of members: [MemberInput]) -> Tensor? { averaged(posteriors(of: members).map(\.mean)) }

  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    source.encoding(of: place, input, in: .evaluation).vector
  }
}
