import Datasets
import Evaluation
import Kernels
import Options
import Training

/// Classes by the vote of the nearest training observations in the space of frozen features.
public struct NeighboursEvaluator: Evaluator {
  /// `neighbours`
  public static var key: String { "neighbours" }
  /// In a few words.
  public static var summary: String { "classes by the nearest training observations" }

  /// The neighbours that vote.
  public var count = 20
  /// τ of their votes.
  public var temperature = 0.1

  /// The most training observations that are looked among, evenly spread.
  public static let mostObservations = 100_000

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [.count("count", count), .positive("temperature", temperature)]
  }

  /// Accuracies by labelling.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    var table = EvaluationTable("nearest neighbours")
    let place = model.data.image ?? 0
    for labelling in model.data.labellings {
      try model.checkInterruption()
      table.add(
        .named(model.names[place]), .share(labelling), try answers(of: labelling, model: model, on: model.side))
    }
    return [table]
  }

  /// The share of a side's observations that neighbours name rightly.
  public func accuracy(of labelling: String, model: FrozenModel, on side: AlignedData.Side) throws -> Double? {
    try answers(of: labelling, model: model, on: side)?.share
  }

  private func answers(of labelling: String, model: FrozenModel, on side: AlignedData.Side) throws -> Answers? {
    let place = model.data.image ?? 0
    guard let training = try model.features(of: place, on: .train),
      let reported = try model.features(of: place, on: side),
      let labels = model.data.labels(labelling, of: .train), let truths = model.data.labels(labelling, of: side)
    else { return nil }
    func known(_ side: AlignedData.Side, _ labels: [Int32]) -> [Int] {
      model.data.presence(side).observations(having: [place]).filter { labels[$0] >= 0 }
    }
    let (rows, own) = (known(.train, labels).evenlySpread(Self.mostObservations), known(side, truths))
    guard !rows.isEmpty else { return nil }
    let classifier = NearestNeighbours(
      embeddings: training.gathering(rows), labels: rows.map { Int(labels[$0]) },
      classes: model.data.classNames(labelling).count)
    return Answers(
      classifier.predictions(for: reported.gathering(own), neighbours: count, temperature: temperature),
      truths: own.map { Int(truths[$0]) }, of: own)
  }
}
