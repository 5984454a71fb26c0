import Datasets
import Evaluation
import Kernels
import Options
import Training

/// What a linear map reads off frozen features: classes and tags, by ridge regression whose penalty validation chooses.
public struct LinearProbeEvaluator: Evaluator {
  /// Which modalities' features are read.
  public enum Subjects: String, Codable, CaseIterable, Sendable {
    /// Those of pictures, or of the first modality where there are none.
    case image
    /// Those of every modality.
    case all

    /// The places of these modalities.
    func places(_ data: AlignedData) -> [Int] {
      self == .all ? Array(data.modalities.indices) : [data.image ?? 0]
    }
  }

  /// `linearProbe`
  public static var key: String { "linearProbe" }
  /// In a few words.
  public static var summary: String { "ridge regression of classes and tags on frozen features" }

  /// Penalties that evaluators choose among by default.
  static let standardPenalties = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]

  /// Frozen rows of a side's observations, and the observations that have them; nil where there are none.
  typealias FrozenRows = (AlignedData.Side) throws -> (features: Matrix, rows: [Int])?

  /// The ridge penalties, relative to the features' scatter, of which the validation side chooses one.
  public var penalties = LinearProbeEvaluator.standardPenalties
  /// Which modalities' features are read.
  public var of = Subjects.image
  /// The most observations of a side that the probe learns from, or whose classes it tells; of more a sample, drawn by the
  /// seed.
  public var mostObservations = 100_000

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      Self.requirement(of: penalties),
      .count("mostObservations", mostObservations, atLeast: 100, atMost: 100_000_000),
    ]
  }

  /// What penalties must be.
  static func requirement(of penalties: [Double]) -> OptionRequirement {
    OptionRequirement(
      "penalties", !penalties.isEmpty && penalties.allSatisfy { $0 > 0 && $0.isFinite },
      "must be positive numbers, at least one")
  }

  /// Accuracies by labelling, and the mean average precision of tags.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    var table = EvaluationTable("linear probe")
    for place in of.places(model.data) {
      for labelling in model.data.labellings {
        try model.checkInterruption()
        table.add(
          .named(model.names[place]), .share(labelling),
          try answers(of: labelling, place: place, model: model, on: model.side))
      }
      if let tags = model.data.tags, let predicted = try tagScores(place: place, model: model),
        let present = model.data.tags(at: 0..<model.data.count(model.side), in: model.side)
      {
        table.add(
          .named(model.names[place]), .share("\(tags.name) mAP"), TagPrecision(scores: predicted, tags: present).mean,
          chance: TagPrecision.chance(tags: present))
      }
    }
    return [table]
  }

  /// Of several penalties the one that does best on the validation side; the only one without a look.
  private func best(_ score: (Double) throws -> Double?) rethrows -> Double {
    guard penalties.count > 1 else { return penalties[0] }
    var best = (penalty: penalties[0], score: -Double.infinity)
    for penalty in penalties {
      let value = try score(penalty) ?? -.infinity
      if value > best.score { best = (penalty, value) }
    }
    return best.penalty
  }

  /// The share of a side's observations whose class is told from features.
  func accuracy(
    of labelling: String, place: Int, model: FrozenModel, on side: AlignedData.Side
  ) throws -> Double? {
    try answers(of: labelling, place: place, model: model, on: side)?.share
  }

  /// The probe of a labelling whose penalty does best on the validation side; nil where the training side has no class.
  func probe(of labelling: String, place: Int, model: FrozenModel) throws -> RidgeProbe? {
    try probe(of: labelling, model: model) { try model.knownFeatures(of: place, on: $0) }
  }

  /// The same on other rows than a modality's features.
  func probe(of labelling: String, model: FrozenModel, on rows: @escaping FrozenRows) throws -> RidgeProbe? {
    guard let answer = try answerer(of: labelling, model: model, on: rows) else { return nil }
    return try learner(of: labelling, model: model, on: rows)?(try best { try answer($0, .validation)?.share })
  }

  private func answers(
    of labelling: String, place: Int, model: FrozenModel, on side: AlignedData.Side
  ) throws -> Answers? {
    let rows: FrozenRows = { try model.knownFeatures(of: place, on: $0) }
    guard let answer = try answerer(of: labelling, model: model, on: rows) else { return nil }
    return try answer(try best { try answer($0, .validation)?.share }, side)
  }

  /// The best accuracy of any penalty on the validation side, to compare epochs by.
  public func bestOnValidation(of labelling: String, model: FrozenModel) throws -> Double? {
    guard let place = of.places(model.data).first else { return nil }
    let rows: FrozenRows = { try model.knownFeatures(of: place, on: $0) }
    guard let answer = try answerer(of: labelling, model: model, on: rows) else { return nil }
    return try penalties.compactMap { try answer($0, .validation)?.share }.max()
  }

  /// What learns with a penalty from the training side.
  private func learner(
    of labelling: String, model: FrozenModel, on frozen: FrozenRows
  ) throws -> ((Double) throws -> RidgeProbe)? {
    guard let training = try frozen(.train),
      let labels = model.data.labels(labelling, of: .train)
    else { return nil }
    let rows = sample(of: training.rows.filter { labels[$0] >= 0 }, model)
    guard !rows.isEmpty else { return nil }
    let features = training.features.gathering(rows)
    let classes = model.data.classNames(labelling).count
    return { penalty in
      try RidgeProbe(features: features, labels: rows.map { Int(labels[$0]) }, classes: classes, ridge: penalty)
    }
  }

  /// As many rows as are looked at.
  private func sample(of rows: [Int], _ model: FrozenModel) -> [Int] {
    model.sample(rows, atMost: mostObservations, for: Self.key)
  }

  /// What answers with a penalty on a side.
  private func answerer(
    of labelling: String, model: FrozenModel, on frozen: @escaping FrozenRows
  ) throws -> ((Double, AlignedData.Side) throws -> Answers?)? {
    guard let learn = try learner(of: labelling, model: model, on: frozen) else { return nil }
    return { penalty, side in
      guard let reported = try frozen(side),
        let truths = model.data.labels(labelling, of: side)
      else {
        return nil
      }
      let probe = try learn(penalty)
      let own = sample(of: reported.rows.filter { truths[$0] >= 0 }, model)
      return Answers(
        probe.predictions(for: reported.features.gathering(own)), truths: own.map { Int(truths[$0]) }, of: own)
    }
  }

  /// The scores of tags for the reported side's observations, by a probe of the training side's own tags.
  func tagScores(place: Int, model: FrozenModel) throws -> Matrix? {
    guard let training = try model.knownFeatures(of: place, on: .train),
      let reported = try model.knownFeatures(of: place, on: model.side)
    else { return nil }
    let rows = sample(of: training.rows, model)
    guard let targets = model.data.tags(at: rows, in: .train), !rows.isEmpty else { return nil }
    let features = training.features.gathering(rows)
    func probe(_ penalty: Double) throws -> RidgeProbe {
      try RidgeProbe(features: features, targets: targets, ridge: penalty)
    }
    let penalty = try best { penalty in
      guard let validation = try model.knownFeatures(of: place, on: .validation),
        let present = model.data.tags(at: validation.rows, in: .validation)
      else { return nil }
      return TagPrecision(
        scores: try probe(penalty).scores(for: validation.features.gathering(validation.rows)), tags: present
      ).mean
    }
    return try probe(penalty).scores(for: reported.features)
  }

  /// How penalties are chosen.
  public func notes(on model: FrozenModel) -> [String] {
    let note =
      "Linear probes: ridge regression on the encoder's frozen features of the training side (fdt, vq: the groundings; "
      + "early fusion: its representation)"
      + (penalties.count > 1 ? "; the penalty that does best on validation is taken." : ".")
      + (model.data.tags == nil ? "" : " Tags are scored by mean average precision.")
    return [note] + samples(model)
  }

  /// Of which sides a sample is looked at.
  private func samples(_ model: FrozenModel) -> [String] {
    [(AlignedData.Side.train, "learn"), (model.side, "are asked")].compactMap { side, verb -> String? in
      let count = model.data.count(side)
      guard count > mostObservations else { return nil }
      return "Linear probes \(verb) on a sample of \(mostObservations) of \(count), drawn by the seed."
    }
  }
}
