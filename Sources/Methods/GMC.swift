import Autograd
import Datasets
import Diagnostics
import Encoders
import Graphs
import Kernels
import Layers
import Objectives
import Options

/// Geometric multimodal contrast (Poklukar et al., ICML 2022): each modality is aligned with the joint representation of
/// its observation; see ``GMC``, whose options are among these.
public struct GMCOptions: MethodOptions {
  /// `gmc`
  public static var key: String { "gmc" }
  /// In a few words.
  public static var summary: String { "each modality against the joint representation" }
  /// The publication.
  public static var source: String { "Poklukar et al., ICML 2022" }
  /// The file.
  public static var file: String? { #fileID }

  /// Temperature and negatives.
  public var objective = GMC.Options()
  /// Whether the joint encoder has encoders of its own, as in the official code, or reads those of the modalities.
  public var ownJointEncoders = true
  /// The width of every encoder's output before the head; nil takes that of a representation.
  public var commonDimensions: Int?
  /// The hidden widths of the head.
  public var headDimensions = [256]
  /// Whether one head serves all modalities and the joint encoder.
  public var sharedHead = true
  /// Whether the joint encoder is a cross-modal transformer, for modalities of series, instead of encoders whose outputs
  /// are joined.
  public var crossModalJoint = false
  /// Sizes and dropout of the cross-modal transformer.
  public var crossModal = CrossModalFusion.Options()
  /// What the contrast is multiplied by.
  public var contrastWeight = 1.0
  /// What the mean absolute error of predicting `data.target` from the joint representation is multiplied by; 0 predicts
  /// nothing.
  public var regressionWeight = 0.0

  private enum CodingKeys: String, CodingKey {
    case ownJointEncoders, commonDimensions, headDimensions, sharedHead, crossModalJoint, crossModal, contrastWeight
    case regressionWeight
  }

  /// The defaults.
  public init() {}

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    objective = try GMC.Options(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    ownJointEncoders = try container.decodeIfPresent(Bool.self, forKey: .ownJointEncoders) ?? ownJointEncoders
    commonDimensions = try container.decodeIfPresent(Int.self, forKey: .commonDimensions)
    headDimensions = try container.decodeIfPresent([Int].self, forKey: .headDimensions) ?? headDimensions
    sharedHead = try container.decodeIfPresent(Bool.self, forKey: .sharedHead) ?? sharedHead
    crossModalJoint = try container.decodeIfPresent(Bool.self, forKey: .crossModalJoint) ?? crossModalJoint
    crossModal = try container.decodeIfPresent(CrossModalFusion.Options.self, forKey: .crossModal) ?? crossModal
    contrastWeight = try container.decodeIfPresent(Double.self, forKey: .contrastWeight) ?? contrastWeight
    regressionWeight = try container.decodeIfPresent(Double.self, forKey: .regressionWeight) ?? regressionWeight
  }

  /// Writes the section.
  public func encode(to encoder: any Encoder) throws {
    try objective.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(ownJointEncoders, forKey: .ownJointEncoders)
    try container.encodeIfPresent(commonDimensions, forKey: .commonDimensions)
    try container.encode(headDimensions, forKey: .headDimensions)
    try container.encode(sharedHead, forKey: .sharedHead)
    try container.encode(crossModalJoint, forKey: .crossModalJoint)
    try container.encode(crossModal, forKey: .crossModal)
    try container.encode(contrastWeight, forKey: .contrastWeight)
    try container.encode(regressionWeight, forKey: .regressionWeight)
  }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .positive("temperature", Double(objective.temperature)), .widths("commonDimensions", [commonDimensions ?? 1]),
      .widths("headDimensions", headDimensions), .widths("crossModal.dimensions", [crossModal.dimensions]),
      .widths("crossModal.heads", [crossModal.heads]),
      .count("crossModal.layers", crossModal.layers, atLeast: 1, atMost: 1_000),
      OptionRequirement(
        "crossModal.heads", crossModal.dimensions % max(crossModal.heads, 1) == 0,
        "must divide method.gmc.crossModal.dimensions (\(crossModal.dimensions))"),
      OptionRequirement(
        "crossModal.attentionDropout", crossModal.attentionDropout.allSatisfy { (0..<1).contains($0) },
        "must be in 0..<1"),
      OptionRequirement(
        "crossModal.inputDropout", crossModal.inputDropout.allSatisfy { (0..<1).contains($0) }, "must be in 0..<1"),
      .notNegative("contrastWeight", contrastWeight), .notNegative("regressionWeight", regressionWeight),
      OptionRequirement(
        "crossModalJoint", !crossModalJoint || objective.negatives != .pairwise,
        "has no meaning where negatives are pairwise: there is no joint representation"),
      OptionRequirement(
        "regressionWeight", regressionWeight == 0 || objective.negatives != .pairwise,
        "must be 0 where negatives are pairwise: there is no joint representation"),
    ]
  }

  /// Two modalities; series for the cross-modal transformer, and a number to predict where one is predicted.
  public func needs(of data: AlignedData) -> [MethodNeed] {
    var needs = [MethodNeed.twoModalities(data)]
    if crossModalJoint {
      let lengths = data.modalities.map { modality -> Int? in
        if case .series(let length, _) = modality.kind { length } else { nil }
      }
      needs.append(
        MethodNeed(
          "series", !lengths.contains(nil), at: "method.gmc.crossModalJoint",
          message: "needs series, and \(data.dataset.name) has other modalities", mend: "set it to false"))
    }
    if regressionWeight > 0 {
      needs.append(
        MethodNeed(
          "a number", data.target != nil, at: "data.target",
          message: "names no number to predict, which method.gmc.regressionWeight asks for",
          mend: "name a modality of one number, or set the weight to 0"))
    }
    return needs
  }

  /// Each encoder sees only the items there are.
  public static var acceptsIncompleteObservations: Bool { true }

  /// Joint and single representations together, rows some at a time where there are many; all where joint ones alone are
  /// negatives.
  public func similarities(batch: Int) -> Double {
    objective.negatives == .joints
      ? Double(batch) * Double(batch) : LossByRows.held(rows: 2 * batch, columns: 2 * batch)
  }

  /// Its halves are apart.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod { GMCMethod(self, &parts) }
}

/// GMC's networks and objective.
///
///     h_m = W_m f_m(x_m) + b_m,   h_joint = W [f′_1(x_1); …; f′_M(x_M)] + b,   z = g(h) / ‖g(h)‖
///
/// *Deviation*: where observations lack modalities, each encoder sees only the items there are, the joint encoder zeros
/// (or an empty text) in place of the others, and ``GMC`` contrasts only what is there.
struct GMCMethod: AlignmentMethod {
  private let source: EncoderSet
  private let objective: GMC
  private let projections: Projections
  private let jointEncoders: EncoderSet?
  private let jointProjection: Linear?
  private let crossModal: CrossModalFusion?
  private let regression: ResidualRegression?
  /// One head, or one for each modality and the joint encoder.
  private let heads: [MLP]
  private let options: GMCOptions

  init(_ options: GMCOptions, _ parts: inout MethodParts) {
    self.options = options
    source = parts.encoders
    objective = GMC(options.objective)
    let (common, width) = (options.commonDimensions ?? parts.dimensions, parts.dimensions)
    projections = Projections(parts.encoders, dimensions: common, bias: true, stream: &parts.stream)
    let hasJoint = options.objective.negatives != .pairwise
    if hasJoint, options.crossModalJoint {
      let channels = parts.encoders.modalities.map { modality in
        guard case .series(_, let channels) = modality.kind else {
          preconditionFailure("GMC: \(modality.name) is no series")
        }
        return channels
      }
      crossModal = CrossModalFusion(options.crossModal, channels: channels, output: common, stream: &parts.stream)
      (jointEncoders, jointProjection) = (nil, nil)
    } else {
      crossModal = nil
      jointEncoders = hasJoint && options.ownJointEncoders ? parts.encoders.another(stream: &parts.stream) : nil
      jointProjection =
        hasJoint ? Linear(parts.encoders.widths.reduce(0, +), common, stream: &parts.stream) : nil
    }
    let count = options.sharedHead ? 1 : parts.encoders.modalities.count + (hasJoint ? 1 : 0)
    var heads: [MLP] = []
    for _ in 0..<count {
      heads.append(
        MLP(widths: [common] + options.headDimensions + [width], activation: .silu, stream: &parts.stream))
    }
    self.heads = heads
    regression =
      options.regressionWeight > 0 ? ResidualRegression(dimensions: width, stream: &parts.stream) : nil
  }

  var encoders: EncoderSet? { source }

  var parts: [ModulePart] {
    let names = heads.count == 1 ? ["head"] : (source.modalities.map(\.name) + ["joint"]).map { "head.\($0)" }
    return [.module("projections", projections)] + zip(names, heads).map { .module($0, $1) }
      + (jointEncoders.map { [.module("joint encoders", $0)] } ?? [])
      + (jointProjection.map { [.module("joint projection", $0)] } ?? [])
      + (crossModal.map { [.module("joint transformer", $0)] } ?? [])
      + (regression.map { [.module("regression", $0)] } ?? [])
  }

  private func single(_ place: Int, _ vector: Tensor) -> Tensor {
    heads[heads.count == 1 ? 0 : place](projections(vector, of: place)).l2Normalised()
  }

  private func joint(_ inputs: [ModalityInput], vectors: [Tensor?], in pass: ForwardPass) -> Tensor? {
    if let crossModal {
      return heads[heads.count - 1](crossModal(inputs.map { $0.series.values }, in: pass)).l2Normalised()
    }
    guard let jointProjection else { return nil }
    let parts = inputs.indices.map { place in
      jointEncoders == nil && vectors.indices.contains(place)
        ? vectors[place] ?? source.encoding(of: place, inputs[place], in: pass).vector
        : (jointEncoders ?? source).encoding(of: place, inputs[place], in: pass).vector
    }
    return heads[heads.count - 1](jointProjection(Tensor.concatenated(parts, axis: 1))).l2Normalised()
  }

  /// The representation of each modality, then the joint one.
  func representations(of batch: TrainingBatch, in pass: ForwardPass) throws -> [Tensor?] {
    let inputs = try batch.inputs()
    let present = batch.presence
    var vectors: [Tensor?] = []
    let singles = try batch.presentInputs().enumerated().map { place, input -> Tensor? in
      let vector = input.map { source.encoding(of: place, $0, in: pass).vector }
      let isWhole = present.map { $0[place].count == batch.count } ?? true
      vectors.append(isWhole ? vector : nil)
      return vector.map { single(place, $0) }
    }
    return singles + [joint(inputs, vectors: vectors, in: pass)]
  }

  func loss(of representations: [Tensor?], keys: [Tensor?], batch: TrainingBatch) -> LossTerms {
    let joint = representations[representations.count - 1]
    let contrast = objective.loss(
      representations: Array(representations.dropLast()), joint: joint, names: source.modalities.map(\.name),
      present: batch.presence, sharing: batch.sharing(Array(source.modalities.indices)))
    var terms: [(String, Tensor)] = []
    if options.contrastWeight != 1 || regression != nil {
      terms.append(("contrast", contrast.total * Float(options.contrastWeight)))
    }
    if let regression, let joint, let targets = batch.targets {
      let known = targets.indices.filter { targets[$0] != nil }.map { Int32($0) }
      if !known.isEmpty {
        let error = l1Loss(
          regression(joint.gatheringRows(known)), Tensor(targets.compactMap { $0 }, shape: [known.count, 1]))
        terms.append(("regression", error * Float(options.regressionWeight)))
      }
    }
    return terms.isEmpty ? contrast : LossTerms(summing: terms)
  }

  var subsetRule: SubsetRule { jointProjection == nil && crossModal == nil ? .mean : .meanUnlessComplete }

  func prediction(of representations: Tensor) -> Tensor? { regression.map { $0(representations) } }

  func representation(of members: [MemberInput]) -> Tensor? {
    if members.count == source.modalities.count,
      let joint = joint(members.map(\.input), vectors: [], in: .evaluation)
    {
      return joint
    }
    return averaged(
      members.map { single($0.place, source.encoding(of: $0.place, $0.input, in: .evaluation).vector) })
  }

  /// The representation of a modality; the joint one is of all.
  func described(of place: Int, _ input: GraphValue) throws(UserError) -> GraphValue {
    let projected = projections.described(source.described(place, input).vector, of: place)
    return heads[heads.count == 1 ? 0 : place].described(projected).l2Normalised()
  }

  func features(of place: Int, _ input: ModalityInput) -> Tensor? {
    source.encoding(of: place, input, in: .evaluation).vector
  }

  var similarityScale: SimilarityScale? {
    SimilarityScale(temperature: Double(objective.options.temperature), origin: "method.gmc.temperature")
  }
}
